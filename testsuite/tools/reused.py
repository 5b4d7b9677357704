#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Uses sockets with one peer and then with another, and counts each peer's bytes.

A UDP socket connects to A, waits for an answer that does not come, and connects to B,
which answers at once.  A TCP socket connects to A, disconnects with AF_UNSPEC, and
connects to B.  Prints "PROTOCOL PORT SENT RECEIVED" for each peer, as returned by send
and recv.
"""
import ctypes
import socket
import time

HERE = "127.0.0.1"
libc = ctypes.CDLL(None, use_errno=True)


def show(protocol, peer, sent, received):
    print(protocol, peer.getsockname()[1], sent, received, flush=True)


def all_of(one, size):
    """Receives exactly size bytes."""
    got = 0
    while got < size:
        got += len(one.recv(size - got))
    return got


def bound(kind):
    one = socket.socket(socket.AF_INET, kind)
    one.bind((HERE, 0))
    return one


def udp(first, second, one):
    sent = 0
    one.connect(first.getsockname())
    for _ in range(3):
        sent += one.send(b"a" * 1000)
    time.sleep(1)
    show("udp", first, sent, 0)
    one.connect(second.getsockname())
    sent = one.send(b"b" * 500)
    _, back = second.recvfrom(9000)
    second.sendto(b"c" * 40, back)
    show("udp", second, sent, len(one.recv(9000)))


def tcp(first, second, one):
    kept = []
    for peer, size, answer in (first, 700, 70), (second, 900, 90):
        if peer is second and libc.connect(one.fileno(), b"\0" * 16, 16):
            raise OSError(ctypes.get_errno(), "connect to AF_UNSPEC")
        peer.listen()
        one.connect(peer.getsockname())
        other, _ = peer.accept()
        sent = one.send(b"a" * size)
        assert all_of(other, sent) == sent
        answered = other.send(b"b" * answer)
        show("tcp", peer, sent, all_of(one, answered))
        kept.append(other)


udp(*[bound(socket.SOCK_DGRAM) for _ in range(3)])
tcp(bound(socket.SOCK_STREAM), bound(socket.SOCK_STREAM), socket.socket())
