#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Data without an event, and sizes that are not what moved: WITHOUT AN EVENT of
# tapset::socket(3stap), as far as a guest can show it.  The numbers are those of the program that moved the data.
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
	is "$row: the guest ends with 0" "$? $(cat "$box/errors")" '0 '
	fact() { awk -v way="$1" -v what="$2" '$1 == way && $2 == what { print $3 }' "$box/said"; }
	# events WAY EVENT: how many, and their bytes
	events() { awk -v way="$1" -v event="socket.$2" '$1 == way && $2 == event {
		print $3, $4 }' "$box/said"; }

	like "$row: packets come by a ring of AF_PACKET" "$(fact ring packets)" '^[2-9][0-9]$'
	is '... and none is a receive' "$(events ring receive)" ''
	is '... but the ring and the socket are seen to be made' \
		"$(events ring setsockopt.return), $(events ring bind.return)" '1 0, 1 0'
	is "$row: TCP_ZEROCOPY_RECEIVE hands over data" \
		"$(fact zerocopy bytes) $(fact zerocopy told)" '2000 2000'
	is '... and is no receive, but a getsockopt' \
		"$(events zerocopy receive), $(events zerocopy getsockopt.return)" ', 1 0'
	like "$row: the kernel answers by netlink" "$(fact netlink reads)" '^[1-9]'
	is '... which is the receive of who reads it, and no send but the request' \
		"$(events netlink send), $(events netlink receive)" \
		"1 24, $(fact netlink reads) $(fact netlink bytes)"
	is "$row: MSG_TRUNC of a datagram: size is its length, not the 10 bytes that moved" \
		"$(fact trunc bytes) $(events trunc receive)" '10 1 1000'
	is "$row: MSG_TRUNC of TCP: size is what was thrown away" \
		"$(fact trunctcp bytes) $(events trunctcp receive)" '0 1 1000'
	like "$row: a tunnel sends over UDP" "$(fact tunnel packets)" '^[2-9][0-9]$'
	is "... and the message that it wraps up is the only event" \
		"$(events tunnel send), $(events tunnel receive)" '20 2000, '
	is "$row: and no other process, nor an interrupt, has one" \
		"$(grep '^others' "$box/said")" ''
	is "$row: nothing was skipped" "$(grep '^skipped' "$box/said")" 'skipped 0'
done
finish
