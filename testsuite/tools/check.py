#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Evaluates the JSON output of the tools.

usage: check.py ports PORT LIFE
       check.py names TOP ERRORS
       check.py reused TRUTH FLOW FIRSTBYTE
       check.py namespaces FLOW
       check.py sum OUTPUT MEMBER [MEMBER=VALUE[|VALUE...]...]
       check.py count OUTPUT [MEMBER=VALUE[|VALUE...]...]
       check.py until LEDGER TOP
       check.py percentiles MEASURED OUTPUT UNIT MOST [MEMBER=VALUE...]
       check.py slower MEASURED OUTPUT NS
       check.py outcomes LEDGER OUTPUT all|failed|NS
       check.py attempts LEDGER OUTPUT [WORD...]

sum and count use the lines that have these values, but not the lines of losses.  They print
"seen N" and each cause of loss that is not 0, from the last line of losses.
"""
import json
import math
import sys


def whole(name):
    """All lines; each must be JSON."""
    with open(name, encoding="ascii") as output:
        return [json.loads(line) for line in output]


def lines(name):
    """The lines without those of losses and of the end."""
    return [x for x in whole(name) if "lost_lines" not in x and "ended_by" not in x]


def losses(every):
    """The losses since the start, by cause."""
    last = [x for x in every if "lost_lines" in x][-1:] or [{}]
    return {k: v for k, v in last[0].items() if k.startswith("lost_") and v}


def show(seen, every):
    print("seen", seen)
    for cause, number in losses(every).items():
        print(cause, number)


def wanted(every, conditions):
    pairs = [x.split("=", 1) for x in conditions]
    return [x for x in every if all(str(x.get(k)) in v.split("|") for k, v in pairs)]


def ports(port, life):
    print(sum(int(port) not in (x["local_port"], x["remote_port"]) for x in lines(life)))
    print(sum(x["command"] != "curl" for x in lines(life)))


def names(top_name, errors_name):
    top, errors = lines(top_name), lines(errors_name)
    total = [x for x in top if x.get("table") == "total"]
    lost = losses(whole(top_name))
    print("top: messages", sum(x["sends"] + x["receives"] for x in total)
          + lost.get("lost_lines", 0))
    print("top: lost", *lost)
    print("top: lines", len([x for x in top if x.get("table") == "process"]))
    lost = losses(whole(errors_name))
    print("errors: failures", lost.get("lost_lines", 0) + sum(
        x["count"] for x in errors if x.get("event") == "bind"))
    print("errors: lost", *lost)


def reused(truth, flow, firstbyte):
    """Prints each peer of the ledger with the tools' numbers, which may show either end."""
    seen = lines(flow)
    with open(truth, encoding="ascii") as said:
        for line in said:
            protocol, port, sent, received = line.split()
            end = f"127.0.0.1:{port}"
            of_it = [(x["sent_bytes"], x["received_bytes"]) for x in seen
                     if x["remote"] == end]
            of_it += [(x["received_bytes"], x["sent_bytes"]) for x in seen
                      if x["local"] == end and x["remote"]]
            print(protocol, sent, received, "flow", *(sum(x) for x in zip(*of_it)))
            for x in lines(firstbyte):
                if x["remote_port"] == int(port):
                    print(protocol, received, "firstbyte",
                          "soon" if x["longest_ns"] < 900000000 else "late")


def namespaces(flow):
    """Prints the bytes of each line of namespaces.py, and its peer."""
    for row in sorted((x["sent_bytes"], x["received_bytes"], str(x["peer_pid"]))
                      for x in lines(flow) if "127.0.0.1:5000" in (x["local"], x["remote"])):
        print(*row)


def until(ledger, top):
    """Compares top with a ledger, whose lines are the start and end of a send, in ns."""
    ended, = [x for x in whole(top) if "ended_by" in x]
    sends = sum(x["sends"] for x in lines(top) if x["table"] == "total")
    with open(ledger, encoding="ascii") as file:
        calls = [[int(n) for n in line.split()] for line in file]
    before = sum(end < ended["ended_ns"] for _, end in calls)
    begun = sum(begin < ended["ended_ns"] for begin, _ in calls)
    print("by", ended["ended_by"])
    print("after the end", len(calls) > begun)
    print("seen", "all" if before <= sends <= begun else
          f"{sends}, not {before} to {begun}")


def percentiles(measured, output, unit, most, *conditions):
    """Compares the rows of a process with the numbers that it measured; prints what differs."""
    with open(measured, encoding="ascii") as file:
        said = json.load(file)
    numbers = sorted(said["measured"])
    of_it = sorted((x for x in wanted(lines(output), conditions) if x.get("pid") == said["pid"]),
                   key=lambda x: x.get("way", ""))
    for x in of_it:
        print("row", x.get("way", x.get("what")), x.get("messages", x.get("count")) == len(numbers))
        for percent in 50, 90, 99:
            exact = numbers[math.ceil(len(numbers) * percent / 100) - 1]
            # A program's clock stands still a little later than the tool's.
            slack = exact // 50 if unit == "bytes" else exact // 50 + 1000000
            if abs(x[f"p{percent}_{unit}"] - exact) > slack:
                print(f"p{percent} is", x[f"p{percent}_{unit}"], "not", exact)
        if not numbers[-1] * (1 if unit == "bytes" else .95) <= x[f"{most}_{unit}"] <= numbers[-1]:
            print(most, "is", x[f"{most}_{unit}"], "not", numbers[-1])
    if unit == "bytes":
        print("bytes", [x["bytes"] == sum(numbers) for x in of_it])


def slower(measured, output, least):
    """Compares the number of slow operations; one that is at the limit may be on either side."""
    with open(measured, encoding="ascii") as file:
        said = json.load(file)
    of_it = {x["what"]: x["count"] for x in wanted(lines(output), [f"pid={said['pid']}"])}
    most, fewest = (sum(took > int(least) + slack for took in said["measured"])
                    for slack in (0, 15000000))
    print(*of_it, 0 < fewest <= of_it.get("receive", 0) <= most < len(said["measured"]))


def outcomes(ledger, output, which):
    """Compares the lines of trace with the calls that a program made (accounts/outcomes.py)."""
    with open(ledger, encoding="ascii") as file:
        pid, *calls = (line.split() for line in file)
    made = sorted((event.split(".")[0], int(thread)) for event, failed, took, thread in calls
                  if not event.startswith("aio_") and
                  (which == "all" or
                   (failed == "1" if which == "failed" else int(took) > int(which))))
    seen = sorted((x["event"], x["thread"]) for x in wanted(lines(output), [f"pid={pid[0]}"]))
    print(len(made) > 2, "same" if made == seen else [made, seen])


def attempts(ledger, output, *words):
    """Compares the lines of connect with attempts.py: those of its ledger with all words."""
    with open(ledger, encoding="ascii") as file:
        every = [tuple(line.split()) for line in file]
    members = "pid", "command", "thread", "thread_name", "error", "remote_address", "remote_port"
    of_it = wanted(lines(output), [f"pid={every[0][0]}"])
    made = sorted(x for x in every if set(words) <= set(x))
    seen = sorted(tuple("-1" if m == "remote_port" and x[m] is None else str(x[m])
                        for m in members) for x in of_it)
    print(len(made), "same" if made == seen else [made, seen])
    print("pending for half a second", all(
        (500000000 < x["duration_ns"] < 100000000000) == (x["error"] == "pending")
        for x in of_it))


what, *arguments = sys.argv[1:]
if what == "sum":
    show(sum(x[arguments[1]] for x in wanted(lines(arguments[0]), arguments[2:])),
         whole(arguments[0]))
elif what == "count":
    show(len(wanted(lines(arguments[0]), arguments[1:])), whole(arguments[0]))
else:
    {"ports": ports, "names": names, "reused": reused, "namespaces": namespaces, "until": until,
     "percentiles": percentiles, "slower": slower, "outcomes": outcomes,
     "attempts": attempts}[what](*arguments)
