# SPDX-License-Identifier: GPL-2.0-or-later
#
# functions.py - opens sockets of many kinds, and prints the values that system calls return
# for each, in the format of functions.stp

import ctypes
import os
import socket
import struct
import subprocess
import time

SO_MEMINFO = 55
NETNS = os.stat("/proc/self/ns/net").st_ino
CGROUP = os.stat("/sys/fs/cgroup/here").st_ino
libc = ctypes.CDLL(None, use_errno=True)
sockets = []


def address(name, family, kind):
    """The address and port for a result of getsockname() or getpeername()."""
    if family == socket.AF_UNIX:
        if isinstance(name, bytes):
            text = "@" + "".join(
                chr(c) if 32 < c < 127 and c != 92 else "\\%03o" % c
                for c in name[1:]) if name else ""
        else:
            text = name
        return text, -1
    if family in (socket.AF_INET, socket.AF_INET6):
        text, port = name[:2]
        if kind == socket.SOCK_RAW:
            return ("" if text == "0.0.0.0" else text), -1
        if text in ("0.0.0.0", "::") and not port:
            return "", -1
        if text.startswith("fe80:"):
            text = text.split("%")[0] + "%%%d" % name[3]
        return text, port
    if family == socket.AF_NETLINK:
        return (str(name[0]), name[1]) if name[0] else ("", -1)
    if family == socket.AF_PACKET:
        return name[0], name[1] or -1
    return str(name[0]), name[1]


def option(s, name, size=4):
    """Python's own getsockopt() does not know vsock."""
    value = ctypes.create_string_buffer(size)
    length = ctypes.c_uint(size)
    if libc.getsockopt(s.fileno(), socket.SOL_SOCKET, name, value,
                       ctypes.byref(length)):
        raise OSError(ctypes.get_errno(), "getsockopt")
    return struct.unpack("%dI" % (size // 4), value.raw)


STATES = {"ESTAB": 1, "UNCONN": 7, "LISTEN": 10}


def listed(s):
    """State and backlog of a TCP socket, from ss -e by its inode number."""
    ino = "ino:%d" % os.fstat(s.fileno()).st_ino
    for line in subprocess.run(["ss", "-Htane"], capture_output=True, text=True,
                               check=True).stdout.splitlines():
        words = line.split()
        if ino in words:
            state = STATES[words[0]]
            return state, int(words[2]) if state == 10 else 0
    return 7, 0


def show(s, backlog=0, connected=False, cgroup=CGROUP):
    """Calls getsockopt(SO_TYPE), the cue for functions.stp, and prints the values."""
    option(s, socket.SO_TYPE)
    tcp_state = -1
    if s.family in (socket.AF_INET, socket.AF_INET6) and s.type == socket.SOCK_STREAM:
        tcp_state, backlog = listed(s)
    memory = option(s, SO_MEMINFO, 36)
    local = address(s.getsockname(), s.family, s.type)
    remote = address(s.getpeername(), s.family, s.type) if connected else ("", -1)
    stream = s.family in (socket.AF_INET, socket.AF_INET6) and \
        s.type == socket.SOCK_STREAM
    print("alive laddr=%s lport=%d raddr=%s rport=%d netns=%d family=%d type=%d "
          "protocol=%d tcp_state=%d rcvbuf=%d rmem=%d sndbuf=%d wmem=%d backlog=%d "
          "uid=%d cgroup=%d ino=%d" % (
              *local, *remote, NETNS, s.family, s.type,
              option(s, socket.SO_PROTOCOL)[0], tcp_state,
              memory[1], memory[0], memory[3], memory[5] if stream else memory[2],
              backlog, os.geteuid(), cgroup, os.fstat(s.fileno()).st_ino))
    sockets.append(s)


def pair(family, where):
    """A listener and both ends of a connection, with unread bytes."""
    a = socket.socket(family, socket.SOCK_STREAM)
    a.bind(where)
    a.listen(7)
    show(a, 7)
    b = socket.socket(family, socket.SOCK_STREAM)
    where = a.getsockname()
    if family == socket.AF_VSOCK:
        where = (1, where[1])
    b.connect(where)
    c, _ = a.accept()
    b.send(bytes(3000))
    c.send(bytes(500))
    time.sleep(0.3)
    show(b, 0, True)
    # A kernel thread creates the sockets that vsock accepts; it is in the root cgroup.
    show(c, 0, True, 1 if family == socket.AF_VSOCK else CGROUP)


with open("/sys/fs/cgroup/here/cgroup.procs", "w") as procs:
    procs.write(str(os.getpid()))
os.setegid(1234)
os.seteuid(4321)
plain = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
         socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)]
for s in plain:
    show(s)
os.seteuid(0)
pair(socket.AF_INET, ("127.0.0.1", 0))
pair(socket.AF_INET6, ("::1", 0))
pair(socket.AF_UNIX, b"\0a b\0\n\\")
pair(socket.AF_UNIX, "/tmp/functions.socket")
try:
    pair(socket.AF_VSOCK, (socket.VMADDR_CID_ANY, 4711))
except OSError as error:
    print("no vsock:", error)
u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
u.connect(("::ffff:127.0.0.1", 9))
show(u, connected=True)
r = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
r.bind(("127.0.0.1", 0))
show(r)
n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
n.bind((0, 5))
show(n)
m = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
m.bind((4712, 0))
m.connect((4711, 4))
show(m, connected=True)
p = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
show(p)
p.bind(("lo", 0x0800))
show(p)
q = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
show(q)
print("gone %d" % len(set(id(s) for s in sockets)))
for s in sockets:
    s.close()
