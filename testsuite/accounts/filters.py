# SPDX-License-Identifier: GPL-2.0-or-later
"""filters.py - processes that differ in what filters compare, and the check of their events.

filters.py make: forks the processes, writes a line about each to `actors`, and lets them run
once there is a file `go`.  filters.py check BY VALUE SEEN [ALONE]: prints each difference
between what filters.stp saw and what the actors did.
"""

import ctypes
import ipaddress
import json
import os
import pathlib
import socket
import sys
import time

EVENTS = {'create': 1, 'create.return': 1, 'bind': 1, 'bind.return': 1, 'connect': 1,
          'connect.return': 1, 'sendmsg': 2, 'sendmsg.return': 2, 'aio_write': 1,
          'aio_write.return': 1, 'send': 3, 'close': 1}
MESSAGES = ('sendmsg', 'sendmsg.return', 'aio_write', 'aio_write.return', 'send', 'account')
# A filter compares what the socket has when the event happens.
NOT_YET = {'protocol': ('create',),    # the caller asks for protocol 0
           'lport': ('create', 'create.return', 'bind'),
           'laddr': ('create', 'create.return', 'bind'),
           'rport': ('create', 'create.return', 'bind', 'bind.return'),
           'raddr': ('create', 'create.return', 'bind', 'bind.return')}

ACTORS = (
    dict(execname='alpha', uid=0, group='one', family=2, laddr='127.0.0.1', lport=6001),
    dict(execname='beta', uid=65534, group='two', family=2, laddr='127.0.1.1', lport=6002),
    dict(execname='gamma', uid=0, group='two', family=10, laddr='::1', lport=6003),
    dict(execname='delta', uid=0, group='one/below', family=1, unshare=True),
)
SINKS = {2: ('127.0.0.1', 7001), 10: ('::1', 7002), 1: 'sink'}


def act(actor):
    """One socket, and three messages."""
    with open('/proc/self/comm', 'w', encoding='ascii') as comm:
        comm.write(actor['execname'])
    with open(f'/sys/fs/cgroup/{actor["group"]}/cgroup.procs', 'w', encoding='ascii') as group:
        group.write(str(os.getpid()))
    groups = [str(pathlib.Path('/sys/fs/cgroup', actor['group']))]
    groups.append(os.path.dirname(groups[0]))
    if actor.get('unshare'):
        assert ctypes.CDLL(None).unshare(0x40000000) == 0    # CLONE_NEWNET
    os.setuid(actor['uid'])
    actor.update(pid=os.getpid(), netns=os.stat('/proc/self/ns/net').st_ino, type=2,
                 cgroup=os.stat(groups[0]).st_ino, cgroups=[os.stat(g).st_ino for g in groups],
                 protocol=0 if actor['family'] == 1 else 17, tree=os.getpid())
    print(json.dumps(actor), flush=True)
    while not os.path.exists('go'):
        time.sleep(0.05)
    sock = socket.socket(actor['family'], socket.SOCK_DGRAM)
    sock.bind((actor['laddr'], actor['lport']) if 'laddr' in actor else 'delta')
    sock.connect(SINKS[actor['family']])
    for _ in range(2):
        sock.send(b'message')
    os.write(sock.fileno(), b'message')
    sock.close()


def make():
    """Forks the actors, and waits for them."""
    os.chmod('.', 0o777)
    sinks = []
    for family, address in SINKS.items():
        sinks.append(socket.socket(family, socket.SOCK_DGRAM))
        sinks[-1].bind(address)
    for actor in ACTORS:
        if not os.fork():
            act(actor)
            os._exit(0)
    for _ in ACTORS:
        assert os.wait()[1] == 0
    with open('done', 'w', encoding='ascii'):
        pass


def has(actor, by, part):
    """Does the actor have this part of a list?"""
    if by in ('laddr', 'raddr'):
        if actor['family'] == 1:
            return False
        address = actor['laddr'] if by == 'laddr' else SINKS[actor['family']][0]
        address, network = ipaddress.ip_address(address), ipaddress.ip_network(part)
        return address.version == network.version and address in network
    if by == 'cgroup':
        return int(part) in actor['cgroups']
    own = SINKS[actor['family']][1] if by == 'rport' and actor['family'] != 1 else actor.get(by)
    if '-' in part:
        least, most = part.split('-')
        return own is not None and int(least) <= own <= int(most)
    return str(own) == part


def passes(actor, by, value, event):
    """Does an event of the actor pass the filter?"""
    others = value.startswith('!')
    if event in NOT_YET.get(by, ()):
        return others
    return any(has(actor, by, part) for part in value.lstrip('!').split(',')) != others


def check(by, value, seen, alone=''):
    """Compares, and prints whether events passed."""
    with open('actors', encoding='ascii') as lines:
        actors = [json.loads(line) for line in lines]
    with open(seen, encoding='ascii') as lines:
        counted = {(int(pid), event): (int(number), int(passed))
                   for pid, event, number, passed in (line.split() for line in lines)}
    any_passed = False
    for actor in actors:
        for event, number in [*EVENTS.items(), ('account', 3)]:
            is_account = event == 'account'
            passed = number if passes(actor, by, value, event) else 0
            all_seen = alone == 'account' and not is_account or \
                alone == 'messages' and event not in MESSAGES
            expected = (number if all_seen else passed,
                        number if alone == 'account' and not is_account else passed)
            saw = counted.get((actor['pid'], event if is_account else 'socket.' + event), (0, 0))
            any_passed |= saw[1] > 0
            if saw != expected:
                print(f'{by} {value}: {actor["execname"]} has {saw} of {event}, not {expected}')
    print(f'{by} {"passes" if any_passed else "nothing passes"}')


if sys.argv[1] == 'make':
    make()
else:
    check(*sys.argv[2:])
