#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A return that is missed must not hide or change what comes later.
. "$(dirname "$0")/../tap.sh"
for row in 6.1 6.12; do
	ok "$row: the script builds" "$lab" compile "$row" \
		"$top/testsuite/kernel/stale.stp" -o "$box/stale.ko" -g
	"$lab" boot "$row" --timeout 120 --add "$box/stale.ko" \
		--add "$top/testsuite/kernel/stale.py" -- \
		'staprun stale.ko -c "python3 stale.py"' >"$box/out" 2>"$box/messages"
	is "$row: it ran" $? 0
	like "$row: of 200 reads without a return none hides one of 200 receives" \
		"$(cat "$box/out")" 'reads 200 receives 200 bytes 20000 slots [0-9]+ lost 0'
done
finish
