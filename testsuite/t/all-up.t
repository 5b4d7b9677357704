#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `lab up` of a row that is not built yet, with an existing build root: interrupted, and
# started again.
. "$(dirname "$0")/../tap.sh"
row=6.12
state=${SOCKET_TAPSET_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/socket-tapset}
why=$("$lab" rows | sed -n "s/^$row .* \(not built\|unavailable.*\)$/\1/p")
[ "$(id -u)" -eq 0 ] || why='only root builds rows'
if [ -n "$why" ]; then
	skip "$row: built once more" "$why"
	finish
fi
mkdir -p "$box/lab" "$box/tmp"
ln -s "$state/roots" "$box/lab/roots"
export SOCKET_TAPSET_LAB=$box/lab TMPDIR=$box/tmp

left() { pgrep -f "$box/lab" | wc -l; }

"$lab" up "$row" >"$box/said" 2>"$box/errors" </dev/null &
pid=$!
await_first_boot "$pid" "$box/errors"
sleep 1
# An archive drops a kernel's package when it gets a newer one.
if grep -q "kernel .* failed" "$box/errors" && grep -q '^E: .* 404 ' "$box/errors"; then
	skip "$row: built once more" "the archive does not have this lab's kernel any more"
	finish
fi
like 'it reaches the first boot' "$(cat "$box/errors")" 'first boot'
kill -TERM "$pid"
wait "$pid"
is 'SIGTERM in the first boot: it exits with 143' $? 143
is '... and leaves no process' "$(left)" 0
is '... and no temporary file' "$(ls -A "$box/tmp")" ''
like '... and no row' "$("$lab" rows)" "$row +- +- +not built"

"$lab" up "$row" >"$box/said" 2>"$box/errors" </dev/null
is 'started again, it exits 0' $? 0
like '... with a row' "$(cat "$box/said")" "$row +6\.12\.[^ ]+ +systemtap [^ ]+ +ready"
like '... whose first module was built in its own build tree' "$(cat "$box/errors")" \
	'private build tree and first module: done'
is '... and no other row' "$(grep -c ' ready$' "$box/said")" 1
is 'the row boots' "$("$lab" boot "$row" -- 'uname -r')" "$(awk '/ ready$/ { print $2 }' "$box/said")"
is 'the third time it does nothing' "$("$lab" up "$row" 2>&1 >"$box/again"
	cmp "$box/said" "$box/again" 2>&1)" ''
[ "$failures" -eq 0 ] || sed 's/^/# /' "$box/errors"
finish
