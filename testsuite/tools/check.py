#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tools told as JSON.

usage: check.py ports PORT LIFE
       check.py names TOP ERRORS
"""
import json
import sys


def lines(name):
    """All of them have to be JSON."""
    with open(name, encoding="ascii") as told:
        return [json.loads(line) for line in told]


if sys.argv[1] == "ports":
    print(sum(int(sys.argv[2]) not in (x["local_port"], x["remote_port"])
              for x in lines(sys.argv[3])))
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
