#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows lab: 6.12 7.2
# rows debug: 6.12-rt
# rows all: 5.10 6.1 6.1-old 6.12-debug
# rows deep: 6.1-debug 6.12-debug
# Calls on a descriptor that is closed and opened meanwhile: each call that reached a socket
# is seen once, with that socket, and no other file is taken for a socket.
. "$(dirname "$0")/../tap.sh"
races=$top/testsuite/races

# survived STATUS: the guest exited with 0; prints its messages if it did not
survived() # STATUS
{
	[ "$1" -eq 0 ] || { cat "$box/messages"; false; }
}

right() # CALL
{
	sed -n "/^$1 /,/^[^ ]/{ /^$1 /p; /^ /p }" "$box/compared"
	grep -q "^$1 right: " "$box/compared"
}

row=${LAB_ROW:-6.12}
# Printing each event costs more than stap's guard against overload allows; -t names
# the probes that the kernel misses.
ok "$row: races.stp builds" "$lab" compile "$row" "$races/races.stp" \
	-o "$box/races.ko" -DSTP_NO_OVERLOAD -t
# A debug kernel is slow: a race is rare there.
case $row in
*-debug) seconds=40 ;;
*) seconds=1.5 ;;
esac
"$lab" boot "$row" --smp 2 --timeout 120 --add "$box/races.ko" --add "$(program "$row" races)" -- \
	"staprun -b 64 races.ko -o seen -c './races -w seen $seconds' &&
	cat races.ledger seen" \
	>"$box/out" 2>"$box/messages"
status=$?
ok "$row: guest exits 0" survived "$status"
[ "$status" -eq 0 ] || finish
# Events may be missing if the kernel missed probes; 5.10 counts a fault in a handler
# as a miss.
skipped=$(sed -n 's/^WARNING: Number of errors: 0, skipped probes: //p' "$box/messages")
"$races/compare" --skipped "${skipped:-0}" "$box/out" >"$box/compared" 2>&1
status=$?
sed -n 's/^[^ ]/# &/p' "$box/compared"
for call in listen shutdown bind accept setsockopt getsockopt connect; do
	ok "$row: $call: one entry and one return for each call that reached a socket" \
		right "$call"
done
ok "$row: nothing more differs" test "$status" -eq 0
is "$row: nothing else on stderr${skipped:+, except $skipped skipped probes}" \
	"$(grep -v -e '^WARNING: Skipped due to missed k' \
		-e '^WARNING: Number of errors: 0, skipped probes:' \
		"$box/messages")" ''
finish
