#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Adds up the JSON output of top or life and prints lines "TOOL PID FAMILY SENT RECEIVED".

usage: sums.py TOOL FILE
"""
import collections
import json
import sys

tool, name = sys.argv[1:]
sums = collections.Counter()
with open(name, encoding="ascii") as output:
    # The other lines are those of losses and the sums of top.
    for line in filter(lambda x: "end" in x or x.get("table") == "process",
                       map(json.loads, output)):
        key = line["pid"], line["family"]
        sums[key, "sent"] += line["sent_bytes"]
        sums[key, "received"] += line["received_bytes"]
for pid, family in sorted({key for key, _ in sums}, key=str):
    key = pid, family
    print(tool, pid, family, sums[key, "sent"], sums[key, "received"])
