#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Listens on a TCP port for a second."""
import socket
import sys
import time

one = socket.socket()
one.bind(("127.0.0.1", int(sys.argv[1])))
one.listen(3)
time.sleep(1)
