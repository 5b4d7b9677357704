#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A server that does not close what its clients have closed.

usage: halves.py SECONDS

It listens at a port and at a path, and accepts three clients of its own, of which two close.
After so many seconds it opens five more sockets and interrupts its parent, the tool.
"""
import os
import signal
import socket
import sys
import time

at_port = socket.create_server(("127.0.0.1", 0))
at_path = socket.socket(socket.AF_UNIX)
at_path.bind("/tmp/halves")
at_path.listen()
kept = []
for closes in True, True, False:
    client = socket.create_connection(at_port.getsockname())
    kept.append(at_port.accept()[0])
    if closes:
        client.close()
    else:
        kept.append(client)
time.sleep(float(sys.argv[1]))
kept += [socket.socket() for _ in range(5)]
os.kill(os.getppid(), signal.SIGINT)
time.sleep(60)
