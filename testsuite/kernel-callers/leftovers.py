# SPDX-License-Identifier: GPL-2.0-or-later
# Alternates read(2) and recv(2) on the same sockets, 100 bytes each.
import os
import socket

pairs = [socket.socketpair() for i in range(20)]
for turn in range(10):
    for a, b in pairs:
        a.send(bytes(100))
        assert len(os.read(b.fileno(), 200)) == 100
        a.send(bytes(100))
        assert len(b.recv(200)) == 100
