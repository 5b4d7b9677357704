#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The judge of a storm finds each kind of mistake, and accepts a good storm.
. "$(dirname "$0")/../tap.sh"
judge=$top/testsuite/storms/judge

said=$("$top/testsuite/storms/run" --help 2>"$box/errors")
is '--help succeeds' "$? $(cat "$box/errors")" '0 '
like '... and names each option and storm' "$said" \
	'^usage: run .*--short.*--rows.*--storms.* load .*trinity'

truth='= truth
sendmsg 100 102 90 92 9000 9100
recvmsg 80 80 70 70 7000 7000
create 50 50 50 50 0 0'
seen='= seen
sendmsg 101 91 9050
recvmsg 80 70 7000
create 50 50 0
messages 181
account 170 170
made 60
closed 60'

unloads=1

# part LOST MEMORY: prints the end of a part of a storm
part()
{
	printf '%s\n' '= run' 'status 0' "$truth" "$seen" "lost $1"
	for ((i = 0; i < unloads; i++)); do
		printf '%s\n' '= left' 'at 1' 'after x' 'modules 0' 'kprobes 0'
	done
	printf '%s\n' '= memory' "SUnreclaim $2" "cache things $(($2 * 16)) 64"
}

# storm LOST MEMORY...: prints a storm with a part for each MEMORY
storm()
{
	local lost=$1 memory
	shift
	for memory; do part "$lost" "$memory"; done
	echo '= log'
}

# judged NAME EXPECTED [SED-SCRIPT [LOST MEMORY...]]: the last line for a storm that sed has
# changed
judged()
{
	local name=$1 expected=$2 script=${3-}
	shift 2
	shift
	[ $# -gt 0 ] || set -- '0 0 0 0' 10000 10000 10000
	storm "$@" | sed "$script" >"$box/out"
	is "$name" "$("$judge" "$box/out" | tail -n 1)" "$expected"
}

judged 'a good storm' '693 0 0 0 0 0 0 right' ''
judged 'an event is missing' '692 1 0 0 0 0 0 wrong' '0,/^recvmsg 80 70/s//recvmsg 79 70/
	0,/messages 181/s//messages 180/'
judged '... and is counted as lost' '690 3 3 0 0 0 0 right' 's/^recvmsg 80 70/recvmsg 79 70/
	s/messages 181/messages 180/' '1 0 0 1' 10000 10000 10000
judged 'two are missing, one is counted' '687 6 3 0 0 0 0 wrong' 's/^recvmsg 80 70/recvmsg 78 70/
	s/messages 181/messages 179/' '0 1 0 1' 10000 10000 10000
judged 'an event is seen twice' '694 0 0 0 0 0 0 wrong' '0,/^create 50 50 0$/s//create 51 50 0/'
judged 'a failure is seen as a success' '693 0 0 0 0 0 0 wrong' '0,/^recvmsg 80 70 /s//recvmsg 80 71 /'
judged 'a byte is missing' '693 0 0 0 0 0 0 wrong' '0,/^recvmsg 80 70 7000$/s//recvmsg 80 70 6999/'
judged 'a socket is not closed' '693 0 0 0 0 0 0 wrong' '0,/^closed 60/s//closed 59/'
judged 'messages differ from their parts' '693 0 0 0 0 0 0 wrong' '0,/^messages 181/s//messages 182/'
judged 'the account misses a message' '693 0 0 0 0 0 0 wrong' '0,/^account 170/s//account 169/'
judged '... or has one too many' '693 0 0 0 0 0 0 wrong' '0,/^account 170/s//account 171/'
judged '... which a handler missed' '693 0 3 0 0 0 0 right' 's/^account 170/account 171/' \
	'1 0 0 1' 10000 10000 10000
judged 'a module is left' '693 0 0 0 1 0 0 wrong' '0,/^modules 0/s//modules 1/'
judged 'a kprobe is left' '693 0 0 0 0 2 0 wrong' '0,/^kprobes 0/s//kprobes 2/'
judged 'staprun failed' '693 0 0 0 0 0 0 wrong' '0,/^status 0/s//status 1/'
judged 'the kernel reports' '693 0 0 1 0 0 0 wrong' '$a BUG: one'
judged 'the guest died' '693 0 0 0 0 0 0 wrong' '/^= log/d'
judged 'memory differs' '693 0 0 0 0 0 0 right' '' '0 0 0 0' 10000 14000 13000
judged 'memory grows' '693 0 0 0 0 0 3000 wrong' '' '0 0 0 0' 10000 14000 17000
judged '... but by no more than noise' '693 0 0 0 0 0 0 right' '' '0 0 0 0' 10000 10004 10008
unloads=60
judged '... by an object for each unload' '693 0 0 0 0 0 4 wrong' '' '0 0 0 0' 10000 10004 10008
unloads=1
judged 'the script was cut off' '462 0 0 0 0 0 0 wrong' '0,/^lost /s//lost_not /'

# Programs of others: what the kernel has counted, AFTER and before it was 5, and SEEN.
others() # NAME AFTER SEEN EXPECTED
{
	truth=$'= kernel before\nudp 5\n= kernel after\nudp '$2
	seen=$'= seen\nsocket 5\nudp '$3
	storm '0 0 0 0' 10000 10000 10000 >"$box/out"
	is "$1" "$("$judge" --exact=udp "$box/out" | tail -n 1)" "$4"
}
others 'a program of others: as the kernel counts' 9 4 '15 0 0 0 0 0 0 right'
others '... an event is missing' 9 3 '15 3 0 0 0 0 0 wrong'
others '... it has made no traffic' 5 0 '15 0 0 0 0 0 0 wrong'
storm '0 0 0 0' 10000 10000 10000 >"$box/out"
is '... a count that is not there' "$("$judge" --exact=tcp "$box/out" | tail -n 1)" \
	'15 0 0 0 0 0 0 wrong'
# What the guest prints of the kernel's log.
reports() # EXPECTED-PATTERN LINE...
{
	local expected=$1
	shift
	printf '%s\n' "$@" | awk -v expected="$expected" -f "$top/testsuite/storms/reports.awk"
}
oom=('x invoked oom-killer: gfp_mask=0' 'CPU: 1 UID: 0 PID: 2 Comm: x' 'Call Trace:' ' f+0x1/0x2'
	'Mem-Info:')
is 'an expected report is left out' "$(reports 'invoked oom-killer' "${oom[@]}")" ''
is '... where it is not expected it is printed, with its reason' "$(reports forcing "${oom[@]}")" \
	"Call Trace: ${oom[0]}"
is '... another one within it is printed' \
	"$(reports 'invoked oom-killer' "${oom[@]:0:3}" 'BUG: unable to handle' 'CPU: 0 PID: 7' 'Call Trace:')" \
	$'BUG: unable to handle\nCall Trace: BUG: unable to handle'
is '... and so is one after it' "$(reports 'invoked oom-killer' "${oom[@]}" 'BUG: one' 'Call Trace:')" \
	$'BUG: one\nCall Trace: '
finish
