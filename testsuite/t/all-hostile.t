#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows all: 5.10 6.12
# only these rows
# Every public function is called with arguments that no script should pass: pointers to
# unmapped memory, to user memory and to freed memory; numbers at the ends of their range;
# strings of all bytes.  The kernel must report nothing, the script must not fail, and the
# results must be those documented for a bad argument.  Then tools print names that could
# harm a terminal or break a line, and a user who may only run modules tries to do more.
. "$(dirname "$0")/../tap.sh"
hostile=$top/testsuite/hostile
tools='trace top life errors flow listen'
awk -f "$top/testsuite/functions.awk" -f "$top/testsuite/guards/functions.awk" \
	"$O"/{tapset/linux,lib}/socket*.stp |
	cut -f 1 | grep -vxE 'socket_(account(_number|_timed)?|filter(_.*)?)' | sort >"$box/functions"

ok 'apparmor_parser makes the profile' bash -c '
	apparmor_parser --features-file /etc/apparmor.d/abi/3.0 --skip-kernel-load \
		--skip-cache --stdout "$1" >"$2"' sh \
	"$hostile/nonet.aa" "$box/nonet.bin"
{
	cat "$hostile/values.stp"
	awk -f "$top/testsuite/functions.awk" -f "$hostile/functions.awk" \
		"$O"/{tapset/linux,lib}/socket*.stp
	cat "$hostile/probes.stp"
} >"$box/hostile.stp"

for row in ${LAB_ROW:-5.10 6.12}; do
	ok "$row: hostile calls build" "$lab" compile "$row" "$box/hostile.stp" \
		-o "$box/hostile.ko" -g -w -DSTP_NO_OVERLOAD -DMAXACTION=1000000
	ok "$row: refused.stp builds" "$lab" compile "$row" "$hostile/refused.stp" \
		-o "$box/refused.ko"
	# All tools print names with the same functions: one row is enough.
	named=''
	case $row in 6.12*) named=$tools ;; esac
	add=(--add "$box/hostile.ko" --add "$box/refused.ko" --add "$box/nonet.bin")
	for tool in ${named:-trace top}; do
		ok "$row: $tool builds" "$lab" compile "$row" "$top/examples/$tool.stp" \
			-o "$box/$tool.ko"
		add+=(--add "$box/$tool.ko")
	done
	for file in guest user send.py names.py refused.py; do
		add+=(--add "$hostile/$file")
	done
	# The lab exits with 125 if the kernel reports anything.
	"$lab" boot "$row" --mem 1500 "${add[@]}" --add "$O/stap-socket-static" \
		-- "./guest $named" >"$box/said" 2>"$box/errors"
	is "$row: guest exits 0, with nothing on stderr" \
		"$? $(grep -v '^WARNING: Number of errors: 0, skipped' "$box/errors")" '0 '

	said=$(section calls)
	is "$row: each public function is called" "$(sed -n 's/^\([a-z_0-9]*\) [1-9][0-9]*$/\1/p' \
		<<<"$said" | grep -vx -e status -e wrong | sort)" "$(cat "$box/functions")"
	is '... by a script that exits 0, with no error' "$(grep -e '^status' -e '^ERROR' -e '^end' \
		<<<"$said")" $'status 0\nend'
	is '... and each result is the documented one' "$(grep '^wrong' <<<"$said")" 'wrong 0'
	is '... but a live socket has its values' "$(grep '^live' <<<"$said")" \
		'live: family 1 type 1 ino 1 uid 0, sndbuf is more than 0: 1'
	is '... and a histogram stays within its bounds' "$(grep '^buckets' <<<"$said")" \
		"buckets: $((63 << 57)) 0 0 0"

	if [ -n "$named" ]; then
		said=$(section names)
		for tool in $named; do
			is "$row: $tool prints hostile names as ASCII, and valid JSON" \
				"$(grep "^printed/$tool\." <<<"$said")" \
				"printed/$tool.json lines True wrong 0
printed/$tool.txt lines True wrong 0"
		done
		is '... and shows each process' "$(grep '^commands' <<<"$said")" 'commands missing []'
		is '... and each address' "$(grep '^addresses' <<<"$said")" \
			'addresses missing []'
	fi

	said=$(section lockdown)
	is "$row: with lockdown=confidentiality a loaded module registers its probes" \
		"$(grep ^status <<<"$said")" 'status 0, none integrity [confidentiality]'
	is '... and sees each message' "$(grep ^sends <<<"$said")" 'sends 400'
	like '... but an unsigned module is not loaded any more' "$said" \
		"ERROR: Couldn't insert module 'trace.ko': Operation not permitted"

	# AppArmor denies the program all use of sockets.  Before 6.5 a refused message has a
	# return nevertheless.
	said=$(section refused)
	is "$row: AppArmor refuses each call but close" "$(sed -n '/^event/d; s/ EACCES$//p' <<<"$said" |
		paste -s -d ' ')" 'create bind connect listen accept send sendmsg write udpsend recv read setsockopt getsockopt shutdown'
	for call in create bind connect listen accept setsockopt getsockopt shutdown; do
		is "$row: ... $call is an event, and so is its return" \
			"$(sed -n "s/^event $call //p" <<<"$said" | grep "^socket\.$call\( \|\.\|$\)" |
				paste -s -d ' ')" "socket.$call socket.$call.return EACCES"
	done
	is '... and a refused connection has socket.connected' \
		"$(grep '^event connect socket.connected' <<<"$said")" \
		'event connect socket.connected EACCES'
	end=' EACCES'
	[ "$row" = 5.10 ] || end=''
	for call in 'send sendmsg' 'sendmsg sendmsg' 'write aio_write' 'udpsend sendmsg'; do
		is "$row: ... a message of ${call% *} has an entry${end:+ and a return}" \
			"$(sed -n "s/^event ${call% *} //p" <<<"$said" | paste -s -d ' ')" \
			"socket.${call#* }${end:+ socket.send$end}"
	done
	for call in 'recv recvmsg' 'read aio_read'; do
		is "$row: ... and so has one of ${call% *}" \
			"$(sed -n "s/^event ${call% *} //p" <<<"$said" | paste -s -d ' ')" \
			"socket.${call#* }${end:+ socket.receive$end}"
	done

	# A member of stapusr, and a module that root has installed.
	said=$(section user)
	result() { sed -n "s/^$1: //p" <<<"$said"; }
	like "$row: stapusr runs an installed module" "$(result runs)" '^status 0 left 0'
	is '... and its command with its own rights only' \
		"$(result command | grep user)" 'user 65534'
	like '... but not a copy of it' "$(result copy)" '^status [1-9][0-9]* left 0 ERROR: Members of the "stapusr"'
	like '... nor one by a path with dots' "$(result dots)" \
		'^status [1-9][0-9]* left 0 ERROR: Members of the "stapusr"'
	for name in written link precious; do
		like "... cannot write its output into $name" "$(result "output-$name")" '^status [1-9].* left 0'
	done
	is '... none of these files is written' "$(result output | sort -u)" 'none none kept'
	is '... nor any other file of root' "$(result lib)" ''
	like '... a string that is too long is refused' "$(result long)" '^status [1-9].* left 0 ERROR'
	is '... a value can set other options, which the user could set anyway' \
		"$(result two | sed 1d)" '2 tables'
	like '... a bad number is refused' "$(result number)" '^status [1-9].* left 0 ERROR'
	like '... and so is a buffer of more than 4095 MB' "$(result buffer)" '^status 1 left 0 ERROR: Invalid buffer'
	like '... a hostile environment does not stop it' "$(result path)" '^status 0 '
	is '... and no program of the user runs as root' \
		"$(result path | sed 1d | grep -o ' 0$\| 0 ')" ''
	like "$row: stapusr cannot remove a module that root runs" "$(result remove)" \
		"^status [1-9].* left 1 ERROR: 'top' is not a zombie"
	like '... nor attach to it' "$(result attach)" '^status [1-9].* left 1'
	like '... nor read its output' "$(result read)" '^status [1-9].* left 1 .*Permission denied'
	like '... nor control it' "$(result write)" '^status [1-9].* left 1 .*Permission denied'
	is '... and it runs to its end' "$(result "root's")" $'1 loaded\n1 last table'
done
finish
