#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows lab: 6.12
# rows all: 5.10
# only these rows
# A short `make stress`: sockets of all families are passed on, closed during calls, and
# lost with killed processes, while modules are loaded, unloaded and orphaned.
. "$(dirname "$0")/../tap.sh"
storms=$top/testsuite/storms

for row in ${LAB_ROW:-6.12 5.10}; do
	mkdir "$box/$row"
	built=0
	while read -r module script arguments; do
		# shellcheck disable=SC2086 # words
		"$lab" compile "$row" "$storms/$script.stp" -o "$box/$row/$module.ko" \
			-DSTP_NO_OVERLOAD $arguments >>"$box/$row/build" 2>&1 && ((++built))
	done <<-END
	storms storms
	small small
	error fails error
	exit fails exit
	END
	is "$row: the modules build" "$built $(grep -v '^  GEN' "$box/$row/build")" '4 '
	"$lab" boot "$row" --smp 2 --timeout 240 --add "$box/$row/storms.ko" \
		--add "$box/$row/small.ko" --add "$box/$row/error.ko" --add "$box/$row/exit.ko" \
		--add "$O/storm" --add "$storms/guest" --add "$storms/reports.awk" -- \
		'./guest short 1 3' \
		>"$box/$row/out" 2>"$box/$row/messages"
	status=$?
	is "$row: guest exits 0, with nothing on stderr" "$status $(cat "$box/$row/messages")" '0 '
	ok "$row: each event is seen or counted as lost, and nothing is left" \
		"$storms/judge" --short "$box/$row/out"
	read -r events lost counted _ < <("$storms/judge" --short "$box/$row/out" | tail -n 1)
	echo "# $row: $events events, $lost lost, $counted counted as lost"
	ok "$row: ... of at least 2,000" test "${events:-0}" -ge 2000
	is "$row: no unload leaves a module or a probe" "$(
		grep -A 3 '^= left' "$box/$row/out" | grep -c '^modules 0$')" \
		"$(grep -c '^= left' "$box/$row/out")"
done
finish
