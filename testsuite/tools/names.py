#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One process after the other, as far as the tools can tell: a name for each round, that
sends a byte, receives it and fails to bind.

usage: names.py ROUNDS [LETTER]    names with that letter are others
"""
import ctypes
import socket
import sys

PR_SET_NAME = 15
libc = ctypes.CDLL(None)
letter = "".join(sys.argv[2:]).encode()
one, other = socket.socketpair()
for i in range(int(sys.argv[1])):
    libc.prctl(PR_SET_NAME, b"name%d%s" % (i, letter), 0, 0, 0)
    one.send(b"x")
    other.recv(9)
    try:
        one.bind("/no/such/folder")
    except OSError:
        pass
