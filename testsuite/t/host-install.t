#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What make install puts where, what make uninstall leaves, and the prefix of configure.
. "$(dirname "$0")/../tap.sh"
tool=$top/bin/stap-socket-run

mkdir -p "$box/root/usr/share/systemtap/tapset/linux"
echo 'distributed' >"$box/root/usr/share/systemtap/tapset/linux/socket.stp"
mkdir -p "$box/root/usr/share/man/man3"
echo 'distributed' | gzip >"$box/root/usr/share/man/man3/probe::socket.send.3stap.gz"
ok 'make install' make -s -C "$top" install prefix=/usr DESTDIR="$box/root" O="$O"
installed=$box/root/usr/share/systemtap/tapset/linux
ok '... puts the tapset where stap looks' cmp "$installed/socket.stp" \
	"$O/tapset/linux/socket.stp"
is '... and keeps the distributed tapset' \
	"$(cat "$installed/socket.stp.distributed")" distributed
ok '... and installs the license next to the README' \
	cmp "$box/root/usr/share/doc/socket-tapset/COPYING" "$top/COPYING"
if [ -e /usr/share/common-licenses/GPL-2 ]; then
	ok '... which is complete' cmp "$top/COPYING" /usr/share/common-licenses/GPL-2
else
	like '... which is complete' "$(cat "$top/COPYING")" \
		'GNU GENERAL PUBLIC LICENSE.*Version 2, June 1991.*END OF TERMS AND CONDITIONS'
fi
ok '... and the pages of both commands' test -s "$box/root/usr/share/man/man8/stap-socket.8" \
	-a -s "$box/root/usr/share/man/man8/stap-socket-run.8"
is '... which have the options of stap-socket-run --help' \
	"$(man -l "$box/root/usr/share/man/man8/stap-socket-run.8" | grep -oE -- '^ +--[a-z-]+' |
		tr -d ' ' | sort -u | paste -s -d ' ')" \
	"$("$tool" --help | grep -oE -- '--[a-z-]+' | sort -u | sed 1i--help |
		sort -u | paste -s -d ' ')"
is '... and one page for each probe, which man finds' \
	"$(man -M "$box/root/usr/share/man" -w probe::socket.send)" \
	"$box/root/usr/share/man/man3/probe::socket.send.3stap"
ok 'make install again' make -s -C "$top" install prefix=/usr DESTDIR="$box/root" O="$O"
is '... still keeps the distributed tapset' "$(cat "$installed/socket.stp.distributed")" distributed
ok 'make uninstall' make -s -C "$top" uninstall prefix=/usr DESTDIR="$box/root" O="$O"
is '... restores it' "$(cat "$installed/socket.stp")" distributed
is '... and the manual page' \
	"$(zcat "$box/root/usr/share/man/man3/probe::socket.send.3stap.gz")" distributed
is '... and removes everything else' "$(cd "$box/root" && find . -type f | sort)" \
	'./usr/share/man/man3/probe::socket.send.3stap.gz
./usr/share/systemtap/tapset/linux/socket.stp'

cp -r "$top"/{configure.ac,settings.mk.in,Makefile,README,NEWS,SECURITY,COPYING,tapset,runtime,bin,src,examples,man,completions} "$box/" &&
	(cd "$box" && autoconf && ./configure --prefix=/opt/x) >/dev/null 2>&1
like 'configure writes the settings' "$(cat "$box/settings.mk" 2>&1)" 'prefix = /opt/x'
ok '... that make install uses' make -s -C "$box" install DESTDIR="$box/second"
ok '... for its prefix' \
	test -e "$box/second/opt/x/share/systemtap/tapset/linux/socket.stp"
finish
