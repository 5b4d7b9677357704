#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# stap-socket without prebuilt modules: it builds a tool with stap and the kernel's headers,
# prints its progress, keeps the module and runs it; at a terminal Ctrl-C ends it.
. "$(dirname "$0")/../tap.sh"
row=${LAB_ROW:-6.12}

make -s -C "$top" install prefix=/usr/local DESTDIR="$box/root" O="$O" >"$box/out" 2>&1
tar -C "$box/root" -cf "$box/installed.tar" usr
add=(--add "$box/installed.tar")
for file in build listens.py terminal.py; do
	add+=(--add "$top/testsuite/stap-socket/$file")
done
"$lab" boot "$row" --stap --mem 3000 --timeout 3000 "${add[@]}" -- 'bash ./build' \
	>"$box/said" 2>"$box/errors"
is 'guest exits 0' $? 0
is '... with nothing else on stderr' "$(grep -v '^lab: root ' "$box/errors")" ''

like 'check: tools can be built' "$(section check)" \
	"headers: builds modules.*The tools can run.*status 0"
said=$(section first)
like 'a build prints its progress' "$said" 'building listen for kernel .* [0-9]+ s'
like '... then the tool runs and prints the event' "$said" \
	'python3 .*127.0.0.1:8123.*status 0 left 0'
said=$(section again)
like 'the second time it builds nothing' "$(grep -c building <<<"$said")" '^0$'
like '... and the tool runs' "$said" '"local_port":8124.*status 0 left 0'
said=$(section terminal)
like 'at a terminal Ctrl-C ends it' "$said" 'terminal status 0
status 0 left 0'
like '... after the first line' "$said" '127.0.0.1:8127'
finish
