#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual pages of the tapset: one for each probe and function, complete, and readable in
# 80 columns.
. "$(dirname "$0")/../tap.sh"
pages=$O/man/man3

is 'each probe and function has a page, and there is an overview' "$(ls "$pages")" "$({
	echo tapset::socket.3stap
	sed -n 's/^probe \(socket[a-z_.]*\) =.*/probe::\1.3stap/p' "$top"/tapset/linux/socket{,_tcp}.stp
	sed -n '/^function __/d; s/^function \([a-z_0-9]*\)[:(].*/function::\1.3stap/p' \
		"$O"/tapset/linux/socket{,_accounts,_accounts_timed,_filters,_names,_tcp,_values}.stp
} | LC_ALL=C sort)"

lacking()
{
	local heading
	for heading in "$@"; do
		grep -L "^\\.SH $heading\$" "$pages"/*
	done
}
is '... each page has all sections' "$(lacking NAME SYNOPSIS DESCRIPTION 'SEE ALSO')" ''
is '... that of a probe also VALUES and CONTEXT' \
	"$(lacking VALUES CONTEXT | grep probe::)" ''
is '... each has a version in Since' "$(grep -L '^Since: [0-9.]*$' "$pages"/*)" ''
is '... and refers to pages that exist' \
	"$(grep -hoE '(probe|function|tapset)::[a-z_.0-9]+\\fR\(3stap\)' "$pages"/* |
		sed 's/\\fR(3stap)/.3stap/' | sort -u | while read -r page; do
			[ -e "$pages/$page" ] || echo "$page"
		done)" ''
is 'the overview has every value of a probe' \
	"$(sed -n '/^\.SH VALUES OF/,/^\.SH OTHER/s/^\\fI\([a-z_]*\)\\fR.*/\1/p' \
		"$pages/tapset::socket.3stap")" \
	"$(awk '/^value/ { name = $2 } $1 == "in" && $2 != "functions" { print name }' \
		"$top/runtime/values.tbl")"
is '... every probe' "$(sed -n '/^\.SH PROBES/,/^\.SH VALUES/p' "$pages/tapset::socket.3stap" |
	grep -o 'socket\.[a-z_.]*\\fR' | sed 's/\\fR//' | sort)" \
	"$(sed -n 's/^probe::\(.*\).3stap$/\1/p' "$O/man/man3.list" | sort)"
# The kernel functions of a page are those that its probe uses, with their versions.
functions()
{
	sed -n '/^Kernel functions:/,/^Since/{s/\\f[BR]//g; /^\./!p}' "$pages/probe::$1.3stap" |
		paste -s -d ' '
}
like 'a page names the tracepoint and its version' "$(functions socket.send)" \
	'have the tracepoint: .*sock_send_length \(tracepoint, since 6\.3\)\. .*Other kernels: .*__sock_sendmsg'
like '... and a function without a version' "$(functions socket.recvmsg)" \
	'functions: security_socket_recvmsg, ____sys_recvmsg'
like '... or with the versions that have it' "$(functions socket.sendpage)" \
	'functions: sock_sendpage \(up to 6\.4\)\.'
is '... and every function' "$(sed -n '/^\.SH LOST/,$s/^\\fB\([a-z_0-9]*\)[:(].*/\1/p' \
	"$pages/tapset::socket.3stap" | sort)" \
	"$(sed -n 's/^function::\(.*\).3stap$/\1/p' "$O/man/man3.list" | sort)"
# With both programs that people use.
is 'no line is longer than 80 columns: mandoc' \
	"$(mandoc -T ascii -O width=80 "$pages"/* | col -bx | awk 'length($0) > 80')" ''
is '... man' "$(MANWIDTH=80 LC_ALL=C man -l "$pages/tapset::socket.3stap" 2>&1 |
	awk 'length($0) > 80')" ''
is 'README names pages that exist' \
	"$(grep -oE '(probe|function|tapset)::[a-z_.]*[a-z]' "$top/README" | while read -r page; do
		[ -e "$pages/$page.3stap" ] || echo "$page"
	done)" ''
finish
