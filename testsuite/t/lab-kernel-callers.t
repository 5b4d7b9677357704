#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows lab: 7.2
# rows all: 5.10 6.1 6.1-old 6.12
# Traffic of the kernel's own sockets, compared with the counters of its peer.
. "$(dirname "$0")/../tap.sh"
row=${LAB_ROW:-6.12}
for script in sums callers; do
	ok "$row: $script.stp builds" "$lab" compile "$row" \
		"$top/testsuite/kernel-callers/$script.stp" -o "$box/$script.ko"
done
"$lab" boot "$row" --timeout 240 --add "$box/sums.ko" --add "$O/nbd" \
	--add "$box/callers.ko" --add "$top/testsuite/kernel-callers/callers.py" -- \
	'for module in "nbd nbds_max=1" nfsd nfsv4; do
		modprobe $module || { echo "lacks ${module% *}"; exit; }
	done
	staprun sums.ko -c ./nbd || exit
	ip link set lo up
	mount -t nfsd nfsd /proc/fs/nfsd
	echo callers
	staprun callers.ko -o seen -c "exec python3 callers.py >expected"
	sort seen; echo expected; sort expected' >"$box/all" 2>"$box/messages"
ok "$row: guest exits 0" bash -c "cat '$box/messages'; exit $?"
lacking=$(sed -n 's/^lacks //p' "$box/all")
if [ -n "$lacking" ] && [ "$("$lab" get "$row" added)" = yes ]; then
	skip "$row: sockets of the kernel" "$row has no module $lacking"
	finish
fi
sed '/^callers$/,$d' "$box/all" >"$box/out"
read -r received sent requests < <(sed -n 's/^server //p' "$box/out")
# sum PROBE PEER, count PROBE PEER
sum() { sed -n "s/^$1 $2 [0-9]* //p" "$box/out"; }
count() { sed -n "s/^$1 $2 \([0-9]*\) .*/\1/p" "$box/out"; }
is "$row: the kernel sent the bytes that its peer received" "$(sum send kernel)" "$received"
is "$row: ... and received those that its peer sent" "$(sum receive kernel)" "$sent"
is "$row: the events of the peer have the same bytes" \
	"$(sum send server) $(sum receive server)" "$sent $received"
is "$row: all of them come from sendmsg and recvmsg" \
	"$(for peer in kernel server; do
		count sendmsg $peer; sum sendmsg $peer
		count recvmsg $peer; sum recvmsg $peer; done)" \
	"$(for peer in kernel server; do
		count send $peer; sum send $peer
		count receive $peer; sum receive $peer; done)"
is "$row: ... none from read or write" "$(grep -c '^file' "$box/out")" 0
ok "$row: $(count send kernel) messages for ${requests:-no} requests" \
	test "$(count send kernel)" -ge "${requests:-1}"
is "$row: nothing is lost" "$(sed -n 's/^lost //p' "$box/out")" 0
expected=$(sed '1,/^expected$/d' "$box/all")
seen=$(sed '1,/^callers$/d; /^expected$/,$d; /^socket.shutdown/d' "$box/all")
# The kernel calls connect again if a connection takes long: an event each time.
is "$row: the kernel's own sockets listen, accept and connect" \
	"$(grep -v '^socket.connect ' <<<"$seen")" "$(grep -v '^socket.connect ' <<<"$expected")"
ok "$row: ... at least once for each connection" \
	test "$(grep -c '^socket.connect to 127.0.0.1 20491$' <<<"$seen")" -ge \
	"$(grep -c '^socket.connect ' <<<"$expected")"
like "$row: ... and are shut down" "$(cat "$box/all")" 'socket.shutdown 127'
ok "$row: ... in at least 7 lines" test "$(wc -l <<<"$expected")" -ge 7
finish
