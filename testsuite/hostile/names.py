#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives processes and sockets names that could harm a terminal or break the output.

usage: names.py run | names.py check FILE... | names.py commands FILE | names.py addresses FILE

run        makes sockets with each address, under each command name
check      FILEs are the output of tools, NAME.json with an object a line, NAME.txt with
           tables; prints the mistakes in them
commands   reads the output of trace as JSON and prints the command names that it lacks
addresses  the same for addresses
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
    """As the tapset documents it: spaces and backslashes too are escaped, @ is abstract."""
    if path[:1] == b"\0":
        return "@" + escaped(path[1:], " \\")
    return escaped(path, " \\")


def run():
    libc = ctypes.CDLL(None, use_errno=True)
    os.chdir(tempfile.mkdtemp())

    # Python's own bind() rejects a path that fills all of sun_path.
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
            # The column EVENT is one word, which begins below its title.
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


def printed_names(file, members):
    """The values of these members in all lines."""
    with open(file, encoding="ascii") as printed:
        return {x.get(m) for x in map(json.loads, printed) for m in members}


if sys.argv[1] == "run":
    run()
elif sys.argv[1] == "check":
    for name in sys.argv[2:]:
        check(name)
elif sys.argv[1] == "commands":
    missing = {command_text(x) for x in COMMANDS} - printed_names(sys.argv[2], ["command"])
    print("commands missing", sorted(missing))
else:
    seen = printed_names(sys.argv[2], ["local_address", "remote_address"]) - {None}
    # The tool cuts off a value that is too long for it.
    missing = [x for x in map(address_text, PATHS)
               if x not in seen and not any(len(y) > 400 // 2 and x.startswith(y) for y in seen)]
    print("addresses missing", missing)
