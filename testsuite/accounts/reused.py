# SPDX-License-Identifier: GPL-2.0-or-later
"""reused.py - many processes with a message each, one after the other; prints their pids."""

import os
import socket
import time

for _ in range(150):
    pid = os.fork()
    if not pid:
        one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        one.send(b'message')
        os._exit(0)
    os.waitpid(pid, 0)
    print('socket.send', pid, 1, 7, 0, flush=True)
    time.sleep(0.03)
