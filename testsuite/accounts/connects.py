# SPDX-License-Identifier: GPL-2.0-or-later
"""connects.py - 500 connections of UNIX sockets at once, one of IPv6, a message on each."""

import resource
import socket

resource.setrlimit(resource.RLIMIT_NOFILE, (2048, 2048))


def connected(family, address):
    """Both ends of a connection, and its listener."""
    listener, client = socket.socket(family), socket.socket(family)
    listener.bind(address)
    listener.listen()
    client.connect(listener.getsockname())
    server, _ = listener.accept()
    client.send(b'message')
    server.recv(10)
    return listener, client, server


kept = [connected(socket.AF_UNIX, f'\0connects {n}') for n in range(500)]
kept.append(connected(socket.AF_INET6, ('::1', 0)))
