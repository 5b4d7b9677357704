#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a call leaves behind hides and changes nothing that comes later.
. "$(dirname "$0")/../tap.sh"
# The slots that its calls left a task: one for what was refused, and one for what it
# sends next.
for row in 6.1:1 6.12:2; do
	slots=${row#*:}
	row=${row%:*}
	ok "$row: the script builds" "$lab" compile "$row" \
		"$top/testsuite/kernel/stale.stp" -o "$box/stale.ko" -g
	"$lab" boot "$row" --timeout 120 --add "$box/stale.ko" \
		--add "$top/testsuite/kernel/stale.py" -- \
		'staprun stale.ko -c "python3 stale.py"' >"$box/out" 2>"$box/messages"
	is "$row: it ran" $? 0
	is "$row: 200 reads and 200 receives, 400 sends with their times, and what is left" \
		"$(cat "$box/out")" \
		"reads 200 receives 200 bytes 20000 sends 400 untimed 0 slots $slots lost 0"
done
finish
