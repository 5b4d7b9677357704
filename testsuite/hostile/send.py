#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Closes a socket, and sends a byte at a time over another.  It opens nothing after it
has closed one: what was that stays free memory.
"""
import socket

one, other = socket.socketpair()
socket.socket().close()
for _ in range(400):
    one.send(b"x")
    other.recv(1)
