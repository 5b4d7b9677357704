#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints the screens that press.py has kept.

usage: screens.py COLUMNS ROWS FILE...
"""
import sys

import pyte

columns, rows = int(sys.argv[1]), int(sys.argv[2])
for name in sys.argv[3:]:
    screen = pyte.Screen(columns, rows)
    with open(name, "rb") as file:
        pyte.ByteStream(screen).feed(file.read())
    print(f"== {name.rsplit('/', 1)[-1]}")
    for line in screen.display:
        print(line.rstrip())
