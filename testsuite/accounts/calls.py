# SPDX-License-Identifier: GPL-2.0-or-later
"""calls.py - each call that a socket has, on sockets of IPv4, IPv6 and UNIX."""

import os
import socket


def refused(call, *arguments):
    """A call that the protocol refuses."""
    try:
        call(*arguments)
    except OSError:
        pass


def calls(family, address):
    """On a listener, and on both ends of a connection."""
    listener, client = socket.socket(family), socket.socket(family)
    listener.bind(address)
    listener.listen()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    client.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)
    client.connect(listener.getsockname())
    refused(client.connect, listener.getsockname())
    server, _ = listener.accept()
    client.send(b'message')
    server.recv(10)
    os.write(server.fileno(), b'message')
    os.read(client.fileno(), 10)
    client.shutdown(socket.SHUT_WR)
    server.close()
    client.close()
    listener.setblocking(False)
    refused(listener.accept)
    listener.close()


calls(socket.AF_INET, ('127.0.0.1', 0))
calls(socket.AF_INET6, ('::1', 0))
calls(socket.AF_UNIX, '\0calls')
for end in socket.socketpair():
    end.close()
