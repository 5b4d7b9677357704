#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows deep: 6.1-debug 6.12-debug 6.12-rt
# Checks of the tools that lab-realworld does not have: a filter filters, keys without room
# are counted as lost, SIGINT prints the last table, different sockets look different in a
# table, a socket's bytes are counted for the peer that it had, and percentiles are those of
# the sizes and times that a program has measured.
. "$(dirname "$0")/../tap.sh"
row=${LAB_ROW:-6.12}

add=()
for tool in top life errors options buffers leaks flow firstbyte size latency trace connect; do
	# A busy host makes handlers look slow to stap's guard against overload.
	ok "$row: $tool builds" "$lab" compile "$row" "$top/examples/$tool.stp" \
		-o "$box/$tool.ko" -DSTP_NO_OVERLOAD
	add+=(--add "$box/$tool.ko")
done
for file in "$top"/testsuite/demo/{traffic,dns-client.py,redis-info.py} \
	"$top"/testsuite/tools/{names,check,lookalikes,reused,sizes,namespaces,attempts,halves}.py \
	"$top"/testsuite/accounts/outcomes.py; do
	add+=(--add "$file")
done

cat >"$box/guest" <<'END'
# draw FILE OPTION...: draws the records in FILE.records in FILE
draw()
{
	local file=$1
	shift
	./stap-socket-static replay "$@" "$file.records" >"$file"
}

# One tool is the command of the other: both see the same events.
# All in one interval, however slow the kernel is.
echo 'staprun top.ko interval=3600 only_family=1 -o /tmp/top.records \
	-c "python3 names.py 5000"' >names
echo '== names'
staprun errors.ko interval=3600 only_family=1 -o /tmp/errors.records -c 'sh ./names' </dev/null
echo "status $?"
draw /tmp/top --json
draw /tmp/errors --json
python3 check.py names /tmp/top /tmp/errors
echo '== filter'
mkdir /tmp/demo
staprun life.ko only_rport=8080 -o /tmp/life.records -c './traffic /tmp/demo' </dev/null
draw /tmp/life --json
wc -l </tmp/life
python3 check.py ports 8080 /tmp/life
echo '== interrupt'
set -m
# The command runs once the probes are registered.
staprun top.ko interval=100 -o /tmp/top.records -c 'touch began; exec sleep 1000' &
until [ -e began ] || ! kill -0 $!; do sleep 0.1; done
python3 names.py 10
kill -INT $!
wait $!
echo "status $?"
draw /tmp/top
grep -c '^since the start' /tmp/top
grep -c 'sent 10 in 10 messages, received 10 in 10, 0 failed' /tmp/top
echo '== lookalikes'
for tool in options buffers leaks; do
	staprun $tool.ko interval=100 -o /tmp/$tool.records -c "python3 lookalikes.py" </dev/null
	COLUMNS=160 draw /tmp/$tool --units exact
	cat /tmp/$tool
done
echo '== halves'
staprun leaks.ko interval=20 -o /tmp/leaks.records -c "python3 halves.py 21" </dev/null
draw /tmp/leaks --csv --columns protocol,open,half,growth
cat /tmp/leaks
echo '== reused'
echo 'staprun flow.ko interval=100 only_family=2 -o /tmp/flow.records \
	-c "python3 reused.py" >/tmp/truth' >reused
staprun firstbyte.ko interval=100 -o /tmp/firstbyte.records -c 'sh ./reused' </dev/null
draw /tmp/flow --json
draw /tmp/firstbyte --json
python3 check.py reused /tmp/truth /tmp/flow /tmp/firstbyte
echo '== namespaces'
echo 'for n in 1 2; do
	ip netns add one$n && ip -n one$n link set lo up &&
		ip netns exec one$n python3 namespaces.py ${n}000 &
done
wait' >namespaces
staprun flow.ko interval=100 -o /tmp/flow.records -c 'sh ./namespaces' </dev/null
draw /tmp/flow --json
python3 check.py namespaces /tmp/flow
echo '== percentiles'
echo 'exec python3 sizes.py sizes >/tmp/sizes' >sizes
staprun size.ko interval=100 -o /tmp/size.records -c 'sh ./sizes' </dev/null
draw /tmp/size --json
python3 check.py percentiles /tmp/sizes /tmp/size bytes largest
echo 'exec python3 sizes.py waits >/tmp/waits' >waits
staprun latency.ko interval=100 -o /tmp/latency.records -c 'sh ./waits' </dev/null
draw /tmp/latency --json
python3 check.py percentiles /tmp/waits /tmp/latency ns longest what=receive
echo '== outcomes'
staprun latency.ko interval=100 only_slower=30000000 -o /tmp/latency.records -c 'sh ./waits' \
	</dev/null
draw /tmp/latency --json
python3 check.py slower /tmp/waits /tmp/latency 30000000
for filter in only_failed=0 only_failed=1 only_slower=200000000; do
	staprun trace.ko $filter -o /tmp/trace.records \
		-c 'python3 outcomes.py calls >/tmp/ledger' </dev/null
	draw /tmp/trace --json
	python3 check.py outcomes /tmp/ledger /tmp/trace "$(sed 's/.*=0$/all/; s/.*=1$/failed/; s/.*=//' <<<$filter)"
done
echo '== attempts'
ip route add 192.0.2.1 dev lo
# attempts OPTIONS WORD...: connect with options, until all attempts of the ledger have begun
attempts()
{
	local tool traffic
	rm -f began ledger full
	# shellcheck disable=SC2086
	staprun connect.ko $1 -o /tmp/connect.records -c 'touch began; exec sleep 1000' &
	tool=$!
	until [ -e began ] || ! kill -0 $tool; do sleep 0.1; done
	python3 attempts.py ledger &
	traffic=$!
	until [ -e ledger ] || ! kill -0 $traffic; do sleep 0.1; done
	kill -INT $tool 2>/dev/null
	wait $tool
	echo "status $?"
	kill -KILL $traffic
	wait $traffic 2>/dev/null
	draw /tmp/connect --json
	python3 check.py attempts ledger /tmp/connect "${@:2}"
}
attempts ''
attempts only_rport=9 9
attempts 'only_command=sixth' sixth
attempts 'only_slower=300000000 only_family=2' pending 192.0.2.1
attempts only_failed=1 ECONNREFUSED
attempts count=2 127.0.0.1
echo '== end'
END
"$lab" boot "$row" --mem 1500 "${add[@]}" --add "$O/stap-socket-static" --add "$box/guest" \
	-- 'bash ./guest' >"$box/said" 2>"$box/errors"
is "$row: guest exits 0" $? 0
is '... with nothing on stderr' "$(cat "$box/errors")" ''
fact() { section "$1" | sed -n "s/^$2 //p"; }

mapfile -t lines < <(section filter)
like 'a filter by remote port leaves lines' "${lines[0]:-}" '^[1-9]'
is '... none with another port' "${lines[1]:-}" 0
is '... all of clients' "${lines[2]:-}" 0

is 'with more names than it has room for, a tool exits 0' "$(fact names status)" 0
is '... top has printed or lost each message' "$(fact names 'top: messages')" 10000
is '... with the cause' "$(fact names 'top: lost')" lost_lines
like '... and its JSON has more lines than a screen' "$(fact names 'top: lines')" '^[34][0-9]{3}$'
is '... errors has printed or lost each failure' "$(fact names 'errors: failures')" 5000
is '... with the cause' "$(fact names 'errors: lost')" lost_lines

is 'SIGINT ends it with the last table and the sum' \
	"$(section interrupt)" $'status 0\n1\n2'

said=$("$lab" compile "$row" "$top/examples/top.stp" -o "$box/x.ko" -G jsn=1 2>&1)
is '-G for a global that does not exist is refused' "$? $said" "2 stap-socket-run: -G jsn: \
there is no global of that name, neither in the script nor in a tapset
stap-socket-run: 'stap-socket-run --help' shows the usage"
echo 'probe begin { exit() }' >"$box/own.stp"
ok '... but not for one that -E defines, however -E is written' "$lab" compile \
	"$row" "$box/own.stp" -o "$box/x.ko" -Gmine=1 -wE 'global mine = 0; probe end { mine++ }'

said=$(section lookalikes)
like 'options: TCP over IPv6 has a line of its own' "$said" \
	'TCP_NODELAY +1 - +1 TCP6?
.*TCP_NODELAY +1 - +1 TCP6?
'
is '... with another protocol' "$(grep -o 'TCP_NODELAY.*' <<<"$said" | awk '{ print $NF }' | sort |
	paste -s -d ' ')" 'TCP TCP6'
# lookalikes.py ran under options, buffers and leaks, in this order, and printed two each time.
mapfile -t inodes < <(sed -n 's/^inode //p' <<<"$said")
is 'lookalikes.py prints two inode numbers under each tool' "${#inodes[@]}" 6
is 'buffers: sockets without a name have their inode numbers' "$(grep -c " UNIX STREAM \(${inodes[2]-}\|${inodes[3]-}\)$" <<<"$said")" 2
like 'leaks: so has the oldest socket' "$said" " UNIX +STREAM +- +4 .* UNIX STREAM ${inodes[4]-}"$'\n'

is 'leaks: half-closed sockets, no listeners, no growth in a small part of an interval' \
	"$(section halves | tr -d '\r' | cut -d , -f 2-)" \
	'protocol,open,half_closed,growth_per_minute
TCP,4,2,
TCP,9,2,'

is 'flow and firstbyte: a socket with two peers has the bytes and times of each' \
	"$(section reused)" \
	'udp 3000 0 flow 3000 0
udp 500 40 flow 500 40
udp 40 firstbyte soon
tcp 700 70 flow 700 70
tcp 70 firstbyte soon
tcp 900 90 flow 900 90
tcp 90 firstbyte soon'

is 'flow: the same ends in two network namespaces, of which neither has a peer' \
	"$(section namespaces)" \
	'0 1000 None
0 2000 None
1000 0 None
2000 0 None'

is 'size and latency: percentiles are within 2 % of those that a program has measured' \
	"$(section percentiles)" \
	'row received True
row sent True
bytes [True, True]
row receive True'

is 'latency --slower counts what took longer; trace shows all calls, what failed or took longer' \
	"$(section outcomes)" $'receive True\nTrue same\nTrue same\nTrue same'

is 'connect: the process and the thread of each attempt, also of those that are pending at the end' \
	"$(section attempts | grep -v '^status 0$' | paste -s -d ';')" "\
6 same;pending for half a second True;\
2 same;pending for half a second True;\
1 same;pending for half a second True;\
2 same;pending for half a second True;\
1 same;pending for half a second True;\
2 same;pending for half a second True"
finish
