#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What make install puts where, what make uninstall leaves, and the prefix of configure.
. "$(dirname "$0")/../tap.sh"
tool=$top/bin/stap-socket-run

# Files of systemtap's packages, which only install-override may touch.
root=$box/root
theirs=$root/usr/share/systemtap/tapset/linux/socket.stp
page=$root/usr/share/man/man3/probe::socket.send.3stap
mkdir -p "${theirs%/*}" "${page%/*}"
echo 'distributed' >"$theirs"
echo 'distributed' | gzip >"$page.gz"
echo 'other' >"${theirs%/*}/tcp.stp"
run() { said=$("$@" 2>&1 </dev/null); status=$?; }
# to_root TARGET: as a package would
to_root()
{
	make -s -C "$top" "$1" prefix=/usr tapsetdir=/usr/share/systemtap/tapset \
		man3dir=/usr/share/man/man3 DESTDIR="$root" O="$O" >"$box/made" 2>&1
}
# state: every file, link and directory, with its mode and what is in it
state()
{
	(cd "$root" && find . -printf '%M %p %l\n' -type f -exec md5sum {} + | sort)
}
before=$(state)
ok 'make install' to_root install
is '... changes no file that was there' "$(comm -23 <(echo "$before") <(state))" ''
ok '... and puts the tapset where stap-socket-run looks' \
	cmp "$root/usr/share/socket-tapset/tapset/linux/socket.stp" "$O/tapset/linux/socket.stp"
ok '... and installs the license next to the README' \
	cmp "$root/usr/share/doc/socket-tapset/COPYING" "$top/COPYING"
if [ -e /usr/share/common-licenses/GPL-2 ]; then
	ok '... which is complete' cmp "$top/COPYING" /usr/share/common-licenses/GPL-2
else
	like '... which is complete' "$(cat "$top/COPYING")" \
		'GNU GENERAL PUBLIC LICENSE.*Version 2, June 1991.*END OF TERMS AND CONDITIONS'
fi
ok '... and the pages of both commands' test -s "$root/usr/share/man/man8/stap-socket.8" \
	-a -s "$root/usr/share/man/man8/stap-socket-run.8"
is '... which have the options of stap-socket-run --help' \
	"$(man -l "$root/usr/share/man/man8/stap-socket-run.8" | grep -oE -- '^ +--[a-z-]+' |
		tr -d ' ' | sort -u | paste -s -d ' ')" \
	"$("$tool" --help | grep -oE -- '--[a-z-]+' | sort -u | sed 1i--help |
		sort -u | paste -s -d ' ')"
is '... and a page for each probe and function' \
	"$(cd "$root/usr/share/socket-tapset/man/man3" && echo *)" "$(cd "$O/man/man3" && echo *)"
like '... which stap-socket help prints' "$("$root/usr/bin/stap-socket" help socket.send)" \
	'NAME.*probe::socket\.send - '

installed=$(state)
ok 'make install-override' to_root install-override
is '... makes links to our tapset' "$(readlink "$theirs")" \
	../../../socket-tapset/tapset/linux/socket.stp
is '... and to our pages, which man finds' \
	"$(man -M "$root/usr/share/man" -w probe::socket.send 2>&1)" \
	"$root/usr/share/socket-tapset/man/man3/${page##*/}"
is '... and leaves other files of systemtap' "$(cat "${theirs%/*}/tcp.stp")" other
overridden=$(state)
ok 'make install-override again' to_root install-override
is '... changes nothing' "$(state)" "$overridden"
# As if an earlier version had had a file less, and one more.
ours=usr/share/socket-tapset/tapset/linux
echo old >"$root/$ours/socket_old.stp"
(cd "$root" && sha256sum "$ours/socket_old.stp") >>"$root/usr/share/socket-tapset/installed"
rm "${theirs%/*}/socket_names.stp"
ln -s "../../../socket-tapset/tapset/linux/socket_old.stp" "${theirs%/*}/"
ok 'make install of another version' to_root install
is '... corrects the links' "$(state)" "$overridden"
ok 'make uninstall-override' to_root uninstall-override
is '... restores each file' "$(state)" "$installed"
to_root install-override
rm "$theirs"
echo 'upgraded' >"$theirs"
ok 'if systemtap was upgraded meanwhile, make uninstall-override' to_root uninstall-override
is '... keeps its new file' "$(cat "$theirs")" upgraded
is '... and restores the rest' "$(diff <(state) <(echo "$installed") | grep '^[<>]' | tr -s ' ' |
	cut -d ' ' -f 1,3 | sort)" "< ./usr/share/systemtap/tapset/linux/socket.stp
> ./usr/share/systemtap/tapset/linux/socket.stp"
echo 'distributed' >"$theirs"
to_root install-override
overridden=$(state)
ok 'make install with another prefix' make -s -C "$top" install prefix=/opt DESTDIR="$root" O="$O"
both=$(state)
run make -s -C "$top" install-override prefix=/opt tapsetdir=/usr/share/systemtap/tapset \
	man3dir=/usr/share/man/man3 DESTDIR="$root" O="$O"
like '... whose install-override is refused' "$status $said" \
	"^2 .*override: $theirs is of another installation: $root/usr/share/socket-tapset/tapset/linux/socket.stp;"
is '... and changes nothing' "$(state)" "$both"
run make -s -C "$top" install-override prefix=/opt tapsetdir=/none DESTDIR="$root" O="$O"
like '... nor is it put where systemtap has no tapset' "$status $said" \
	"^2 .*override: systemtap has no tapset in $root/none;"
ok '... whose uninstall' make -s -C "$top" uninstall prefix=/opt DESTDIR="$root" O="$O"
is '... does not touch the first' "$(state)" "$overridden"
ok 'make uninstall after install-override, also if stap is elsewhere now' \
	make -s -C "$top" uninstall prefix=/usr tapsetdir=/opt/tapset man3dir=/opt/man3 \
	DESTDIR="$root" O="$O"
is '... leaves what was there before' "$(state)" "$before"
is '... and no directory' "$(find "$root" -name '*socket-tapset*')" ''
run "$top/packaging/override" restore
is 'override: an unknown word is refused' "$status $said" \
	"2 override: usage: override install|remove|refresh, but was given 'restore'"

run "$top/packaging/install" get
is 'install: an unknown word is refused' "$status $said" \
	"2 install: usage: install put|remove, but was given 'get'"

# There are empty directories, one with another mode, and the prefix has spaces.
root="$box/a root"
prefix='/opt/my own'
mkdir -p "$root$prefix"/{bin,share/man/man8}
chmod 700 "$root$prefix/bin"
before=$(state)
here()
{
	run make -s -C "$top" "$@" prefix="$prefix" DESTDIR="$root" O="$O"
	said=$(grep -v '^  INSTALL\|^  REMOVE' <<<"$said")
}
(umask 077; here -j8 install; echo "$status $said" >"$box/status")
is 'make -j8 install into a prefix with spaces' "$(cat "$box/status")" '0 '
is '... with modes that do not depend on the umask' \
	"$(find "$root$prefix/share/socket-tapset" ! -type l -printf '%m %y\n' | sort -u)" "644 f
755 d"
is '... where the command finds its files' "$("$root$prefix/bin/stap-socket" list | wc -l)" \
	"$(grep -l '@socket_tool' "$top"/examples/*.stp | wc -l)"
installed=$(state)
here install
is '... again' "$status $said" '0 '
is '... changes nothing' "$(state)" "$installed"
ours="$root$prefix/share/socket-tapset"
# An earlier version had a file more, and the record has its checksum.
echo 'old' >"$ours/tapset/linux/socket_old.stp"
(cd "$root" && sha256sum "${prefix#/}/share/socket-tapset/tapset/linux/socket_old.stp") >>"$ours/installed"
here install
is '... removes the file of an earlier version' "$status $(state)" "0 $installed"
# Interrupted in the middle of a file, and the record has the old and the new files.
cat >"$box/interrupted" <<'END'
#!/bin/bash
for to; do :; done
[[ $to != */man8/* ]] || { echo half >"$to/stap-socket.8"; kill -9 $PPID; exit 1; }
exec install "$@"
END
chmod +x "$box/interrupted"
here uninstall
here install INSTALL="$box/interrupted"
ok '... after one that was killed' test "$status" != 0
ok '... and left some files' test -e "$ours/installed" -a ! -e "$ours/version"
here install
is '... completes it' "$status $(state)" "0 $installed"
here install INSTALL="$box/interrupted"
is '... again, in the place of a complete one: each file is a complete one' \
	"$(state | grep -v '/installed$\|\.socket-tapset\.new' | grep -v '/man8$')" \
	"$(grep -v '/installed$' <<<"$installed" | grep -v '/man8$')"
echo changed >"$root$prefix/bin/stap-socket-run"
here install
like '... a file that was changed since then is refused' "$status $said" \
	"^2 install: these files are of another package.*bin/stap-socket-run"
rm "$root$prefix/bin/stap-socket-run"
here uninstall
is '... make uninstall removes the rest' "$status $(state)" "0 $before"
here -j8 install
here -j8 uninstall
is 'make -j8 uninstall leaves what was there before, with empty directories' "$(state)" "$before"
here uninstall
like '... again' "$status $said" '^0 install: make install has not installed anything in '
is '... changes nothing' "$(state)" "$before"

theirs="$root$prefix/bin/stap-socket"
echo 'of a distribution' >"$theirs"
before=$(state)
here install
like 'a file of another package: make install is refused' "$status $said" \
	"^2 install: these files are of another package.*$theirs.*nothing is installed"
is '... and changes nothing' "$(state)" "$before"
rm "$theirs"
here install
rm "$theirs"
echo 'of a distribution' >"$theirs"
changed=$(state)
here install
like '... also if it took the place of ours' "$status $said" "^2 install: .*$theirs"
is '... and changes nothing then either' "$(state)" "$changed"
here uninstall
is '... make uninstall keeps it' "$status $(state)" "0 $before"
like '... and prints its name' "$said" "^install: $theirs stays: it was changed or replaced"
rm "$theirs"
before=$(state)
here install datadir=/usr/share
like 'a directory where the command would not look is refused' "$status $said" \
	"^2 install: the commands in $prefix/bin look for their files in $prefix/share/socket-tapset, not in /usr/share/socket-tapset"
here install docdir=doc
like '... and a relative one' "$status $said" "^2 install: docdir is 'doc', which does not begin with /"
is '... and nothing is installed' "$(state)" "$before"
cp -r "$top"/{configure.ac,settings.mk.in,Makefile,README,NEWS,SECURITY,COPYING,tapset,runtime,bin,src,examples,man,completions,packaging} "$box/" &&
	(cd "$box" && autoconf && ./configure --prefix=/opt/x --libexecdir=/opt/x/lib) >/dev/null 2>&1
like 'configure writes the settings' "$(cat "$box/settings.mk" 2>&1)" 'prefix = /opt/x'
ok '... that make install uses' make -s -C "$box" O="$box/build" install DESTDIR="$box/second"
ok '... for its prefix' \
	test -e "$box/second/opt/x/share/socket-tapset/tapset/linux/socket.stp"
ok '... and its libexecdir' test -x "$box/second/opt/x/lib/socket-tapset/self-test"
ok '... where the command looks' \
	grep -q '%s/\.\./lib/socket-tapset' "$box/second/opt/x/bin/stap-socket"
finish
