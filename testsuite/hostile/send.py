#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Closes a socket, then sends single bytes over another.

It opens nothing after that close: the memory of the closed socket stays free.
"""
import socket

one, other = socket.socketpair()
socket.socket().close()
for _ in range(400):
    one.send(b"x")
    other.recv(1)
