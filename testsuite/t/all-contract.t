#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab's command line: the output of a guest, and what is left behind.
. "$(dirname "$0")/../tap.sh"

row=6.12

# One boot for all checks that need no failure.
printf 'one\0two\377\n' >"$box/bytes"
printf '#!/bin/sh\necho "mode ran $0"\n' >"$box/tool"
chmod 751 "$box/tool"
mounts=$(cat /proc/self/mounts)
"$lab" boot $row --add "$box/bytes" --add "$box/tool" -- \
	'cat bytes; cat bytes >/dev/stderr; ./tool; stat -c %a tool; nproc;
	cat /proc/cmdline >/dev/null; exit 37' >"$box/out" 2>"$box/err"
is 'the lab exits with the status of the command' $? 37
printf 'one\0two\377\nmode ran ./tool\n751\n2\n' >"$box/expected"
ok 'standard output is passed on byte for byte' cmp "$box/out" "$box/expected"
ok 'standard error is passed on byte for byte' cmp "$box/err" "$box/bytes"

"$lab" boot $row --smp 1 --timeout 20 -- 'sleep 1000' >"$box/out" 2>"$box/err"
is 'a guest that hangs is killed' $? 124
like '... and the message says so' "$(cat "$box/err")" 'killed after 20 s'

"$lab" boot $row -- 'echo c >/proc/sysrq-trigger' >"$box/out" 2>"$box/err"
is 'a guest whose kernel panics has status 125' $? 125
like '... and its log is printed' "$(cat "$box/err")" 'Kernel panic'

cat >"$box/warn.stp" <<'END'
%{
#include <linux/bug.h>
%}
function warn() %{ WARN_ON(1); %}
probe begin { warn() exit() }
END
for warned in 5.10 7.2; do
	"$lab" run $warned "$box/warn.stp" -g -- true >"$box/out" 2>"$box/err"
	is "... and so has one with a WARNING of kernel $warned" $? 125
	like '... which is printed' "$(cat "$box/err")" 'WARNING: .*script_src'
done

"$lab" boot $row --icount -- nproc >"$box/out" 2>"$box/err"
is 'a guest that counts instructions has one processor' "$(cat "$box/out")" 1
"$lab" boot $row --icount --smp 4 -- nproc >"$box/out" 2>"$box/err"
is '... or the number given with --smp' "$(cat "$box/out")" 4

"$lab" boot $row --smp zero -- true >"$box/out" 2>"$box/err"
is 'a number of processors that is not a number is refused' $? 2
LAB_ACCEL=xen "$lab" boot $row -- true >"$box/out" 2>"$box/err"
is 'an unknown accelerator is refused' $? 2
like '... and the message names the known ones' "$(cat "$box/err")" "kvm or tcg, not 'xen'"
"$lab" boot $row --add "$box/none" -- true >"$box/out" 2>"$box/err"
is '--add of a missing file is refused' $? 2
like '... and the message names it' "$(cat "$box/err")" "no file '$box/none'"

echo 'probe begin {' >"$box/bad.stp"
"$lab" compile $row "$box/bad.stp" -o "$box/bad.ko" >"$box/out" 2>"$box/err"
is 'a script that does not parse fails with the status of stap' $? 1
like "... and with stap's message" "$(cat "$box/err")" 'parse error'
ok '... and leaves no module' test ! -e "$box/bad.ko"

echo 'probe socket.sendpage, socket.sendpage.return { exit() }' >"$box/gone.stp"
ok 'a probe without a kernel function builds' \
	"$lab" compile 7.2 "$box/gone.stp" -o "$box/gone.c"
is '... and registers nothing' "$(grep -c 'sock_sendpage.*maxactive\|\.symbol_name="sock_sendpage' \
	"$box/gone.c")" 0

# Scripts written for other tapsets or other systems.
cat >"$box/other.stp" <<'END'
global sock, ino[10]
# $size
probe socket.sendmsg { printf("%p $sock %s\n", $sock, $$parms) }
probe kernel.function("x") ? { println($sock) }
probe socket.sendmsg.return, begin { ino[1] = $return }
END
"$lab" compile $row "$box/other.stp" -o "$box/other.ko" >"$box/out" 2>"$box/err"
is 'a script with variables of kernel functions does not build' $? 1
is '... and the messages name the values to use instead' \
	"$(sed -n 's/^stap-socket-run: \(other[^;]*; [^:]*\).*/\1/p' "$box/err")" \
	'other.stp:3: $sock is of the kernel function; in socket.* probes use sock
other.stp:3: $$parms is of the kernel function; in socket.* probes use their values
other.stp:5: $return is of the kernel function; in socket.* probes use size (of messages) or err'
is '... and the globals that have names of values' \
	"$(sed -n 's/^stap-socket-run: \(.*global.*\) is also a value.*/\1/p' "$box/err" | sort)" \
	'other.stp:1: global ino
other.stp:1: global sock'
for argument in --compatible=4.0 '-e probe kernel.trace("sched:sched_switch"), kernel.trace("tcp_probe") { exit() }'; do
	echo 'probe socket.send { println(size) }' >"$box/plain.stp"
	[[ $argument != -e* ]] || echo "${argument#-e }" >>"$box/plain.stp"
	[[ $argument != -e* ]] || argument=-v
	ok "a script builds with ${argument/-v/a tracepoint of another system}" \
		"$lab" compile $row "$box/plain.stp" -o "$box/plain.c" "$argument"
done

cat >"$box/names.stp" <<'END'
probe begin
{
	println(sock_fam_num2str(2), sock_fam_str2num("af_unix"),
		sock_prot_num2str(6), sock_prot_str2num("IPPROTO_UDP"),
		sock_state_num2str(3), sock_state_str2num("ss_free"),
		sock_fam_num2str(4711), sock_prot_str2num("no such name"))
	println(_success_check(-1), _get_sock_addr(0), _get_sock_size(0, 3),
		_sock_fam_num(1), _sock_prot_num(4096), _sock_state_num(-4096))
}
END
ran=$("$lab" run $row "$box/names.stp" -- echo from the guest 2>"$box/err")
is 'run prints the output of the script and of the command' "$ran" \
	$'INET1TCP17CONNECTED0UNDEF-1\n0-1-1-1-1-1\nfrom the guest'

# Builds must not change the headers of the packages.
for name in trixie sid; do
	root=${SOCKET_TAPSET_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/socket-tapset}/roots/$name
	[ -d "$root" ] || continue
	is "the kernel headers in root $name are untouched" "$(
		dpkg-query --root "$root" -W -f '${Package}\n' 'linux-headers-*' |
		xargs dpkg --root="$root" --verify | grep -v '/usr/share/doc/')" ''
	is "root $name has no debuginfo and no other tracers" "$(
		dpkg-query --root "$root" -W -f '${Package}\n' |
		grep -E -- '-dbg(sym)?$|^bpftrace$|^libbpf-tools$'
		find "$root/usr/lib/debug" 2>/dev/null)" ''
done

# A lab command that is killed leaves nothing behind.
env TMPDIR="$box" "$lab" boot $row -- 'sleep 1000' >"$box/out" 2>"$box/err" &
sleep 4
kill -TERM $!
wait $!
is 'a lab command that gets SIGTERM exits with 143' $? 143
sleep 1
is '... and leaves no guest' "$(pgrep -f "$box/.*initrd")" ''
is '... and no files' "$(find "$box" -name 'socket-tapset-lab*')" ''
is 'no mount is left' "$(cat /proc/self/mounts)" "$mounts"
finish
