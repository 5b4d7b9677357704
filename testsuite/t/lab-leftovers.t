#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows lab: 6.1
# rows all: 5.10 6.12 7.2
# only these rows
# rows debug: 6.12-debug
# Leftovers of earlier calls, and other probes of a script, neither hide nor change events.
. "$(dirname "$0")/../tap.sh"
# The number of slots that the calls of the task occupy: one for the refused message, and on
# 6.12 one for the next.
for row in ${LAB_ROW:-6.1 6.12}; do
	case $row in
	6.1) slots=1 ;;
	6.12) slots=2 ;;
	*) continue ;;
	esac
	ok "$row: the script builds" "$lab" compile "$row" \
		"$top/testsuite/kernel-callers/leftovers.stp" -o "$box/leftovers.ko" -g
	"$lab" boot "$row" --timeout 120 --add "$box/leftovers.ko" \
		--add "$top/testsuite/kernel-callers/leftovers.py" -- \
		'staprun leftovers.ko -c "python3 leftovers.py"' >"$box/out" 2>"$box/messages"
	is "$row: guest exits 0" $? 0
	is "$row: 200 reads and 200 receives, 400 sends with their times, $slots slots in use" \
		"$(cat "$box/out")" \
		"reads 200 receives 200 bytes 20000 sends 400 untimed 0 slots $slots lost 0"
done

# Together with other probes of the script, and probes that it enables and disables.
for row in ${LAB_ROW:-5.10 6.1 7.2}; do
	ok "$row: the script builds without a warning" bash -c "
		'$lab' compile $row '$top/testsuite/kernel-callers/mixed-probes.stp' -o '$box/mixed.ko' \\
			2>&1 | tee '$box/said'; ! [ -s '$box/said' ]"
	"$lab" boot "$row" --timeout 120 --add "$box/mixed.ko" \
		--add "$top/testsuite/kernel-callers/mixed-probes.py" -- \
		'staprun mixed.ko -c "python3 mixed-probes.py"' >"$box/out" 2>"$box/messages"
	is "$row: other return probes and disabled probes change nothing" \
		"$(cat "$box/out")" \
		"ours 400 own 400 large 400 timed 400 switched some untimed 0"
done
finish
