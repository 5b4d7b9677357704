#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a command in a terminal, presses keys, and keeps what the terminal was sent.

usage: press.py COLUMNS ROWS FILE [KEYS...] -- COMMAND...

Presses each of KEYS four seconds after the one before, the first one when the screen has a
table (PID), and q at last.  FILE.N has what was sent before the Nth was pressed, FILE.end all.
For guests, which lack pyte: screens.py shows it as screens.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

columns, rows, name, *keys = sys.argv[1:sys.argv.index("--")]
command = sys.argv[sys.argv.index("--") + 1:]
keys.append("q")
pid, master = pty.fork()
if pid == 0:
    os.environ["TERM"] = "linux"
    for variable in ("COLUMNS", "LINES"):
        os.environ.pop(variable, None)
    time.sleep(0.5)  # the terminal gets its size
    os.execvp(command[0], command)
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
sent, pressed, due, end = b"", 0, None, time.monotonic() + 180


def keep(what):
    with open(f"{name}.{what}", "wb") as file:
        file.write(sent)


while time.monotonic() < end:
    if select.select([master], [], [], 0.2)[0]:
        try:
            more = os.read(master, 65536)
        except OSError:
            break
        if not more:
            break
        sent += more
    if due is None and b"PID" in sent:
        due = time.monotonic() + 4
    if due is not None and pressed < len(keys) and time.monotonic() > due:
        keep(pressed)
        os.write(master, keys[pressed].encode())
        pressed += 1
        due = time.monotonic() + 4
else:
    os.kill(pid, signal.SIGKILL)
keep("end")
print(os.path.basename(name), "status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
