#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make dist, and what is built from it: the same bytes in any directory, for any user.
. "$(dirname "$0")/../tap.sh"
unset SOURCE_DATE_EPOCH MAKEFLAGS MAKELEVEL
export -n O
export GIT_CEILING_DIRECTORIES=$box
run() { said=$("$@" 2>"$box/errors" </dev/null); status=$?; errors=$(cat "$box/errors"); }
sum() { sha256sum <"$1"; }

run "$top/packaging/dist" "$box/first"
is 'make dist' "$status" 0
tarball=$said
name=$(basename "$tarball" .tar.gz)
like '... prints the name of the tarball' "$tarball" '/first/socket-tapset-[0-9.]+\.tar\.gz$'
run env TZ=Asia/Kolkata LC_ALL=C.UTF-8 bash -c 'umask 077; exec "$0" "$1"' "$top/packaging/dist" "$box/second"
is '... with another umask, locale and time zone: the same bytes' "$(sum "$said")" "$(sum "$tarball")"
is '... with all files that git knows' \
	"$(tar tf "$tarball" | sed "s|^$name/||" | grep -vx .tarball)" \
	"$(cd "$top" && testsuite/lint/files | LC_ALL=C sort)"

# Two users build it, each in a directory of their own.
one="$box/one"
two="$box/another directory of/two"
mkdir -p "$one" "$two"
(umask 022 && tar -C "$one" -xf "$tarball")
(umask 077 && tar -C "$two" --no-same-permissions -xf "$tarball")
one+=/$name two+=/$name
(cd "$one" && TZ=UTC LC_ALL=C make -s install DESTDIR="$box/root-one") >"$box/said" 2>&1
result $? 'it builds and installs' "$box/said"
(cd "$two" && umask 077 && TZ=America/New_York LC_ALL=C.UTF-8 \
	make -s -j4 install DESTDIR="$box/root two") >"$box/said" 2>&1
result $? '... also for somebody else, with -j4 and in a path with spaces' "$box/said"
files() { (cd "$1" && find . ! -name . -printf '%M %p\n' -type f -exec sha256sum {} + | sort); }
is '... and has the same bytes' "$(files "$box/root two")" "$(files "$box/root-one")"
run make -s -C "$two" dist
is 'make dist from the tarball, without git: the same bytes' "$(sum "$two/build/$name.tar.gz")" \
	"$(sum "$tarball")"
run env SOURCE_DATE_EPOCH=1000000000 "$one/packaging/dist" "$box/dated"
is 'SOURCE_DATE_EPOCH is its date' "$(TZ=UTC tar tvf "$said" | awk '{ print $4 }' | sort -u)" 2001-09-09

run env SOURCE_DATE_EPOCH=today "$one/packaging/dist" "$box/none"
is 'a SOURCE_DATE_EPOCH that is not a number is refused' "$status $errors" \
	"1 dist: SOURCE_DATE_EPOCH is 'today', not a number of seconds"
rm "$one/NEWS"
run "$one/packaging/dist" "$box/none"
is 'a file that is missing is named' "$status $errors" '1 dist: NEWS is missing'
rm "$one/.tarball"
run "$one/packaging/dist" "$box/none"
is 'without git and .tarball it is refused' "$status $errors" \
	"1 dist: $one is neither a clone of git nor from a tarball of make dist"
is '... and nothing is written' "$(find "$box/none" -type f)" ''
finish
