#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# stap-socket on a kernel that is locked down and in a hostile environment; its check, its
# completion and its manual page.
. "$(dirname "$0")/../tap.sh"
. "$top/testsuite/stap-socket/installed.sh"

# ---------------------------------------------------------------- a kernel that is locked down

# The same command, which reads the mode from a file of this test.
variant locked -DLOCKDOWN="\"$box/lockdown\"" -DPROC_MODULES='"/proc/version"'
while IFS='|' read -r mode missing note; do
	echo "$mode" >"$box/lockdown"
	said=$(COLUMNS=9999 stap-socket-locked check 2>/dev/null)
	is "check, lockdown $mode: whether unsigned modules are refused" \
		"$(grep -c '^missing .*locked down.*signed modules only: sign the module' <<<"$said")" \
		"$missing"
	is '... and the note about signed ones' "$(sed -n 's/^note *lockdown=//p' <<<"$said")" \
		"$note"
done <<'END'
[none] integrity confidentiality|0|
none [integrity] confidentiality|1|integrity: a signed module runs as it does without lockdown
none integrity [confidentiality]|1|confidentiality: a signed module runs as it does without lockdown; what is forbidden then, kprobes of tracefs and perf and reads by bpf, modules do not use
|0|
END
modules=$HOME/.cache/socket-tapset/modules/$release
echo 'none [integrity] confidentiality' >"$box/lockdown"
prebuild params events
run stap-socket-locked check
like 'check, locked down: unsigned modules cannot be used' "$said" \
	$'\nmissing  the signature of prebuilt modules: events params\nThe tools can not run.$'
printf '~Module signature appended~\n' >>"$modules/$module"
run stap-socket-locked check
like '... but signed ones can' "$said" $'\nmissing  the signature of prebuilt modules: events\n'
printf '~Module signature appended~\n' >>"$modules/${module/params/events}"
run stap-socket-locked check
like '... until all of them are signed' "$said" $'\nok       prebuilt modules of all 2 tools\n'
echo '[none] integrity confidentiality' >"$box/lockdown"
rm -r "$modules"
prebuild params events
run stap-socket-locked check
like '... and unsigned ones can if the kernel is not locked down' "$said" \
	$'\nok       prebuilt modules of all 2 tools\n'
rm "$bin/stap-socket-locked"

# ---------------------------------------------------------------- a hostile environment

# (Status 1 if this machine lacks something that a build needs, such as the kernel's headers.)
run stap-socket params --dry-run -n 'a b' -f inet -s PID
clean="$status $said"
like 'a clean environment: the commands are printed' "$clean" '^[01] .*only_command'
mkdir "$box/evil" "$box/evil/linux"
echo 'probe begin { system("id") }' >"$box/evil/linux/socket.stp"
hostile=(IFS=/ CDPATH=/:/tmp ENV="$box/evil/env" SYSTEMTAP_DIR="$box/evil"
	SYSTEMTAP_TAPSET="$box/evil" SYSTEMTAP_RUNTIME="$box/evil" POSIXLY_CORRECT=1
	PS4='$(touch '"$box"'/ran)' TERM=$'\e[2J' GREP_OPTIONS=-v TZ=$'\n' HOSTNAME='$(id)')
for width in '' -5 0 1 abc 99999 18446744073709551696 '1;id' $'80\n90' ' 80'; do
	run env "${hostile[@]}" COLUMNS="$width" stap-socket params --dry-run -n 'a b' -f inet -s PID
	is "a hostile environment changes nothing, COLUMNS [$width]" "$status $said" "$clean"
done
# A locale with other rules for letters: I is not the upper case of i.
if localedef -i tr_TR -f UTF-8 "$box/tr_TR.UTF-8" 2>/dev/null; then
	run env LOCPATH="$box" LC_ALL=tr_TR.UTF-8 stap-socket params --dry-run -n 'a b' -f inet -s PID
	is '... nor does a Turkish locale' "$status $said" "$clean"
else
	skip 'a Turkish locale' 'localedef has no tr_TR'
fi

# Files with any name: each argument remains one word, and no part of it is run.
for name in $'a b\e[2J*it\'s"$(touch ran)`touch ran`;touch ran;\xff' $'new\nline' '-x' '"'; do
	rm -rf "$box/named"
	mkdir -p "$box/named/$name/tree"
	cd "$box/named" || exit
	printf 'probe begin { exit() }\n' >"./$name/-e.stp"
	: >"$HOME/built"
	run stap-socket run "./$name/-e.stp" -m "$name"
	is "a script in [${name@Q}]: its name is one word" "$(cat "$HOME/built")" "$name "
	: >"./$name/Module.symvers"
	printf 'all:\n\t@echo made\n' >"./$name/Makefile"
	run "$box/stap-socket-run" --kernel 9.9.9 --build "$box/named/$name" \
		--symbols "$box/symbols" --tree "$box/named/$name/tree/t" --make-tree
	case $name in
	*$'\n'*) like '... headers in it: refused' "$status $errors" "^1 .*has a new line" ;;
	*)
		is '... headers in it: make finds them' \
			"$status $(make -s -C "$box/named/$name/tree/t/build" all 2>&1)" '0 made' ;;
	esac
	is '... and nothing in the name is run' "$(find "$box/named" -name ran)" ''
	cd "$top" || exit
done

# ---------------------------------------------------------------- check, completion, manual

run stap-socket check
is 'check prints for each item whether it is there' \
	"$(grep -cvE '^(ok|missing|note|   ) |^kernel |^The tools can (not )?run\.$' <<<"$said")" 0
# longer WIDTH: prints the longer lines of its input, except for those of a single word
longer() { awk -v width="$1" 'length($0) > width && NF > 2'; }
for path in "$PATH" "$box/bare"; do
	for width in 60 80 120; do
		is "... in lines of at most $width columns" \
			"$(COLUMNS=$width PATH=$path "$bin/stap-socket" check | longer $width)" ''
	done
	is '... or 80 without a terminal' "$(PATH=$path "$bin/stap-socket" check | longer 80)" ''
	is '... with the same words' \
		"$(COLUMNS=60 PATH=$path "$bin/stap-socket" check | tr -s ' \n' '\n')" \
		"$(COLUMNS=9999 PATH=$path "$bin/stap-socket" check | tr -s ' \n' '\n')"
done
case $status in
0) like '... and exits 0 if tools can run' "$said" 'The tools can run\.$' ;;
*) like '... and exits 1 if tools cannot run' "$status $said" '^1 .*can not run\.$' ;;
esac

# Kernels as uname shows them, and the rows of the lab that the tests run on.
variant able -DPROC_MODULES='"/proc/version"' -DPROC_KALLSYMS="\"$box/kallsyms\""
printf 'ffff %s\n' 't register_kprobe' 'T __sys_connect_file' 't ____sys_sendmsg' >"$box/kallsyms"
"$CC" -shared -fPIC -o "$box/preload.so" "$top/testsuite/stap-socket/preload.c"
# supported RELEASE MACHINE BUILT: sets support to what check says of such a kernel's
supported()
{
	run env RELEASE="$1" MACHINE="$2" BUILT="$3" LD_PRELOAD="$box/preload.so" COLUMNS=9999 \
		stap-socket-able check
	support=$(grep -E '^[a-z]+ +support: ' <<<"$said")
}
rows_tested=()
for row in "$top"/testsuite/lab/rows/*; do
	kernel=$(sed -n 's/^kernel=//p' "$row") machine=x86_64 what='the tests run' package=amd64
	[ -n "$kernel" ] || continue
	! grep -q '^arch=arm64' "$row" || machine=aarch64 what='every probe was tested' package=arm64
	[[ $kernel =~ ^([0-9]+)\\.([0-9]+)\\. ]]
	version=${BASH_REMATCH[1]}.${BASH_REMATCH[2]}
	supported "$version.0-1-cloud-$package" $machine '#1 SMP Debian'
	is "check: ${row##*/}'s kernel is tested" "$support" \
		"ok       support: $what on Debian's $version ($machine)"
	rows_tested+=("$machine $version")
done
is '... and no other is' "$(for machine in X86_64 AARCH64; do
	sed -nE "s/^#define TESTED_$machine \"(.*)\"/\1/p" "$top/src/doctor.c" | tr ' ' '\n' |
		sed "s/^/${machine,,} /"
done | sort)" "$(printf '%s\n' "${rows_tested[@]}" | sort -u)"
while read -r kernel machine built; do
	supported "$kernel" "$machine" "$built"
	like "... $kernel $built on $machine: expected" "$support" \
		'^note     support: this kernel should work, but was not tested \(tested were .*: stap-socket check --probes$'
done <<-'END'
	6.12.0-55.el10_0 x86_64 #1 SMP
	6.8.0-31-generic x86_64 #31-Ubuntu SMP
	5.15.0-1-amd64 x86_64 #1 SMP Debian
	4.18.0-553.el8_10.x86_64 x86_64 #1 SMP
	6.1.0-1-arm64 aarch64 #1 SMP Debian
	6.12.47+rpt-rpi-2712 aarch64 #1 SMP PREEMPT Debian 1:6.12.47-1+rpt1
	6.12.0-1-s390x s390x #1 SMP Debian
END
sed -i '/ ____sys_sendmsg$/d' "$box/kallsyms"
while IFS='|' read -r kernel machine why; do
	supported "$kernel" "$machine" Debian
	is "... $kernel on $machine: not supported" "$support" \
		"missing  support: the tapset does not support $why"
	is '... and nothing else is asked for' "$status $(grep -c '^[a-z]* *[a-z].*: ' <<<"$said") ${said##*$'\n'}" \
		'1 1 The tools can not run.'
done <<-'END'
	4.18.0-193.el8|x86_64|Linux 4.18 without ____sys_sendmsg(), which 5.10 and RHEL 8.4 have
	6.12.0-1|armv7l|32-bit kernels (armv7l)
	6.12.0-1|mips64|MIPS, whose kernel gives probes no access to arguments
	6.12.0-1|sparc64|sparc64: no kernel of it was tried
END
rm "$bin/stap-socket-able"

# The self-test: its real program, and faked counts of the probes.
variant able -DPROC_MODULES='"/proc/version"' -DPROC_KALLSYMS="\"$box/kallsyms\"" \
	-DNEEDS_NOTHING -DRUNNER="\"$box/able/stap-socket-run\""
echo 'ffff t register_kprobe' >"$box/kallsyms"
mkdir "$box/able"
cat >"$box/able/stap-socket-run" <<'END'
#!/bin/sh
case "$*" in
--untrusted*) ;;
*-p2*'.** ?'*) cat "$HOME/p2" ;;
*-p2*)
	echo "semantic error: while resolving probe point: identifier 'kprobe' at x.stp:1:30"
	echo ' source: probe __socket_user_x = kprobe.function("security_socket_x").call'
	exit 1 ;;
*)
	while [ "$1" != -m ]; do shift; done
	echo "$2 $3" >>"$HOME/built"
	echo module >"$2.ko" ;;
esac
END
cat >"$box/able/staprun" <<'END'
#!/bin/sh
if [ "$1" = -V ]; then
	echo "Systemtap module loader/runner (version 5.6, Debian version 5.6-1)"
	exit
fi
while [ $# -gt 0 ]; do
	[ "$1" != -c ] || sh -c "$2"
	shift
done
cat "$HOME/seen"
END
chmod 755 "$box"/able/*
{
	echo '# globals'
	echo '# probes'
	awk '/^probe socket\./ && !/sendpage|accept / {
		printf "kprobe.function(\"of_%s\").call /*  <- %s = __a /*  <- socket.**? */ */\n", $2, $2
	}' "$O/tapset/linux/socket.stp"
	echo 'never /* <- __socket_never = never /* <- socket.sendpage = __a /* <- socket.**? */ */'
	echo 'never /* <- __socket_never = never /* <- socket.sendpage.return = __a */'
	echo 'kernel.trace("sock:sock_send_length") /*  <- socket.send = __b /*  <- socket.**? */ */'
} >"$HOME/p2"
ok 'the program of the self-test makes its calls' "$O/self-test" "$box/ledger"
is '... of 25 kinds, and connections' "$(cut -d ' ' -f 1 "$box/ledger" | sort -u | wc -l)" 26
# The output of probes that miss nothing.
sed '/ skipped /d; s/-$/0/' "$box/ledger" >"$HOME/seen"
able() { run env PATH="$box/able:$PATH" COLUMNS=9999 stap-socket-able check --probes; }
able
like 'check --probes: a probe has its kernel functions' "$said" \
	$'\nok       socket\.send: of_socket\.send, tracepoint sock_send_length\n'
like '... or the functions that this kernel lacks' "$said" \
	$'\nmissing  socket\.accept: this kernel has no security_socket_x\n'
like '... or a note that the kernel has no such calls' "$said" \
	$'\nnote     socket\.sendpage: this kernel has no such calls, so it never fires\n'
is '... each probe has a line' "$(grep -cE '^(ok|missing|note) +socket\.' <<<"$said")" \
	"$(grep -c '^probe socket\.' "$O/tapset/linux/socket.stp")"
like '... then their counts are compared' "$said" \
	$'\nok       sendmmsg: 40 of 40 counted by send, send\.timed, sendmsg, sendmsg\.return\n'
is '... and only the missing probe is a mistake' \
	"$status $(grep -c ^wrong <<<"$said") ${said##*$'\n'}" \
	'1 0 The tools can run, but this kernel does not have all probes: socket.accept.'
echo 'kprobe.function("f").call /*  <- socket.accept = __a /*  <- socket.**? */ */' >>"$HOME/p2"
able
is '... and the status is 0 if nothing is missing' "$status ${said##*$'\n'}" '0 The tools can run.'
ok '... with the module built the first time' \
	test "$(grep -c self_test "$HOME/built")" = 1
for kernel in "6.12.0-1|0 The tools can run." "4.18.0-1|1 The tools can not run."; do
	run env PATH="$box/able:$PATH" LD_PRELOAD="$box/preload.so" RELEASE="${kernel%|*}" \
		MACHINE=x86_64 BUILT=Debian stap-socket-able check
	is "... of check on ${kernel%|*}" "$status ${said##*$'\n'}" "${kernel#*|}"
done
# A missing event, a missing byte, and a probe that counts nothing.
sed -i 's/^\(recvmmsg socket.receive\) 40/\1 39/; s/^\(write socket.send .*\) .*/\1 19999/
	/^connection socket.close /d' "$HOME/seen"
able
like '... a missing event is wrong' "$said" \
	$'\nwrong    recvmmsg: counted by socket\.receive 39 of 40 \(40000 of 40000 bytes\)\n'
like '... and so is a missing byte' "$said" \
	$'\nwrong    write: counted by socket\.send 20 of 20 \(19999 of 20000 bytes\)\n'
like '... and a probe that did not fire' "$said" \
	$'\nwrong    connection: counted by socket\.close 0 of 60\n'
is '... and with these three the status is 1' "$status $(grep -c ^wrong <<<"$said")" '1 3'
# An event of another probe in the phase, and no event at all.
{
	sed '/ skipped /d; s/-$/0/' "$box/ledger"
	echo 'write socket.sendmsg 20 0'
} >"$HOME/seen"
able
like '... a call that is also counted as another: wrong' "$said" \
	$'\nwrong    write: counted by socket\.sendmsg 20, expected none\n'
: >"$HOME/seen"
able
is '... no event at all: all is wrong' "$status $(grep -c ^wrong <<<"$said")" \
	"1 $(grep -v ' skipped ' "$box/ledger" | cut -d ' ' -f 1 | sort -u | wc -l)"
sed -i 's|kprobe.function(\"security_socket_x\").call|nothing|' "$box/able/stap-socket-run"
sed -i '/<- socket.accept = /d' "$HOME/p2"
able
like '... and a probe that stap does not find, for any reason, is a line' "$said" \
	$'\nmissing  socket\.accept: [^\n]*while resolving'
is '... after which it goes on' "$(grep -c ^wrong <<<"$said")" \
	"$(grep -v ' skipped ' "$box/ledger" | cut -d ' ' -f 1 | sort -u | wc -l)"
like '... and the last line names all that is wrong' "${said##*$'\n'}" \
	'^The tools can run, but .*: send, sendto, .*, connection\.$'
rm -rf "$bin/stap-socket-able" "$box/able" "$modules"
run stap-socket check --probe
is 'check with an unknown option: refused' "$status" 2
like '... and the message names the known one' "$errors" "check takes --probes, but was given '--probe'"

is 'check does not break a command to be copied' \
	"$(for width in 40 50 60 70 80; do
		COLUMNS=$width PATH=$box/bare "$bin/stap-socket" check | grep -c 'install$\|apt-get$\|dnf$'
	done | sort -u)" 0
printf 'systemtap:\n  Candidate: 4.8-2\n' >"$HOME/offered"
cp "$box/apt/apt-cache" "$box/bare/"
run env PATH="$box/bare" COLUMNS=9999 "$bin/stap-socket" check
case $(. /etc/os-release && echo "$ID") in
debian) like 'check does not suggest a systemtap that is too old' "$said" \
	"apt-get install -t sid systemtap, .*pin.*4\.8 now, too old for kernel ${release//+/\\+}" ;;
*) skip 'check does not suggest a systemtap that is too old' 'for Debian' ;;
esac
run env PATH="$box/bare" LD_PRELOAD="$box/preload.so" RELEASE=5.10.0-46-amd64 COLUMNS=9999 \
	"$bin/stap-socket" prebuild --kernel 5.10.0-46-amd64
case $(. /etc/os-release && echo "$ID") in
debian) like '... nor one that is too new' "$errors" 'apt-get install -t trixie systemtap, after adding trixie' ;;
*) skip '... nor one that is too new' 'for Debian' ;;
esac
rm "$HOME/offered" "$box/bare/apt-cache"
run script -qec 'stty cols 50; stap-socket check' /dev/null
is 'its lines are as wide as the terminal' "$(tr -d '\r' <<<"$said" | longer 50)" ''

complete_line() # WORD...: prints the completions of the last word
{
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _stap_socket
		printf "%s\n" "${COMPREPLY[@]}"' - "$top/completions/stap-socket" stap-socket "$@"
}
# Lines as they are typed, and after a Tab.
cd "$box" || exit
: >"$box/own script.stp"
while IFS='|' read -r case typed completed; do
	cases+=("$case") typed_lines+=("stap-socket $typed") completed_lines+=("stap-socket $completed")
done <<'END'
tools|par|params
commands|preb|prebuild
options|params --js|params --json
protocols, in the case that was typed|params -P sct|params -P sctp
families|params -f NETL|params -f NETLINK
... behind other letters|params -Tf NETL|params -Tf NETLINK
types|params -t seq|params -t seqpacket
services|params -r goph|params -r gopher
... in a list|params -l ssh,goph|params -l ssh,gopher
users|params -u games,nobo|params -u games,nobody
limits|params -D SOCKET_N|params -D SOCKET_NOTES=
options of that tool|events -G ag|events -G again=
columns of that tool|params -s by|params -s bytes
... in a list|params --columns pid,by|params --columns pid,bytes
a value behind =|params --units=h|params --units=human
a program after --|params -- stap-socket-r|params -- stap-socket-run
topics of help|help ch|help check
manual pages|help sock_lad|help sock_laddr
scripts|run own|run own\ script.stp
recordings|replay --units exact own|replay --units exact own\ script.stp
options of replay|replay --no|replay --no-header
... filters|replay -f NETL|replay -f NETLINK
... nothing that it does not take|replay --buf|replay --buf
options of prebuild|prebuild --ker|prebuild --kernel
... all of them|prebuild --sym|prebuild --symbols
options of check|check --p|check --probes
nothing more of a value|params -i 5|params -i 5
END
for shell in bash zsh fish; do
	"$top/testsuite/stap-socket/complete.py" "$top/completions" $shell "${typed_lines[@]}" >"$box/lines" 2>&1
	mapfile -t lines <"$box/lines"
	for i in "${!cases[@]}"; do
		# Whether a space follows is looked at below.
		is "completion, $shell: ${cases[i]}" "${lines[i]% }" "${completed_lines[i]}"
	done
	is '... a space follows a word, and not NAME=' \
		"$(grep -c ' $' <<<"${lines[2]}") $(grep -c ' $' <<<"${lines[10]}")" '1 0'
done
for shell in zsh fish; do
	said=$("$top/testsuite/stap-socket/complete.py" "$top/completions" $shell \
		'stap-socket params --n?' 'stap-socket pa?' 'stap-socket help sock_r?')
	like "... $shell shows the meaning of an option" "$said" '--netns.*network namespace: name, path'
	like '... and the title of a page' "$said" 'sock_rcvbuf.*Size of a socket.s receive buffer'
done
cd "$top" || exit
is '... only options that the tool has' \
	"$(complete_line events -i; complete_line events --js)" $'\n--json'
is '... all columns, in their order' "$(complete_line params -s '' | paste -s -d ' ')" \
	'pid command bytes exe parent uid user cgroup unit container pod'
is '... and nothing for an unknown tool' "$(stap-socket words line nix -; stap-socket words line ../x -)" \
	$'words\nwords'
# A process can have any name.
bash -c 'printf "\$(>ran)" >/proc/$$/comm; kill -STOP $$' &
sleeper=$!
for ((try = 0; try < 50; try++)); do
	[ "$(cat "/proc/$sleeper/comm")" != '$(>ran)' ] || break
	sleep 0.1
done
said=$(cd "$box" && complete_line params -n '' | grep -F ran)
is '... processes, quoted' "$said" '\$\(\>ran\)'
ok '... and never run' test ! -e "$box/ran"
kill -KILL "$sleeper"
wait "$sleeper" 2>/dev/null

# As man prints them, but in one run.
pages=("$box"/root/usr/share/man/man8/*.8)
is 'the manual pages: groff prints no warning' \
	"$(groff -mandoc -ww -Tutf8 -P-cbou -rLL=78n "${pages[@]}" 2>&1 >"$box/page")" ''
is '... and shows each' "$(grep -cx NAME "$box/page") $(grep -cx DESCRIPTION "$box/page")" \
	"${#pages[@]} ${#pages[@]}"
is '... with no line longer than 80 columns' \
	"$(LC_ALL=C.UTF-8 awk 'length($0) > 80' "$box/page")" ''
run stap-socket --help
mapfile -t long < <(grep -oE -- '--[a-z-]+' <<<"$said" | sort -u)
ok '--help has the long options' test "${#long[@]}" -ge 20
text=$(MANWIDTH=80 man -l "$top/man/stap-socket.8")
is 'stap-socket.8 has all options' "$(for option in "${long[@]}"; do
	[[ ${text//‐/-} =~ (^|[ ,])$option([^a-z-]|$) ]] || echo "$option"; done)" ''
awk -v tool=params -v version=1 -f "$top/man/roff.awk" -f "$top/man/tool.awk" \
	"$top/src/records.c" "$scripts/params.stp" >"$box/params.8"
is "a tool's page is made from its script" \
	"$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$box/params.8" 2>&1 |
		grep -c 'stap-socket params -p 1 -i 2\|Caveats: only for the tests\|takes: pid command bytes')" 3
ok 'make uninstall' make -s -C "$top" uninstall prefix=/usr DESTDIR="$box/root" O="$O"
is '... removes all files but those that this test has changed' \
	"$(cd "$box/root" && find . -type f ! -name 'stap-socket-*' | sort | paste -s -d ' ')" \
	"./usr/share/socket-tapset/examples/events.stp ./usr/share/socket-tapset/examples/params.stp ./usr/share/socket-tapset/examples/plain.stp"
finish
