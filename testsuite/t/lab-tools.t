#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows deep: 6.1-debug 6.12-debug 6.12-rt
# What lab-programs does not ask of the tools: a filter filters, more keys than there is
# room for are counted as lost, an interrupt ends with the last table, what is not the same
# does not look so in a table, and a socket's bytes are of the peer that it had.
. "$(dirname "$0")/../tap.sh"
row=${LAB_ROW:-6.12}

add=()
for tool in top life errors options buffers leaks flow firstbyte; do
	# A busy host makes handlers look slow to stap's guard against overload.
	ok "$row: $tool builds" "$lab" compile "$row" "$top/examples/$tool.stp" \
		-o "$box/$tool.ko" -DSTP_NO_OVERLOAD
	add+=(--add "$box/$tool.ko")
done
for file in "$top"/testsuite/demo/{traffic,dns-client.py,redis-info.py} \
	"$top"/testsuite/tools/{names,check,alike,reused}.py; do
	add+=(--add "$file")
done

cat >"$box/guest" <<'END'
# One tool in the command of the other: both see the same.
echo 'staprun top.ko json=1 interval=100 only_family=1 -o /tmp/top -c "python3 names.py 5000"' >names
echo '== names'
staprun errors.ko json=1 interval=100 only_family=1 -o /tmp/errors -c 'sh ./names' </dev/null
echo "status $?"
python3 check.py names /tmp/top /tmp/errors
echo '== filter'
mkdir /tmp/demo
staprun life.ko json=1 only_rport=8080 -o /tmp/life -c './traffic /tmp/demo' </dev/null
wc -l </tmp/life
python3 check.py ports 8080 /tmp/life
echo '== interrupt'
set -m
staprun top.ko interval=100 -o /tmp/top &
sleep 3
python3 names.py 10
kill -INT $!
wait $!
echo "status $?"
grep -c '^since the start' /tmp/top
grep -c 'sent 10 in 10 messages, received 10 in 10, 0 failed' /tmp/top
echo '== alike'
for tool in options buffers leaks; do
	staprun $tool.ko width=160 interval=100 exact=1 -o /tmp/$tool \
		-c "python3 alike.py" </dev/null
	cat /tmp/$tool
done
echo '== reused'
echo 'staprun flow.ko json=1 interval=100 only_family=2 -o /tmp/flow \
	-c "python3 reused.py" >/tmp/truth' >reused
staprun firstbyte.ko json=1 interval=100 -o /tmp/firstbyte -c 'sh ./reused' </dev/null
python3 check.py reused /tmp/truth /tmp/flow /tmp/firstbyte
echo '== end'
END
"$lab" boot "$row" --mem 1500 "${add[@]}" --add "$box/guest" -- 'bash ./guest' \
	>"$box/said" 2>"$box/errors"
is "$row: the guest comes to its end" $? 0
is '... without a word beside' "$(cat "$box/errors")" ''
fact() { section "$1" | sed -n "s/^$2 //p"; }

mapfile -t lines < <(section filter)
like 'with -r of a port there are lines' "${lines[0]:-}" '^[1-9]'
is '... of no other port' "${lines[1]:-}" 0
is '... all of clients' "${lines[2]:-}" 0

is 'more names than there is room for end nothing' "$(fact names status)" 0
is '... top has printed or lost each message' "$(fact names 'top: messages')" 10000
is '... and says why' "$(fact names 'top: lost')" 'lost_lines lost_sums'
like '... and JSON is not cut to a screen' "$(fact names 'top: lines')" '^[34][0-9]{3}$'
is '... errors has printed or lost each failure' "$(fact names 'errors: failures')" 5000
is '... and says why' "$(fact names 'errors: lost')" lost_lines

is 'SIGINT ends it with the last table and the sum' \
	"$(section interrupt)" $'status 0\n1\n2'

said=$("$lab" compile "$row" "$top/examples/top.stp" -o "$box/x.ko" -G jsn=1 2>&1)
is 'a value for a global that there is not is refused' "$? $said" "2 stap-socket-run: -G jsn: \
there is no global of that name, neither in the script nor in a tapset
stap-socket-run: 'stap-socket-run --help' shows the usage"
echo 'probe begin { exit() }' >"$box/own.stp"
ok '... but not one that is in the words of -E, whichever way it is written' "$lab" compile \
	"$row" "$box/own.stp" -o "$box/x.ko" -Gmine=1 -wE 'global mine = 0; probe end { mine++ }'

said=$(section alike)
like 'options: TCP over IPv6 is another line, and looks so' "$said" \
	'TCP_NODELAY +1 - +1 TCP6?
.*TCP_NODELAY +1 - +1 TCP6?
'
is '... which is which' "$(grep -o 'TCP_NODELAY.*' <<<"$said" | awk '{ print $NF }' | sort |
	paste -s -d ' ')" 'TCP TCP6'
# The programs came in the order options, buffers, leaks, and each had two.
mapfile -t inodes < <(sed -n 's/^inode //p' <<<"$said")
is 'sockets without a name' "${#inodes[@]}" 6
is 'buffers: have their inode numbers' "$(grep -c " UNIX STREAM \(${inodes[2]-}\|${inodes[3]-}\)$" <<<"$said")" 2
like 'leaks: so has the oldest one' "$said" " UNIX +STREAM +- +4 .* UNIX STREAM ${inodes[4]-}"$'\n'

is 'flow: what was sent to one peer and then to another is of each; firstbyte: so is the time' \
	"$(section reused)" \
	'udp 3000 0 flow 3000 0
udp 500 40 flow 500 40
udp 40 firstbyte soon
tcp 700 70 flow 700 70
tcp 70 firstbyte soon
tcp 900 90 flow 900 90
tcp 90 firstbyte soon'
finish
