# SPDX-License-Identifier: GPL-2.0-or-later
#
# traffic.py - sends and receives, and appends its own counts to a file
#
# usage: traffic.py FILE

import os
import socket
import sys

one, other = socket.socketpair()
sent = received = sends = receives = 0
for size in range(1, 201):
    sent += one.send(b"x" * size)
    sends += 1
    received += len(other.recv(1000))
    receives += 1
one.setblocking(False)
errors = 0
for _ in range(3):
    try:
        one.recv(1)
    except BlockingIOError:
        errors += 1
with open(sys.argv[1], "a") as file:
    print("made", sends, receives, sent, received, errors, file=file)
