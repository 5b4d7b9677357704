#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Moves data in ways that the tapset does not report, or reports with another size.

Sets its command name to the way in use, and prints its own counts, as lines
"WAY FACT NUMBER".
"""
import ctypes
import mmap
import os
import select
import socket
import struct
import subprocess

PR_SET_NAME = 15
ROUNDS = 20
libc = ctypes.CDLL(None, use_errno=True)


def rename(name):
    libc.prctl(PR_SET_NAME, name.encode(), 0, 0, 0)


def fact(way, what, number):
    print(way, what, number, flush=True)


def ring():
    """Reads the packets of a packet socket from memory that the kernel fills."""
    SOL_PACKET, PACKET_RX_RING, TP_STATUS_USER = 263, 5, 1
    one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    frame, block, blocks = 2048, 4096, 64
    one.setsockopt(SOL_PACKET, PACKET_RX_RING,
                   struct.pack("IIII", block, blocks, frame, blocks * 2))
    memory = mmap.mmap(one.fileno(), block * blocks)
    one.bind(("lo", 0x0800))
    # Another process sends, so that its events are not counted here.
    if not (child := os.fork()):
        rename("feeder")
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(ROUNDS):
            sender.sendto(b"in the ring" * 10, ("127.0.0.1", 9))
        os._exit(0)
    os.waitpid(child, 0)
    seen = at = 0
    while True:
        begin = at * frame
        status, _, length, mac = struct.unpack_from("QIIH", memory, begin)
        if not status & TP_STATUS_USER:
            if not select.select([one], [], [], 0.5)[0]:
                break
            continue
        if b"in the ring" in memory[begin + mac:begin + mac + length]:
            seen += 1
        struct.pack_into("Q", memory, begin, 0)
        at = (at + 1) % (blocks * 2)
    fact("ring", "packets", seen)


def zerocopy():
    """Receives TCP data with getsockopt(TCP_ZEROCOPY_RECEIVE)."""
    TCP_ZEROCOPY_RECEIVE = 35
    listener = socket.create_server(("127.0.0.1", 0))
    if not (child := os.fork()):
        rename("feeder")
        sender = socket.create_connection(listener.getsockname())
        sender.sendall(b"z" * 2000)
        os._exit(0)
    one, _ = listener.accept()
    os.waitpid(child, 0)
    rename("zerocopy")
    libc.mmap.restype = ctypes.c_void_p
    window = libc.mmap(None, ctypes.c_size_t(65536), 1, 1, one.fileno(), ctypes.c_long(0))
    copy = ctypes.create_string_buffer(4096)
    # struct tcp_zerocopy_receive; data that does not fill a page goes to the buffer.
    ask = struct.pack("QIIIiQiIQQII", window, 65536, 0, 0, 0, ctypes.addressof(copy),
                      4096, 0, 0, 0, 0, 0)
    got = zerocopy_ask(one, TCP_ZEROCOPY_RECEIVE, ask)
    answer = struct.unpack_from("QIIIiQi", got.ljust(len(ask), b"\0"))
    fact("zerocopy", "bytes", copy.raw.count(b"z"))
    fact("zerocopy", "returned", answer[6])
    rename("after")


def zerocopy_ask(one, option, ask):
    buffer = ctypes.create_string_buffer(ask, len(ask))
    length = ctypes.c_uint32(len(ask))
    if libc.getsockopt(one.fileno(), socket.IPPROTO_TCP, option, buffer,
                       ctypes.byref(length)):
        raise OSError(ctypes.get_errno(), "TCP_ZEROCOPY_RECEIVE")
    return buffer.raw[:length.value]


def netlink():
    """Dumps the interfaces: one request, and the kernel's answers."""
    RTM_GETLINK, NLM_F_REQUEST, NLM_F_DUMP, NLMSG_DONE = 18, 1, 0x300, 3
    one = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    one.send(struct.pack("=IHHIIBxxxI", 24, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP,
                         1, 0, 0, 0))
    reads = moved = 0
    done = False
    while not done:
        answer = one.recv(65536)
        reads += 1
        moved += len(answer)
        while len(answer) >= 16:
            length, kind = struct.unpack_from("=IH", answer)
            done = done or kind == NLMSG_DONE
            answer = answer[(length + 3) & ~3:]
    fact("netlink", "reads", reads)
    fact("netlink", "bytes", moved)


def receive_trunc(way, one, room):
    buffer = ctypes.create_string_buffer(room)
    fact(way, "returned", libc.recv(one.fileno(), buffer, room, socket.MSG_TRUNC))
    fact(way, "bytes", buffer.raw.count(b"x"))


def trunc():
    """MSG_TRUNC returns the full length of a datagram; on TCP it discards the data."""
    a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    a.bind(("127.0.0.1", 0))
    a.connect(a.getsockname())
    a.send(b"x" * 1000)
    receive_trunc("trunc", a, 10)


def trunctcp():
    listener = socket.create_server(("127.0.0.1", 0))
    one = socket.create_connection(listener.getsockname())
    other, _ = listener.accept()
    one.send(b"x" * 1000)
    receive_trunc("trunctcp", other, 1000)


def tunnel():
    """Sends datagrams through a tunnel, which sends them again over UDP."""
    def ip(*words):
        subprocess.run(("ip",) + words, check=True)

    ip("link", "add", "under", "type", "dummy")
    ip("addr", "add", "10.98.0.1/24", "dev", "under")
    ip("link", "set", "under", "up")
    ip("neigh", "add", "10.98.0.2", "lladdr", "02:00:00:00:00:01", "dev", "under")
    ip("link", "add", "vx", "type", "vxlan", "id", "7", "dev", "under",
       "local", "10.98.0.1", "remote", "10.98.0.2", "dstport", "4789")
    ip("addr", "add", "10.99.0.1/24", "dev", "vx")
    ip("link", "set", "vx", "up")
    ip("neigh", "add", "10.99.0.2", "lladdr", "02:00:00:00:00:02", "dev", "vx")
    rename("tunnel")
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(ROUNDS):
        one.sendto(b"x" * 100, ("10.99.0.2", 9))
    rename("after")
    with open("/sys/class/net/under/statistics/tx_packets") as count:
        fact("tunnel", "packets", int(count.read()))


for way in ring, zerocopy, netlink, trunc, trunctcp, tunnel:
    rename("before" if way in (zerocopy, tunnel) else way.__name__)
    try:
        way()
    except OSError as error:
        print(way.__name__, "failed", error)
rename("after")
