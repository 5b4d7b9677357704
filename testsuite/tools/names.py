#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes its command name in each round, sends and receives a byte, and fails to bind.

The tools show each name as a process of its own.

usage: names.py ROUNDS
"""
import ctypes
import socket
import sys

PR_SET_NAME = 15
libc = ctypes.CDLL(None)
one, other = socket.socketpair()
for i in range(int(sys.argv[1])):
    libc.prctl(PR_SET_NAME, b"name%d" % i, 0, 0, 0)
    one.send(b"x")
    other.recv(9)
    try:
        one.bind("/no/such/directory")
    except OSError:
        pass
