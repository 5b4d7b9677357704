#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows lab: 7.2
# rows all: 5.10 6.1-old
# only these rows
# Wildcards for all probes give the same counts as the probes' names.
. "$(dirname "$0")/../tap.sh"
cat >"$box/ten.py" <<'END'
import socket
a, b = socket.socketpair()
for i in range(10):
    a.send(bytes(10))
    b.recv(10)
END
for name in receive recvmsg recvmsg.return send sendmsg sendmsg.return; do
	echo "socket.$name 10"
done >"$box/expected"
cat >"$box/two.stp" <<END
global c
probe socket.*, socket.*.return { if (pid() == target()) c[name]++ }
probe end { foreach (n+ in c) printf("%s %d\n", n, c[n]) }
END
sed 's/^probe socket.*/probe socket.** { if (pid() == target()) c[name]++ }/' \
	"$box/two.stp" >"$box/one.stp"
for row in ${LAB_ROW:-5.10 6.1-old 7.2}; do
	for script in two one; do
		ok "$row: the script builds" "$lab" compile "$row" \
			"$box/$script.stp" -o "$box/$script.ko"
	done
	"$lab" boot "$row" --add "$box/two.ko" --add "$box/one.ko" --add "$box/ten.py" -- \
		'for m in two one; do staprun $m.ko -c "python3 ten.py"; echo ---; done' \
		>"$box/out" 2>"$box/messages"
	is "$row: guest exits 0" $? 0
	is "$row: socket.* and socket.*.return have the expected counts" \
		"$(sed '/^---/,$d' "$box/out" | grep -E '(send|rec)')" "$(cat "$box/expected")"
	is "$row: socket.** has the same counts" \
		"$(sed '1,/^---/d; /^---/d; /\.timed /d' "$box/out")" \
		"$(sed '/^---/,$d' "$box/out")"
	is "$row: ... and so have the .timed variants" \
		"$(sed -n '1,/^---/d; s/\.timed / /p' "$box/out")" "$(
		grep -E '(send|receive|msg.return) ' "$box/expected" | grep -vE '(send|recv)msg ')"
done
echo 'probe socket.send.return { println(size) }' >"$box/none.stp"
for row in ${LAB_ROW:-5.10 7.2}; do
	ok "$row: socket.send.return does not exist and does not resolve" \
		bash -c "! '$lab' compile $row '$box/none.stp' -o '$box/none.ko'"
done
finish
