# SPDX-License-Identifier: GPL-2.0-or-later
"""times.py - receives messages that come late; prints the process and how long it waited."""

import os
import socket
import time

SIZES = (5, 50, 500)

one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
if not os.fork():
    for size in SIZES:
        time.sleep(0.3)
        one.send(bytes(size))
    os._exit(0)
print(os.getpid())
for _ in SIZES:
    began = time.monotonic_ns()
    size = len(two.recv(1 << 16))
    print(size, time.monotonic_ns() - began)
