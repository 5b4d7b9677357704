#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes and sockets with names that could do something to who reads them.

usage: names.py run | names.py check FILE... | names.py commands | names.py addresses

run       makes sockets with each address, and calls itself by each name
commands  prints the names as a tool is to write them, one a line; addresses likewise
check     FILEs are what tools printed: NAME.json of an object a line, NAME.txt of tables;
          prints what is wrong with them
"""
import ctypes
import json
import os
import socket
import struct
import sys
import tempfile

PR_SET_NAME = 15
COMMANDS = [b"\x1b[2J\x1b]0;x\x07", b"\xff\xfe\xc3(", b"a\nb\tc\rd", b'"},{"x":"', b"\\", b"%s%n%d",
            b"a  b", b"\x9b31mred", b"$(>ran)", b"a > b", b"\xc3\xa9t\xc3\xa9", b"a|b,c;d'e`",
            b"123456789012345"]
PATHS = [b"./\x1b]0;x\x07", b"new\nline", b"quo\"te\\back", b"\xff\xfe\xc3(", b"a > b:80", b"%s%n",
         b"--", b"$(>ran)", b"a b\tc", b"./" + b"l" * 106, b"\x1b" * 108,
         b"\0", b"\0\0\0", b"\0a\0b\nc", b"\0" + b"\x1b" * 107, b"\0" + b"x" * 107,
         b"\0\xff\xfe\"\\", b"\0@:[", bytes(range(0, 100))]


def escaped(text, keep):
    return "".join(chr(c) if 0x20 <= c <= 0x7e and chr(c) not in keep else "\\%03o" % c
                   for c in text)


def command_text(name):
    return escaped(name[:15], "")


def address_text(path):
    """As the tapset documents it: also blanks and backslashes, and @ for abstract ones."""
    if path[:1] == b"\0":
        return "@" + escaped(path[1:], " \\")
    return escaped(path, " \\")


def run():
    libc = ctypes.CDLL(None, use_errno=True)
    os.chdir(tempfile.mkdtemp())

    # Python takes no path that fills all of sun_path.
    def at(call, one, path):
        address = struct.pack("=H", socket.AF_UNIX) + path
        if call(one.fileno(), address, len(address)):
            raise OSError(ctypes.get_errno(), path)

    for n in range(max(len(COMMANDS), len(PATHS))):
        libc.prctl(PR_SET_NAME, COMMANDS[n % len(COMMANDS)], 0, 0, 0)
        path = PATHS[n % len(PATHS)]
        listener = socket.socket(socket.AF_UNIX)
        at(libc.bind, listener, path)
        listener.listen(3)
        one = socket.socket(socket.AF_UNIX)
        at(libc.connect, one, path)
        other, _ = listener.accept()
        one.send(b"x")
        other.recv(9)
        try:
            at(libc.bind, other, path)
        except OSError:
            pass
        for each in one, other, listener:
            each.close()
        try:
            at(libc.connect, socket.socket(socket.AF_UNIX), path[:100] + b"-")
        except OSError:
            pass


def check(file):
    with open(file, "rb") as printed:
        lines = printed.read().split(b"\n")
    wrong = []
    if lines.pop() != b"" or not lines:
        wrong.append("does not end with a line")
    event = None
    for line in lines:
        if any(c < 0x20 or c > 0x7e for c in line):
            wrong.append(f"a byte that does not print: {line}")
        if file.endswith(".json"):
            try:
                if not isinstance(json.loads(line), dict):
                    wrong.append(f"no object: {line}")
            except ValueError as why:
                wrong.append(f"no JSON, {why}: {line}")
        elif b" EVENT " in line and b" COMMAND " in line and event is None:
            # The column EVENT is one word; it begins where its title does.
            event = line.index(b" EVENT ")
        elif event and line and not line.startswith((b"lost since", b"...")):
            word = line[event + 1:].split(b" ")[0]
            if line[event:event + 1] != b" " or not word.isalpha():
                wrong.append(f"a column is moved: {line}")
    if file.endswith(".txt") and max(map(len, lines)) > 160:
        wrong.append(f"wider than 160: {max(lines, key=len)}")
    for what in wrong[:5]:
        print(file, what)
    print(file, "lines", len(lines) > 5, "wrong", len(wrong))


def told(file, members):
    """What is told of names, of all lines, as a text."""
    with open(file, encoding="ascii") as printed:
        return {x.get(m) for x in map(json.loads, printed) for m in members}


if sys.argv[1] == "run":
    run()
elif sys.argv[1] == "check":
    for name in sys.argv[2:]:
        check(name)
elif sys.argv[1] == "commands":
    missing = {command_text(x) for x in COMMANDS} - told(sys.argv[2], ["command"])
    print("commands missing", sorted(missing))
else:
    seen = told(sys.argv[2], ["local_address", "remote_address"]) - {None}
    # A value is cut where the tool has no room for more.
    missing = [x for x in map(address_text, PATHS)
               if x not in seen and not any(len(y) > 400 // 2 and x.startswith(y) for y in seen)]
    print("addresses missing", missing)
