#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The comparer itself: it must find each class of mistake.
. "$(dirname "$0")/../tap.sh"

compare=$top/testsuite/exact/compare
printf 'flags.passing=7\nflags.2.1.6=32\nsendpage=0\ntraced=1\n' >"$box/facts"
cat >"$box/ledger" <<'END'
# traffic ledger 1
ev scenario=a/send op=send t0=100 t1=200 pid=7 tid=7 kind=sendmsg asked=100 result=100 family=2 type=1 protocol=6 state=3 ino=5 netns=9 laddr=127.0.0.1 lport=80 raddr=127.0.0.2 rport=81 tcp=1 nonblock=1 mflags=2 maddr=127.0.0.9 mport=53 elapsed_min=20
ev scenario=a/none op=send t0=210 t1=220 pid=7 tid=7 kind=none asked=1 result=-9 family=2 type=1 protocol=6 state=3
ev scenario=a/splice op=splice t0=222 t1=228 pid=7 tid=7 kind=none asked=100 result=-22 family=2 type=1 protocol=6 state=3 ino=5 refused=1
ev scenario=a/connect op=connect t0=230 t1=260 pid=7 tid=7 kind=connect asked=0 result=-115 family=2 type=1 protocol=6 state=2 state0=1 ino=6 addr=127.0.0.1 port=82 pending=1
ev scenario=a/connect op=connect t0=230 t1=290 pid=7 tid=7 kind=connected asked=0 result=-111 family=2 type=1 protocol=6 state=1 ino=6 anypid=1
ev scenario=a/accept op=accept t0=292 t1=296 pid=7 tid=7 kind=accept asked=0 result=0 family=2 type=1 protocol=6 state=1 ino=8 laddr=127.0.0.1 lport=80 new_ino=10 new_laddr=127.0.0.1 new_lport=80 new_raddr=127.0.0.1 new_rport=99
ev scenario=a/close op=close t0=300 t1=400 pid=7 tid=7 kind=close asked=0 result=0 family=2 type=1 protocol=6 state=3 ino=5
END
identity='protocol=6 flags=32 state=3 type=1 family=2'
place='sock=55 ino=5 netns=9 laddr=127.0.0.1 lport=80 raddr=127.0.0.2 rport=81 tcp=1 nonblock=1'
done='success=1 err=0'
moved='size=100 msg_flags=66 peek=1'
named='maddr=127.0.0.9 mport=53' unnamed='maddr= mport=-1'
cat >"$box/events" <<END
socket.sendmsg 110 7 7 $moved $named $place $identity
socket.send 120 7 7 $done $moved $unnamed $place $identity
socket.send.timed 121 7 7 $done elapsed=30 $moved $named $place $identity
socket.sendmsg.return 130 7 7 $done $moved $unnamed $place $identity
socket.sendmsg.return.timed 131 7 7 $done elapsed=31 $moved $named $place $identity
socket.send 150 8 8 $done $moved $place $identity
socket.splice_read 224 7 7 size=100 msg_flags=0 peek=0 $unnamed $place $identity
socket.splice_read.return 226 7 7 success=0 err=-22 elapsed=2 size=-22 msg_flags=0 peek=0 $unnamed $place $identity
socket.connect 235 7 7 addr=127.0.0.1 port=82 requester=0 sock=66 ino=6 protocol=6 flags=32 state=1 type=1 family=2
socket.connect.return 245 7 7 addr=127.0.0.1 port=82 requester=0 pending=1 success=0 err=-115 elapsed=10 sock=66 ino=6 protocol=6 flags=32 state=2 type=1 family=2
socket.connected 280 0 0 connect_pid=7 connect_tid=7 success=0 err=-111 elapsed=45 sock=66 ino=6
socket.accept 293 7 7 listener=88 requester=0 sock=88 ino=8 laddr=127.0.0.1 lport=80 protocol=6 flags=32 state=1 type=1 family=2
socket.accept.return 295 7 7 listener=88 requester=0 success=1 err=0 elapsed=2 sock=99 ino=10 laddr=127.0.0.1 lport=80 raddr=127.0.0.1 rport=99
socket.close 310 7 7 sock=55 ino=5 $identity
socket.close.return 320 7 7 sock=55 ino=5 success=1 err=0 elapsed=9
lost 0
END

red() # NAME SED-SCRIPT PATTERN
{
	sed -E "$2" "$box/events" >"$box/changed"
	cmp -s "$box/events" "$box/changed" && echo "# '$2' changed nothing"
	said=$("$compare" "$box/ledger" "$box/changed" "$box/facts" 2>&1)
	is "$1 is found" $? 1
	like '... and reported' "$said" "$3"
}

ok 'correct events have no differences' "$compare" "$box/ledger" "$box/events" "$box/facts"
red 'a missed event' '/^socket.send 120/d' 'socket.send: seen 0 times, expected 1'
red 'a missed return' '/^socket.sendmsg.return/d' 'socket.sendmsg.return: seen 0 times'
red 'a missed splice that is refused' '/^socket.splice_read.return/d' 'socket.splice_read.return: not seen'
red 'a wrong error of it' 's/^(socket.splice_read.return .*)=-22 elapsed/\1=-11 elapsed/' 'err is -11, expected -22'
red 'a doubled event' '/^socket.send 120/p' 'socket.send: seen 1 times too often'
red 'an event of another kind' 's/^socket.sendmsg 110/socket.writev 110/' 'socket.writev: seen 1 times too often'
wrong() # VALUE OF-EVENT SEEN EXPECTED
{
	red "a wrong $1" "/^$2 /s/ $1=[^ ]*/ $1=$3/" "$2: $1 is $3, expected $4"
}
wrong size socket.send 101 100
wrong success socket.send 0 1
wrong err socket.send -4 0
wrong protocol socket.send 17 6
wrong state socket.send 1 3
wrong type socket.send 2 1
wrong family socket.send 10 2
wrong ino socket.sendmsg.return 4 5
wrong netns socket.send 8 9
wrong laddr socket.send 127.0.0.3 127.0.0.1
wrong lport socket.send -1 80
wrong raddr socket.send 127.0.0.3 127.0.0.2
wrong rport socket.sendmsg 1 81
wrong tcp socket.send 2 1
wrong nonblock socket.send 0 1
wrong peek socket.send 0 1
wrong maddr socket.sendmsg 127.0.0.2 127.0.0.9
wrong mport socket.send.timed -1 53
wrong maddr socket.send 127.0.0.9 ''
wrong sock socket.sendmsg.return 56 55
wrong addr socket.connect 127.0.0.3 127.0.0.1
wrong port socket.connect.return 83 82
wrong pending socket.connect.return 0 1
wrong err socket.connect.return -111 -115
wrong err socket.connected -110 -111
wrong connect_pid socket.connected 8 7
wrong connect_tid socket.connected 8 7
wrong ino socket.accept.return 8 10
wrong rport socket.accept.return 98 99
wrong ino socket.close.return 6 5
red 'wrong flags' 's/^(socket.send .* flags=)32/\164/' 'flags are 64, expected 32'
red 'wrong flags of a message' 's/^(socket.send .* msg_flags=)66/\164/' 'msg_flags are 64, expected 66'
red 'a time that is too short' 's/(socket.send.timed .* elapsed=)30/\119/' 'elapsed_ns is 19, expected 20 to 100'
red 'a time that is too long' 's/(socket.connected .* elapsed=)45/\161/' 'elapsed_ns is 61, expected 0 to 60'
red 'a connection whose outcome is not seen' '/^socket.connected/d' 'socket.connected: seen 0 times'
red 'an event for a call that has none' 's/^(socket.send) 120/\1 215/' 'socket.send: seen 1 times too often'
red 'an event outside of every call' 's/^(socket.close.return) 320/\1 450/' 'where nothing was done'
red 'a lost frame' 's/^lost 0/lost 1/' 'socket_frames_lost is 1'
said=$("$compare" "$box/ledger" <(grep -v lost "$box/events") "$box/facts" 2>&1)
is 'a log that is cut off is refused' $? 255
finish
