#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Opens different sockets that could look the same in a table.

Sets a TCP option over IPv4 and over IPv6, and leaves data in the buffers of two UNIX
sockets without a name, whose inode numbers it prints.  Then interrupts its parent, the
tool, and stays alive while the tool prints its last table.
"""
import os
import signal
import socket
import time

kept = []
for family in socket.AF_INET, socket.AF_INET6:
    one = socket.socket(family)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    kept.append(one)
for _ in range(2):
    one, other = socket.socketpair()
    one.send(b"x" * 60000)
    print("inode", os.fstat(one.fileno()).st_ino, flush=True)
    kept += one, other
os.kill(os.getppid(), signal.SIGINT)
time.sleep(60)
