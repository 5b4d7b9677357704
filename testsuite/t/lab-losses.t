#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows lab: 6.12
# rows all: 5.10
# only these rows
# A tool counts the events that it lost, by cause.  The test provokes each cause; events seen
# and events lost must add up to all.
. "$(dirname "$0")/../tap.sh"
tools=$top/testsuite/tools

# Processor 0 is in a probe of the script nearly all the time.
busy='%{
#include <linux/delay.h>
%}
function busy() %{ udelay(300); %}
probe socket.getsockopt { busy() }'

# build ROW NAME TOOL STAP-ARGUMENT...: builds the tool as NAME.ko
build()
{
	local row=$1 name=$2 tool=$3
	shift 3
	ok "$row: $name builds" "$lab" compile "$row" "$top/examples/$tool.stp" \
		-o "$box/$row/$name.ko" "$@"
	add+=(--add "$box/$row/$name.ko")
}

cat >"$box/guest" <<'END'
# tool NAME TOOL-OPTION... -c COMMAND: runs the tool; its JSON is in /tmp/NAME
tool()
{
	name=$1
	shift
	echo "== $name"
	staprun $name.ko interval=100 -o /tmp/$name.records "$@" </dev/null
	echo "status $?"
	./stap-socket-static replay --json /tmp/$name.records >/tmp/$name
}

# Processor 0 receives all packets of loopback, in an interrupt.
echo 1 >/sys/class/net/lo/queues/rx-0/rps_cpus

tool reentrant -c './guards connects 400 /dev/null'
python3 check.py count /tmp/reentrant command=guards
tool instances -c './guards accepts 200 /dev/null'
python3 check.py count /tmp/instances command=guards
tool calls -c './guards accepts 200 /dev/null'
python3 check.py count /tmp/calls command=guards
tool connects -c 'python3 losses.py pending 200'
python3 check.py count /tmp/connects command=python3
tool lines only_family=1 -c 'python3 names.py 300'
python3 check.py sum /tmp/lines count event=bind
tool notes -c 'python3 losses.py open 200'
python3 check.py sum /tmp/notes open command=python3
# Only the first of the three tables, which has no growth: a socket is lost once in all.
tool kinds interval=3 -c 'python3 losses.py raw 200'
python3 check.py sum /tmp/kinds open command=python3 growth_per_minute=None
tool buckets only_family=1 -c 'python3 losses.py sizes'
python3 check.py sum /tmp/buckets messages command=python3

# stap drops parts of the output, so that some records are damaged and not drawn.
tool output -b 1 only_family=1 -c 'python3 losses.py flood 20000'
python3 check.py count /tmp/output 'event=send|receive'

# The program continues after the tool has ended.
echo 'setsid python3 losses.py ledger 8 /tmp/ledger & sleep 60' >ledger
tool overload only_family=1 -c 'sh ./ledger'
for _ in $(seq 60); do [ -e /tmp/ledger ] || sleep 1; done
python3 check.py until /tmp/ledger /tmp/overload
staprun overload.ko interval=100 -c 'python3 losses.py ledger 8 /tmp/ledger2' </dev/null \
	2>/dev/null | ./stap-socket-static replay - | tail -n 1
echo '== end'
END

# adds_up NAME EVENTS CAUSE [within]: events seen plus events lost for this cause are all
# events, or with "within" at least all.  lost_reentrant can occur with any cause, as an
# interrupt may hit a probe.
adds_up()
{
	local said name=$1 seen lost
	said=$(section "$1")
	echo "# $row: $name: ${said//$'\n'/; }"
	seen=$(sed -n 's/^seen //p' <<<"$said")
	lost=$(sed -n "s/^$3 //p" <<<"$said")
	is "$row: $name: the only cause of losses is $3" \
		"$(grep -o '^lost_[a-z]*' <<<"$said" | grep -vx lost_reentrant)" \
		"${3/lost_reentrant/}"
	: "${seen:=0}" "${lost:=0}"
	ok "$row: $name: some are lost" test "$lost" -gt 0
	if [ $# -gt 3 ]; then
		ok "$row: $name: the number of events is between those seen and seen plus lost" \
			test "$seen" -lt "$2" -a "$((seen + lost))" -ge "$2"
	else
		ok "$row: $name: some are seen" test "$seen" -gt 0
		is "$row: $name: seen and lost are all events" $((seen + lost)) "$2"
	fi
}

for row in ${LAB_ROW:-6.12 5.10}; do
	mkdir "$box/$row"
	add=()
	build "$row" reentrant connect -g -DSTP_NO_OVERLOAD -E "$busy"
	build "$row" instances accept -DSOCKET_RETURNS=64
	build "$row" calls accept -DSOCKET_FRAMES=64
	build "$row" connects connect -DSOCKET_CONNECTS=64
	build "$row" lines errors -DSOCKET_TALLIES=64
	build "$row" notes leaks -DSOCKET_NOTES=64
	build "$row" kinds leaks -DSOCKET_TALLIES=64
	build "$row" buckets size -DSOCKET_BUCKETS=16
	build "$row" output trace -DSTP_NO_OVERLOAD
	build "$row" overload top -DSTP_OVERLOAD_THRESHOLD=20000000LL
	for file in "$O"/{guards,stap-socket-static} "$tools"/{check,losses,names}.py \
		"$box/guest"; do
		add+=(--add "$file")
	done
	"$lab" boot "$row" --smp 2 --mem 1500 "${add[@]}" -- 'bash ./guest' \
		>"$box/said" 2>"$box/errors"
	is "$row: guest exits 0" "$? $(section end)" '0 '
	echo "# $row: $(tr '\n' ';' <"$box/errors")"
	# lost_reentrant counts probes that did not run; an attempt hits several.
	adds_up reentrant 400 lost_reentrant within
	adds_up instances 200 lost_instances
	adds_up calls 200 lost_calls
	adds_up connects 200 lost_connects
	adds_up lines 300 lost_lines
	adds_up notes 200 lost_notes
	adds_up kinds 200 lost_lines
	adds_up buckets 32 lost_buckets
	adds_up output 40000 lost_output
	said=$(section overload)
	like "$row: overload: the JSON has the cause of the end and its time" "$said" \
		$'by overload guard\nafter the end True\nseen all'
	like "$row: ... and so has the table" "$said" \
		"ended by stap's overload guard \(filters help\): nothing after [0-9:]{8} is counted\$"
done
finish
