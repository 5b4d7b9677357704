#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A value that a script does not use leaves no code in its module.
. "$(dirname "$0")/../tap.sh"

# Each value, and the code that reads it.
values='ino=socket_value_ino( netns=socket_value_netns( laddr=__socket_address
	raddr=__socket_address lport=socket_value_port( rport=socket_value_port(
	tcp_state=socket_value_tcp_state( nonblock=socket_value_nonblock(
	protocol=socket_value_protocol( flags=socket_value_flags(
	state=socket_value_state( type=socket_value_type( elapsed_ns=socket_call_elapsed(
	msg_flags=SOCKET_CALL->number peek=SOCKET_CALL->number
	maddr=__socket_message_address mport=__socket_message_port'

cat >"$box/few.stp" <<'END'
global s
probe socket.receive, socket.send, socket.aio_read.return, socket.aio_write.return {
	s[pid(), family] <<< size
}
END
cat >"$box/all.stp" <<END
probe socket.aio_read.return, socket.aio_write.return {
$(for value in $values; do echo "	println(${value%=*})"; done)
}
END

# In the code of the probes, not in the functions of the tapset.
calls() { sed -n '/^static void probe_/,$p' "$1" | grep -F "$2"; }
calls_not() { ! calls "$@"; }

for row in 5.10 6.1-old 7.2; do
	for script in few all; do
		"$lab" compile $row "$box/$script.stp" -o "$box/$script.c" >"$box/out" 2>&1
		is "$row: $script.stp is translated" $? 0
	done
	for value in $values; do
		ok "$row: ${value%=*}: code if it is used" \
			calls "$box/all.c" "${value#*=}"
		ok "$row: ${value%=*}: no code if it is not" \
			calls_not "$box/few.c" "${value#*=}"
	done
	# The probes of README, literally: values and names in one script.
	{
		echo 'global errors, bytes'
		awk '/^    probe socket/ { on = 1 }
			/^$|^[^ ]/ { on = 0 }
			on { print }' "$top/README"
	} >"$box/readme.stp"
	ok "$row: README has probes" grep -q '^ *probe socket' "$box/readme.stp"
	ok "$row: ... which build" "$lab" compile $row "$box/readme.stp" -o "$box/readme.ko"
	ok "$row: a value that is used has its code" \
		calls "$box/few.c" "socket_value_family("
done
finish
