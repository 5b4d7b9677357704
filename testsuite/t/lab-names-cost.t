#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cost of a lookup in instructions, compared with the distributed functions.
. "$(dirname "$0")/../tap.sh"
row=6.12
script=$top/testsuite/names/cost.stp
"$lab" compile $row "$script" -o "$box/ours.ko" -g -DMAXACTION=1000000 1 >"$box/build" 2>&1
is 'the script builds' $? 0
"$lab" compile $row "$script" -o "$box/stock.ko" --stock -g -DMAXACTION=1000000 \
	>"$box/build" 2>&1
is '... and with the distributed tapset' $? 0
"$lab" boot $row --icount --add "$box/ours.ko" --add "$box/stock.ko" -- \
	'staprun ours.ko && echo --- && staprun stock.ko' >"$box/both" 2>"$box/messages"
is 'guest exits 0' $? 0
declare -A ours stock
while read -r what cost; do ours[$what]=$cost; done < <(sed '/^---$/,$d' "$box/both")
while read -r what cost; do stock[$what]=$cost; done < <(sed '1,/^---$/d' "$box/both")

most() # FUNCTION BESIDE LIMIT
{
	local more=$((${ours[$1]:-99999} - ${ours[$2]:-0}))
	ok "$1: $more instructions more than $2()${stock[$1]:+, distributed $((stock[$1] - stock[$2]))}, at most $3" \
		test "$more" -le "$3"
}

for what in sock_{prot,fam,state,type}_num2str sock_protocol_name \
	sock_option_num2str sock_err_num2str; do
	most "$what" constant 60
done
for what in sock_{prot,fam,state,type}_str2num tcp_state_str2num msg_flags_str2num \
	none prefix; do
	most "$what" first 250
done
# In lower case and with a prefix, 23 characters.
most longest first 500
finish
