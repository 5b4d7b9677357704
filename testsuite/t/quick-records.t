#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each tool prints the fields that its columns declare.  (That the values are right is a matter
# of lab-realworld.)
. "$(dirname "$0")/../tap.sh"
agree=$top/testsuite/tools/agree.py

mapfile -t tools < <(grep -l '@socket_tool' "$top"/examples/*.stp)
is "$(printf '%s tools' ${#tools[@]}): their records agree with their columns" \
	"$("$agree" "${tools[@]}" 2>&1; echo $?)" 0

# Mistakes that it has to find.
counts='[0-9]+ fields are declared, and [0-9]+ values are printed as [0-9]+'
while IFS='|' read -r tool change says; do
	sed "$change" "$top/examples/$tool.stp" >"$box/$tool.stp"
	ok "$tool, $change: a mistake" test -n "$(diff "$top/examples/$tool.stp" "$box/$tool.stp")"
	like '... is found' "$("$agree" "$box/$tool.stp" 2>&1; echo $?)" "^$tool\\.stp: ${says/COUNTS/$counts}.*1$"
done <<'END'
top|s/"%d\\t%s\\t%s\\t%s/"%d\\t%s\\t%s\\t%d/|family is a TEXT, and 'socket_family_text.*' is printed with %d
top|s/"%d\\t%s\\t%s\\t%s\\t%d/"%d\\t%s\\t%s\\t%s/|COUNTS
top|s/@pid_of(at), socket/socket/|COUNTS
family|s/"kernel" : "user")/"kernel" : "user", 1)/|COUNTS
accept|s/@print_ends(.*//|COUNTS
connect|s/@print_ends(.*/@print_kind(family, protocol)/|COUNTS
connect|s/println("")/println("\\t1")/|COUNTS
life|s/ socket:socket"/ socket:ends"/|COUNTS
leaks|s/took ? sprint(@growth(at)) : "-"/sprint(@growth(at))/|growth_per_minute is a SIGNED
latency|s/@print_buckets(at)/printf("\\t%s", "")/|buckets is a BUCKETS, and '""' is printed with %s
size|s/printf("\\t%d\\n"/printf("\\t%d"/|COUNTS
END
finish
