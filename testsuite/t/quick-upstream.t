#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make upstream: the files for systemtap's source tree.  make check-upstream tries them there.
. "$(dirname "$0")/../tap.sh"
tree=$box/tree
write() { make -s -C "$top" upstream PREFIX="$1" O="$O"; }

ok 'make upstream writes to a new directory' write "$tree"
is '... each file of the tapset' "$(ls "$tree/tapset/linux")" "$(ls "$top/tapset/linux")"
is '... with the headers that they include' "$(grep -hoE '^#include "[^"]*"' \
	"$tree"/tapset/linux/* "$tree"/runtime/linux/socket/* | cut -d '"' -f 2 |
	sort -u | while read -r header; do
		[ -e "$tree/runtime/$header" ] || [ -e "$tree/runtime/linux/socket/$header" ] ||
			echo "$header"
	done)" ''
is '... each of which takes effect once' \
	"$(grep -L '^#ifndef SOCKET_[A-Z_]*_H$' "$tree"/runtime/linux/socket/*)" ''
is '... each tool, with a .meta and a sample' \
	"$(cd "$tree/testsuite/systemtap.examples/network" && printf '%s\n' *.*)" \
	"$(cd "$top/examples" && printf 'sock_%s\n' *.*)"
is '... which name no command of ours' "$(grep -rl stap-socket "$tree/testsuite")" ''
is '... and its own file' "$(cd "$tree/testsuite/systemtap.examples/network" &&
	grep -L "^name: sock_[a-z]*\\.stp$" -- *.meta)" ''

# documented FILE...: prints each value in the comments of its probes
documented()
{
	awk '/^ \* probe / { probe = $3 }
		probe && /^ \* @/ { print probe, substr($2, 2, length($2) - 2) }
		/^ \*\// { probe = "" }' "$@" | sort
}
is 'the comment of each probe has all of its values' \
	"$(documented "$tree"/tapset/linux/socket{,_tcp}.stp)" \
	"$(awk -F '\t' 'NF == 4 { print $1, $2 }' "$O/doc/interface.tbl" | sort)"
# Such a line would be a heading in the manual of systemtap.
is '... and no line that begins with words and a colon, within a paragraph' \
	"$(awk '/^ \* +[A-Za-z0-9_ ]+:/ && before ~ /^ \* [^ ]/ { print } { before = $0 }' \
		"$tree"/tapset/linux/*.stp)" ''
is 'buildok has a line for each value of each probe' \
	"$(grep -c println "$tree/testsuite/buildok/socket-values.stp")" \
	"$(awk -F '\t' 'NF == 4' "$O/doc/interface.tbl" | wc -l)"

is '... for the kernels that the tapset serves' \
	"$(grep -h '^%( ' "$tree"/testsuite/buildok/socket-{values,functions}.stp | sort -u)" \
	"$(grep -h '^%( kernel_v >= "5.10" ' "$tree/tapset/linux/socket.stp")"

# A source tree of systemtap.
mkdir -p "$box/systemtap"/{tapset/linux,doc/SystemTap_Tapset_Reference}
echo 'probe socket.send = kernel.function("sock_sendmsg") {}' >"$box/systemtap/tapset/linux/socket.stp"
template=$box/systemtap/doc/SystemTap_Tapset_Reference/tapsets.tmpl
printf '%s\n' before '!Itapset/linux/socket.stp' after >"$template"
ok 'make upstream into a source tree of systemtap' write "$box/systemtap"
like '... keeps its socket.stp for older kernels' \
	"$(cat "$box/systemtap/tapset/linux/socket-older.stp")" \
	'^%\( kernel_v >= "5.10" .*%\? %:.*sock_sendmsg.*%\)$'
is '... by the condition of each of our files' "$(cd "$box/systemtap/tapset/linux" &&
	grep -h '^%( kernel_v >= "5.10" ' -- *.stp | sed 's/ %? %:$/ %?/' | sort | uniq -c | wc -l)" 1
is '... and adds our files to the manual' "$(grep -v '!Itapset/linux/socket' "$template")" 'before
after'
is '... each that has comments for it' "$(sed -n 's/^!Itapset.linux.//p' "$template" | sort)" \
	"$(cd "$top/tapset/linux" && grep -lE '^ \* (probe|sfunction)|_functions_derived' -- *.stp | sort)"
list() { (cd "$box/systemtap" && find . -type f -exec sha256sum {} + | sort); }
once=$(list)
write "$box/systemtap"
is '... again changes nothing' "$(list)" "$once"
ok 'without PREFIX it is refused' bash -c '! make -s -C "$1" upstream 2>/dev/null' make "$top"
finish
