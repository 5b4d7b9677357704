#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows lab: 6.12
# rows all: 5.10
# only these rows
# Data without an event, and sizes that differ from the data moved: WITHOUT AN EVENT of
# tapset::socket(3stap), as far as a guest can show it.  The expected numbers are those of
# the program that moved the data.
. "$(dirname "$0")/../tap.sh"
limits=$top/testsuite/limits

for row in ${LAB_ROW:-5.10 6.12}; do
	ok "$row: the module builds" "$lab" compile "$row" "$limits/limits.stp" -o "$box/limits.ko"
	cat >"$box/guest" <<-'END'
		modprobe -a vxlan dummy
		staprun limits.ko -o seen -c 'python3 limits.py' </dev/null
		cat seen
	END
	"$lab" boot "$row" --add "$box/limits.ko" --add "$box/guest" --add "$limits/limits.py" \
		-- 'sh ./guest' >"$box/said" 2>"$box/errors"
	is "$row: guest exits 0, with nothing on stderr" "$? $(cat "$box/errors")" '0 '
	fact() { awk -v way="$1" -v what="$2" '$1 == way && $2 == what { print $3 }' "$box/said"; }
	# events WAY EVENT: their number, and their bytes
	events() { awk -v way="$1" -v event="socket.$2" '$1 == way && $2 == event {
		print $3, $4 }' "$box/said"; }

	like "$row: a ring of AF_PACKET receives packets" "$(fact ring packets)" '^[2-9][0-9]$'
	is '... without a receive event' "$(events ring receive)" ''
	is '... but with events for the setup of the ring and the socket' \
		"$(events ring setsockopt.return), $(events ring bind.return)" '1 0, 1 0'
	is "$row: TCP_ZEROCOPY_RECEIVE receives data" \
		"$(fact zerocopy bytes) $(fact zerocopy returned)" '2000 2000'
	is '... as a getsockopt event, without a receive' \
		"$(events zerocopy receive), $(events zerocopy getsockopt.return)" ', 1 0'
	like "$row: the kernel answers by netlink" "$(fact netlink reads)" '^[1-9]'
	is '... with a receive event for each read, and a send event only for the request' \
		"$(events netlink send), $(events netlink receive)" \
		"1 24, $(fact netlink reads) $(fact netlink bytes)"
	is "$row: MSG_TRUNC of a datagram: size is its length, not the 10 bytes copied" \
		"$(fact trunc bytes) $(events trunc receive)" '10 1 1000'
	is "$row: MSG_TRUNC of TCP: size is the number of bytes discarded" \
		"$(fact trunctcp bytes) $(events trunctcp receive)" '0 1 1000'
	like "$row: a tunnel sends over UDP" "$(fact tunnel packets)" '^[2-9][0-9]$'
	is "... with events only for the messages sent into it" \
		"$(events tunnel send), $(events tunnel receive)" '20 2000, '
	is "$row: other processes and interrupts have no event" \
		"$(grep '^others' "$box/said")" ''
	is "$row: nothing is skipped" "$(grep '^skipped' "$box/said")" 'skipped 0'
done
finish
