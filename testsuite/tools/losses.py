#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""More than there is room for, by the table.

usage: losses.py open N             N sockets that stay open, and interrupts the tool
       losses.py raw N              N sockets, each of another protocol, for 8 seconds
       losses.py sizes              a message of each of 16 sizes, and its receive
       losses.py pending N          N connects at a time that are not answered
       losses.py flood N            N messages and their receives, while the tool does
                                    not read what it prints; and some time for it to
       losses.py ledger SECONDS FILE    sends all the time, a line of FILE for each send:
                                    when it began and when it ended, in ns since 1970
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
