#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Adds up the JSON output of life and prints lines "life PID FAMILY SENT RECEIVED".

usage: life-sums.py FILE
"""
import collections
import json
import sys

sums = collections.Counter()
with open(sys.argv[1], encoding="ascii") as output:
    for socket in filter(lambda x: "end" in x, map(json.loads, output)):
        key = socket["pid"], socket["family"]
        sums[key, "sent"] += socket["sent_bytes"]
        sums[key, "received"] += socket["received_bytes"]
for pid, family in sorted({key for key, _ in sums}):
    key = pid, family
    print("life", pid, family, sums[key, "sent"], sums[key, "received"])
