# SPDX-License-Identifier: GPL-2.0-or-later
"""keys.py - makes messages, and prints the lines that keys.stp must have for them.

All values come from this program and from what its system calls return.
"""

import collections
import os
import socket

messages = collections.defaultdict(list)    # key: sizes, None for one that failed


def name_of(sock, peer):
    """Address and port of an end of a socket, as the account has them."""
    if sock.family == socket.AF_UNIX:
        return '', -1
    try:
        name = sock.getpeername() if peer else sock.getsockname()
    except OSError:
        return '', -1
    return name[0].removeprefix('::ffff:'), name[1]


def note(sock, way, size, error=0):
    """Notes a message."""
    power = 1 << (size.bit_length() - 1) if size else 0
    pid = os.getpid()
    with open('/proc/self/comm', encoding='ascii') as comm:
        command = comm.read().strip()
    protocol = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL)
    key = (pid, command, os.stat('/sys/fs/cgroup/here').st_ino, int(sock.family),
           int(sock.type), protocol, *name_of(sock, False), *name_of(sock, True), way, error,
           power)
    messages[key].append(None if error else size)


def send(sock, size):
    """Sends a message."""
    note(sock, 0, sock.send(bytes(size)))


def receive(sock):
    """Receives a message, or fails to."""
    try:
        note(sock, 1, len(sock.recv(1 << 16)))
    except OSError as error:
        note(sock, 1, 0, error.errno)


def datagrams(family, address):
    """Two sockets that are connected to each other."""
    one, two = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
    one.bind((address, 0))
    two.bind((address, 0))
    one.connect(two.getsockname())
    two.connect(one.getsockname())
    return one, two


with open('/sys/fs/cgroup/here/cgroup.procs', 'w', encoding='ascii') as group:
    group.write(str(os.getpid()))

for one, two in (datagrams(socket.AF_INET, '127.0.0.1'), datagrams(socket.AF_INET6, '::1'),
                 datagrams(socket.AF_INET6, '::ffff:127.0.0.1'),
                 socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)):
    for size in (0, 1, 2, 3, 100, 127, 128):
        send(one, size)
        two.recv(1 << 16, socket.MSG_PEEK)
        receive(two)
    two.setblocking(False)
    receive(two)
    receive(two)

listener = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(listener.getsockname())
server, _ = listener.accept()
with open('/proc/self/comm', 'w', encoding='ascii') as thread:
    thread.write('renamed')
for _ in range(5):
    send(client, 1000)
    receive(server)
client.close()
receive(server)

for key, sizes in messages.items():
    moved = [size for size in sizes if size is not None]
    print(' '.join(str(part) for part in key) + ':', len(moved), sum(moved),
          len(sizes) - len(moved), max(moved, default=0))
