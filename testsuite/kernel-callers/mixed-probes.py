# SPDX-License-Identifier: GPL-2.0-or-later
# Sends 400 messages of 100 bytes; pauses after the first, so that a probe can be enabled.
import socket
import time

a, b = socket.socketpair()
for i in range(400):
    a.send(bytes(100))
    assert len(b.recv(200)) == 100
    if i == 0:
        time.sleep(2)
