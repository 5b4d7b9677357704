#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cost of an event has not grown: instructions, which repeat to within a few.
. "$(dirname "$0")/../tap.sh"

row=6.12
loop=$O/loop
LOOP=$loop O=$box "$top/testsuite/bench/run" --only empty_tracepoint,receive,send,filtered,account,top $row >"$box/out" 2>"$box/messages" \
	|| cat "$box/messages"
is "$row: nine lines are measured" "$(grep -c . "$box/bench/$row.json")" 9

no_more() # NAME LOOP INSTRUCTIONS: at most 3 % more than that
{
	local seen
	seen=$(sed -n "s/.*\"name\":\"$1\",\"loop\":\"$2\",\"instructions\":\([0-9]*\).*/\1/p" \
		"$box/bench/$row.json")
	ok "$row: $1 ($2): ${seen:-no} instructions, at most 3 % above $3" \
		test "$((${seen:-99999} * 100))" -le "$(($3 * 103))"
}
no_more receive msg 487
no_more receive file 487
no_more send msg 456
no_more send file 456
no_more filtered msg 38
# Two messages.
no_more account msg 185
no_more top msg 234
finish
