# SPDX-License-Identifier: GPL-2.0-or-later
#
# callers.py - makes the kernel listen and accept (its NFS server) and connect (its NFS
# client), and prints the events that callers.stp must see

import os
import socket
import struct
import subprocess
import sys
import threading

SERVER, CLIENT = 20490, 20491


def port_mapper(listener):
    """Accepts every registration that a kernel before 6.x requests (RFC 1833, 5531)."""
    while True:
        caller, _ = listener.accept()
        while True:
            mark = caller.recv(4, socket.MSG_WAITALL)
            if len(mark) < 4:
                break
            call = caller.recv(struct.unpack(">I", mark)[0] & 0x7fffffff,
                               socket.MSG_WAITALL)
            reply = call[:4] + struct.pack(">6I", 1, 0, 0, 0, 0, 1)
            caller.sendall(struct.pack(">I", 0x80000000 | len(reply)) + reply)
        caller.close()


def listen(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(5)
    return listener


def put(name, text):
    with open("/proc/fs/nfsd/" + name, "w") as file:
        file.write(text + "\n")


threading.Thread(target=port_mapper, args=(listen(111),), daemon=True).start()
put("versions", "-3 +4")
put("portlist", "tcp %d" % SERVER)
put("threads", "1")
for any_address in "0.0.0.0", "::":
    print("socket.bind.return %s %d err=0" % (any_address, SERVER))
    print("socket.listen.return %s %d err=0" % (any_address, SERVER))
user = socket.create_connection(("127.0.0.1", SERVER))
ends = "127.0.0.1 %d from %s %d" % (SERVER, *user.getsockname())
# Not a valid RPC: the server reads it and hangs up.
user.sendall(bytes([0x80, 0, 0, 4, 1, 2, 3, 4]))
user.recv(100)
user.close()
print("socket.accept.return", ends)

listener = listen(CLIENT)
os.mkdir("mounted")
client = subprocess.Popen([sys.executable, "-c", """
import ctypes
ctypes.CDLL(None).mount(
    b"127.0.0.1:/", b"mounted", b"nfs4", 0,
    b"addr=127.0.0.1,clientaddr=127.0.0.1,port=%d,soft,timeo=10,retrans=1")
""" % CLIENT])
# The client connects again each time that it is hung up on; three times are enough.
listener.settimeout(10)
accepted = 0
while True:
    try:
        kernel, peer = listener.accept()
    except TimeoutError:
        break
    print("socket.connect to 127.0.0.1 %d" % CLIENT)
    print("socket.connected %s %d to 127.0.0.1 %d" % (*peer, CLIENT))
    accepted += 1
    if accepted == 3:
        client.kill()
        listener.settimeout(3)
    kernel.close()
client.wait()
put("threads", "0")
