#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Connects in threads with names of their own; some attempts do not end.

usage: attempts.py LEDGER

192.0.2.1 does not answer.  Writes the ledger half a second after the last attempt has begun:
PID COMMAND THREAD NAME ERROR ADDRESS PORT of each.  Then waits to be killed.
"""
import os
import socket
import sys
import threading
import time


def rename(name):
    with open(f"/proc/self/task/{threading.get_native_id()}/comm", "w", encoding="ascii") as comm:
        comm.write(name)


ledger, kept = [], []


def attempt(name, error, family, address):
    """Runs in a thread; the socket of an attempt without an end blocks if it is a UNIX one."""
    rename(name)
    s = socket.socket(family)
    kept.append(s)
    if family == socket.AF_INET:
        s.setblocking(False)
    where = (address[0], str(address[1])) if family == socket.AF_INET else (address, "-1")
    ledger.append((str(os.getpid()), "leader", str(threading.get_native_id()), name, error, *where))
    try:
        s.connect(address)
    except BlockingIOError:
        pass
    # The thread lives as long as its name is wanted.
    time.sleep(1000)


rename("leader")
tcp = socket.create_server(("127.0.0.1", 7))
unix = socket.socket(socket.AF_UNIX)
unix.bind("full")
unix.listen(0)
for arguments in (("first", "None", socket.AF_INET, ("127.0.0.1", 7)),
                  ("second", "pending", socket.AF_INET, ("192.0.2.1", 7)),
                  ("third", "pending", socket.AF_INET, ("192.0.2.1", 9)),
                  ("fourth", "ECONNREFUSED", socket.AF_INET, ("127.0.0.1", 9)),
                  ("fifth", "None", socket.AF_UNIX, "full"),
                  ("sixth", "pending", socket.AF_UNIX, "full")):
    threading.Thread(target=attempt, args=arguments, daemon=True).start()
    time.sleep(0.1)
time.sleep(0.5)
with open(sys.argv[1] + ".new", "w", encoding="ascii") as file:
    for row in ledger:
        print(*row, file=file)
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(1000)
