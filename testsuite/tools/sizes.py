# SPDX-License-Identifier: GPL-2.0-or-later
"""sizes.py sizes|waits - messages of many sizes, or that come late; prints what it measured

One line of JSON: its pid, and the size of each message or the ns that each took to come.
"""

import json
import os
import random
import socket
import sys
import time

random.seed(7)
one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
measured = []
if sys.argv[1] == "sizes":
    for _ in range(3000):
        size = min(round(random.lognormvariate(6, 1.5)), 60000)
        one.send(bytes(size))
        two.recv(1 << 16)
        measured.append(size)
else:
    late = [random.lognormvariate(-3.5, 0.7) for _ in range(60)]
    if not os.fork():
        for seconds in late:
            time.sleep(seconds)
            one.send(b"late")
        os._exit(0)
    for _ in late:
        began = time.monotonic_ns()
        two.recv(1 << 16)
        measured.append(time.monotonic_ns() - began)
print(json.dumps({"pid": os.getpid(), "measured": measured}))
