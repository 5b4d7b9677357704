#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The live screens of top and flow on the events of a real kernel, as a person would see them,
# in a terminal of 80x24 and of 160x50; and what --record keeps meanwhile.
. "$(dirname "$0")/../tap.sh"
row=${LAB_ROW:-6.12}
live=$top/testsuite/live
release=$("$lab" get "$row" release)

make -s -C "$top" install prefix=/usr/local DESTDIR="$box/root" O="$O" >"$box/out" 2>&1
with_own_ncurses usr/local
mapfile -t types < <(types_of "$row")
ok "$row: top and flow are built" "$lab" root "$row" "$box" -- /usr/bin/env \
	XDG_CACHE_HOME=/script/cache SYSTEMTAP_DIR=/lab/cache \
	/script/root/usr/local/bin/stap-socket prebuild --kernel "$release" \
	--symbols /lab/kallsyms "${types[@]}" \
	--output "/script/root/usr/local/lib/socket-tapset/modules/$release" top flow
tar -C "$box/root" -cf "$box/installed.tar" usr

# redis-benchmark has the same 20 connections for a long time.
cat >"$box/guest" <<'END'
tar x -C / -f installed.tar
export PATH=/usr/local/bin:$PATH
redis-server --save '' >/dev/null 2>&1 &
until redis-cli ping >/dev/null 2>&1; do sleep 0.1; done
while :; do redis-benchmark -q -t get -n 100000 -c 20; done >/dev/null 2>&1 &
mkdir screens
press() { python3 press.py "$@" </dev/null >&2; }
press 80 24 screens/top80 s $'\r' -- stap-socket top -i 1 --record kept
press 160 50 screens/top160 -- stap-socket top -i 1
press 80 24 screens/flow80 / 6379 $'\r' -- stap-socket flow -i 1
press 160 50 screens/flow160 ' ' -- stap-socket flow -i 1
stap-socket replay -s sent --csv --no-header --columns command,protocol,sent kept >screens/kept
tar c screens
END
"$lab" boot "$row" --mem 1500 --add "$box/installed.tar" --add "$live/press.py" \
	--add "$box/guest" -- 'bash ./guest' >"$box/screens.tar" 2>"$box/errors"
is 'guest exits 0' $? 0
is '... and each live screen with 0' "$(cat "$box/errors")" \
	'top80 status 0
top160 status 0
flow80 status 0
flow160 status 0'
tar -C "$box" -xf "$box/screens.tar"
screens()
{
	(cd "$box/screens" && "$live/screens.py" "$2" "$3" "$1".?) >"$box/$1"
	sed "s/^/# /" "$box/$1"
}
screen() { sed -n "/^== $1\$/,/^== /p" "$box/${1%.*}" | grep -v '^== '; }
for each in 'top80 80 24' 'top160 160 50' 'flow80 80 24' 'flow160 160 50'; do
	# shellcheck disable=SC2086 # three words
	screens $each
done

numbers='[1-9][0-9.]*[KM]?B?'
like 'top in 80x24: its sums and both processes' "$(screen top80.0)" \
	"^top  [0-9:]{8}  sent $numbers in [0-9.KM]+ messages, received .*
 +PID COMMAND +PROTO FAMILY SENDS RECVS +SENT RECEIVED ERRORS
( +[0-9]+ redis-(server|benchmark) +TCP +INET +$numbers +$numbers +$numbers +$numbers +0
){2}"
like '... and the keys in the last line' "$(screen top80.0 | tail -n 1)" '^ 1-[0-9]+ of [0-9]+ +sort: SENT +h help .* q quit$'
like '... s: by another column' "$(screen top80.1 | tail -n 1)" 'sort: RECEIVED'
like '... Enter: the process, each fact once' "$(screen top80.2 | grep -c -e '^EXE' -e '^executable  *.*/redis-')" '^1$'
like 'top in 160x50: all of its rows' "$(screen top160.0)" '^top .*redis-server.* 1-([0-9]+) of \1 '
like 'flow in 80x24: the peer, and the filter' "$(screen flow80.1 | sed -n 3p)" \
	"redis-(server|benchmark) +$numbers +$numbers +[0-9]+ redis-(server|benchmark) +> 127\.0\.0\.1:6379$"
like 'flow in 160x50: both ends' "$(screen flow160.0)" \
	'redis-server +[^ ]+ +[^ ]+ +[0-9]+ redis-benchmark +127\.0\.0\.1:6379 > 127\.0\.0\.1:[0-9]+
'
is '... stands still in a pause' "$(screen flow160.1 | grep -c redis-)" "$(screen flow160.0 | grep -c redis-)"
like '... which it shows' "$(screen flow160.1 | head -n 1)" ' paused$'
like 'the recording has both processes' "$(cut -d , -f 2- "$box/screens/kept" | tr -d '\r')" 'redis-server,TCP,[1-9].*redis-benchmark,TCP,[1-9]|redis-benchmark,TCP,[1-9].*redis-server,TCP,[1-9]'
finish
