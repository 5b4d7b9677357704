#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows all: 5.10 6.12
# The output of trace goes over the network: where that causes events, which cause output, and
# how SECURITY says to prevent the loop.  On 5.10, where the tapset looks into the kernel's
# table of files in another way, only the pipe into nc.
. "$(dirname "$0")/../tap.sh"
row=${LAB_ROW:-6.12}
hostile=$top/testsuite/hostile
only=''
[ "$row" != 5.10 ] || only=nc

ok "$row: trace builds" "$lab" compile "$row" "$top/examples/trace.stp" -o "$box/trace.ko"
"$lab" boot "$row" --mem 1500 --timeout 600 --add "$box/trace.ko" --add "$hostile/carried" \
	--add "$hostile/nfs" -- "./carried $only" >"$box/said" 2>"$box/errors"
is "$row: guest exits 0, with nothing on stderr" \
	"$? $(grep -v '^WARNING: Number of errors: 0, skipped' "$box/errors")" '0 '

said=$(section nc)
is "$row: trace, piped into nc, prints the sends of other processes" \
	"$(grep '^sends' <<<"$said")" 'sends of python3: 1'
is '... and none of nc' "$(grep nc: <<<"$said")" 'lines of nc: 0'
[ -z "$only" ] || finish

said=$(section ssh)
# The program sends and receives 20 messages, and opens and closes two sockets.
for session in root terminal; do
	is "$row: trace over ssh ($session) prints the events of others, and none of ssh" \
		"$(grep "^$session:" <<<"$said")" "$session: status 0
$session: 44 python3"
done
# In a loop, in which each line causes the next, there are more lines than events.
loops() { sed -n "s/^$1: 44 python3 \([0-9]*\) $2$/\1/p" <<<"$said"; }
ok '... but a second session that reads its output file is a loop' \
	test "$(loops file sshd-session)" -gt 44
ok '... and so is ssh on the same machine' test "$(loops same ssh)" -gt 44
is '... which a filter prevents' "$(grep ^filter: <<<"$said")" "filter: status 0
filter: 44 python3"

# A write to the server causes three sends and three receives, and a commit may
# follow it.
said=$(section nfs)
numbers() { sed -n "s/^$1: writes \([0-9]*\) kernel \([0-9]*\) python3 44$/\1 \2/p" <<<"$said"; }
read -r writes lines < <(numbers plain)
ok "$row: an output file on NFS is written now and then ($writes times in 11 s)" \
	test "$writes" -ge 1 -a "$writes" -le 11
ok "... and not once for each line ($lines)" \
	test "$lines" -ge 1 -a "$lines" -le $((12 * writes))
read -r writes lines < <(numbers synchronous)
ok "... but with -o sync it is a loop ($writes times, $lines lines in 5 s)" \
	test "$writes" -gt 44 -a "$lines" -gt 44
finish
