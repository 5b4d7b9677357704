#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows lab: 5.10 6.12
# rows all: 6.1 7.2
# What TCP and the network do outside of calls: socket.retransmit, reset, state and drop, and the
# values sock_tcp_*(), compared with getsockopt(TCP_INFO), /proc/net/snmp and the workload.
. "$(dirname "$0")/../tap.sh"
tcp=$top/testsuite/tcp

for row in ${LAB_ROW:-5.10 6.12}; do
	ok "$row: the module builds" "$lab" compile "$row" "$tcp/tcp.stp" -o "$box/tcp.ko" \
		-DSTP_NO_OVERLOAD
	cat >"$box/guest" <<-'END'
		ip link set lo up
		modprobe sch_netem
		staprun tcp.ko -o seen -c 'python3 tcp.py >facts' </dev/null
		sed 's/^/seen /' seen
		sed 's/^/said /' facts
	END
	"$lab" boot "$row" --timeout 400 --add "$box/tcp.ko" --add "$box/guest" \
		--add "$tcp/tcp.py" -- 'sh ./guest' >"$box/out" 2>"$box/errors"
	is "$row: guest exits 0, with nothing on stderr" "$? $(cat "$box/errors")" '0 '
	sed -n 's/^seen //p' "$box/out" >"$box/seen"
	fact() { awk -v name="$1" -v n="${2:-3}" '$2 == "fact" && $3 == name { print $(n + 1) }' "$box/out"; }

	is "$row: sock_tcp_*() are the numbers of TCP_INFO" \
		"$(grep '^info' "$box/seen" | grep -v 'mss=-1')" "$(sed -n 's/^said info/info/p' "$box/out")"
	is '... one of which was limited by the window' "$(fact limited)" True
	is '... and unset for what is not a TCP socket' "$(grep -c 'rtt=-1 .*sndbuf_limited=-1$' "$box/seen")" 3
	is "$row: segments sent again are those of TcpRetransSegs" \
		"$(awk '$1 == "retransmit" { n += $2 } END { print n + 0 }' "$box/seen")" "$(fact retransmits)"
	ok '... at least 4' test "$(fact retransmits)" -ge 4

	# Up to 6.9 the kernel does not report the resets of ports without a listener.
	sent=8
	case $("$lab" get "$row" release) in
	5.* | 6.1.*) sent=3 ;;
	esac
	is "$row: 8 resets, as TcpOutRsts, and as many received" \
		"$(fact resets) $(grep -c '^reset sent' "$box/seen") $(grep -c '^reset received' "$box/seen")" \
		"8 $sent 8"
	is '... with the addresses of the packet where there is no socket' \
		"$(grep -c '^reset sent 127.0.0.1:9 127.0.0.1:[0-9]* [A-Z_]* 6$' "$box/seen")" "$((sent - 3))"

	states() { awk -v local="$1" -v remote="$2" '$1 == "state" && $2 == local && $3 == remote {
		print $4, $5 }' "$box/seen" | paste -sd,; }
	client=$(fact client) server=$(fact server)
	is "$row: the states of a client" \
		"$(awk -v port="$server" -v ino="$(fact client 4)" '$1 == "state" && $3 == port && $7 == ino {
			print $4, $5 }' "$box/seen" | paste -sd,)" \
		'CLOSE SYN_SENT,SYN_SENT ESTABLISHED,ESTABLISHED FIN_WAIT1'
	is '... also after its process has closed it' "$(states "$client" "$server" | sed 's/.*FIN_WAIT1,//')" \
		'FIN_WAIT1 FIN_WAIT2,FIN_WAIT2 CLOSE'
	# Some kernels set the peer before the first of them.
	is '... and of its server' "$(states "$server" "$client" | sed 's/^LISTEN SYN_RECV,//')" \
		'SYN_RECV ESTABLISHED,ESTABLISHED CLOSE_WAIT,CLOSE_WAIT LAST_ACK,LAST_ACK CLOSE'
	ok '... with the time in one' awk -v port="$client" -v most="$(fact established)" '
		$1 == "state" && $2 == port && $4 == "ESTABLISHED" { n++; bad = $6 < 4e8 || $6 > most + 5e8 }
		END { exit n != 1 || bad }' "$box/seen"

	full=$(fact full)
	if grep -q '^drop .* SOCKET_RCVBUFF' "$box/seen"; then
		reasons='SOCKET_RCVBUFF NO_SOCKET'
	else
		reasons='UNDEF UNDEF'
	fi
	drops() { grep -cE "^drop $1 [0-9]+ $2 $3 " "$box/seen"; }
	is "$row: datagrams without room are dropped" \
		"$(drops "$full" "${reasons% *}" 'udp_queue_rcv_one_skb')" "$(fact full 4)"
	is '... and those to a port without a socket' \
		"$(drops 9 "${reasons#* }" '(__udp4_lib|udp)_rcv')" 3
	case $row in
	6.* | 7.*) is '... with the reason' "$reasons" 'SOCKET_RCVBUFF NO_SOCKET' ;;
	esac
	is "$row: nothing is skipped or lost" "$(grep '^skipped' "$box/seen")" 'skipped 0, lost 0'
done
finish
