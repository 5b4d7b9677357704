#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts a tool 30 times, and measures the way to staprun.

usage: start.py COMMAND...

COMMAND runs a staprun that prints CLOCK_MONOTONIC in ns on the standard error.  Prints the
processor time of a start in µs, that of /bin/true, and the shortest time from the start of the
command to staprun.
"""
import resource
import subprocess
import sys
import time

TIMES = 30


def used(command):
    """The processor time of a run in µs, and what the runs printed, with their starts."""
    before, said = resource.getrusage(resource.RUSAGE_CHILDREN), []
    for _ in range(TIMES):
        begin = time.monotonic_ns()
        run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, check=True)
        said.append((begin, run.stderr))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return int(seconds / TIMES * 1e6), said


start, said = used(sys.argv[1:])
true = used(["/bin/true"])[0]
print(start, true, min(int(seen) - begin for begin, seen in said) // 1000)
