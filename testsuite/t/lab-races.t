#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows debug: 6.12-rt
# rows deep: 6.1-debug 6.12-debug
# Calls on a descriptor that is closed and opened meanwhile: each that reached a socket is
# seen once, with that socket, and what was a file before is not taken for one.
. "$(dirname "$0")/../tap.sh"
races=$top/testsuite/races

# The end of a guest, with all that was said where it was not a good one.
survived() # STATUS
{
	[ "$1" -eq 0 ] || { cat "$box/messages"; false; }
}

right() # CALL
{
	sed -n "/^$1 /,/^[^ ]/{ /^$1 /p; /^ /p }" "$box/compared"
	grep -q "^$1 right: " "$box/compared"
}

for row in ${LAB_ROWS:-5.10 6.1 6.1-old 6.12 7.2}; do
	# Each event is written down, which is more than stap lets a script cost; -t names
	# the probes that the kernel misses.
	ok "$row: races.stp builds" "$lab" compile "$row" "$races/races.stp" \
		-o "$box/races.ko" -DSTP_NO_OVERLOAD -t
	# A debug kernel is slow: a race is rare there.
	case $row in
	*-debug) seconds=40 ;;
	*) seconds=1.5 ;;
	esac
	"$lab" boot "$row" --smp 2 --timeout 120 --add "$box/races.ko" --add "$O/races" -- \
		"staprun -b 64 races.ko -o seen -c './races -w seen $seconds' &&
		cat races.told seen" \
		>"$box/out" 2>"$box/messages"
	status=$?
	ok "$row: races ends well, and the kernel lives on" survived "$status"
	[ "$status" -eq 0 ] || continue
	# What the kernel missed itself may be missing: 5.10 counts a fault in a handler so.
	skipped=$(sed -n 's/^WARNING: Number of errors: 0, skipped probes: //p' "$box/messages")
	"$races/compare" --skipped "${skipped:-0}" "$box/out" >"$box/compared" 2>&1
	status=$?
	sed -n 's/^[^ ]/# &/p' "$box/compared"
	for call in listen shutdown bind accept setsockopt getsockopt connect; do
		ok "$row: $call: one entry and one return for each that reached a socket" \
			right "$call"
	done
	ok "$row: nothing more differs" test "$status" -eq 0
	is "$row: no warning${skipped:+ but of $skipped skipped probes}" \
		"$(grep -v -e '^WARNING: Skipped due to missed k' \
			-e '^WARNING: Number of errors: 0, skipped probes:' \
			"$box/messages")" ''
done
finish
