#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Queries a DNS server for one name until a deadline, and counts the bytes.

usage: dns-client.py ADDRESS PORT NAME END NOW    prints PID SENT RECEIVED
END and NOW are seconds of the caller's clock.
"""
import os
import socket
import struct
import sys
import time

address, port, name, end, now = sys.argv[1:]
deadline = time.monotonic() + int(end) - int(now)
question = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
sent = received = 0
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(5)
number = 0
while time.monotonic() < deadline:
    number = (number + 1) & 0xFFFF
    query = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + question
    query += b"\0" + struct.pack(">2H", 1, 1)
    sent += client.sendto(query, (address, int(port)))
    received += len(client.recv(4096))
    time.sleep(0.02)
print(os.getpid(), sent, received)
