# SPDX-License-Identifier: GPL-2.0-or-later
"""namespaces.py - sends as many bytes as its argument says, between two processes whose sockets
have the same addresses and ports in each network namespace."""

import os
import socket
import sys

HERE, THERE = ("127.0.0.1", 5000), ("127.0.0.1", 40000)
listener = socket.socket()
listener.bind(HERE)
listener.listen()
child = os.fork()
if child:
    server, _ = listener.accept()
    while server.recv(1000):
        pass
    os.waitpid(child, 0)
else:
    client = socket.socket()
    client.bind(THERE)
    client.connect(HERE)
    client.send(bytes(int(sys.argv[1])))
