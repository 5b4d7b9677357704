#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tools told as JSON, beside what the programs themselves say.

usage: check.py traffic COUNTS TOP LIFE
       check.py names TOP ERRORS
"""
import json
import sys


def lines(name):
    """All of them have to be JSON."""
    with open(name, encoding="ascii") as told:
        return [json.loads(line) for line in told]


def moved(told, pid, family):
    mine = [x for x in told if x.get("pid") == pid and x["family"] == family]
    return [sum(x["sent_bytes"] for x in mine), sum(x["received_bytes"] for x in mine)]


if sys.argv[1] == "traffic":
    with open(sys.argv[2], encoding="ascii") as counts:
        said = {x[0]: list(map(int, x[1:])) for x in map(str.split, counts)}
    top, life = lines(sys.argv[3]), lines(sys.argv[4])
    top = [x for x in top if x.get("table") == "process_total"]
    life = [x for x in life if "end" in x]
    nginx, redis = said["nginx"][0], said["redis"][0]
    print("nginx: its log", said["nginx"][1:])
    print("nginx: top", moved(top, nginx, "INET"))
    print("nginx: life", moved(life, nginx, "INET"))
    print("redis: its INFO", said["redis"][:0:-1])
    print("redis: top", moved(top, redis, "UNIX"))
    print("redis: life", moved(life, redis, "UNIX"))
    print("lines of life with another port", sum(
        x["family"] == "INET" and 8080 not in (x["local_port"], x["remote_port"])
        for x in life))
else:
    top, errors = lines(sys.argv[2]), lines(sys.argv[3])
    total = [x for x in top if x.get("table") == "total"]
    lost = [x["lost_no_room"] for x in top if "lost_no_room" in x] or [0]
    print("top: messages", sum(x["sends"] + x["receives"] for x in total) + lost[-1])
    print("top: lost some", lost[-1] > 0)
    print("top: lines", len([x for x in top if x.get("table") == "process"]))
    lost = [x["lost_no_room"] for x in errors if "lost_no_room" in x] or [0]
    print("errors: failures", lost[-1] + sum(
        x["count"] for x in errors if x.get("event") == "bind"))
    print("errors: lost some", lost[-1] > 0)
