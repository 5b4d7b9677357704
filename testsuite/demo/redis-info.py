#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints the bytes that a redis server has read and written, including this answer.

usage: redis-info.py SOCKET
"""
import re
import socket
import sys

client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
client.sendall(b"INFO stats\r\n")
answer = client.recv(1 << 16)
length = int(re.match(rb"\$(\d+)\r\n", answer).group(1))
while len(answer) < length + len(b"$\r\n\r\n") + len(str(length)):
    answer += client.recv(1 << 16)
read = int(re.search(rb"total_net_input_bytes:(\d+)", answer).group(1))
written = int(re.search(rb"total_net_output_bytes:(\d+)", answer).group(1))
print(read, written + len(answer))
