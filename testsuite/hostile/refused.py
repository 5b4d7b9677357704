#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes calls on sockets that were opened before AppArmor denied all use of sockets.

Prints a line "CALL RESULT" for each: the name of the errno, or 0.
"""
import errno
import os
import socket


def attempt(what, call, *arguments):
    # A command name for each call identifies its events.
    with open("/proc/self/comm", "w") as comm:
        comm.write(what)
    try:
        call(*arguments)
        result = "0"
    except OSError as error:
        result = errno.errorcode[error.errno]
    print(what, result, flush=True)


tcp, server, fresh = socket.socket(), socket.socket(), socket.socket()
listener = socket.create_server(("127.0.0.1", 0))
tcp.connect(listener.getsockname())
address = listener.getsockname()
# connect() may return before the listener has the connection: this accept() waits for it.
other, _ = listener.accept()
listener.setblocking(False)
other.send(b"there")
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.connect(("127.0.0.1", 9))
with open("/proc/self/attr/current", "w") as label:
    label.write("changeprofile nonet")

attempt("create", socket.socket)
attempt("bind", server.bind, ("127.0.0.1", 0))
attempt("connect", fresh.connect, address)
attempt("listen", listener.listen, 5)
attempt("accept", listener.accept)
attempt("send", tcp.send, b"x")
attempt("sendmsg", tcp.sendmsg, [b"x", b"y"])
attempt("write", os.write, tcp.fileno(), b"x")
attempt("udpsend", udp.send, b"x")
attempt("recv", tcp.recv, 1)
attempt("read", os.read, tcp.fileno(), 1)
attempt("setsockopt", tcp.setsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
attempt("getsockopt", tcp.getsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE)
attempt("shutdown", tcp.shutdown, socket.SHUT_RDWR)
attempt("close", tcp.close)
os._exit(0)
