#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# stap-socket draws records: tables, lines, JSON, CSV, recordings.  The records are written by
# hand, and so is what is expected.
. "$(dirname "$0")/../tap.sh"
. "$top/testsuite/stap-socket/installed.sh"
. "$top/testsuite/stap-socket/records.sh"
export TZ=UTC COLUMNS=80

# ---------------------------------------------------------------- a tool with tables

{
	echo '#records 1 traffic'
	echo '#columns pid:pid command:command proto=protocol:name sends:count sent=sent_bytes:bytes -took=took_ns:ns'
	echo '#order sent,sends'
	echo '#summary sent {sent} in {sends} messages'
	echo '#since_start command proto'
	echo "#table $t"
	tabbed 12 curl TCP 3 999 1200
	tabbed 7 nginx TCP 40 849612 12000000
	tabbed 13 curl - 1200000 999 -1
	echo '#lost lines=5 output=2'
	echo '#end'
	echo "#table $((t + 1000000000))"
	tabbed 7 nginx TCP 1 1 2
	echo '#end'
	echo '#lost lines=6 output=2'
} >"$box/traffic"
replay "$box/traffic"
is 'a table: sorted, with sums, and what was lost' "$status $errors$said" "0 11:37:39  sent 851.6KB in 1.2M messages
    PID COMMAND  PROTO SENDS    SENT
      7 nginx    TCP      40 849.6KB
     13 curl     -      1.2M     999
     12 curl     TCP       3     999
lost since the start: 5 without a line (-DSOCKET_TALLIES), 2 printed in vain (--buffer; stap: -s)

11:37:40  sent 1 in 1 messages
    PID COMMAND  PROTO SENDS    SENT
      7 nginx    TCP       1       1

since the start, by command, proto:
sent 851.6KB in 1.2M messages
COMMAND  PROTO SENDS    SENT
nginx    TCP      41 849.6KB
curl     -      1.2M     999
curl     TCP       3     999

lost since the start: 6 without a line (-DSOCKET_TALLIES), 2 printed in vain (--buffer; stap: -s)"
replay --json "$box/traffic"
is 'JSON: an object for each record, sum and loss' "$said" '{"schema":1,"time_ns":1732793859123456789,"table":"all","sends":1200043,"sent_bytes":851610}
{"schema":1,"time_ns":1732793859123456789,"table":"process","pid":7,"command":"nginx","protocol":"TCP","sends":40,"sent_bytes":849612,"took_ns":12000000}
{"schema":1,"time_ns":1732793859123456789,"table":"process","pid":13,"command":"curl","protocol":null,"sends":1200000,"sent_bytes":999,"took_ns":null}
{"schema":1,"time_ns":1732793859123456789,"table":"process","pid":12,"command":"curl","protocol":"TCP","sends":3,"sent_bytes":999,"took_ns":1200}
{"schema":1,"time_ns":1732793859123456789,"lost_reentrant":0,"lost_instances":0,"lost_skipped":0,"lost_calls":0,"lost_connects":0,"lost_lines":5,"lost_notes":0,"lost_buckets":0,"lost_output":2}
{"schema":1,"time_ns":1732793860123456789,"table":"all","sends":1,"sent_bytes":1}
{"schema":1,"time_ns":1732793860123456789,"table":"process","pid":7,"command":"nginx","protocol":"TCP","sends":1,"sent_bytes":1,"took_ns":2}
{"schema":1,"time_ns":1732793860123456789,"table":"total","sends":1200044,"sent_bytes":851611}
{"schema":1,"time_ns":1732793860123456789,"table":"command","command":"nginx","protocol":"TCP","sends":41,"sent_bytes":849613}
{"schema":1,"time_ns":1732793860123456789,"table":"command","command":"curl","protocol":null,"sends":1200000,"sent_bytes":999}
{"schema":1,"time_ns":1732793860123456789,"table":"command","command":"curl","protocol":"TCP","sends":3,"sent_bytes":999}
{"schema":1,"time_ns":1732793860123456789,"lost_reentrant":0,"lost_instances":0,"lost_skipped":0,"lost_calls":0,"lost_connects":0,"lost_lines":6,"lost_notes":0,"lost_buckets":0,"lost_output":2}'
replay --csv "$box/traffic"
is 'CSV: a row for each record' "$said" $'time_ns,pid,command,protocol,sends,sent_bytes,took_ns\r
1732793859123456789,7,nginx,TCP,40,849612,12000000\r
1732793859123456789,13,curl,,1200000,999,\r
1732793859123456789,12,curl,TCP,3,999,1200\r
1732793860123456789,7,nginx,TCP,1,1,2\r'
replay --columns took,COMMAND -s pid --units exact --no-header -N 2 "$box/traffic"
is 'chosen columns, another order, exact, without headings, few rows' "$(head -n 4 <<<"$said")" \
	'11:37:39  sent 851610 in 1200043 messages
     - curl
  1200 curl
... and 1 more'
replay -T -s command "$box/traffic"
is '-T: the time before each line' "$(head -n 5 <<<"$said")" \
	'11:37:39 sent 851.6KB in 1.2M messages
             PID COMMAND  PROTO SENDS    SENT
11:37:39      13 curl     -      1.2M     999
11:37:39      12 curl     TCP       3     999
11:37:39       7 nginx    TCP      40 849.6KB'
run env COLUMNS=35 stap-socket replay "$box/traffic"
is 'a narrow screen: words give way to numbers' "$(sed -n 2,3p <<<"$said")" \
	'    PID COMMAND PROTO SENDS    SENT
      7 nginx   TCP      40 849.6KB'

# ---------------------------------------------------------------- a tool with lines

{
	echo '#records 1 calls'
	echo '#columns time=time_ns:time pid:pid command:command event:event result:result took=duration_ns:ns -detail:text socket:socket'
	echo '#order '
	echo '#lines'
	tabbed $t 1 a setsockopt -1 - 272000 TCP_NODELAY=1 INET STREAM TCP '' -1 '' -1
	tabbed $t 2 'a "b"\033' connected -1 ECONNREFUSED 1100000 '' INET STREAM TCP 10.0.0.1 58604 127.0.0.1 9
	tabbed $t 3 a send 1234 - 999 '' INET6 STREAM TCP 2001:db8::1:2:3:4:5 58604 2001:db8::1:2:3:4:6 9
	tabbed $t 4 a create -1 - -1 '' UNIX DGRAM - '' -1 '' -1
	tabbed $t 5 a close -1 - 3600000000000 '' UNIX STREAM - /run/a -1 '' -1
} >"$box/calls"
replay "$box/calls"
is 'lines: the ends of a socket as there is room, or its kind' "$status $errors$said" \
	"0         TIME     PID COMMAND  EVENT        RESULT   TOOK SOCKET
11:37:39.123       1 a        setsockopt        -  272us TCP_NODELAY=1 TCP
11:37:39.123       2 a \"b\"\\03 connected  ECONNREF  1.1ms :58604 > 127.0.0.1:9
11:37:39.123       3 a        send          1.2KB  999ns > [2001:db..:2:3:4:6]:9
11:37:39.123       4 a        create            -      - UNIX DGRAM
11:37:39.123       5 a        close             -   1.0h /run/a"
run env COLUMNS=140 stap-socket replay "$box/calls"
like '... with more room' "$said" $'TCP_NODELAY=1 INET STREAM TCP\n.*:58604 > \\[2001:db8::1:2:3:4:6\\]:9\n'
replay --json "$box/calls"
is '... and in JSON' "$(sed -n 2,3p <<<"$said")" \
	'{"schema":1,"time_ns":1732793859123456789,"pid":2,"command":"a \"b\"\\033","event":"connected","bytes":null,"error":"ECONNREFUSED","duration_ns":1100000,"detail":null,"family":"INET","type":"STREAM","protocol":"TCP","local_address":"10.0.0.1","local_port":58604,"remote_address":"127.0.0.1","remote_port":9}
{"schema":1,"time_ns":1732793859123456789,"pid":3,"command":"a","event":"send","bytes":1234,"error":null,"duration_ns":999,"detail":null,"family":"INET6","type":"STREAM","protocol":"TCP","local_address":"2001:db8::1:2:3:4:5","local_port":58604,"remote_address":"2001:db8::1:2:3:4:6","remote_port":9}'
replay --csv --columns pid,command "$box/calls"
is '... and in CSV, quoted' "$(sed -n 3p <<<"$said")" $'1732793859123456789,2,"a ""b""\\033"\r'
sed "s/^$t\t5\t/$((t + 2000000000))\t5\t/" "$box/calls" >"$box/later"
replay -s took -N 2 "$box/later"
is '... the longest' "$status $errors$(awk '{ print $2, $3, $4, $6 }' <<<"$said")" '0 PID COMMAND EVENT TOOK
5 a close 1.0h
2 a "b"\033 ECONNREFUSED
and 3 more '
replay -s took -N 2 --json "$box/later"
is '... with their own times' "$(grep -o '^{.*"pid":[0-9]*' <<<"$said")" \
	'{"schema":1,"time_ns":1732793861123456789,"pid":5
{"schema":1,"time_ns":1732793859123456789,"pid":2'

# ---------------------------------------------------------------- other types of columns

{
	echo '#records 1 types'
	echo '#columns proto:kind value:option_value peer:peer flow:flow fill:percent more:per_minute to:remote buckets:bytes_histogram'
	echo '#order '
	echo "#table $t"
	tabbed INET6 TCP -1 4 7 nginx 10.0.0.1:1 10.0.0.2:2 101 285 ::1 80 0:21,1:1,8:40
	tabbed UNIX - - 5 -1 '' - '' 0 -3 '' -1 -
	echo '#end'
} >"$box/types"
run env COLUMNS=110 stap-socket replay "$box/types"
is 'each type of a column, and a histogram with the empty buckets between' "$said" \
	"11:37:39
PROTO        VALUE PEER            FLOW                    FILL      MORE TO
TCP6            -1 7 nginx         10.0.0.1:1 > 10.0.0.2:2 101%  +285/min [::1]:80
              0          21 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
              1           1 |@@
              2..         0 |
              4..         0 |
              8..        40 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
UNIX       5 bytes -               -                         0%    -3/min -"

# ---------------------------------------------------------------- names of services

# Other services than those of this machine, and a file with a line for each that is looked up.
cat >"$box/services.c" <<'EOF'
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	int port;
	char *protocol, *name;
} all[] = {
	{ 22, "tcp", "ssh" },	    { 443, "tcp", "https" },	    { 443, "udp", "https" },
	{ 512, "tcp", "exec" },	    { 512, "udp", "biff" },	    { 53, "udp", "domain" },
	{ 2905, "sctp", "m3ua" },   { 1, "tcp", "x\033[2Jy" },	    { 2, "tcp", "80" },
	{ 3, "tcp", "a:b > c" },    { 4, "tcp", "seventeen-letters" }, { 5, "tcp", "-x" },
	{ 6, "tcp", "sixteen-letters_" },
};

struct servent *getservbyport(int port, const char *protocol)
{
	static struct servent s;
	FILE *f = fopen(getenv("SERVICES"), "a");
	size_t i;

	fprintf(f, "%d %s\n", ntohs(port), protocol);
	fclose(f);
	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i].port == ntohs(port) && !strcmp(all[i].protocol, protocol)) {
			s.s_name = all[i].name;
			return &s;
		}
	return NULL;
}
EOF
variant services -Dgetservbyport=other_getservbyport "$box/services.c"
# named FILE OPTION...
named() { SERVICES=$box/looked-up run stap-socket-services replay --names "$@"; }
{
	echo '#records 1 ends'
	echo '#columns pid:pid proto:kind connection:ends'
	echo '#order '
	echo "#table $t"
	tabbed 1 INET TCP 10.0.0.1 443 10.0.0.2 50000
	tabbed 2 INET6 TCP ::1 22 ::1 512
	tabbed 3 INET6 UDP :: 53 '' -1
	tabbed 4 INET UDP 127.0.0.1 512 '' -1
	tabbed 5 INET SCTP 10.0.0.1 2905 10.0.0.2 443
	tabbed 6 INET MPTCP 10.0.0.1 443 10.0.0.2 443
	tabbed 7 VSOCK - 3 443 2 443
	tabbed 8 INET ICMP 10.0.0.1 443 '' -1
	tabbed 9 INET - 10.0.0.1 512 10.0.0.2 443
	tabbed 10 INET UDPLITE 10.0.0.1 53 10.0.0.2 443
	echo '#end'
} >"$box/ends"
named "$box/ends"
is '--names: ports as services of their protocol' "$status $errors$(sed 1,2d <<<"$said")" \
	'0       1 TCP     10.0.0.1:https > 10.0.0.2:50000
      2 TCP6    [::1]:ssh > [::1]:exec
      3 UDP6    [::]:domain
      4 UDP     127.0.0.1:biff
      5 SCTP    10.0.0.1:m3ua > 10.0.0.2:443
      6 MPTCP   10.0.0.1:https > 10.0.0.2:https
      7 VSOCK   3:443 > 2:443
      8 ICMP    10.0.0.1:443
      9 INET    10.0.0.1:512 > 10.0.0.2:https
     10 UDPLITE 10.0.0.1:domain > 10.0.0.2:https'
is '... each looked up once' "$(sort "$box/looked-up" | uniq -d)$(grep -c . "$box/looked-up")" 9
is '... not without it' "$(stap-socket replay "$box/ends" | grep -c '[a-z]$')" 0
for form in --json --csv; do
	named $form "$box/ends"
	is "... and not in $form" "$said" "$(stap-socket replay $form "$box/ends")"
done
{
	head -n 4 "$box/ends"
	tabbed 1 INET TCP 10.0.0.1 1 10.0.0.2 2
	tabbed 2 INET TCP 10.0.0.1 3 10.0.0.2 4
	tabbed 3 INET TCP 10.0.0.1 5 10.0.0.2 6
	tabbed 4 INET TCP 10.0.0.1 0 10.0.0.2 65536
	echo '#end'
} >"$box/odd"
named "$box/odd"
is '... without names that a terminal obeys, look like another port, or are long' \
	"$status $(sed 1,2d <<<"$said")" '0       1 TCP    10.0.0.1:x?[2Jy > 10.0.0.2:2
      2 TCP    10.0.0.1:a?b?>?c > 10.0.0.2:4
      3 TCP    10.0.0.1:5 > 10.0.0.2:sixteen-letters_
      4 TCP    10.0.0.1:0 > 10.0.0.2:65536'
{
	echo '#records 1 others'
	echo '#columns pid:pid port:number from:local to:remote flow:flow'
	echo '#order '
	echo "#table $t"
	tabbed 1 443 10.0.0.1 22 ::1 443 10.0.0.1:443 '[::1]:22'
	tabbed 2 512 '' -1 10.0.0.1 512 - 10.0.0.1:512
	tabbed 3 -1 '' -1 /x -1 /run/x:443 eth0:443
	tabbed 4 6 '' -1 '' -1 3:443 -
	echo '#end'
} >"$box/others"
run env COLUMNS=130 SERVICES="$box/looked-up" stap-socket-services replay --names "$box/others"
is '... of tools without a protocol, where TCP and UDP do not differ' "$status $errors$(sed 1d <<<"$said")" \
	'0     PID             PORT FROM         TO           FLOW
      1            https 10.0.0.1:ssh [::1]:https  10.0.0.1:https > [::1]:ssh
      2              512 -            10.0.0.1:512 > 10.0.0.1:512
      3                - -            /x           /run/x:443 > eth0:443
      4 sixteen-letters_ -            -            3:443'
named "$box/calls"
is '... in lines, as there is room' "$(sed -n '3p;5p' <<<"${said/ 9$/}")" \
	'11:37:39.123       2 a "b"\03 connected  ECONNREF  1.1ms :58604 > 127.0.0.1:9
11:37:39.123       4 a        create            -      - UNIX DGRAM'
sed -i 's/\t58604\t127.0.0.1\t9/\t22\t127.0.0.1\t443/' "$box/calls"
named "$box/calls"
is '... and its own host gives way first' "$(sed -n 3p <<<"$said")" \
	'11:37:39.123       2 a "b"\03 connected  ECONNREF  1.1ms :ssh > 127.0.0.1:https'

# ---------------------------------------------------------------- percentiles

# 4032 is the last class below 4096, of 64 numbers; that of 990000000 begins at 989855744.
{
	echo '#records 1 spread'
	echo '#columns pid:pid n:count -average=average_bytes:bytes h:bytes_fine_histogram largest=largest_bytes:bytes'
	echo '#order n'
	echo '#summary {n} messages: p50 {p50}, p90 {p90}, p99 {p99}, largest {largest}'
	echo "#table $t"
	tabbed 1 10 417 3:1,10:8,4032:1 4090
	tabbed 2 1 990000000 989855744:1 990000000
	tabbed 3 0 0 - 0
	echo '#end'
	echo "#table $((t + 1000000000))"
	echo '#end'
} >"$box/spread"
replay --units exact "$box/spread"
is 'percentiles: the middle of a class, not above the largest number; and those of all rows' \
	"$status $errors$said" "0 11:37:39  11 messages: p50 10, p90 4064, p99 990000000, largest 990000000
    PID     N       P50       P90       P99   LARGEST
      1    10        10        10      4064      4090
              2..         1 |@@@@@@
              4..         0 |
              8..         8 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
             16..         0 |
             32..         0 |
             64..         0 |
            128..         0 |
            256..         0 |
            512..         0 |
           1024..         0 |
           2048..         1 |@@@@@@
      2     1 990000000 990000000 990000000 990000000
      536870912..         1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
      3     0         -         -         -         0

11:37:40  0 messages: p50 -, p90 -, p99 -, largest -
    PID     N     P50     P90     P99 LARGEST"
replay --json -s p90 -N 1 "$box/spread"
is '... in JSON, and to sort by' "$said" '{"schema":1,"time_ns":1732793859123456789,"table":"all","n":11,"p50_bytes":10,"p90_bytes":4064,"p99_bytes":990000000,"largest_bytes":990000000}
{"schema":1,"time_ns":1732793859123456789,"pid":2,"n":1,"average_bytes":990000000,"buckets":[{"from_bytes":536870912,"count":1}],"p50_bytes":990000000,"p90_bytes":990000000,"p99_bytes":990000000,"largest_bytes":990000000}
{"schema":1,"time_ns":1732793860123456789,"table":"all","n":0,"p50_bytes":null,"p90_bytes":null,"p99_bytes":null,"largest_bytes":null}'
replay --csv "$box/spread"
is '... and in CSV' "$said" $'time_ns,pid,n,average_bytes,h,p50_bytes,p90_bytes,p99_bytes,largest_bytes\r
1732793859123456789,1,10,417,"3:1,10:8,4032:1",10,10,4064,4090\r
1732793859123456789,2,1,990000000,989855744:1,990000000,990000000,990000000,990000000\r
1732793859123456789,3,0,0,,,,,0\r'
replay --columns p99,pid --no-header "$box/spread"
is '... as chosen columns' "$(grep -v -e '|' -e : <<<"$said")" \
	'  4.0KB       1
990.0MB       2
      -       3'
for host in a b; do
	{ echo "#host host-$host"; cat "$box/spread"; } >"$box/spread-$host"
done
run stap-socket merge --json --columns host,p90 "$box/spread-a" "$box/spread-b"
is '... and of many hosts' "$status $errors$(grep -o '"host".*' <<<"$said" | head -n 3)" \
	'0 "host":"host-a","n":11,"p50_bytes":10,"p90_bytes":4064,"p99_bytes":990000000,"largest_bytes":990000000}
"host":"host-a","p90_bytes":10}
"host":"host-a","p90_bytes":990000000}'

# ---------------------------------------------------------------- many hosts

for host in a b; do
	{ echo "#host host-$host"; cat "$box/traffic"; } >"$box/traffic-$host"
	{ echo "#host host-$host"; cat "$box/calls"; } >"$box/calls-$host"
done
sed -i "s/^#table $t/#table $((t + 500000000))/" "$box/traffic-b"
run stap-socket merge "$box/traffic-a" "$box/traffic-b"
is 'merge: the tables of two hosts, by time, with their names' \
	"$status $errors$(grep -e '^1' -e '^host' -e '^HOST' <<<"$said" | head -n 9)" \
	'0 11:37:39  sent 851.6KB in 1.2M messages
HOST       PID COMMAND  PROTO SENDS    SENT
host-a       7 nginx    TCP      40 849.6KB
host-a      13 curl     -      1.2M     999
host-a      12 curl     TCP       3     999
11:37:39  sent 851.6KB in 1.2M messages
HOST       PID COMMAND  PROTO SENDS    SENT
host-b       7 nginx    TCP      40 849.6KB
host-b      13 curl     -      1.2M     999'
like '... and the sums of both' "$said" 'nginx +TCP +82 +1.6MB.*12 without a line .*, 4 printed in vain'
run stap-socket merge --record "$box/both" --json "$box/calls-b" "$box/calls-a"
is '... the same of lines, in JSON' "$(grep -o '"host":"[^"]*","pid":[0-9]*' <<<"$said" | sort |
	paste -s -d ' ' | cut -c 1-60)" '"host":"host-a","pid":1 "host":"host-a","pid":2 "host":"host'
is '... and kept' "$(stap-socket replay --json "$box/both")" "$said"
run stap-socket merge --record "$box/tables" --json "$box/traffic-a" "$box/traffic-b"
is '... and of tables: each sum has its host, or null for all' "$status $errors$(grep -v '"process"' <<<"$said" |
	sed -E 's/.*("table":"[a-z]*").*("host":[^,]*),.*/\1 \2/; s/.*("host":[^,]*,"lost).*/\1/')" \
	'0 "table":"all" "host":"host-a"
"table":"all" "host":"host-b"
"table":"all" "host":"host-a"
"table":"all" "host":"host-b"
"table":"total" "host":null
"table":"command" "host":null
"table":"command" "host":null
"table":"command" "host":null
"host":null,"lost'
is '... and kept' "$(stap-socket replay --json "$box/tables")" "$said"
refused 'recordings of two tools' 'merge takes recordings of one tool and version' \
	merge "$box/calls" "$box/traffic"
refused 'one recording' 'merge needs two or more' merge "$box/calls"
refused 'one that is merged' 'both is merged already' merge "$box/both" "$box/calls"

# ---------------------------------------------------------------- what is wrong

refused 'a file that is not a recording' "/etc/passwd is not a recording of stap-socket" replay /etc/passwd
refused 'a missing file' 'cannot read .*/none: No such file' replay "$box/none"
refused 'no file' 'replay needs one FILE' replay
refused 'two files' 'replay needs one FILE' replay a b
refused 'an option of a tool that runs' '-i: only for a tool that runs; replay takes filters and' \
	replay -i 1 "$box/traffic"
refused 'an unknown column' "-s: traffic has no column 'byte'.*; it has: pid command proto sends sent took" \
	replay -s byte "$box/traffic"
sed 's/^#records 1/#records 2/' "$box/traffic" >"$box/newer"
refused 'a recording of a newer version' 'or one of a newer version' replay "$box/newer"
{ head -n 8 "$box/traffic"; printf '13\tcu'; } >"$box/cut"
replay "$box/cut"
is 'a recording that was cut: its records are drawn, and the status is 1' "$status" 1
like '... with what is whole' "$said" 'nginx +TCP +40 849.6KB'
like '... and two sentences' "$errors" 'ends within a table.*
.*lines are damaged'
{ cat "$box/calls"; printf '%s\t9\ta' $t; tabbed $t 6 z close -1 - 1 '' UNIX STREAM - '' -1 '' -1; } >"$box/merged"
replay "$box/merged"
like 'a record behind one that was cut off is drawn' "$status $said" '^1 .* 6 z +close'
printf '#records 1 x\n#columns command:command\n#order \n#table 1\n\033[2J\xff\n#end\n' >"$box/evil"
replay "$box/evil"
is 'bytes that a terminal may obey are replaced' "$(sed -n 3p <<<"$said")" '?[2J?'
# odd NAME COLUMNS LINE...: replays a table of a record or more
odd()
{
	local columns=$2
	name=$1
	shift 2
	{
		printf '#records 1 x\n#columns %s\n#order \n#table 1\n' "$columns"
		printf '%s\n' "$@"
		echo '#end'
	} >"$box/odd"
	replay "$box/odd"
}
odd 'a histogram with a count below 0' 'pid:pid h:ns_histogram' $'1\t1:-1,2:5' $'2\t1:5'
is "$name is left out" "$status $(sed -n '3,$p' <<<"$said")" "1       2
            1ns           5 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"
odd 'fields of a thousand bytes' '-detail:text s:socket' \
	"$(printf 'd%.0s' {1..600})"$'\t'"$(printf 'F%.0s' {1..1100})"$'\tS\tP\t\t-1\t\t-1'
is "$name fit" "$status $(sed -n '3,$p' <<<"$said" | wc -c)" '0 81'
odd 'a number with zeros before it' 'pid:pid' 007 7
is "$name is left out" "$status $(sed -n '3,$p' <<<"$said")" '1       7'
odd 'two tables without the end between them' 'pid:pid' 1 '#table 2000000000' 2
is "$name are two" "$status $(tr -s ' \n' ' ' <<<"$said")" '1 00:00:00 PID 1 00:00:02 PID 2 '
printf '#records 1 x\n#columns pid:pid\n#order \n1\n' >"$box/odd"
replay "$box/odd"
is 'a record without its table is left out' "$status $said" '1 '
printf '#records 1 x\n#columns n:count\n#order \n#summary \033[2J{n}\n#table 1\n1\n#end\n' >"$box/odd"
replay "$box/odd"
is 'what a terminal may obey is replaced above a table, too' "$(head -n 1 <<<"$said")" '00:00:00  ?[2J1'
refused 'a column twice' "--columns: 'sent_bytes' is given twice" \
	replay --columns sent,sent_bytes "$box/traffic"
refused 'no column' "--columns takes a list such as pid, not ','" replay --columns , "$box/traffic"
run bash -c 'stap-socket replay "$1" >/dev/full' - "$box/traffic"
is 'a full disk is said' "$status $errors" '1 stap-socket: cannot write: No space left on device'
is 'a command may print beside the records' "$({ cat "$box/traffic"; printf 'hello\n#world\nend'; } |
	stap-socket replay --csv --columns pid - | tail -n 3 | tr -d '\r' | paste -s -d ' ')" 'hello #world end'
ok 'the output has a reader that leaves' bash -c 'stap-socket replay "$1" | true' - "$box/traffic"

# ---------------------------------------------------------------- a tool that runs

# It is given the file for its output, and prints records into it.
cat >"$box/fake/staprun" <<'EOF'
#!/bin/sh
while [ $# -gt 1 ]; do
	[ "$1" != -o ] || out=$2
	shift
done
if [ -n "$out" ]; then
	cat "$HOME/records" >"$out"
else
	echo "Systemtap module loader/runner (version 5.6, Debian version 5.6-1)"
fi
EOF
# process PID COMM PPID UID COMMAND-LINE EXE [CGROUP]: one of a /proc of its own
proc=$box/proc
process()
{
	mkdir -p "$proc/$1"
	echo "$2" >"$proc/$1/comm"
	printf 'Name:\t%s\nPid:\t%s\nPPid:\t%s\nUid:\t%s\t1\t2\t3\n' "$2" "$1" "$3" "$4" >"$proc/$1/status"
	printf '%b' "$5" >"$proc/$1/cmdline"
	ln -s "$6" "$proc/$1/exe"
	printf '9:pids:/else\n0::%s\n' "${7-/}" >"$proc/$1/cgroup"
}
mkdir "$proc"
variant here -DPROC_MODULES='"/dev/null"' -DPROC="\"$proc\""
prebuild params
cp "$box/traffic" "$HOME/records"
run stap-socket-here params --json --record "$box/kept"
is 'a tool that runs is drawn' "$status $said" "0 $(stap-socket replay --json "$box/traffic")"
is '... and kept, with the name of the host' "$(cat "$box/kept")" \
	"#host $(hostname)"$'\n'"$(cat "$box/traffic")"
is '... and a replay is the same' "$(stap-socket replay --json "$box/kept")" "$said"
run stap-socket-here params --record "$box/kept"
is 'a recording is not overwritten' "$status $errors" "2 stap-socket: --record: $box/kept exists; it is not overwritten
stap-socket: 'stap-socket --help' shows the usage"
cmp -s "$HOME/records" "$box/traffic"
run stap-socket-here params --record "$box/none/kept"
is '... and a missing directory is said' "$status $errors" \
	"2 stap-socket: --record: cannot write $box/none/kept: No such file or directory
stap-socket: 'stap-socket --help' shows the usage"

# ---------------------------------------------------------------- processes

container=cri-containerd-$(printf '%064d' 7 | tr 0 c).scope
pod=kubepods-besteffort-pod0a1b2c3d_4e5f_6071_8293_a4b5c6d7e8f9.slice
# A name that the kernel cut, a script, a title, one that is another process by now,
# one that has ended, and one that ends meanwhile.
process 21 systemd-journal 1 0 '/usr/lib/systemd/systemd-journald\0--x\0' /usr/lib/systemd/systemd-journald \
	/system.slice/systemd-journald.service
process 22 mysqld 21 4294967290 '/usr/sbin/mysqld\0' '/usr/sbin/my sqld'
process 23 a-very-long-nam 22 0 '/usr/bin/python3\0-u\0/opt/a-very-long-name.py\0' /usr/bin/python3
process 24 fifteen-letters 22 0 'another title\0' "$(printf '/opt/\033[2J')" "$(printf '/\033/')$pod/$container"
process 25 other-name-here 22 0 '/opt/exchanged-name-that-is-long\0' /opt/other
mkdir "$proc/27"
echo ended >"$proc/27/comm"
{
	echo '#records 1 params'
	echo '#columns pid:pid command:command bytes:bytes'
	echo '#order bytes'
	echo '#since_start pid command'
	echo '#since_start command'
	echo "#table $t"
	tabbed 21 systemd-journal 7
	tabbed 22 mysqld 6
	tabbed 23 a-very-long-nam 5
	tabbed 24 fifteen-letters 4
	tabbed 25 exchanged-name- 3
	tabbed 26 ended 2
	tabbed 27 ended 1
	echo '#end'
} >"$HOME/records"
run stap-socket-here params -b --no-header -N 7
is 'names that the kernel cut are full' "$status $errors$(head -n 7 <<<"$said")" \
	'0      21 systemd-journald          7
     22 mysqld                    6
     23 a-very-long-name.py       5
     24 fifteen-letters           4
     25 exchanged-name-           3
     26 ended                     2
     27 ended                     1'
is '... also in the sums of each process, not in those of the name alone' \
	"$(grep -c systemd-journald <<<"$said") $(grep -c 'systemd-journal ' <<<"$said")" '2 1'
run stap-socket-here params --columns pid,exe,parent,uid,user -s PARENT_PID
is 'the program, parent and user of each process' "$status $errors$(sed -n 2,9p <<<"$said")" \
	'0     PID EXE                                PARENT        UID USER
     23 /usr/bin/python3                       22          0 root
     24 /opt/?[2J                              22          0 root
     22 /usr/sbin/my sqld                      21 4294967290 -
     21 /usr/lib/systemd/systemd-journald       1          0 root
     25 -                                       -          - -
     26 -                                       -          - -
     27 -                                       -          - -'
run stap-socket-here params --csv --columns pid,cgroup,unit,container,pod -N 5
is '... and its control group, unit, container and pod' \
	"$status $errors$(tr -d '\r' <<<"$said" | cut -d , -f 2- | sed -n '2,6p')" \
	"0 21,/system.slice/systemd-journald.service,systemd-journald.service,,
22,/,,,
23,/,,,
24,/?/$pod/$container,$container,cccccccccccc,0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9
25,,,,"
run env COLUMNS=100 stap-socket-here params -b -N 4 --columns exe,container,pod
like '... all of a short text, before longer ones' "$said" \
	"/opt/[?].2J +cccccccccccc 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
run stap-socket-here params --json --columns command,exe,parent,uid,user
processes='{"schema":1,"time_ns":1732793859123456789,"command":"systemd-journald","exe":"/usr/lib/systemd/systemd-journald","parent_pid":1,"uid":0,"user":"root"}
{"schema":1,"time_ns":1732793859123456789,"command":"mysqld","exe":"/usr/sbin/my sqld","parent_pid":21,"uid":4294967290,"user":null}
{"schema":1,"time_ns":1732793859123456789,"command":"a-very-long-name.py","exe":"/usr/bin/python3","parent_pid":22,"uid":0,"user":"root"}
{"schema":1,"time_ns":1732793859123456789,"command":"fifteen-letters","exe":"/opt/?[2J","parent_pid":22,"uid":0,"user":"root"}
{"schema":1,"time_ns":1732793859123456789,"command":"exchanged-name-","exe":null,"parent_pid":null,"uid":null,"user":null}'
is '... in JSON' "$(head -n 5 <<<"${said//,\"table\":\"process\"/}")" "$processes"
run stap-socket-here params --csv
is 'nothing of it where it is not asked for' "$(sed -n '1p;4p' <<<"$said")" \
	$'time_ns,pid,command,bytes\r\n1732793859123456789,23,a-very-long-name.py,5\r'
run stap-socket-here params --record "$box/who"
is 'a recording keeps what was known of the processes' "$(grep '^#process' "$box/who")" \
	$'#process 21\tsystemd-journal\tsystemd-journald\t/usr/lib/systemd/systemd-journald\t1\t0\troot\t/system.slice/systemd-journald.service
#process 22\tmysqld\t-\t/usr/sbin/my sqld\t21\t4294967290\t-\t/
#process 23\ta-very-long-nam\ta-very-long-name.py\t/usr/bin/python3\t22\t0\troot\t/
#process 24\tfifteen-letters\t-\t/opt/?[2J\t22\t0\troot\t/?/'"$pod/$container"$'
#process 27\tended\t-\t-\t-\t-\t-\t-'
is '... beside the records' "$(grep -v -e '^#process' -e '^#host' "$box/who")" "$(cat "$HOME/records")"
replay --json --columns command,exe,parent,uid,user "$box/who"
is '... and a replay has them' \
	"$status $errors$(head -n 5 <<<"${said//,\"table\":\"process\"/}")" "0 $processes"
sed 's/^#host .*/#host b/; s/\t22\t0\t/\t33\t5\t/' "$box/who" >"$box/who-b"
run stap-socket merge --csv --columns host,command,parent,uid "$box/who-b" "$box/who"
is '... and a merge, of each host' "$status $errors$(tr -d '\r' <<<"$said" | grep -v host | cut -d , -f 2- |
	sed "s/^$(hostname),/a,/" | grep -e very -e fifteen)" '0 b,a-very-long-name.py,33,5
b,fifteen-letters,33,5
a,a-very-long-name.py,22,0
a,fifteen-letters,22,0'
run stap-socket merge --record "$box/who-both" --csv "$box/who-b" "$box/who"
is '... which can be kept' \
	"$(stap-socket replay --csv --columns host,command,parent,uid "$box/who-both" | grep -c ',33,5')" 2
# Paths are cut before addresses.
with_path()
{
	printf '#process 1\tpython3\t-\t/opt/company/services/frontend/releases/current/server\t1\t0\troot\t/\n'
	"$@" 10.20.30.40 50000 192.168.100.200 44321
	"$@" 2001:db8:1234:5678::1 50000 2001:db8:1234:5678::2 44321
}
{
	printf '#records 1 params\n#columns pid:pid command:command connection:ends\n#order \n'
	printf '#table %s\n' "$t"
	with_path tabbed 1 python3
	echo '#end'
} >"$box/path"
{
	printf '#records 1 connect\n#columns time=time_ns:time pid:pid command:command connection:ends\n#order \n#lines\n'
	with_path tabbed "$t" 1 python3
} >"$box/path-lines"
columns() { stap-socket replay --columns pid,exe,connection "$1" | grep -v '^..:..:..$'; }
is 'a table with a path and addresses, in 80 columns' "$(COLUMNS=80 columns "$box/path")" \
	'    PID EXE                        CONNECTION
      1 /opt/company..rrent/server 10.20.30.40:50000 > 192.168.100.200:44321
      1 /opt/company..rrent/server :50000 > [2001:db8:1234:5678::2]:44321'
is '... in 160' "$(COLUMNS=160 columns "$box/path")" \
	'    PID EXE                                                    CONNECTION
      1 /opt/company/services/frontend/releases/current/server 10.20.30.40:50000 > 192.168.100.200:44321
      1 /opt/company/services/frontend/releases/current/server [2001:db8:1234:5678::1]:50000 > [2001:db8:1234:5678::2]:44321'
is '... lines, of which the others are not known' "$(COLUMNS=120 columns "$box/path-lines")" \
	'    PID EXE                                                     CONNECTION
      1 /opt/company/services/frontend/releases/current/server  10.20.30.40:50000 > 192.168.100.200:44321
      1 /opt/company/services/frontend/releases/current/server  :50000 > [2001:db8:1234:5678::2]:44321'
replay --columns uid,user,pid --names --no-header "$box/who"
is '... --names: users instead of their numbers' "$(head -n 3 <<<"$said")" \
	'      root root      21
4294967290 -         22
      root root      23'
replay --columns pid,user "$HOME/records"
is 'a recording without them is drawn, and that is said' "$status $errors" \
	"0 stap-socket: $HOME/records was not made by --record: the users and programs of its processes are unknown"
is '... with no user' "$(sed -n 3p <<<"$said")" '     21 -'
is 'records of a pipe: only if asked for' \
	"$(for more in '' ,user; do
		tail -n +1 "$HOME/records" | stap-socket-here replay --csv --columns "command$more" - | sed -n 2p
	done | tr -d '\r' | cut -d , -f 2-)" 'systemd-journal
systemd-journald,root'
is '... or filtered by' \
	"$(tail -n +1 "$HOME/records" | stap-socket-here replay --csv --columns pid -u root - | tr -d '\r' |
		cut -d , -f 2- | paste -s -d ' ')" 'pid 21 23 24'
run stap-socket-here params --columns pid,users
is 'an unknown column' "$errors" "stap-socket: --columns: params has no column 'users' (did you mean user?); it has: pid command bytes exe parent uid user cgroup unit container pod
stap-socket: 'stap-socket --help' shows the usage"
for bad in $'21\tx' $'x\tx\t-\t-\t1\t0\troot\t/' \
	$'21\tsystemd-journal\t-\t-\tx\t0\troot\t/' $'21\tx\t-\t-\t1\t0\troot\t/\tx'; do
	sed "s|^#process 21.*|#process $bad|" "$box/who" >"$box/odd"
	replay --csv --columns pid,user "$box/odd"
	is "a damaged line: ${bad//$'\t'/ }" "$status $errors $(grep -c 'root' <<<"$said")" \
		"1 stap-socket: $box/odd: 1 lines are damaged and left out, the first is line $(grep -n "^#process $bad" "$box/odd" | cut -d : -f 1): '$(tr '\t' ' ' <<<"#process $bad" | cut -c 1-40)' 2"
done
finish
