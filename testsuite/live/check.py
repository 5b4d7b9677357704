#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
check.py - the live screen as a person sees it, in a terminal with a shell

usage: check.py CASE

The records are those of testsuite/live/feed, through a pipe or from a staprun that is not
real.  Exits with 1 and the screen if it is not as expected.
"""
import os
import re
import signal
import sys
import time

from screen import Terminal

HERE = os.path.dirname(os.path.abspath(__file__))
UP, DOWN, LEFT, RIGHT = "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[C"
PAGE_DOWN, END, HOME = "\x1b[6~", "\x1b[4~", "\x1b[1~"
ESCAPE, CTRL_C, CTRL_Z, CTRL_L = "\x1b", "\x03", "\x1a", "\x0c"
KEYS = "q quit"


class Screen:
    """A live screen."""

    def __init__(self, feed="100", columns=80, rows=24, tool="", wait="11:37:0", **environment):
        # pyte does not know all that xterm does.
        environment = {"TERM": "linux", **environment}
        self.t = Terminal(columns, rows, **environment)
        self.t.wait("$")
        self.modes = self.t.modes()
        self.t.keys("clear\n")
        self.t.wait(lambda text: text == "$")
        self.t.keys(f"{tool}\n" if tool else f"{HERE}/feed {feed} | stap-socket replay -\n")
        self.wait(wait)

    def fail(self, expected):
        print(f"expected: {expected}\n{self.t.text()}")
        sys.exit(1)

    def wait(self, wanted, seconds=60):
        """Until the screen matches; returns its lines."""
        text = self.t.wait(lambda text: re.search(wanted, text, re.M), seconds)
        if not re.search(wanted, text, re.M):
            self.fail(wanted)
        return text.split("\n")

    def expect(self, condition, what):
        if not condition:
            self.fail(what)

    def press(self, keys, wanted):
        self.t.keys(keys)
        return self.wait(wanted)

    def selected(self):
        """The line of the selected row: the heading and the last line are in reverse, too."""
        lines = self.t.lines()
        rows = [lines[y] for y in self.t.reversed_lines()][1:-1]
        return " ".join(rows[0].split()[1:2]) if len(rows) == 1 else ""

    def expect_selected(self, name, what):
        """Waits until a row whose name begins so is selected."""
        self.t.wait(lambda text: self.selected().startswith(name))
        self.expect(self.selected().startswith(name), what)

    def ended(self, wanted=r"^\.\.\. and 21 more"):
        """The last table is on the normal screen, and the terminal as it was."""
        self.wait(r"^\$$")
        self.expect(KEYS not in self.t.text(), "no live screen")
        self.expect(re.search(wanted, self.t.text(), re.M), wanted)
        self.restored()

    def restored(self):
        self.expect(self.t.modes() == self.modes, "the modes that the terminal had before")
        self.t.keys("echo a$((1+1))b\n")
        self.wait("a2b")
        self.t.close()


def first():
    s = Screen(wait=r"waiting for the first table, \d+ s|11:37:0")
    lines = s.wait("11:37:0")
    s.expect(re.match(r"feed  11:37:0\d  sent 82\d.\dKB in 5820 messages$", lines[0]), "sums first")
    y = 1 if "lost" not in lines[1] else 2
    s.expect(lines[y] == "    PID COMMAND         PROTO SENDS    SENT", "a heading")
    s.expect(lines[y + 1] == "     40 worker-40       TCP      40  40.0KB", "the largest first")
    s.expect(re.match(r" 1-2[01] of 41   sort: SENT ", lines[-1]), "rows and order in the last line")
    s.wait(r"^lost since the start: \d+ without a line")
    s.press("q", r"^lost since the start")
    s.ended()


def wide():
    s = Screen(columns=160, rows=50)
    s.wait(r" 1-41 of 41 ")
    s.expect(len(s.t.lines()) == 50, "50 lines")
    s.press("q", r"^\$$")
    s.ended("... and 21 more")


def resized():
    s = Screen()
    for columns, rows in ((160, 50), (20, 5), (1, 1), (3, 2), (60, 10)):
        s.t.resize(columns, rows)
        time.sleep(0.3)
        s.t.keys(DOWN + "h" + "h")
        time.sleep(0.3)
    s.wait("of 41")
    s.t.resize(20, 5)
    s.wait(r"^    PID COMMAND")
    s.t.resize(80, 24)
    s.press(HOME, r" 1-20 of 41 ")
    s.press("q", r"^\$$")
    s.ended()


def rows():
    s = Screen()
    s.wait("lost")
    s.expect_selected("worker-40", "the first row is selected")
    s.press(DOWN + DOWN + UP, "40 worker-40")
    s.expect_selected("worker-39", "the second row is selected")
    s.press("r", "reversed")
    s.expect_selected("worker-39", "it stays selected in another order")
    s.press("r", r"sort: SENT   ")
    s.press(END, r"22-41 of 41")
    s.expect_selected("ng", "the last row is selected")
    s.press(HOME, r"1-20 of 41")
    s.press(PAGE_DOWN, r"2-21 of 41")
    s.expect_selected("worker-20", "one screenful further")
    s.press("q", r"^\$$")
    s.ended()


def order():
    s = Screen()
    s.wait("lost")
    s.press("s", "sort: PID")
    s.wait(r"SENT\n +777 ")
    s.press(RIGHT, r"sort: COMMAND")
    s.wait(r"SENT\n +777 ng")
    s.press(LEFT + LEFT + LEFT, r"sort: SENDS")
    s.wait(r"SENT\n +777 ")
    s.press("r", r"sort: SENDS \(reversed\)")
    s.wait(r"SENT\n +1 worker-1 ")
    s.press("q", r"^\$$")
    s.ended()


def filtered():
    s = Screen()
    s.press("/uDx\x7fp", r"rows with: uDp_")
    s.wait(r"SENT\n +777 ng.*\n\n")
    s.press("\r", r" 1-1 of 1 .*rows with: uDp")
    s.press("/\x7f\x7f\x7fnothing", "no row contains this text")
    s.press(ESCAPE, " of 41 ")
    s.press("/orker-4\r", " 1-2 of 2 ")
    s.press(ESCAPE, " of 41 ")
    s.press("q", r"^\$$")
    s.ended()


def replayed():
    s = Screen(tool=f"{HERE}/feed 100 | stap-socket replay -P tcp -p 30-32 -")
    lines = s.wait(r" 1-3 of 3 ")
    s.expect(re.match(r"feed -P tcp -p 30-32  11:37:\d\d  sent 93.0KB in 93 messages$", lines[0]),
             "the filters, and the sums of what passes")
    s.wait(r"^lost since the start: \d+ without a line")
    s.press("q", r"^\$$")
    s.ended(r"^ +30 worker-30 +TCP +30 +30.0KB$")


def paused():
    s = Screen()
    s.press(" ", " paused $| paused\\b")
    seen = s.t.lines()[0]
    time.sleep(1)
    s.expect(s.t.lines()[0] == seen, "the same table after a second: " + seen)
    s.press(" ", "11:37:0[4-9]|11:37:1")
    s.expect("paused" not in s.t.lines()[0], "it goes on")
    s.press("q", r"^\$$")
    s.ended()


def details():
    s = Screen(feed="100 5")
    s.wait("lost")
    s.press("/worker-3\r\r", r"^PID +3\nCOMMAND +worker-3\nPROTO +TCP\nSENDS +3\nSENT +3\.0KB")
    s.wait(r"^TOOK +\d\.\dus")
    s.wait(r"^ +1ns +2 \|@+\n +2ns\.\. +0 \|\n +4ns\.\. +3 \|@+$")
    s.press(ESCAPE, "sort:")
    s.press("h", "^space +pause")
    s.press("h", "sort:")
    s.press(CTRL_L + "q", r"^\$$")
    s.ended("^ +1 worker-1 ")


def interrupted():
    s = Screen()
    s.press(CTRL_C, r"^\$$")
    s.ended()


def stopped():
    s = Screen()
    s.press(CTRL_Z, "Stopped")
    s.expect(s.t.modes() == s.modes, "the modes that the terminal had before")
    s.t.keys("echo a$((1+1))b\n")
    s.wait("a2b")
    s.press("fg\n", KEYS)
    s.press(DOWN, "of 41")
    s.press(CTRL_Z, "Stopped")
    s.press("clear; bg\n", r"^\[1\](.|\n)*&$")
    time.sleep(1)
    s.expect(KEYS not in s.t.text(), "nothing is drawn in the background")
    s.press("fg\n", KEYS)
    s.press("q", r"^\$$")
    s.ended()


def child(parent, name):
    """The number and the state of a child process."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
                command, rest = f.read().rsplit(")", 1)
        except OSError:
            continue
        if command == f"{pid} ({name}" and int(rest.split()[1]) == parent:
            return int(pid), rest.split()[0]
    raise SystemExit(f"there is no process {name}")


def stopped_drawing():
    file = os.environ["HOME"] + "/stop"
    s = Screen(LD_PRELOAD=os.environ["PRELOAD"], STOP_DRAWING=file)
    with open(file, "w", encoding="ascii"):
        pass
    end = time.monotonic() + 20
    while child(s.t.pid, "stap-socket")[1] != "T" and time.monotonic() < end:
        time.sleep(0.1)
    pid, state = child(s.t.pid, "stap-socket")
    s.expect(state == "T", "it stops")
    s.expect(s.t.modes() == s.modes, "the modes that the terminal had before")
    os.kill(pid, signal.SIGCONT)
    s.press("q", r"^\$$")
    s.ended()


def hostile():
    s = Screen(TERM="xterm")
    s.press("/ng\r", "1-1 of 1")
    s.press("\r", "Escape")
    s.press("q", r"^\$$")
    s.t.read(0.5)
    s.expect(b"\x1b]0;" not in s.t.raw and b"\x9b" not in s.t.raw, "no sequence of a name")
    screens = re.findall(rb"\x1b\[\?1049([hl])", s.t.raw)
    s.expect(screens == [b"h", b"l"], f"the other screen is entered and left: {screens}")
    s.restored()


def tables():
    """No live screen."""
    feed = f"{HERE}/feed 2 1"
    for tool, environment in ((f"{feed} | stap-socket replay -b -", {}),
                              (f"{feed} | TERM= stap-socket replay -", {}),
                              (f"{feed} | stap-socket replay -", {"TERM": "dumb"}),
                              (f"{feed} >records; stap-socket replay records", {}),
                              (f"{feed} | stap-socket replay - & sleep 3", {})):
        s = Screen(rows=50, tool=tool, wait="^11:37:02", **environment)
        s.expect(KEYS not in s.t.text() and "waiting for" not in s.t.text(), "tables of " + tool)
        s.expect(re.search(r"^(\$ )?11:37:01", s.t.text(), re.M), "all tables of " + tool)
        s.wait(r"^\$$")
        s.restored()


# ---------------------------------------------------------------- a tool that runs

TOOL = "stap-socket-here params -P tcp"


def process(pattern):
    """The number of a process, by its command line and its standard input."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                line = f.read().replace(b"\0", b" ").decode()
            if re.search(pattern, f"{line}<{os.readlink(f'/proc/{pid}/fd/0')}"):
                return int(pid)
        except OSError:
            pass
    raise SystemExit(f"there is no process {pattern}")


def tool():
    s = Screen(tool=TOOL)
    lines = s.wait("lost")
    s.expect(lines[0].startswith("feed -P tcp  11:37:"), "the tool and its filters")
    s.wait("^WARNING: something$")
    s.press("/worker-1\r", "of 11")
    s.press("s", "sort: PID")
    s.press(END + "\r", r"^PID +1$")
    s.wait(r"^process 1 is ")
    s.wait(r"^directory +\S")
    s.wait(r"^user +root")
    s.press("q", r"^\$$")
    s.wait("^WARNING: something$")
    s.ended()


def tool_begun():
    for options, seconds in (("-b", 1), ("-b -i 7 -d 9", 7), ("--json -i 7 -d 3", 3),
                             ("-i 7 >tables", 7)):
        s = Screen(columns=100, rows=50, tool=f"{TOOL} {options}",
                   wait=f"^stap-socket: params is running, the first table comes in {seconds} s$")
        s.press(CTRL_C, r"^(\^C)?\$$")
        s.restored()
    for options in ("", "-b 2>errors"):
        s = Screen(rows=100, tool=f"{TOOL} {options}; cat errors")
        s.press(CTRL_C, r"^\$$")
        s.wait("^WARNING: something$")
        s.expect("running" not in s.t.text(), f"no message: {TOOL} {options}")
        s.restored()


def tool_interrupted():
    s = Screen(tool=TOOL)
    s.press(CTRL_C, r"^\$$")
    s.ended()
    s = Screen(tool=TOOL)
    os.kill(process(f"{TOOL} <(?!.*/records)"), signal.SIGTERM)
    s.wait(r"^\$$")
    s.ended()


def tool_stopped():
    s = Screen(tool=TOOL)
    s.press(CTRL_Z, "Stopped")
    s.expect(s.t.modes() == s.modes, "the modes that the terminal had before")
    s.press("fg\n", KEYS)
    s.press("qq", r"^\$$")
    s.restored()


def tool_crashed():
    s = Screen(tool=TOOL)
    os.kill(process(f"{TOOL} <.*/records"), signal.SIGABRT)
    s.wait(r"^\$$")
    s.restored()
    s = Screen(tool=TOOL)
    os.kill(process(f"{TOOL} <(?!.*/records)"), signal.SIGKILL)
    time.sleep(2)
    s.t.read()
    s.expect(b"Killed" in s.t.raw, "the shell sees that it is killed")
    s.expect(s.t.modes() == s.modes, "the modes that the terminal had before")
    os.kill(process("live/feed 100"), signal.SIGTERM)
    s.t.close()


CASES = {f.__name__: f for f in (first, wide, resized, rows, order, filtered, replayed, paused,
                                 details, interrupted, stopped, stopped_drawing, hostile, tables,
                                 tool, tool_begun, tool_interrupted, tool_stopped, tool_crashed)}
CASES[sys.argv[1]]()
