# SPDX-License-Identifier: GPL-2.0-or-later
"""outcomes.py - calls that fail, that wait, or both, and the check of the events.

outcomes.py calls: makes them, and prints the process, then lines of EVENT FAILED TOOK
THREAD.  EVENT is the name of a probe, FAILED 1 or 0, TOOK the time of the call in ns.
outcomes.py check LEDGER SEEN FAILED SLOWER ALONE: prints each difference between the ledger
and what outcomes.stp saw with these values.
"""

import collections
import errno
import os
import socket
import struct
import sys
import threading
import time

WAIT = .4


def line(event, failed=0, took=0, thread=None):
    """A line of the ledger."""
    print(event, failed, took, (thread or threading.current_thread()).native_id)


def call(events, function, *arguments):
    """A call that is these events; its result, or None."""
    began, error, result = time.monotonic_ns(), 0, None
    try:
        result = function(*arguments)
    except OSError as problem:
        error = problem.errno
    took = time.monotonic_ns() - began
    for event in events.split():
        line(event, int(error not in (0, errno.EINPROGRESS)), took)
    return result


def later(function, *arguments):
    """Calls a function after a while, in a thread that makes no other call."""
    def sleep_and_call():
        time.sleep(WAIT)
        function(*arguments)
    thread = threading.Thread(target=sleep_and_call)
    thread.start()
    return thread


def opened(family=socket.AF_INET, kind=socket.SOCK_STREAM):
    """A socket, which is one event."""
    return call('create.return', socket.socket, family, kind)


def close(*sockets):
    """Closes them."""
    for sock in sockets:
        call('close.return', sock.close)


def pair():
    """A socketpair(2), which is two events."""
    return call('create.return create.return', socket.socketpair)


def fast():
    """Each call once with success and once without."""
    call('create.return', socket.socket, 200)
    listener, client, other = opened(), opened(), opened()
    datagram = opened(kind=socket.SOCK_DGRAM)
    call('bind.return', listener.bind, ('127.0.0.1', 6100))
    call('bind.return', other.bind, ('127.0.0.1', 6100))
    call('listen.return', listener.listen, 5)
    call('listen.return', datagram.listen, 5)
    call('connect.return connected', client.connect, ('127.0.0.1', 6100))
    call('connect.return connected', other.connect, ('127.0.0.1', 6101))
    server = call('accept.return', listener.accept)[0]
    listener.setblocking(False)
    call('accept.return', listener.accept)
    call('setsockopt.return', client.setsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    call('setsockopt.return', client.setsockopt, socket.IPPROTO_TCP, 9999, 1)
    call('getsockopt.return', client.getsockopt, socket.SOL_SOCKET, socket.SO_TYPE)
    call('getsockopt.return', client.getsockopt, socket.IPPROTO_TCP, 9999)
    call('send.timed', client.send, b'message')
    call('receive.timed', server.recv, 99)
    call('receive.timed', server.recv, 99, socket.MSG_DONTWAIT)
    call('send.timed aio_write.return', os.write, client.fileno(), b'message')
    call('receive.timed aio_read.return', os.read, server.fileno(), 99)
    call('shutdown.return', client.shutdown, socket.SHUT_WR)
    call('shutdown.return', datagram.shutdown, socket.SHUT_RDWR)
    call('send.timed', client.send, b'message')
    call('send.timed aio_write.return', os.write, client.fileno(), b'message')
    close(server, client, other, listener, datagram)


def pending():
    """Attempts that go on after connect(2): one that succeeds, one that fails."""
    listener, client, other = opened(), opened(), opened()
    call('bind.return', listener.bind, ('127.0.0.1', 6200))
    call('listen.return', listener.listen, 5)
    for sock, port in (client, 6200), (other, 6201):
        sock.setblocking(False)
        call('connect.return', sock.connect, ('127.0.0.1', port))
        line('connected', int(port == 6201))
    close(client, other, listener)


def slow():
    """Calls that wait for a thread, which has no events but those that it prints."""
    listener, client, one = opened(socket.AF_UNIX), opened(socket.AF_UNIX), opened(socket.AF_UNIX)
    call('bind.return', listener.bind, '\0outcomes')
    call('listen.return', listener.listen, 0)
    call('connect.return connected', one.connect, '\0outcomes')
    thread = later(listener.accept)
    call('connect.return connected', client.connect, '\0outcomes')
    thread.join()
    line('accept.return', thread=thread)
    line('close.return', thread=thread)
    server = call('accept.return', listener.accept)[0]
    thread = later(client.send, b'message')
    call('receive.timed', server.recv, 99)
    thread.join()
    line('send.timed', thread=thread)
    thread = later(client.send, b'message')
    call('receive.timed aio_read.return', os.read, server.fileno(), 99)
    thread.join()
    line('send.timed', thread=thread)
    # Fails, and takes long.
    limit = struct.pack('ll', 0, int(WAIT * 1000000))
    call('setsockopt.return', server.setsockopt, socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    call('receive.timed', server.recv, 99)
    one_more = opened(socket.AF_UNIX)
    thread = later(one_more.connect, '\0outcomes')
    accepted = call('accept.return', listener.accept)[0]
    thread.join()
    line('connect.return', thread=thread)
    line('connected', thread=thread)
    close(accepted, one_more, one, client, server, listener)
    ends = pair()
    close(*ends)


def check(ledger, seen, failed, slower, alone):
    """Compares; prints nothing if all is as it must be."""
    with open(ledger, encoding='ascii') as lines:
        pid, *calls = (words.split() for words in lines)
    expected, counted = collections.Counter(), collections.Counter()
    for event, has_failed, took, _ in calls:
        passes = (not int(failed) or has_failed == '1') and int(took) >= int(slower)
        message = event.endswith('.timed') or event.startswith('aio_')
        if passes or (int(alone) and not message):
            expected['socket.' + event, str(int(not passes))] += 1
        if passes and event in ('send.timed', 'receive.timed'):
            counted[str(int(event == 'receive.timed'))] += 1
    with open(seen, encoding='ascii') as lines:
        events = [words.split()[1:] for words in lines if words.split()[0] == pid[0]]
    saw = collections.Counter(tuple(event) for event in events if event[0] != 'account')
    for event in sorted((expected - saw) + (saw - expected)):
        print(*event, 'expected', expected[event], 'seen', saw[event])
    account = {event[1]: int(event[2]) for event in events if event[0] == 'account'}
    if account != counted:
        print('account: expected', dict(counted), 'seen', account)
    print(sum(saw.values()), 'events')


if sys.argv[1] == 'calls':
    print(os.getpid())
    fast()
    pending()
    slow()
else:
    check(*sys.argv[2:])
