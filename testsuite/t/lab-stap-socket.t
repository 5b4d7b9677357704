#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# stap-socket with a real kernel and no stap: a prebuilt module starts, gets its
# values, ends with its last table however it is told to, and leaves nothing.  What
# keeps modules out is real too.
. "$(dirname "$0")/../tap.sh"
row=${LAB_ROW:-6.12}

printf 'probe socket.sendd { }\n' >"$box/wrong one.stp"
said=$("$lab" run "$row" "$box/wrong one.stp" -- true 2>&1)
is 'lab run of a script that is wrong fails' $? 1
like '... and names it' "$said" ' at wrong one\.stp:1:7'
said=$(cd "$box" && "$lab" compile "$row" 'wrong one.stp' -o other.ko 2>&1)
like '... and so does lab compile' "$said" ' at wrong one\.stp:1:7'

release=$("$lab" get "$row" release)
make -s -C "$top" install prefix=/usr/local DESTDIR="$box/root" O="$O" >"$box/out" 2>&1
# One tool is enough, one that says what it was given.
scripts=$box/root/usr/local/share/systemtap/examples/network/socket
rm -f "$scripts"/*.stp
cp "$top/testsuite/launcher/params.stp" "$scripts/"
types=(--btf /lab/btf)
[ -e "${SOCKET_TAPSET_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/socket-tapset}/rows/$row/btf" ] ||
	types=()
prebuild()
{
	"$lab" root "$row" "$box" -- /usr/bin/env XDG_CACHE_HOME=/script/cache \
		SYSTEMTAP_DIR=/lab/cache /script/root/usr/local/bin/stap-socket prebuild \
		--kernel "$release" --symbols /lab/kallsyms "${types[@]}" \
		--output "/script/root/usr/local/lib/socket-tapset/modules/$release" params
}
# in_root COMMAND...: where modules are built
in_root()
{
	"$lab" root "$row" "$box" -- /usr/bin/env SYSTEMTAP_DIR=/lab/cache \
		PATH=/script/root/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# What --dry-run prints is run as it is, but for the symbols of a kernel that does not run
# here, and the start.
cat >"$box/dry" <<'END'
release=$1
shift
export XDG_CACHE_HOME=/script/pasted
mkdir /tmp/bin
printf '#!/bin/sh\necho %s\n' "$release" >/tmp/bin/uname
chmod 755 /tmp/bin/uname
PATH=/tmp/bin:$PATH stap-socket params --dry-run |
	sed "s| --kernel $release |&--symbols /lab/kallsyms $* |; \$d" >/script/lines
echo true >>/script/lines
sh /script/lines
echo "status $?"
stap-socket prebuild --kernel "$release" --symbols /lab/kallsyms "$@" \
	--output "/script/pasted/socket-tapset/modules/$release" params
END
said=$(in_root bash /script/dry "$release" "${types[@]}" 2>&1)
like 'what --dry-run prints builds a module' "$said" 'status 0'
like '... after which prebuild has nothing to do' "$said" '0 built, 1 kept, 0 failed'

# Each option of the command is a global that reaches the module of each tool.
cat >"$box/globals" <<'END'
release=$1
shift
for script in /source/examples/*.stp; do
	grep -q '^// Columns: ' "$script" || continue
	echo "$(basename "$script" .stp)" $(stap-socket-run --kernel "$release" \
		--tree /lab/stap-tree --symbols /lab/kallsyms "$@" -- -p2 "$script" |
		sed -n '/^# globals/,/^# [^g]/s/^\([a-z_]*\):.*/\1/p' | grep -E '^(only_.*|interval|count|duration|rows|sort_by|json|header|timestamps|exact|width|color)$' | sort)
done
END
said=$(in_root bash /script/globals "$release" "${types[@]}")
is 'each tool is translated' "$(grep -c . <<<"$said")" \
	"$(grep -l '^// Columns: ' "$top"/examples/*.stp | wc -l)"
is '... and takes each value that the command gives' \
	"$(cut -d ' ' -f 2- <<<"$said" | sort -u)" \
	"color count duration exact header interval json only_command only_family only_lport only_netns only_pid only_protocol only_rport only_tree only_type only_uid rows sort_by timestamps width"

ok 'prebuild builds for a kernel that does not run here' prebuild
said=$(prebuild 2>&1)
like '... and keeps it the second time' "$said" '0 built, 1 kept, 0 failed'
tar -C "$box/root" -cf "$box/installed.tar" usr
"$lab" boot "$row" --add "$box/installed.tar" --add "$top/testsuite/launcher/guest" -- \
	'bash ./guest' >"$box/said" 2>"$box/errors"
is 'the guest comes to its end' $? 0
is '... without a word beside' "$(cat "$box/errors")" ''

said=$(section check)
like 'check: tools can run without stap' "$said" $'The tools can run.\nstatus 0'
like '... as the modules are there' "$said" 'ok +prebuilt modules of'
like '... and what is missing is named' "$said" "missing .*apt-get install linux-headers-${release//+/\\+}"

said=$(section values)
is 'each option reaches the module' "$(sed -n 2,5p <<<"$said")" \
	"a table, pid 0 command [Web Content] uid 33 protocol 6 family 10 type 2
lport 80 rport 443 netns $(head -n 1 <<<"$said") tree 1
interval 1 count 1 duration 0 rows 5 sort_by [bytes]
json 1 header 0 timestamps 1 exact 1 width 80 color 0"
is '... and the kernel knows each' "$(tail -n 1 <<<"$said")" 0
like '-c ends it, and no module is left' "$said" 'the last table.*status 0 left 0'

said=$(section command)
like 'a command gets its arguments as they are' "$said" "it says \['a  b', \"it's\"\]"
like '... and its own standard error' "$said" 'and complains'
like '... and is what is followed' "$said" 'tree command'
like '... and its messages are seen' "$said" 'messages 5'
like '... and its status is passed on' "$said" 'status 42 left 0$'
like '... and it reads the standard input' "$(section 'command: standard input')" 'what comes in'
like '... and its death is told as a shell tells it' "$(section 'command: killed')" \
	'status 137 left 0$'
like 'where the tool ends first, the command goes on' "$(section 'command: goes on')" \
	$'status 0 left 0\nlate$'

said=$(section 'dry run')
like 'what --dry-run prints runs in a shell' "$said" $'\\[a  b\\]\n\\[it\'s\\]\n\\[\\$HOME\\]'
like '... with the values as they are' "$said" "command \[it's \\\$HOME\].*interval 100 "
like '... and ends as staprun ends it' "$said" 'the last table.*status 0 left 0$'
said=$(section 'others can write before it is loaded')
like 'a module that others could change since it was chosen: refused' "$said" \
	$'^stap-socket: others can write to /usr/local/lib/[^\n]*\nstatus 1 left 0\nmode 777'
like '... and loaded where none could' "$said" 'mode 777.a table.*status 0 left 0$'

for how in INT TERM HUP 'INT, as a terminal sends it'; do
	said=$(section "$how")
	like "$how ends it well, and leaves no module" "$said" 'status 0 left 0'
	like '... with the last table' "$said" $'the last table.*\nmessages [0-9]+$'
done
like 'it was loaded before' "$(section INT)" '^loaded 1'
like 'QUIT, after which staprun would leave the module: it is removed' \
	"$(section 'QUIT, as a terminal sends it')" 'status 0 left 0.*without the last table'
like 'KILL to staprun itself: the module is removed, and the status passed on' \
	"$(section 'KILL to stapio')" 'status 137 left 0'
is 'an interrupt while it starts leaves no module' \
	"$(section 'interrupted while it starts' | sort | uniq -c | tr -s ' ')" ' 8 left 0'
said=$(section 'two at a time')
like 'a tool can run twice at a time' "$said" '^loaded 2'
like '... and one ends without the other' "$said" 'status 0 left 1.*status 0 left 0'
is '... each with its last table' "$(grep -c '^the last' <<<"$said")" 2
said=$(section 'output that nobody reads')
like 'it ends when nobody reads any more' "$said" 'left 0 complaints 0$'
said=$(section killed)
like 'check finds what a killed run has left' "$said" 'note .*stap_socket_params_[0-9_]* was left'
like '... and the remedy that it names is one' "$said" 'left 0$'

# Refusals of a real kernel and a real staprun.
refused() # SECTION PATTERN
{
	like "$1: a sentence says why" "$(section "$1")" "$2"
	like '... it fails, and nothing is left' "$(section "$1")" 'status 1 left 0'
}
refused nobody 'neither root nor in the group stapusr.*usermod -aG stapusr,stapdev nobody'
refused 'stapusr without an installed module' "prebuild --output /lib/modules/${release//+/\\+}/systemtap"
like 'stapusr runs what root has installed' "$(section stapusr)" 'the last table.*status 0 left 0'
refused 'root without the capability' 'no CAP_SYS_MODULE'
refused 'another kernel of that name' 'built for another kernel than'
like '... and the words of staprun are kept' "$(section 'another kernel of that name')" \
	"insert module '.*': Invalid module format"
refused lockdown 'locked down .*signed modules only'
refused 'no more modules' 'no module until the next boot .*modules_disabled'
like 'check says so too' "$(section 'check where nothing can run')" \
	$'missing .*modules_disabled.*The tools can not run.\nstatus 1'
finish
