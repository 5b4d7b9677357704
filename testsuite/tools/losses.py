#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes more events than a table of the tapset or of a tool has room for.

usage: losses.py open N             opens N sockets, and interrupts the tool
       losses.py raw N              opens N sockets, each of another protocol, for 8 seconds
       losses.py sizes              sends and receives a message of each of 16 sizes
       losses.py pending N          starts N connects that are not answered
       losses.py flood N            sends and receives N messages while the tool is stopped,
                                    then lets it read its output
       losses.py ledger SECONDS FILE    sends all the time; writes a line of FILE for each
                                    send: its start and its end, in ns since 1970
"""
import os
import signal
import socket
import sys
import time

what, *arguments = sys.argv[1:]
if what == "open":
    kept = [socket.socket() for _ in range(int(arguments[0]))]
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(60)
elif what == "raw":
    kept = [socket.socket(type=socket.SOCK_RAW, proto=1 + n) for n in range(int(arguments[0]))]
    time.sleep(8)
elif what == "pending":
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    kept = []
    for _ in range(int(arguments[0])):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(full.getsockname())
        kept.append(one)
    for one in kept:
        one.close()
else:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    if what == "sizes":
        for power in range(16):
            one.send(b"x" * (1 << power))
            other.recv(1 << power)
    elif what == "flood":
        os.kill(os.getppid(), signal.SIGSTOP)
        for _ in range(int(arguments[0])):
            one.send(b"x")
            other.recv(1)
        os.kill(os.getppid(), signal.SIGCONT)
        time.sleep(5)
    elif what == "ledger":
        end = time.time() + float(arguments[0])
        calls = []
        while time.time() < end:
            began = time.time_ns()
            one.send(b"x")
            calls.append((began, time.time_ns()))
            other.recv(1)
        with open(arguments[1] + ".part", "x", encoding="ascii") as file:
            file.writelines(f"{began} {ended}\n" for began, ended in calls)
        os.rename(file.name, arguments[1])
