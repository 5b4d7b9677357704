#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows all: 5.10 6.1 6.1-old 6.12 7.2
# stap-socket check --probes: on a real kernel the probes count the calls of the self-test's
# program, and a call that does not reach its probe is found.
. "$(dirname "$0")/../tap.sh"
row=${1:-${LAB_ROW:-6.12}}

prefixes=(usr/local opt/blind)
for prefix in "${prefixes[@]}"; do
	ok "$row: it installs in /$prefix" make -s -C "$top" install prefix="/$prefix" \
		DESTDIR="$box/root" O="$O"
done
# The guest has another C library.
make -s -C "$top" O="$box/static" "$box/static/self-test" LDFLAGS=-static
for prefix in "${prefixes[@]}"; do
	with_own_ncurses "$prefix"
	cp "$box/static/self-test" "$box/root/$prefix/libexec/socket-tapset/"
done
# As if the kernel's compiler had inlined the function into the calls of sendmmsg(2).
sed -i 's/"____sys_sendmsg"/"sock_no_sendmsg"/' \
	"$box/root/opt/blind/share/socket-tapset/tapset/linux/socket_points.stp"

release=$("$lab" get "$row" release)
mapfile -t types < <(types_of "$row")
for prefix in "${prefixes[@]}"; do
	ok "$row: $prefix: the self-test is prebuilt" \
		"$lab" root "$row" "$box" -- /usr/bin/env XDG_CACHE_HOME=/script/cache \
		SYSTEMTAP_DIR=/lab/cache "/script/root/$prefix/bin/stap-socket" prebuild \
		--kernel "$release" --symbols /lab/kallsyms "${types[@]}" \
		--output "/script/root/$prefix/lib/socket-tapset/modules/$release" self-test
done
# With the output of a real stap.
echo 'stap-socket-run --kernel "$@" -- -u -p2 -e "probe socket.** ? { }" >/script/p2
	stap-socket words probes /script/p2' >"$box/probes"
found=$("$lab" root "$row" "$box" -- /usr/bin/env SYSTEMTAP_DIR=/lab/cache \
	PATH=/script/root/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash /script/probes \
	"$release" --tree /lab/stap-tree --symbols /lab/kallsyms "${types[@]}" 2>"$box/errors")
is "$row: each probe has its kernel functions" \
	"$(cut -d ' ' -f 1 <<<"$found" | sort -u)" \
	"$(awk '/^probe socket\./ { print $2 }' "$O/tapset/linux/socket.stp" | sort)"
like '... socket.bind for one' "$found" $'\nsocket.bind security_socket_bind\n'
tar -C "$box/root" -cf "$box/installed.tar" "${prefixes[@]}"
cat >"$box/guest" <<'END'
tar -C / -xf installed.tar
for prefix in /usr/local /opt/blind; do
	echo "== $prefix"
	COLUMNS=9999 $prefix/bin/stap-socket check --probes </dev/null
	echo "status $?"
	grep -c ^stap_ /proc/modules
done || true
END
"$lab" boot "$row" --add "$box/installed.tar" --add "$box/guest" -- 'bash ./guest' \
	>"$box/said" 2>"$box/errors"
is "$row: guest exits 0" $? 0
# The kernel skips a kprobe that interrupts another, here one of another program.
is '... with nothing on stderr' "$(grep -v ': [0-9]\{1,2\} events were missed, ' "$box/errors")" ''

said=$(section /usr/local | grep -v '^missing .*bpftool\|^note  *the probes were not looked at')
for call in send sendto sendmsg sendmmsg write writev sendfile splice-to aio-pwrite uring-send \
	uring-sendmsg uring-write uring-writev recv recvfrom recvmsg recvmmsg read readv \
	splice-from aio-pread uring-recv uring-recvmsg uring-read uring-readv; do
	case $call in *mmsg) n=40 ;; *) n=20 ;; esac
	like "$row: $call is counted" "$said" $'\n'"ok       $call: $n of $n counted by "
done
like "$row: each call of a connection's life is counted" "$said" $'\nok       connection: '
is '... with no wrong number' "$(grep -c '^wrong' <<<"$said")" 0
like '... and no module left' "$said" $'\n0$'
said=$(section /opt/blind)
like "$row: check finds a call that does not reach its probe" "$said" \
	$'\nwrong    sendmmsg: counted by [^\n]* 20 of 40'
is '... and nothing else' "$(grep -c '^wrong' <<<"$said")" 1
like '... and exits 1' "$said" $'\nstatus 1\n0$'
finish
