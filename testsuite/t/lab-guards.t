#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows lab: 5.10
# rows all: 6.1 6.12 7.2
# only these rows
# Guards of a script: each function builds alone, a return reads no memory that may be gone,
# missed events are counted at once, 2,000 calls can wait at the same time, and a stap that
# registers probes in another way is noticed, as are messages that the script would miss.
. "$(dirname "$0")/../tap.sh"
guards=$top/testsuite/guards
rows=${LAB_ROW:-5.10 6.12 7.2}
changed='this version of systemtap registers return probes in a way that the socket tapset does not know'

# build ROW: reads lines "SCRIPT MODULE [STAP-ARGUMENT...]" and builds these modules in
# $box/ROW
build()
{
	mkdir -p "$box/$1"
	xargs -P "$(nproc)" -L 1 bash -c '
		lab=$1 row=$2 directory=$3 script=$4 module=$5
		shift 5
		if ! "$lab" compile "$row" "$script" -o "$directory/$module" "$@" \
				>"$directory/$module.said" 2>&1; then
			echo "$row: $module: not built"
			grep -e ": error: " -e ": In function " -e "^semantic error" \
				"$directory/$module.said" | cut -d: -f2- | head -n 20
		fi' build "$lab" "$1" "$box/$1" | tee "$box/unbuilt"
	! [ -s "$box/unbuilt" ]
}

# ---------------------------------------------------------------- functions alone

# The C code of a module before its struct context depends only on the functions that the
# script calls.  Functions for which it is equal can be called from one module, and each is
# then compiled as it would be alone.
before() { sed '/^struct context {$/,$d' "$1"; }

same_before()
{
	cmp <(before "$1") <(before "$2")
}

alone=$box/alone
mkdir "$alone"
# Lines of NAME, a tab, and a statement that calls it
awk -f "$top/testsuite/functions.awk" -f "$guards/functions.awk" \
	"$O"/{tapset/linux,lib}/*.stp >"$box/functions"
is 'functions.awk lists each public function' "$(cut -f 1 "$box/functions" | sort)" \
	"$(sed -n 's/^function \([a-zA-Z0-9_]*\).*/\1/p' "$O"/{tapset/linux,lib}/*.stp |
		grep -v '^__' | sort)"
while IFS=$'\t' read -r name call; do
	printf 'probe begin\n{\n\t%s\n\texit()\n}\n' "$call" >"$alone/$name.stp"
	echo "$alone/$name.stp $name.c"
done <"$box/functions" >"$box/list"
if [[ " $rows " = *" 6.12 "* ]]; then
	ok "6.12: $(wc -l <"$box/list") functions are translated alone" \
		build 6.12 <"$box/list"

	# Groups of functions for which that code is equal.
	while IFS=$'\t' read -r name call; do
		[ -s "$box/6.12/$name.c" ] || continue
		group=alone_$(before "$box/6.12/$name.c" | sha256sum | cut -c 1-8)
		[ -e "$alone/$group" ] || cp "$box/6.12/$name.c" "$alone/$group.c"
		printf '%s ' "$name" >>"$alone/$group"
		printf 'probe begin\n{\n\t%s\n}\n' "$call" >>"$alone/$group.stp"
	done <"$box/functions"
	for group in "$alone"/alone_*.c; do
		group=$(basename "$group" .c)
		echo 'probe begin(1) { exit() }' >>"$alone/$group.stp"
		echo "$alone/$group.stp $group.c" >>"$box/sources"
		echo "$alone/$group.stp $group.ko" >>"$box/modules"
	done
	build 6.12 <"$box/sources" >"$box/said"
	for group in "$alone"/alone_*.c; do
		ok "6.12: each of these is compiled in a common module as alone: $(cat "${group%.c}")" \
			same_before "$group" "$box/6.12/${group##*/}"
	done
fi

# ---------------------------------------------------------------- values at a return

# The direct reads in the handlers, and in the functions that they call: these are only
# safe for pinned objects.
direct()
{
	awk '/^static void (probe|function)_.*{$/ { inside = 1 }
		inside { print }
		/^}/ { inside = 0 }' "$1" | grep -F -e '(true, ' -e 'socket_event_set(' \
		-e 'socket_return_sock('
}
direct_not() { [ -s "$1" ] && ! direct "$1"; }

# A script that uses all values; the list has lines of PROBE OWN-VALUE...
{
	while read -r probe own; do
		echo "probe socket.$probe.return"
		echo '{'
		for value in name sock ino netns family type protocol tcp_state nonblock \
			laddr lport raddr rport success err elapsed_ns requester $own; do
			echo "	println($value)"
		done
		echo '}'
	done <<-'END'
	create
	bind state flags addr port
	listen state flags backlog
	accept state flags listener
	shutdown state flags how
	setsockopt state flags level optname optlen optval optstr
	getsockopt state flags level optname optlen optval optstr
	END
} >"$box/returns.stp"
cat >"$box/entries.stp" <<'END'
probe socket.bind, socket.listen, socket.accept, socket.shutdown, socket.setsockopt,
	socket.getsockopt
{
	println(ino, family, laddr)
}
END
for row in ${LAB_ROW:-5.10 7.2}; do
	ok "$row: all values of the returns and entries are translated" build "$row" <<-END
	$box/returns.stp returns.c
	$box/entries.stp entries.c
	END
	ok "$row: an entry reads values directly" direct "$box/$row/entries.c"
	ok "$row: a return does not" direct_not "$box/$row/returns.c"
done

# ---------------------------------------------------------------- in the guests

# Scripts that remove the tapset's replacement of register_kretprobe().
for probe in listen.return accept.return recvmsg.return send.timed; do
	cat >"$box/changed_${probe%.*}.stp" <<-END
	probe begin
	{
		if (%{ 0
	#undef register_kretprobe
		%}) exit()
	}
	probe socket.$probe { println("event") }
	END
done
cat >"$box/own.stp" <<'END'
probe kprobe.function("sock_recvmsg").return.maxactive(7)
{
	x = %{ socket_return_sock(SOCKET_INSTANCE) %}
	println(x)
}
probe socket.receive { println("event") }
END
# This kernel has __sock_sendmsg(), but stap does not know of it.
echo 'probe socket.send { println("event") }' >"$box/copied.stp"
missed="this kernel's __sock_sendmsg\(\) calls security_socket_sendmsg\(\) itself, where the script"
# Functions that once did not build alone, and some that need more code.
few='socket_frames_lost _get_sock_addr _get_sock_size socket_skipped sock_laddr socket_tally'

modules_of() # ROW
{
	cat <<-END
	$guards/connects.stp connects.ko -g -DSTP_NO_OVERLOAD
	$guards/accepts.stp accepts.ko -DSTP_NO_OVERLOAD -DSOCKET_RETURNS=64
	$guards/before.stp before.ko
	$guards/killed.stp killed.ko
	END
	# On 5.10 a kprobe reports the end of a connection, and the kernel may skip it.
	[ "$1" = 5.10 ] || echo "$guards/connects.stp closed.ko -g -DSTP_NO_OVERLOAD" \
		"-DINTERRUPTIBLE=0"
	[ "$1" = 7.2 ] || echo "$guards/blocks.stp blocks.ko -DSTP_NO_OVERLOAD"
	case $1 in
	5.10)
		for name in $few; do echo "$alone/$name.stp alone_$name.ko"; done
		echo "$guards/accepts.stp accept_file.ko -DSTP_NO_OVERLOAD --without do_accept"
		echo "$box/copied.stp copied.ko --without __sock_sendmsg" ;;
	6.1)
		for name in changed_listen changed_accept changed_recvmsg own; do
			echo "$box/$name.stp $name.ko -g"
		done ;;
	6.12)
		echo "$box/changed_send.stp changed_send.ko -g"
		echo "$box/entries.stp entries.ko"
		cat "$box/modules" ;;
	esac
}

# recvmsg.return counts recv and splice.
blocks="$(printf '%s 2000\n' accept connect recv send read write splice)
status 0
socket.accept.return 2000
socket.aio_read.return 2000
socket.aio_write.return 2000
socket.connect.return 2000
socket.recvmsg.return 4000
socket.sendmsg.return 2000
socket.splice_read.return 2000
skipped 0 lost 0"

section() # NAME
{
	awk -v name="$1" '/^= / { inside = $2 == name; next } inside' "$box/out"
}

# The counts of a script, a line "events E reentrant R instances I skipped S".
counts() # NAME LINE
{
	local pattern='^events ([0-9]+) reentrant ([0-9]+) instances ([0-9]+) skipped ([0-9]+)$'

	like "$1" "$2" "$pattern"
	[[ $2 =~ $pattern ]] || [[ 'events 0 reentrant 0 instances 0 skipped 0' =~ $pattern ]]
	events=${BASH_REMATCH[1]} reentrant=${BASH_REMATCH[2]}
	instances=${BASH_REMATCH[3]} skipped=${BASH_REMATCH[4]}
}

for row in $rows; do
	modules_of "$row" >"$box/list"
	ok "$row: the modules build" build "$row" <"$box/list"
	add=()
	modules=()
	while read -r _ module _; do
		[ -s "$box/$row/$module" ] || continue
		add+=(--add "$box/$row/$module")
		modules+=("$module")
	done <"$box/list"
	"$lab" boot "$row" --smp 2 --timeout 240 "${add[@]}" --add "$O/guards" \
		--add "$guards/guest" --add "$guards/before.py" --add "$guards/killed.py" -- "./guest ${modules[*]}" >"$box/out" 2>"$box/messages"
	status=$?
	ok "$row: guest exits 0" bash -c "cat '$box/messages'; exit $status"

	# Processor 0 is in a probe nearly all the time.
	said=$(section connects)
	live=$(grep '^events' <<<"$said")
	echo "# $row: connects: $live"
	counts "$row: while connections are made, missed events are counted" "$live"
	ok "$row: ... some of the 400 are missed" test "$events" -lt 400
	ok "$row: ... and all of those are counted as reentrant" \
		test $((events + reentrant)) -ge 400
	is "$row: ... and nothing else is skipped" "$skipped" $((reentrant + instances))
	is "$row: ... and the counts at the end are the same" "$(grep -e '^status' -e '^end' <<<"$said")" \
		"status 0"$'\n'"end $live"
	[ "$row" = 5.10 ] ||
		is "$row: with interrupts off none is missed" "$(section closed)" "connects 400
events 400 reentrant 0 instances 0 skipped 0
status 0
end events 400 reentrant 0 instances 0 skipped 0"

	# More accepts wait than the return probe has instances for.
	said=$(section accepts)
	waiting=$(grep -m 1 '^events' <<<"$said")
	live=$(grep '^events' <<<"$said" | tail -n 1)
	echo "# $row: accepts: $waiting, then $live"
	counts "$row: while 200 accepts wait, missed events are counted" "$waiting"
	is "$row: ... 64 of the 200 are tracked" "$events $instances" '0 136'
	is "$row: ... the others are skipped, and nothing else" "$skipped" 136
	counts "$row: ... also when all have returned" "$live"
	is "$row: ... and events and skips add up to all of them" \
		$((events + skipped)) 200
	is "$row: ... and the counts at the end are the same" "$(grep -e '^status' -e '^end' <<<"$said")" \
		"status 0"$'\n'"end $live"

	# The function that io_uring calls where do_accept() is missing; accept(2) calls it, too.
	[ "$row" != 5.10 ] ||
		like "$row: without do_accept() an accept(2) is one event" "$(section accept_file)" \
			$'\nstatus 0\nend events 200 reentrant 0 instances 0 skipped 0$'

	# Three accepts, a connect, two receives and a read wait when the script starts.  The
	# main thread wakes them with one accept and three connects.
	before='before 6'
	! grep -qw __traceiter_sock_recv_length "$("$lab" get "$row" symbols)" ||
		before=$'before 4\nsocket.recvmsg.return 3'
	is "$row: calls that waited when the script started are counted or seen" \
		"$(section before | sort)" "$(sort <<-END
	status 0
	socket.accept.return 1
	socket.connect.return 3
	$before
	END
	)"

	# The call in which a process dies does not hide the closing of its sockets.
	is "$row: closes are seen for the sockets of processes killed in a failing call" \
		"$(section killed)" "made 200
status 0
success 200 closed 200
some failed"

	[ "$row" = 7.2 ] ||
		is "$row: 2,000 calls of each kind wait at the same time, and all are seen" \
			"$(section blocks)" "$blocks"

	case $row in
	5.10)
		for name in $few; do
			like "$row: $name runs alone" "$(section "alone_$name")" \
				"^status 0"$'\n'"$name"
		done ;;
	6.12)
		for group in "$alone"/alone_*.c; do
			group=$(basename "$group" .c)
			is "$row: these run: $(cat "$alone/$group")" "$(section "$group" |
				sed 's/ .*//' | tr '\n' ' ')" "status $(cat "$alone/$group")"
		done
		is "$row: a pointer that is not a socket has no values" "$(grep '^sock_[a-z]* ' "$box/out" |
			grep -v -e ' $' -e ' -1$')" '' ;;
	esac
	while read -r _ module _; do
		name=${module%.ko}
		case $name in
		changed_* | own)
			like "$row: $name: the script ends with that error" \
				"$(section "$name")" "ERROR: $changed"
			like "$row: ... and staprun exits 1" "$(section "$name")" \
				$'\n''status 1' ;;
		entries)
			like "$row: a script with entries alone runs" "$(section "$name")" \
				$'\n''status 0'$'\n' ;;
		copied)
			like "$row: a copy of a function that is not probed ends the script" \
				"$(section "$name")" "ERROR: $missed"
			like "$row: ... and staprun exits 1" "$(section "$name")" \
				$'\n''status 1$' ;;
		esac
	done <"$box/list"
done
finish
