# SPDX-License-Identifier: GPL-2.0-or-later
# 400 messages of 100 bytes; time to switch a probe on after the first.
import socket
import time

a, b = socket.socketpair()
for i in range(400):
    a.send(bytes(100))
    assert len(b.recv(200)) == 100
    if i == 0:
        time.sleep(2)
