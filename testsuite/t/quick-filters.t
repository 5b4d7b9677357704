#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# replay and merge with the filters of the tools: the records that pass, the sums of those, and
# what a recording cannot answer.  The records are written by hand, and so is what is expected.
. "$(dirname "$0")/../tap.sh"
. "$top/testsuite/stap-socket/installed.sh"
. "$top/testsuite/stap-socket/records.sh"
export TZ=UTC COLUMNS=80

# ---------------------------------------------------------------- which records pass

# Each record has a letter for its event.
{
	echo '#records 1 trace'
	echo '#columns time=time_ns:time pid:pid command:command event:event result:result took=duration_ns:ns -detail:text socket:socket'
	echo '#order '
	echo '#lines'
	tabbed $t 1 nginx a -1 - 1 '' INET STREAM TCP 10.0.0.1 443 10.1.2.3 40000
	printf '#process 2\tsystemd-resolve\tsystemd-resolved\t/usr/bin/x\t1\t101\tresolver\t/\n'
	tabbed $t 2 systemd-resolve b -1 - 1 '' INET DGRAM UDP 127.0.0.1 53 '' -1
	printf '#process 3\tcurl\t-\t/usr/bin/curl\t1\t0\troot\t/\n'
	tabbed $t 3 curl c -1 - 1 '' INET6 STREAM TCP ::ffff:10.0.0.2 40001 ::ffff:10.0.0.1 443
	tabbed $t 3 curl d -1 - 1 '' INET6 STREAM TCP fe80::1%2 40002 2001:db8::7 80
	printf '#process 4\tip\t-\t-\t-\t-\t-\t-\n'
	tabbed $t 4 ip e -1 - 1 '' NETLINK RAW ROUTE 4 0 0 1
	tabbed $t 5 'a\033b' f -1 - 1 '' UNIX STREAM - 10.0.0.1 -1 @10.0.0.1 -1
	tabbed $t 6 x g -1 - 1 '' - - - '' -1 '' -1
	tabbed $t 7 y h -1 - 1 '' 45 77 253 '' -1 '' -1
	tabbed $t 8 z k -1 - 1 '' INET RAW - 10.0.0.200 0 10.0.0.0 0
	tabbed $t 9 dump j -1 - 1 '' PACKET RAW ARP eth0 2054 '' -1
} >"$box/trace"
# passing NAME FILE COLUMNS FIELDS DELIMITER EXPECTED OPTION...: the FIELDS of those records of
# FILE that pass, with the DELIMITER between them
passing()
{
	local name=$1 file=$2 columns=$3 fields=$4 delimiter=$5 expected=$6
	shift 6
	replay --csv --no-header --columns "$columns" "$@" "$box/$file"
	is "$name ${*//$'\033'/ESC}" "$status $errors$(tr -d '\r' <<<"$said" | cut -d , -f "$fields" |
		paste -s -d "$delimiter")" "0 $expected"
}
# pass EVENTS OPTION...: the records that pass filters
pass() { passing pass trace event 2 '' "$@"; }
pass abcdefghkj
pass cd -p 3
pass acde -p 1,3-4
pass abefghkj -p '!3'
pass cd -n curl
pass b -n systemd-resolve
pass b -n systemd-resolved
pass '' -n systemd
pass f -n $'a\033b'
pass cd -u 0
pass cd -u root
pass bcd -u resolver,0
pass bcd -u 0-101
pass abefghkj -u '!root'
pass aefghkj -u '!0-200'
pass acd -P tcp
pass abcd -P TCP,17
pass befghkj -P '!tcp'
pass ef -P 0
pass e -P route -f netlink
pass j -P arp -f packet
pass h -P 250-255
pass abk -f inet
pass f -f unix
pass abcdfhk -f local,inet,inet6,45
pass cdefghj -f '!inet'
pass acdf -t stream
pass ekj -t 3
pass beghkj -t '!stream'
pass a -l 443
pass b -l domain
pass cd -l 40001-40002
pass bcdefghkj -l '!443'
pass ek -l 0
pass j -l 2054
pass c -r https
pass abdefghkj -r '!443'
pass a --laddr 10.0.0.1
pass ack --laddr 10.0.0.0/8
pass ac --laddr 10.0.0.0/25
pass k --laddr 10.0.0.192/26
pass abck --laddr 0.0.0.0/0
pass d --laddr ::/0
pass d --laddr fe80::/10
pass c --laddr ::ffff:10.0.0.2
pass bdefghj --laddr '!10.0.0.0/8'
pass c --raddr 10.0.0.1
pass cdk --raddr 10.0.0.0/31,2001:db8::7
pass '' --raddr 2001:db8::8/125
pass d --raddr 2001:db8::/125
pass bdefghj --raddr '!0.0.0.0/0'
pass d -p 3 -n curl -u root -P tcp -f inet6 -t stream -l 40002 -r 80 --laddr ::/0 --raddr ::/0
pass '' -p 3 -l 443
# COMMAND is the process; -n takes the name of its thread, too.
{
	echo '#records 1 connect'
	echo '#columns time=time_ns:time pid:pid command:command proto:kind error:error took=duration_ns:ns -thread:number -thread_name:command connection:ends'
	echo '#order '
	echo '#lines'
	tabbed $t 1 python3 INET TCP - 1 1 python3 '' -1 10.0.0.1 80
	tabbed $t 1 python3 INET TCP - 2 7 'wor\033ker' '' -1 10.0.0.1 80
	tabbed $t 2 worker INET TCP - 3 2 python3.1 '' -1 10.0.0.1 80
	tabbed $t 3 curl INET TCP pending 4000000 3 curl '' -1 10.0.0.1 80
	tabbed $t 3 curl INET TCP ETIMEDOUT 5 3 curl '' -1 10.0.0.1 80
} >"$box/threads"
# threads TIMES OPTION...: the records that pass, by their durations
threads() { passing pass threads took 2 ' ' "$@"; }
threads '1 2' -n python3
threads '3' -n worker
threads '2' -n $'wor\033ker'
threads '3' -n python3.1
is 'a pending attempt is shown as such' "$(stap-socket replay -n curl "$box/threads" | sed -n '2s/.*123 //p')" \
	'      3 curl     TCP    pending   4.0ms > 10.0.0.1:80'
threads '4000000' --slower 1ms
threads '5' --failed
# Results and times of their own.
{
	head -n 4 "$box/trace"
	record() { tabbed $t 1 x "$1" "$2" "$3" "$4" '' INET STREAM TCP '' -1 '' -1; }
	record send 5 - 1000
	record receive -1 EAGAIN 1001
	record connect -1 EINPROGRESS 1000000
	record connect -1 EALREADY 1000001
	record connect -1 EINTR 999
	record connected -1 ECONNREFUSED 5000000000
	record accept -1 EALREADY 0
	record close -1 - -1
} >"$box/outcomes"
# outcomes EVENTS OPTION...: those that pass
outcomes() { passing pass outcomes event,result 2,4 ' ' "$@"; }
outcomes 'receive,EAGAIN connect,EINTR connected,ECONNREFUSED accept,EALREADY' --failed
outcomes 'receive,EAGAIN connect,EINPROGRESS connect,EALREADY connected,ECONNREFUSED' --slower 1us
outcomes 'connect,EALREADY connected,ECONNREFUSED' --slower 1ms
outcomes '' --slower 5s
outcomes 'connected,ECONNREFUSED' --failed --slower 1ms
is 'the heading stands over nothing' "$(stap-socket replay -p 99 "$box/trace")" \
	'        TIME     PID COMMAND  EVENT        RESULT   TOOK SOCKET'
is 'JSON, too' "$(stap-socket replay --json -l 53 --columns pid,command "$box/trace")" \
	"{\"schema\":1,\"time_ns\":$t,\"pid\":2,\"command\":\"systemd-resolved\"}"
replay -u root,nobody "$box/trace"
is 'a user that the recording does not have is said' "$status $errors" \
	"0 stap-socket: -u: no process of $box/trace has the user 'nobody'"
grep -v '^#process' "$box/trace" >"$box/nameless"
replay -u root --csv "$box/nameless"
is 'so is a recording without processes' "$status $errors" \
	"1 stap-socket: $box/nameless was not made by --record: the users and programs of its processes are unknown"
{
	echo '#records 1 flow'
	echo '#columns pid:pid command:command sent=sent_bytes:bytes received=received_bytes:bytes peer:peer flow:flow'
	echo '#order '
	echo "#table $t"
	tabbed 1 a 1 1 -1 - 10.0.0.1:80 10.0.0.2:40000
	tabbed 2 b 1 1 -1 - '[2001:db8::1]:443' '[2001:db8::2]:50000'
	tabbed 3 c 1 1 -1 - - '/run/x:80'
	tabbed 4 d 1 1 -1 - '@a:80' -
	tabbed 5 e 1 1 -1 - 'INET DGRAM UDP' -
	tabbed 6 f 1 1 -1 - ::1 '[fe80::1%2]:80'
	tabbed 7 g 1 1 -1 - 4:0 0:1
	echo '#end'
} >"$box/flow"
# flows PIDS OPTION...: the records of flow that pass
flows() { passing flow flow pid 2 '' "$@"; }
flows 1 -l 80
flows 2 -l 443
flows 6 -r 80
flows 1345 -l '!443,0' -p '!6'
flows 7 -l 0 -r 1
flows 2 --laddr 2001:db8::/32
flows 26 --laddr ::/0
flows 1 --laddr 10.0.0.0/8
flows 6 --raddr fe80::1
flows 23457 --laddr '!10.0.0.0/8,::1'

# ---------------------------------------------------------------- sums

{
	echo '#records 1 traffic'
	echo '#columns pid:pid command:command proto=protocol:name family:name sends:count sent=sent_bytes:bytes'
	echo '#order sent,sends'
	echo '#summary sent {sent} in {sends} messages'
	echo '#since_start command'
	echo "#table $t"
	tabbed 7 nginx TCP INET 40 849612
	tabbed 7 nginx TCP INET6 2 300
	tabbed 13 curl - UNIX 9 1000
	tabbed 12 curl TCP INET 3 999
	echo '#lost lines=5'
	echo '#end'
	echo "#table $((t + 1000000000))"
	tabbed 13 curl - UNIX 1 1
	tabbed 12 curl TCP INET 1 1
	echo '#end'
	echo '#lost lines=6'
} >"$box/traffic"
replay -N 1 -P tcp "$box/traffic"
is 'sums, rows and tables since the start have what passes; losses stay' "$status $errors$said" \
	"0 11:37:39  sent 850.9KB in 45 messages
    PID COMMAND  PROTO FAMILY SENDS    SENT
      7 nginx    TCP   INET      40 849.6KB
... and 2 more
lost since the start: 5 without a line (-DSOCKET_TALLIES)

11:37:40  sent 1 in 1 messages
    PID COMMAND  PROTO FAMILY SENDS    SENT
     12 curl     TCP   INET       1       1

since the start, by command:
sent 850.9KB in 46 messages
COMMAND  SENDS    SENT
nginx       42 849.9KB
... and 1 more

lost since the start: 6 without a line (-DSOCKET_TALLIES)"
replay --json -p 13 "$box/traffic"
is '... in JSON' "$(grep -v lost <<<"${said//\"schema\":1,/}")" "{\"time_ns\":$t,\"table\":\"all\",\"sends\":9,\"sent_bytes\":1000}
{\"time_ns\":$t,\"table\":\"process\",\"pid\":13,\"command\":\"curl\",\"protocol\":null,\"family\":\"UNIX\",\"sends\":9,\"sent_bytes\":1000}
{\"time_ns\":$((t + 1000000000)),\"table\":\"all\",\"sends\":1,\"sent_bytes\":1}
{\"time_ns\":$((t + 1000000000)),\"table\":\"process\",\"pid\":13,\"command\":\"curl\",\"protocol\":null,\"family\":\"UNIX\",\"sends\":1,\"sent_bytes\":1}
{\"time_ns\":$((t + 1000000000)),\"table\":\"total\",\"sends\":10,\"sent_bytes\":1001}
{\"time_ns\":$((t + 1000000000)),\"table\":\"command\",\"command\":\"curl\",\"sends\":10,\"sent_bytes\":1001}"
{
	echo '#records 1 spread'
	echo '#columns pid:pid n:count h:bytes_fine_histogram largest=largest_bytes:bytes'
	echo '#order n'
	echo '#summary {n} messages: p50 {p50}, p99 {p99}, largest {largest}'
	echo "#table $t"
	tabbed 1 10 3:1,10:8,40:1 40
	tabbed 2 90 60:90 60
	echo '#end'
} >"$box/spread"
is 'percentiles over all are those of what passes' "$(stap-socket replay -p 1 "$box/spread" | head -n 1)" \
	'11:37:39  10 messages: p50 10, p99 40, largest 40'

# ---------------------------------------------------------------- many hosts

for host in a b; do
	{ echo "#host host-$host"; cat "$box/trace"; } >"$box/trace-$host"
	{ echo "#host host-$host"; cat "$box/traffic"; } >"$box/traffic-$host"
done
sed -i 's,\troot\t/$,\tadmin\t/,; s,\tresolver\t/$,\troot\t/,' "$box/trace-b"
run stap-socket merge --csv --columns host,event -u root --record "$box/merged" "$box/trace-a" "$box/trace-b"
is 'merge: the names of users are those of each host' "$status $errors$(tr -d '\r' <<<"$said" | cut -d , -f 2-)" \
	'0 host,event
host-a,c
host-a,d
host-b,b'
is '... and its recording has the same' "$(stap-socket replay --csv --columns host,event "$box/merged")" "$said"
is '... which can be filtered again, by what is known of processes' \
	"$(stap-socket replay --csv --no-header --columns host,event -u 101 "$box/merged" | tr -d '\r' | cut -d , -f 2-)" \
	host-b,b
run stap-socket merge -p 12 "$box/traffic-a" "$box/traffic-b"
like '... and sums' "$status $errors$said" '0 .*sent 2.0KB in 8 messages.*curl +8 +2.0KB.*12 without a line'
run stap-socket merge -u root "$box/nameless" "$box/nameless"
is '... without processes' "$status $errors" \
	'1 stap-socket: the files were not made by --record: the users and programs of their processes are unknown'

# ---------------------------------------------------------------- what a recording cannot answer

printf '#records 1 stat\n#columns event:event calls:count\n#order \n' >"$box/stat"
printf '#records 1 leaks\n#columns pid:pid command:command family:name type:name proto=protocol:name ?oldest_socket:place\n#order \n' >"$box/leaks"
refused 'a filter of processes, of what has none' '-p: the records of stat have no PID; their filters are: none' \
	replay -p 1 "$box/stat"
refused 'a port, of what has many' \
	'-l: the records of leaks have no local port; their filters are: -p -n -u -P -f -t' \
	replay --lport 1 "$box/leaks"
refused '... in a merge' '-l: the records of leaks have no local port' merge -l 1 "$box/leaks" "$box/leaks"
refused 'an outcome, of what has none' '--failed: the records of flow have no error; their filters are: -p' \
	replay --failed "$box/flow"
refused 'a time, of what has none' '--slower: the records of traffic have no time of a call' \
	replay --slower 1s "$box/traffic"
# What a tool refuses, its replay refuses, too.
for script in "$top"/examples/*.stp; do
	tool=$(basename "$script" .stp)
	printf '#records 1 %s\n#columns %s\n#order \n' "$tool" "$(perl -0 -ne '
		s{^//.*\n}{}mg;
		my ($declared) = /^\@socket_tool\((.*?)\)$/ms or die;
		my @words = $declared =~ /"(.*?)"/g;
		print join "", @words[2 .. $#words]' "$script")" >"$box/$tool.records"
	for option in --failed --slower=1ms; do
		stap-socket replay $option "$box/$tool.records" >"$box/later" 2>&1 || continue
		"$O/stap-socket" "$tool" $option --dry-run 2>&1 >/dev/null |
			grep "^stap-socket: ${option%=*}:"
	done
done >"$box/differ"
is 'no replay takes --failed or --slower where the tool refuses it' "$(cat "$box/differ")" ''
refused 'failures, of what has nothing else' '--failed: all calls that errors counts have failed' \
	replay --failed "$box/errors.records"
refused 'a time without a unit' "such as 5ms, not '5'" replay --slower 5 "$box/trace"
refused 'a tree of processes' '-x: a recording does not have the descendants of a process' \
	replay -x 1 "$box/trace"
refused 'a namespace' '--netns: a recording does not have the namespaces of sockets' \
	replay --netns none "$box/trace"
refused 'a command' "a command \('true'\) is for a tool that runs" replay "$box/trace" -- true
refused 'an option of a tool that runs' '-d: only for a tool that runs; replay takes filters and' \
	replay -d 1 "$box/trace"
refused 'a pid too high' '-p takes a whole number from 1 to 4194304, not .4194305' replay -p 1,4194305 "$box/trace"
refused 'a network with bits beyond its prefix' 'did you mean 10.0.0.0/8' replay --laddr 10.0.0.1/8 "$box/trace"
refused 'a filter twice' "--pid is given twice, with '1' and '2'" replay -p 1 --pid 2 "$box/trace"
refused 'an empty list' "-u takes a list after the !" replay -u ! "$box/trace"
finish
