#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# killed.py - kills processes that have sockets, while socket(2) fails for want of files
#
# Prints the number of their sockets.

import os
import signal
import socket
import time

MAX = '/proc/sys/fs/file-max'

with open(MAX) as f:
    before = f.read()
# The kernel's count of files is too small by a few.
files = [open('/dev/null') for _ in range(300)]
is_made, made = os.pipe()
with open(MAX, 'w') as f:
    f.write('100')
children = []
for _ in range(10):
    child = os.fork()
    if not child:
        kept = [socket.socket() for _ in range(20)]
        os.seteuid(65534)
        os.write(made, b'x')
        while True:
            try:
                kept.append(socket.socket())
            except OSError:
                pass
    children.append(child)
    os.read(is_made, 1)
    time.sleep(0.2)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
with open(MAX, 'w') as f:
    f.write(before)
print(f'made {20 * len(children)}')
