#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a command in a terminal of 80 columns, and presses Ctrl-C after its first line.

usage: terminal.py COMMAND...

Listens on a port meanwhile, so that the command has an event to print.  Prints the output
of the terminal and the command's status.
"""
import fcntl
import os
import pty
import select
import signal
import socket
import struct
import sys
import termios
import time

pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
shown, pressed, end = b"", False, time.monotonic() + 300
while time.monotonic() < end:
    if select.select([master], [], [], 1)[0]:
        try:
            more = os.read(master, 4096)
        except OSError:
            break
        if not more:
            break
        shown += more
    elif not pressed:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 8127))
            one.listen(5)
    if b"8127" in shown and not pressed:
        os.write(master, b"\x03")
        pressed = True
else:
    os.kill(pid, signal.SIGKILL)
print(shown.decode("ascii", "replace").replace("\r", ""))
print("terminal status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
