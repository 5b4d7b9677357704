#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The comparer itself: each class of mistake has to turn it red.
. "$(dirname "$0")/../tap.sh"

compare=$top/testsuite/truth/compare
printf 'flags.passing=7\nflags.2.1.6=32\nsendpage=0\n' >"$box/facts"
cat >"$box/ledger" <<'END'
# traffic ledger 1
ev cell=a/send op=send t0=100 t1=200 pid=7 tid=7 kind=sendmsg asked=100 result=100 family=2 type=1 protocol=6 state=3
ev cell=a/none op=send t0=210 t1=220 pid=7 tid=7 kind=none asked=1 result=-9 family=2 type=1 protocol=6 state=3
ev cell=a/close op=close t0=300 t1=400 pid=7 tid=7 kind=close asked=0 result=0 family=2 type=1 protocol=6 state=3
END
cat >"$box/events" <<'END'
socket.sendmsg 110 7 7 100 - 6 32 3 1 2 - -
socket.send 120 7 7 100 1 6 32 3 1 2 - -
socket.sendmsg.return 130 7 7 100 1 6 32 3 1 2 - -
socket.send 150 8 8 999 1 6 32 3 1 2 - -
socket.close 310 7 7 - - 6 32 3 1 2 - -
socket.close.return 320 7 7 - - - - - - - - -
lost 0
END

red() # NAME SED-SCRIPT PATTERN
{
	sed -E "$2" "$box/events" >"$box/changed"
	cmp -s "$box/events" "$box/changed" && echo "# '$2' changed nothing"
	said=$("$compare" "$box/ledger" "$box/changed" "$box/facts" 2>&1)
	is "$1 is found" $? 1
	like '... and told' "$said" "$3"
}

ok 'what is right is right' "$compare" "$box/ledger" "$box/events" "$box/facts"
red 'a missed event' '/^socket.send 120/d' 'socket.send: seen 0 times, expected 1'
red 'a missed return' '/^socket.sendmsg.return/d' 'socket.sendmsg.return: seen 0 times'
red 'a doubled event' '/^socket.send 120/p' 'socket.send: seen 1 times too often'
red 'an event of another kind' 's/^socket.sendmsg 110/socket.writev 110/' 'socket.writev: seen 1 times too often'
red 'a wrong size' 's/^(socket.send 120 7 7) 100/\1 101/' 'size is 101, expected 100'
red 'a wrong success' 's/^(socket.send 120 7 7 100) 1/\1 0/' 'success is 0, expected 1'
red 'a wrong protocol' 's/^(socket.send 120 7 7 100 1) 6/\1 17/' 'protocol is 17, expected 6'
red 'wrong flags' 's/^(socket.send 120 7 7 100 1 6) 32/\1 64/' 'flags are 64, expected 32'
red 'a wrong state' 's/^(socket.send 120 7 7 100 1 6 32) 3/\1 1/' 'state is 1, expected 3'
red 'a wrong type' 's/^(socket.send 120 7 7 100 1 6 32 3) 1/\1 2/' 'type is 2, expected 1'
red 'a wrong family' 's/^(socket.send 120 7 7 100 1 6 32 3 1) 2/\1 10/' 'family is 10, expected 2'
red 'an event where there is none' 's/^(socket.send) 120/\1 215/' 'socket.send: seen 1 times too often'
red 'an event outside of every call' 's/^(socket.close.return) 320/\1 450/' 'where nothing was done'
red 'a lost frame' 's/^lost 0/lost 1/' 'socket_frames_lost is 1'
said=$("$compare" "$box/ledger" <(grep -v lost "$box/events") "$box/facts" 2>&1)
is 'a log that is cut off is no log' $? 255
finish
