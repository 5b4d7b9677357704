#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `lab add` makes a row of a foreign kernel: here of the image, headers and modules of 6.12.
. "$(dirname "$0")/../tap.sh"
like=6.12
state=${SOCKET_TAPSET_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/socket-tapset}
why=''
[ "$("$lab" get $like state)" = ready ] || why="row $like is not built"
[ "$(id -u)" -eq 0 ] || why='only root builds rows'
if [ -n "$why" ]; then
	skip 'a row of a foreign kernel' "$why"
	finish
fi
release=$("$lab" get $like release)
sources=$(realpath "$state/roots/sid")/usr/src
image=$state/rows/$like/vmlinuz
modules=$box/modules
unsquashfs -q -n -d "$modules" "$state/rows/$like/modules.squashfs" >/dev/null
mkdir -p "$box/lab" "$box/tmp"
ln -s "$state/roots" "$box/lab/roots"

# add OPTION...: in a lab of its own, with /usr/src of the build root: Debian's headers
# include the Makefile of another package by its path
add()
{
	SOCKET_TAPSET_LAB=$box/lab TMPDIR=$box/tmp unshare --mount --propagation private \
		bash -ec 'mount --bind "$1" /usr/src; exec "${@:2}"' add "$sources" \
		"$lab" add mine --kernel "$image" --headers "$sources/linux-headers-$release" "$@" \
		>"$box/said" 2>"$box/errors" </dev/null
}
in_lab() { SOCKET_TAPSET_LAB=$box/lab "$lab" "$@"; }
# left: prints what is left of the row, and of the lab's processes and files
left()
{
	(cd "$box" && find tmp lab/added lab/rows -mindepth 1)
	ls -A "$state/roots"/*/.kernel-mine 2>/dev/null
	pgrep -f "$box/lab"
}

is 'there are modules' "$(find "$modules" -name 'virtio_blk.ko*' | wc -l)" 1
add
is 'without the modules that the lab needs: status 1' $? 1
like '... and the message names them' "$(cat "$box/errors")" \
	'missing: .*the module squashfs, in --modules'
is '... and nothing is left' "$(left 2>/dev/null)" ''

add --modules "$modules" &
pid=$!
await_first_boot "$pid" "$box/errors"
like 'it reaches the first boot' "$(cat "$box/errors")" 'first boot'
kill -TERM "$(pgrep -P "$pid" | head -n 1)"
wait "$pid"
is 'SIGTERM in the first boot: it exits with 143' $? 143
is '... and nothing is left' "$(left)" ''

add --modules "$modules"
is 'with them: status 0' $? 0
like '... and the row is listed' "$(cat "$box/said")" "mine +${release//+/\\+} +systemtap 5\.6[^ ]* +ready"
is 'it is a row that add made' "$(in_lab get mine added)" yes
is 'its guest runs the kernel' "$(in_lab boot mine -- 'uname -r')" "$release"
# Its headers do not need those of the build root.
is 'modules are built with its own headers' "$(in_lab root mine "$box" -- \
	/bin/sh -c 'grep -c /usr/src /lab/headers/Makefile')" 0
echo 'probe socket.send { if (pid() == target()) { println(size); exit() } }' >"$box/one.stp"
is 'a script of the tapset runs' "$(in_lab run mine "$box/one.stp" -- \
	'exec python3 -c "import socket; a, b = socket.socketpair(); a.send(bytes(42))"')" 42
is 'the tests run on it' "$(SOCKET_TAPSET_LAB=$box/lab O=$box/O T='exact names' ROWS=mine \
	bash -c 'prove() { printf "%s\n" "${@:6}"; }; export -f prove; . "$1" lab all' run \
	"$top/testsuite/run" 2>/dev/null | grep ' mine$')" $'lab-exact mine\nlab-names mine'
add --modules "$modules"
is 'a second one of that name is refused' $? 2
like '... and the message names it' "$(cat "$box/errors")" "there is a row 'mine'"
ok 'it is removed' in_lab remove mine
is '... and nothing is left' "$(left)" ''
finish
