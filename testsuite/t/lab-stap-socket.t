#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# stap-socket on a real kernel, without stap: a prebuilt module starts, gets its values,
# ends with its last table however it is stopped, and leaves nothing.  The refusals are
# those of a real kernel and a real staprun.
. "$(dirname "$0")/../tap.sh"
row=${LAB_ROW:-6.12}

printf 'probe socket.sendd { }\n' >"$box/wrong one.stp"
said=$("$lab" run "$row" "$box/wrong one.stp" -- true 2>&1)
is 'lab run of a script with an error fails' $? 1
like '... and the message names the script' "$said" ' at wrong one\.stp:1:7'
said=$(cd "$box" && "$lab" compile "$row" 'wrong one.stp' -o other.ko 2>&1)
like '... as does that of lab compile' "$said" ' at wrong one\.stp:1:7'

release=$("$lab" get "$row" release)
"${CC:-cc}" -shared -fPIC -o "$box/preload.so" "$top/testsuite/stap-socket/preload.c"
make -s -C "$top" install prefix=/usr/local DESTDIR="$box/root" O="$O" >"$box/out" 2>&1
with_own_ncurses usr/local
# One tool is enough, which prints its options.
scripts=$box/root/usr/local/share/socket-tapset/examples
rm -f "$scripts"/*.stp
cp "$top/testsuite/stap-socket/params.stp" "$scripts/"
mapfile -t types < <(types_of "$row")
prebuild()
{
	"$lab" root "$row" "$box" -- /usr/bin/env XDG_CACHE_HOME=/script/cache \
		SYSTEMTAP_DIR=/lab/cache /script/root/usr/local/bin/stap-socket prebuild \
		--kernel "$release" --symbols /lab/kallsyms "${types[@]}" \
		--output "/script/root/usr/local/lib/socket-tapset/modules/$release" params
}
# in_root COMMAND...: runs it in the build root
in_root()
{
	"$lab" root "$row" "$box" -- /usr/bin/env SYSTEMTAP_DIR=/lab/cache \
		PATH=/script/root/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# Runs the output of --dry-run unchanged, except for the symbols of the kernel, which does
# not run here, and the start of the tool.
cat >"$box/dry" <<'END'
release=$1
shift
export XDG_CACHE_HOME=/script/pasted
LD_PRELOAD=/script/preload.so RELEASE=$release stap-socket params --dry-run |
	sed "s| --kernel $release |&--symbols /lab/kallsyms $* |; /^staprun /,\$d" >/script/lines
echo true >>/script/lines
sh /script/lines
echo "status $?"
stap-socket prebuild --kernel "$release" --symbols /lab/kallsyms "$@" \
	--output "/script/pasted/socket-tapset/modules/$release" params
END
said=$(in_root bash /script/dry "$release" "${types[@]}" 2>&1)
like 'the output of --dry-run builds a module' "$said" 'status 0'
like '... after which prebuild builds nothing' "$said" '0 built, 1 kept, 0 failed'

# Each tool has a global for each option of the command.
cat >"$box/globals" <<'END'
release=$1
shift
for script in /source/examples/*.stp; do
	grep -q '@socket_tool' "$script" || continue
	echo "$(basename "$script" .stp)" $(stap-socket-run --kernel "$release" \
		--tree /lab/stap-tree --symbols /lab/kallsyms "$@" -- -p2 "$script" |
		sed -n '/^# globals/,/^# [^g]/s/^\([a-z_]*\):.*/\1/p' | grep -E '^(only_.*|interval|count|duration)$' | sort)
done
END
said=$(in_root bash /script/globals "$release" "${types[@]}")
is 'each tool is translated' "$(grep -c . <<<"$said")" \
	"$(grep -l '@socket_tool' "$top"/examples/*.stp | wc -l)"
is '... and has a global for each option' \
	"$(cut -d ' ' -f 2- <<<"$said" | sed 's/ only_failed//; s/ only_slower//' | sort -u)" \
	"count duration interval only_cgroup only_command only_family only_laddr only_lport only_netns only_pid only_protocol only_raddr only_rport only_tree only_type only_uid"
is '... some also for those of outcomes' "$(grep -o '^[a-z]*\|only_failed\|only_slower' <<<"$said" |
	awk '/^only_/ { has[$1] = has[$1] " " tool; next } { tool = $1 }
	END { print "failed" has["only_failed"] "\nslower" has["only_slower"] }')" \
	'failed accept connect listen options trace
slower accept connect latency life listen trace'

ok 'prebuild builds for a kernel that is not running' prebuild
said=$(prebuild 2>&1)
like '... and keeps it the second time' "$said" '0 built, 1 kept, 0 failed'
tar -C "$box/root" -cf "$box/installed.tar" usr
"$lab" boot "$row" --add "$box/installed.tar" --add "$top/testsuite/stap-socket/guest" \
	--add "$box/preload.so" -- \
	'bash ./guest' >"$box/said" 2>"$box/errors"
is 'guest exits 0' $? 0
is '... with nothing on stderr' "$(cat "$box/errors")" ''

said=$(section check)
like 'check: tools can run without stap' "$said" $'The tools can run.\nstatus 0'
like '... because the modules are installed' "$said" 'ok +prebuilt modules of'
like '... and the missing package is named' "$said" "missing .*apt-get install linux-headers-${release//+/\\+}"

said=$(section values)
is 'each option reaches the module' "$(sed -n 2,4p <<<"$said")" \
	"a table, pid  command [Web Content] uid 33 protocol 6 family 10 type 2
lport 80 rport !443,8000-8100 laddr 10.0.0.0/8,::1 raddr  netns $(head -n 1 <<<"$said") cgroup  tree 1
interval 1 count 1 duration 0 failed 1 slower 5000000"
is '... and the kernel knows each parameter' "$(tail -n 1 <<<"$said")" 0
like '-c ends it, with no module left' "$said" 'the last table.*status 0 left 0'

said=$(section command)
like 'a command gets its arguments unchanged' "$said" "to stdout \['a  b', \"it's\"\]"
like '... and its own standard error' "$said" 'to stderr'
like '... and is the process tree that the tool follows' "$said" 'tree command'
like '... whose messages are seen' "$said" 'messages 5'
like '... and whose status is passed on' "$said" 'status 42 left 0$'
like '... it reads the standard input' "$(section 'command: standard input')" 'some input'
like '... and if a signal kills it, the status is that of a shell' "$(section 'command: killed')" \
	'status 137 left 0$'
like 'if the tool ends first, the command continues' "$(section 'command: goes on')" \
	$'status 0 left 0\nlate$'

said=$(section 'dry run')
like 'the output of --dry-run runs in a shell' "$said" $'\\[a  b\\]\n\\[it\'s\\]\n\\[\\$HOME\\]'
like '... with the values unchanged' "$said" "command \[it's \\\$HOME\].*interval 100 "
like '... and ends as staprun ends it' "$said" 'the last table.*status 0 left 0$'
said=$(section 'others can write before it is loaded')
like 'a module that others can change after it was chosen is refused' "$said" \
	$'^stap-socket: others can write to /usr/local/lib/[^\n]*\nstatus 1 left 0\nmode 777'
like '... and loaded if they cannot' "$said" 'mode 777.a table.*status 0 left 0$'

for how in INT TERM HUP 'INT, as a terminal sends it'; do
	said=$(section "$how")
	like "after $how it exits 0, with no module left" "$said" 'status 0 left 0'
	like '... with the last table' "$said" $'the last table.*\nmessages [0-9]+$'
done
like 'the module was loaded before' "$(section INT)" '^loaded 1'
like 'QUIT: the module, which staprun would leave, is removed' \
	"$(section 'QUIT, as a terminal sends it')" 'status 0 left 0.*without the last table'
like 'KILL to stapio: the module is removed, and the status passed on' \
	"$(section 'KILL to stapio')" 'status 137 left 0'
is 'SIGINT while it starts leaves no module' \
	"$(section 'interrupted while it starts' | sort | uniq -c | tr -s ' ')" ' 8 left 0'
said=$(section 'two at a time')
like 'a tool can run twice at the same time' "$said" '^loaded 2'
like '... and one can end without the other' "$said" 'status 0 left 1.*status 0 left 0'
is '... each with its last table' "$(grep -c '^the last' <<<"$said")" 2
said=$(section 'output that nobody reads')
like 'it ends when nobody reads its output any more' "$said" 'left 0 complaints 0$'
said=$(section killed)
like 'check finds the module that a killed run has left' "$said" 'note .*stap_socket_params_[0-9_]* was left'
like '... and staprun -d removes it' "$said" 'left 0$'

# Refusals of a real kernel and a real staprun.
refused() # SECTION PATTERN
{
	like "$1: the message has the cause" "$(section "$1")" "$2"
	like '... and it exits 1, with no module left' "$(section "$1")" 'status 1 left 0'
}
refused nobody 'neither root nor in the group stapusr.*usermod -aG stapusr,stapdev nobody'
refused 'stapusr without an installed module' "prebuild --output /lib/modules/${release//+/\\+}/systemtap"
like 'stapusr runs a module that root has installed' "$(section stapusr)" 'the last table.*status 0 left 0'
refused 'root without the capability' 'no CAP_SYS_MODULE'
refused 'another kernel of that name' 'built for another kernel than'
like "... and staprun's own message is kept" "$(section 'another kernel of that name')" \
	"insert module '.*': Invalid module format"
refused lockdown 'locked down .*signed modules only'
refused 'no more modules' 'no module until the next boot .*modules_disabled'
like 'check reports it too' "$(section 'check where nothing can run')" \
	$'missing .*modules_disabled.*The tools can not run.\nstatus 1'
finish
