#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tables of kernel functions and of values, and the files made from them.
. "$(dirname "$0")/../tap.sh"

# remade FILE SED-SCRIPT: makes the tapset of a copy that sed has changed
remade()
{
	rm -rf "$box/copy"
	mkdir "$box/copy"
	cp -r "$top"/{Makefile,configure.ac,runtime,tapset,examples} "$box/copy"
	sed -i "$2" "$box/copy/$1"
	make -C "$box/copy" O=made tapset 2>&1
}
table=runtime/functions.tbl
points=tapset/linux/socket_points.stp

out=$(remade $table '')
is 'make builds the tapset of a copy' $? 0
line=$(grep -n 'kprobe.function("kernel_accept").return.maxactive(' "$top/$points" | cut -d: -f1)
out=$(remade $points "${line}s/maxactive([^)]*)/maxactive(488)/")
is 'a return with a number that is not a mark: make fails' "$(($? != 0))" 1
like '... and the message names the file, the line and the number' "$out" \
	"$points:$line: \\.maxactive\\(488\\)"
ok '... and leaves no tapset' test ! -e "$box/copy/made/$points"

# A mistake in a stanza: the message has its line.
stanza() { first=$(grep -n "^$1" "$top/$table" | cut -d: -f1); }
line() { echo $((first + $(sed -n "$first,\$p" "$top/$table" | grep -n -m 1 "^	$1" | cut -d: -f1) - 1)); }
# not_made NAME SED-SCRIPT PATTERN: make fails with a table that sed has changed
not_made()
{
	local out status
	out=$(remade $table "$2")
	status=$?
	is "$1: make fails" "$((status != 0))" 1
	like '... and the message has the cause' "$out" "$3"
}
# refused [NAME]: reads lines KEY|CHANGE|MESSAGE; the message is about NAME, or has the line
refused()
{
	local key change says
	while IFS='|' read -r key change says; do
		at=$(line "$key")
		not_made "$change" "${at}s/.*/	$change/" "${1:-$table:$at:} $says"
	done
}

stanza 'function int kernel_bind('
refused <<'END'
keeps|keeps adress|what is kept is an address, number, option, inode, listener or destination, not adress
keeps|keep address|unknown line: keep
keeps|keeps|keeps has no value
who|keeps address|keeps stands twice for kernel_bind
who|who root|who asks is user or kernel, not root
who|excludes connet|no function socket_excludes_connet\(\) compares an event with the filters
kernel|kernel always|kernel is must, may, alone or point, not always
return|return kernel_bind_return int seldom unpinned|no such mark: seldom
return|return kernel_bind_return long rare|a result is an int, ssize_t or void, not long
END
not_made 'no line holds' "$(line holds)d" 'kernel_bind has no line kernel or no line holds'
not_made 'an entry without a socket' "$(line socket)d" 'kernel_bind has a call and no socket'
refused kernel_bind <<'END'
return|return kernel_bind_return int rare unpinned\n	kind	1|has a kind, and so neither if nor an unpinned return
event|scope kernel_bind SYS_BIND|is a scope with a socket, whose return cannot be unpinned
event|scope kernel_bind SYS_BIND\n	handler	socket_x|is a scope
return|return kernel_bind_return int rare|is pinned at its return, and others of its point are not
END
not_made 'a pinned return without a held object' \
	"$(line holds)s/.*/	holds	nothing/; $(line return)s/ unpinned//" \
	'kernel_bind holds nothing, and its return is not unpinned'

# The alias of a return is unpinned if and only if its point is.
wrong=''
while read -r point; do
	body=$(awk -v point="$point" '$0 ~ "^probe socket\\.[a-z.]*return = __socket_" point "_return$" { on = 1 }
		on; /^}/ { on = 0 }' "$top/tapset/linux/socket.stp")
	unpinned=$(awk -v point="$point" '/^function/ { has = "" }
		/^\treturn.* unpinned/ { has = 1 } $1 == "of" && $2 == point && has { print 1; exit }' \
		"$top/runtime/functions.tbl")
	# The returns of accept and create are written by hand.
	[[ ${unpinned:-0} -eq $(grep -c '_unpinned$' <<<"$body") ]] || wrong+=" $point"
done < <(awk '$1 == "of" && !seen[$2]++ { print $2 }' "$top/runtime/functions.tbl" | grep -vx accept)
is 'the alias of a return is unpinned if its point is' "$wrong" ''

table=runtime/values.tbl
stanza 'value nonblock '
refused <<'END'
in|in probe|a value is in probes, functions or kind, not probe
of|of file|a value is of sock or sk, not file
is|was 1|unknown line: was
is|title x|title stands twice for nonblock
END
not_made 'a value with read and without of' "$(line of)d" 'nonblock has one of read and of'
not_made 'a value that is a list' "${first}s/number/list/" \
	"$table:$first: a value has a name and is a number or text: value nonblock list"
finish
