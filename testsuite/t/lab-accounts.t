#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows lab: 6.12
# rows all: 5.10 6.1 6.1-old 6.12-copies 7.2 7.2-copies 6.12-arm64
# rows deep: 6.1-debug 6.12-debug 6.12-rt
# Accounts and filters: what C code counts ahead of stap is what programs say they sent and
# received, by each key; filters pass what they must; wrong words are refused.
. "$(dirname "$0")/../tap.sh"
row=${LAB_ROW:-6.12}
here=$top/testsuite/accounts
# Does a tracepoint report messages?
case $row in 5.* | 6.1 | 6.1-* | *-copies) traced= ;; *) traced=yes ;; esac

traffic=$(program "$row" traffic)
add=(--add "$traffic" --add "$here/guest")
for program in keys times filters outcomes reused calls connects; do
	add+=(--add "$here/$program.py")
done
while read -r module script options; do
	# A busy host makes handlers look slow to stap's guard against overload.
	# shellcheck disable=SC2086 # words
	ok "$row: $module builds" "$lab" compile "$row" "$here/$script.stp" \
		-o "$box/$module.ko" -DMAXMAPENTRIES=20000 $options
	add+=(--add "$box/$module.ko")
done <<END
totals totals
reused totals -DSOCKET_ACCOUNT_LINES=64 -DSOCKET_ACCOUNT_REST=100
both both -DSTP_NO_OVERLOAD
little both -DSTP_NO_OVERLOAD -DSOCKET_ACCOUNT_SOCKETS=8
keys keys
times times
filters filters -DSTP_NO_OVERLOAD
outcomes outcomes -DSTP_NO_OVERLOAD
wrong wrong
entered entered -g
excluded excluded -DSOCKET_CONNECTS=64
own own
END
status=0
"$lab" boot "$row" --mem 2048 "${add[@]}" -- ./guest >"$box/tar" 2>"$box/errors" || status=$?
is "$row: guest exits 0, with nothing on stderr" "$status $(cat "$box/errors")" '0 '
tar -x -C "$box" -f "$box/tar" || finish
cd "$box" || exit 1
is "$row: no run prints a warning" "$(cat churn.messages both.messages \
	little.messages keys.messages times.messages reused.messages | sort | uniq -c |
	tr -s ' ')" ' 6 status 0'

ok "$row: each message is counted once" \
	"$top/testsuite/exact/compare-totals" --messages churn.ledger churn.seen

# By handlers and in the account of one script.
counted() { sed -n "s/^$1 //p; /^lost/p" both.seen; }
for side in handlers account; do
	counted $side >both.$side
	ok "$row: $side beside the other count each message once" \
		"$top/testsuite/exact/compare-totals" --messages both.ledger both.$side
done
is "$row: messages without room are counted as lost, all others are counted" "$(awk '
	$1 == "handlers" { all += $4 }
	$1 == "account" { all -= $4 }
	$1 == "lost" { all -= $2; lost = $2 > 0 }
	END { print all + 0, lost }' little.seen)" '0 1'

ok "$row: a probe runs once its condition is true" awk '/^late [1-9]/ { ran = 1 } END { exit !ran }' \
	both.seen
is "$row: lines are used again, and none is lost" \
	"$(grep -Fx -f reused.expected -c reused.seen) $(grep '^lost' reused.seen)" '150 lost 0'

pid=$(awk 'NR == 1 { print $1 }' keys.expected)
is "$row: each key has the value that the program has" \
	"$(grep "^$pid " keys.seen | sort)" "$(sort keys.expected)"
ok "$row: ... in at least 40 lines" test "$(grep -c . keys.expected)" -ge 40

# A class is at most 1/32 below its messages, and the longest time as long as the program
# has waited, less what it takes to return.
is "$row: times and sizes of messages that came late" "$(awk '
	FNR == NR && NR == 1 { pid = $1; next }
	FNR == NR { waited[$1] = $2; next }
	$1 == pid && $2 == 1 {
		sub(/:/, "")
		for (size in waited)
			if ($4 <= size + 0 && size + 0 <= $4 * 33 / 32 && $5 == 1 &&
			    $6 <= waited[size] && $6 > waited[size] * .7 &&
			    $3 <= $6 && $6 <= $3 * 33 / 32)
				right++
	}
	END { print right + 0 }' times.expected times.seen)" 3

grep -v '^status 0$' filters.said >filters.lines
is "$row: each filter passes the events that it must, and no others" "$(cat filters.lines)" \
	"$(printf '%s passes\n' pid tree cgroup execname protocol lport cgroup cgroup uid netns rport laddr raddr
	echo 'raddr nothing passes'
	printf '%s passes\n' lport lport lport rport uid laddr laddr lport lport pid)"

grep -v '^status 0$' entered.said >entered.lines
is "$row: no handler runs for an event that a filter excludes" "$(head -n 9 entered.lines)" \
	"$(printf '%s: 0 events, 0 of returns; 0 other handlers, 0 of returns\n' family protocol \
		type lport rport netns pid laddr raddr)"
# calls.py has two calls that fail on each kind of socket.  One is a connect(2), on whose return
# systemtap 5.1 has a second probe for socket.connected.
case $("$lab" get "$row" stap) in 5.1-*) others=3 ;; *) others=0 ;; esac
is "$row: ... nor for a return that a filter of outcomes excludes" \
	"$(sed -n '10,11s/ [0-9]* events, \(.*\);.* handlers,/ \1; others/p' entered.lines)" \
	"slower: 0 of returns; others 0 of returns
failed: 6 of returns; others $others of returns"
ok "$row: ... for the others, one runs" awk 'NR == 12 { ran = $2 > 30 && $7 < $2 }
	END { exit !ran }' entered.lines
own=501
[ -n "$traced" ] || own=0
is "$row: filters are for any probe of socket.*, and for none of the script itself" \
	"$(cat excluded.messages excluded.seen)" \
	"$(printf 'status 0\n::1 by python3\nlost 0, sent 1 of %d, received 1 of %d' $own $own)"
is "$row: ... which counts beside an account" "$(cat own.messages own.seen)" \
	"$(printf 'status 0\nsent 501 of %d, received 501 of %d' $own $own)"

grep -v '^status 0$' outcomes.said >outcomes.lines
is "$row: filters of outcomes pass what failed or took longer, and nothing else" \
	"$(sed 's/^[1-9][0-9]* events$/events/' outcomes.lines)" \
	$'events\nevents\nevents\nevents\nevents'

refused() # CASE TEXT
{
	is "$row: refused: $2" "$(sed -n 's/^ERROR: //p' "wrong.$1.messages" | head -n 1 |
		sed 's/ near .*//')" "$2"
}
keys='pid, family, type, protocol, way, lport, rport, errno, size_class, size_fine'
keys="$keys, execname, cgroup, sock, laddr, raddr"
refused 1 "socket_account counts by $keys; not by 'program'"
refused 2 "socket_account counts by $keys; not by 'time_class'"
refused 3 'socket_account: count by one of size_class and size_fine, and one of time_class and time_fine'
refused 4 "socket_filter: the filters are pid, uid, tree, cgroup, family, type, protocol, lport, rport, netns; not 'prot'"
refused 5 'socket_filter: pid is a number from 1 to 2147483647, not 0'
refused 16 "socket_filter_list: lport is a list of numbers from 0 to 4294967295, such as 80,443,8000-8100 or !22; not '80,'"
refused 17 'socket_filter_list: tree is one process: socket_filter()'
refused 6 "socket_filter_execname: a name has 1 to 15 characters, unlike 'a name of over 15 characters'"
network='is a list of addresses or networks, such as 10.0.0.0/8,2001:db8::/32 or !127.0.0.1'
refused 7 "socket_filter_network: raddr $network; not '10.0.0.0/33'"
refused 8 "socket_filter_network: raddr $network; not '2001:db8::/'"
refused 9 "socket_filter_network: the filters are laddr, raddr; not 'addr'"
refused 15 'socket_filter: tree is the number of a process, or -1 with stap -c or -x, not 0'
refused 18 'socket_filter_slower: a time is a number of ns from 1, not 0'
[ -z "$traced" ] || refused 19 "socket_filter_slower: this script's probes of messages have no time; use those with .timed, or socket_account_timed()"
refused 10 'socket_account: only in probe begin'
refused 11 'socket_filter: only in probe begin'
refused 13 'socket_account: only in probe begin'
refused 14 'socket_filter: only in probe begin'
refused 12 'socket_account_number: no key and no number has this name'
finish
