#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# HACKING: the recipes "a value" and "a probe", followed literally, and the list of
# decisions by version.
. "$(dirname "$0")/../tap.sh"
. "$top/testsuite/recipes.sh"

copy=$box/copy
copy_tree "$copy"
# commands RECIPE: runs the commands of the recipe in the copy
commands() { (cd "$copy" && unset O MAKEFLAGS && bash -e "$box/$1.run"); }
page() { man -l "$copy/build/man/man3/$1.3stap" 2>&1; }

ok 'a value: HACKING has the recipe' follow 'a value' "$copy"
ok '... its commands succeed' commands 'a value'
is '... every probe sets the value, pinned or not' \
	"$(grep -cE '^	mark = (%\{|sock_mark\(__live\))' "$copy/build/tapset/linux/socket.stp")" 4
ok '... the function exists' \
	grep -q '^function sock_mark:long(sock:long)' "$copy/build/tapset/linux/socket_values.stp"
like '... and its page' "$(page function::sock_mark)" 'Mark of a socket.*-1.*Since: 0\.1'
like '... the page of a probe names it' "$(page probe::socket.send)" 'every probe:[^.]*[ ,]mark[,.]'
like '... and the overview describes it' "$(page tapset::socket)" 'mark \(number\)'

ok 'a probe: HACKING has the recipe' follow 'a probe' "$copy"
ok '... its commands succeed' commands 'a probe'
made=$copy/build/tapset/linux
ok '... the function is probed at its entry' \
	grep -q '^probe __socket_file_ioctl_entry = kprobe.function("sock_ioctl").call' "$made/socket_points.stp"
ok '... and at its return' grep -qE '^	kprobe.function\("sock_ioctl"\).return.maxactive' \
	"$made/socket_points.stp"
ok '... with an entry handler' grep -q 'SOCKET_ENTRY_EVENT("sock_ioctl", ioctl, NULL, OWN, OTHER)' \
	"$made/socket_points.stp"
is '... for the two aliases' "$(grep -c '^probe socket\.ioctl' "$made/socket.stp")" 2
like '... the page has the value and the kernel function' "$(page probe::socket.ioctl.return)" \
	'cmd .*As in socket\.ioctl.*elapsed_ns.*Kernel functions: sock_ioctl\.'
like '... which the overview has too' "$(page tapset::socket)" \
	'socket\.ioctl, socket\.ioctl\.return.*Values: cmd; with \.return also'
is '... and mandoc finds no fault' "$(mandoc -T lint -W warning "$copy"/build/man/man3/* 2>&1 |
	grep -v 'missing date')" ''

# Doc comments and aliases must agree.
remade()
{
	cp "$top/tapset/linux/socket.stp" "$copy/tapset/linux/socket.stp"
	sed -i "$1" "$copy/tapset/linux/socket.stp"
	said=$(make -C "$copy" O=build all 2>&1)
}
remade '0,/ @size: Bytes to send/s/ @size: Bytes to send/ @bytes: Bytes to send/'
is 'a comment with a value that the probe does not set stops make' "$?" 2
like '... and the message names it' "$said" 'socket\.sendmsg: @bytes is a value that it does not set'
remade 's/^	name = "socket.send"$/&\n	pe = 0/'
is 'a value without a comment stops make' "$?" 2
like '... and the message names it' "$said" 'socket\.send: pe is a value without a doc comment'
remade '0,/ \* Since: 0.1/{/ \* Since: 0.1/d}'
is 'a comment without a version stops make' "$?" 2
like '... and the message names the probe' "$said" 'socket\.send: has no Context or no Since'

# The decisions by version are few, and each has a reason.
squeezed() { sed 's/^\([^:]*\):[ \t]*/\1: /; s/[ \t]*\\$//' | sort -u; }
is 'HACKING lists all decisions by version' \
	"$(sed -n '/^Decisions by version/,/^Before you/s/^    \([a-z]*\/\)/\1/p' "$top/HACKING" | sort)" \
	"$(cd "$top" && grep -rE 'LINUX_VERSION_CODE|KERNEL_VERSION\(|kernel_v|systemtap_v' \
		runtime tapset | squeezed)"
is '... and each has a reason' \
	"$(awk '/^Decisions by version/ { on = 1 } /^Before you/ { on = 0 }
		# The lines of socket_tables.h and tables.awk share a reason.
		on && /^    [a-z]/ { if (open && open !~ /tables/) print open; open = $0 }
		on && /^        / { open = "" }
		END { if (open) print open }' "$top/HACKING")" ''
finish
