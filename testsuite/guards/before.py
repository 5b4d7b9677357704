#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# before.py - makes calls that begin before a script starts, and end while it runs
#
# Three accept(2), one connect(2), two recv(2), one read(2).  Prints "waiting" when all of
# them sleep, and lets them return when the file ./go exists.

import os
import socket
import threading
import time


def sleeps(tid, number):
    """Does the thread sleep in this call?  The file then has the call's number first."""
    with open(f'/proc/self/task/{tid}/syscall') as f:
        return f.read().split()[0] == str(number)


# of x86-64
NUMBERS = {'accept': 288, 'connect': 42, 'recv': 45, 'read': 0}
threads = []


def waits(name, call, *args):
    def run():
        call(*args)
    thread = threading.Thread(target=run, name='python3')
    thread.start()
    threads.append((thread, NUMBERS[name]))


listeners = []
for _ in range(3):
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(8)
    listeners.append(listener)
    waits('accept', listener.accept)

full = socket.socket(socket.AF_UNIX)
full.bind('')
full.listen(0)
first = socket.socket(socket.AF_UNIX)
first.connect(full.getsockname())
late = socket.socket(socket.AF_UNIX)
waits('connect', late.connect, full.getsockname())

pairs = [socket.socketpair() for _ in range(3)]
waits('recv', pairs[0][0].recv, 100)
waits('recv', pairs[1][0].recv, 100)
waits('read', os.read, pairs[2][0].fileno(), 100)

while not all(sleeps(thread.native_id, number) for thread, number in threads):
    time.sleep(0.05)
print('waiting', flush=True)
while not os.path.exists('go'):
    time.sleep(0.05)
for listener in listeners:
    socket.create_connection(listener.getsockname()).close()
full.accept()
for _, other in pairs:
    other.send(b'x' * 10)
for thread, _ in threads:
    thread.join()
print('ended', flush=True)
