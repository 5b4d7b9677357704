#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Types lines in a shell on a terminal, and presses Tab behind each.

usage: complete.py DIRECTORY SHELL [LINE...]

DIRECTORY is the one of completions/.  Prints each line as it is after the Tab.  A line that
ends with ? gets two Tabs instead of that, and what the terminal then shows is printed.
"""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time

directory, shell = os.path.abspath(sys.argv[1]), sys.argv[2]
box = tempfile.mkdtemp()
file = box + "/line"
# A key writes the line to a file: the shell takes it when it is done with the Tab.
start = {
    "bash": [
        ["--norc", "--noprofile"],
        f". '{directory}/stap-socket'",
        "bind 'set completion-query-items 0'; bind 'set page-completions off'",
        f"""bind -x '"\\C-t": printf %s "$READLINE_LINE" >{file}.new; mv {file}.new {file}'""",
    ],
    "zsh": [
        ["-f"],
        f"fpath=({directory} $fpath); autoload -U compinit; compinit -u -d {box}/dump",
        "LISTMAX=1000",
        f"written() {{ print -rn -- $BUFFER >{file}.new; mv {file}.new {file} }}",
        "zle -N written; bindkey '^T' written",
    ],
    "fish": [
        ["--no-config"],
        f"source {directory}/stap-socket.fish",
        f"function written; commandline | string collect >{file}.new; mv {file}.new {file}; end",
        "bind \\ct written",
    ],
}[shell]
pid, master = pty.fork()
if pid == 0:
    os.environ.update(HOME=box, XDG_DATA_HOME=box, XDG_CONFIG_HOME=box, TERM="xterm", PS1="> ")
    os.execvp(shell, [shell] + start[0])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 160, 0, 0))


def typed(keys):
    """Types keys, and returns the line and all that the terminal has shown since."""
    shown, end = b"", time.monotonic() + 60
    os.write(master, keys.encode() + b"\x14")
    while time.monotonic() < end:
        if select.select([master], [], [], 0.01)[0]:
            shown += os.read(master, 65536)
        elif os.path.exists(file):
            with open(file) as line:
                text = line.read()
            os.remove(file)
            return text, shown
    sys.exit(f"{shell}: nothing happened: {shown}")


try:
    for command in start[1:]:
        os.write(master, command.encode() + b"\n")
    typed("")
    for line in sys.argv[3:]:
        if line.endswith("?"):
            shown = typed(line[:-1] + "\t\t")[1].decode("utf-8", "replace")
            print(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|[\r\x07]", "", shown))
        else:
            print(typed(line + "\t")[0].rstrip("\n"))
        typed("\x05\x15")  # the end of the line, and away with all before it
finally:
    os.kill(pid, signal.SIGKILL)
    shutil.rmtree(box)
