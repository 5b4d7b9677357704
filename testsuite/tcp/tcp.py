# SPDX-License-Identifier: GPL-2.0-or-later
#
# tcp.py - loses packets, resets connections and fills buffers; prints what the kernel says of
# it elsewhere: getsockopt(TCP_INFO), /proc/net/snmp and its own calls

import fcntl
import os
import socket
import struct
import subprocess
import termios
import time

HOST = "127.0.0.1"


def snmp(name):
    with open("/proc/net/snmp", encoding="ascii") as lines:
        names, values = [line.split() for line in lines if line.startswith("Tcp:")]
    return int(values[names.index(name)])


def info(s):
    """The cue for tcp.stp, which prints the same line."""
    data = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    one = {name: struct.unpack_from("I", data, at)[0] for name, at in (
        ("rtt", 68), ("rttvar", 72), ("total_retrans", 100), ("lost", 32), ("cwnd", 80),
        ("mss", 16))}
    one.update((name, struct.unpack_from("Q", data, at)[0]) for name, at in (
        ("delivery_rate", 160), ("bytes_acked", 120), ("bytes_received", 128),
        ("bytes_retrans", 208), ("rwnd_limited", 176), ("sndbuf_limited", 184)))
    print("info", *("%s=%d" % pair for pair in one.items()))
    return one


def pair():
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(1)
        client = socket.socket()
        client.connect(listener.getsockname())
        server, _ = listener.accept()
    return client, server


def shell(command):
    subprocess.run(command, shell=True, check=True)


def settle(s):
    """Waits until all data is acknowledged, without the cue."""
    for _ in range(100):
        if not struct.unpack("i", fcntl.ioctl(s, termios.TIOCOUTQ, bytes(4)))[0]:
            break
        time.sleep(0.1)


# Data that the peer does not read for a while, then lost packets.
before = snmp("RetransSegs")
client, server = pair()
client.setblocking(False)
try:
    while True:
        client.send(bytes(1 << 16))
except BlockingIOError:
    pass
time.sleep(0.3)
server.settimeout(0.5)
try:
    while server.recv(1 << 20):
        pass
except socket.timeout:
    pass
client.setblocking(True)
server.settimeout(None)
print("fact limited", info(client)["rwnd_limited"] > 0)
shell("tc qdisc add dev lo root netem loss 30%")
sent = 0
for _ in range(400):
    client.send(bytes(1000))
    sent += 1000
    time.sleep(0.02)
    if snmp("RetransSegs") - before >= 4:
        break
shell("tc qdisc del dev lo root")
while sent > 0:
    sent -= len(server.recv(1 << 16))
server.send(bytes(700))
client.recv(700)
settle(client)
print("fact retransmits", snmp("RetransSegs") - before)
info(client)
info(server)
client.close()
server.close()

# Resets: of ports without a listener, and of connections with unread data.
before = snmp("OutRsts")
for _ in range(5):
    with socket.socket() as refused:
        try:
            refused.connect((HOST, 9))
        except ConnectionRefusedError:
            pass
for _ in range(3):
    client, server = pair()
    server.send(b"unread")
    time.sleep(0.1)
    client.close()
    time.sleep(0.1)
    server.close()
print("fact resets", snmp("OutRsts") - before)

# States, and the time in one.
client, server = pair()
print("fact client", client.getsockname()[1], os.fstat(client.fileno()).st_ino)
print("fact server", client.getpeername()[1])
began = time.monotonic_ns()
time.sleep(0.4)
client.close()
print("fact established", time.monotonic_ns() - began)
time.sleep(0.2)
server.close()
time.sleep(0.3)

# Datagrams that find no room, and no port.
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as full, \
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    full.bind((HOST, 0))
    full.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
    for _ in range(20):
        sender.sendto(bytes(1000), full.getsockname())
    full.setblocking(False)
    received = 0
    try:
        while full.recv(1000):
            received += 1
    except BlockingIOError:
        pass
    print("fact full", full.getsockname()[1], 20 - received)
    for _ in range(3):
        sender.sendto(bytes(10), (HOST, 9))
