#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the commands say to bad input, and what make installs: no lab needed.
. "$(dirname "$0")/../tap.sh"

run() { said=$("$@" 2>&1 </dev/null); status=$?; }

run env O="$box/none" T='nothing at_all' "$top/testsuite/run" quick
is 'tests that there are not can not be run' "$status" 2
like '... and what was asked for is named' "$said" "no test in quick has .* 'nothing at_all'"

mkdir -p "$box/tap"
for name in 'lab-truth 6.12' 'lab-truth 9.9'; do
	run env O="$box" SOCKET_TAPSET_LAB="$box/empty" "$top/testsuite/one" "$name"
	like "$name: a row that is not there is a failed test" "$status $said" '^1 .*not ok 1 - row'
done
run env O="$box" SOCKET_TAPSET_LAB="$box/empty" "$top/testsuite/one" 'lab-truth 6.12-debug'
like '... but one that make check does not build is skipped' "$status $said" '^0 .*ok 1 .*# skip'
is 'each row that a test names is one' "$(sed -n 's/^# rows [a-z]*: //p' "$top"/testsuite/t/*.t |
	tr ' ' '\n' | sort -u | while read -r row; do
	[ -e "$top/testsuite/lab/rows/$row" ] || echo "$row"; done)" ''

run "$lab"
is 'lab without a command is a misuse' "$status" 2
run "$lab" boots 6.1
is 'lab refuses an unknown command' "$status" 2
like '... and names those there are' "$said" "no command 'boots'.*compile"
run "$lab" boot 4.19 -- true
is 'lab refuses an unknown row' "$status" 2
like '... and names those there are' "$said" "no row '4.19'.*5.10 6.1 6.1-old 6.12 7.2"
run env SOCKET_TAPSET_LAB="$box/empty" "$lab" boot 6.1 -- true
is 'a row that is not built is no success' "$status" 1
like '... and the message says how to build it' "$said" 'lab up 6.1'
ok '... and nothing was left in the empty state' test ! -e "$box/empty/rows"
run env SOCKET_TAPSET_LAB="$box/empty" "$lab" rows
is 'rows can be listed before they are built' "$(grep -c 'not built' <<<"$said")" 8

# The files of rows and architectures, in a copy of the lab.
lab_with() # FILE LINE...: with FILE of these lines
{
	local file=$1
	shift
	rm -rf "$box/copy"
	mkdir "$box/copy"
	cp -r "$top/testsuite/lab" "$box/copy/lab"
	printf '%s\n' "$@" >"$box/copy/lab/$file"
}
of_lab() { run env SOCKET_TAPSET_LAB="$box/empty" "$box/copy/lab/lab" "$@"; }
amd64=$top/testsuite/lab/arch/amd64
word='a word of letters, digits and . _ , = + -'
list='a list of NAME=VALUE, with one space between'
row_keys='arch compiler files flavour kernel root source tests'
arch_keys='console cpu flavour image kvm loader machine needs options package qemu srcarch triplet uname'
while IFS='|' read -r file lines says; do
	mapfile -t all < <(printf '%b\n' "$lines")
	lab_with "$file" "${all[@]}"
	of_lab rows
	is "lab/$file with '${lines##*\\n}': status 1" "$status" 1
	is '... and the message names file, key and what is accepted' "$said" \
		"lab: $box/copy/lab/$file$says"
done <<END
rows/9.9|tests=no\nroot=sid\nkernel=9\narch=amd46|: arch='amd46'; accepted are the files in $box/copy/lab/arch: amd64
rows/9.9|arch=../amd64|:1: arch='../amd64'; accepted is $word
rows/9.9|tests=maybe|:1: tests='maybe'; accepted is yes or no
rows/9.9|tests=no\nroot=etch|:2: root='etch'; accepted is trixie or sid
rows/9.9|tests=no\nroot=sid|: no line kernel=; needed are: kernel
rows/9.9|tests=no\nroot=sid\nsource=6.12|: no line compiler=; needed are: source compiler files
rows/9.9|files=0|:1: files='0'; accepted is a number above 0
rows/9.9|compiler=aarch64-linux-gcc-14|:1: compiler='aarch64-linux-gcc-14'; accepted is gcc-VERSION, as gcc-14
rows/9.9|tests=no\ntests=no|:2: key 'tests' is there twice
rows/9.9|test=no|:1: unknown key 'test'; accepted are: $row_keys
rows/9.9|=no|:1: unknown key ''; accepted are: $row_keys
rows/9.9|kernel=6(|:1: kernel='6('; accepted is a regular expression
arch/none|no line|:1: 'no line' is not KEY=VALUE; keys are: $arch_keys
arch/none|tty=ttyAMA0|:1: unknown key 'tty'; accepted are: $arch_keys
arch/none|console=|:1: console=''; accepted is $word
arch/none|console=tty quiet|:1: console='tty quiet'; accepted is $word
arch/none|needs=qemu-system-arm|:1: needs='qemu-system-arm'; accepted is $list
END
lab_with arch/none "$(sed /^srcarch=/d "$amd64")"
of_lab rows
is 'an architecture without one of its keys: status 1, and that key' "$status $said" \
	"1 lab: $box/copy/lab/arch/none: no line srcarch=; needed are: srcarch"

# Another architecture is one file and one row.
lab_with arch/other "$(sed 's/^console=.*/console=ttyAMA0/; s/^flavour=.*/flavour=cloud-other/
	s/^kvm=.*/options=CONFIG_A=y CONFIG_B=n/' "$amd64")"
{ cat "$top/testsuite/lab/rows/6.12"; echo arch=other; } >"$box/copy/lab/rows/9.9"
of_lab rows
like 'a row of another architecture is listed' "$status $said" '^0 .*9\.9 +- +- +not built'
while read -r row key value; do
	of_lab get "$row" "$key"
	is "lab get $row $key" "$status $said" "0 $value"
done <<'END'
6.12 arch amd64
6.12 flavour cloud-amd64
6.12-rt flavour rt-amd64
6.12 console ttyS0
6.12 qemu qemu-system-x86_64
9.9 arch other
9.9 flavour cloud-other
9.9 console ttyAMA0
9.9 kvm
9.9 options CONFIG_A=y CONFIG_B=n
END
of_lab get 9.9 colour
is 'lab get refuses an unknown key' "$status" 2
like '... and names those there are' "$said" "no key 'colour'; there are state, .* arch .*: $arch_keys"
is 'no other file of the lab names an architecture' "$(cd "$top/testsuite/lab" &&
	grep -rnE 'x86|amd64|ttyS|bzImage|q35|linux-gnu' --exclude-dir=arch . |
	grep -vE '^\./(rows/README|debug\.config|rows/6\.12-rt):|DEFAULT_ARCH=amd64$')" ''

bench=$top/testsuite/bench
run "$bench/run" --parts events,coffee 6.12
is 'the bench refuses an unknown part' "$status" 2
like '... and names those there are' "$said" "no part 'coffee'.*events scale start memory"
run env SOCKET_TAPSET_LAB="$box/empty" "$bench/run" 6.12
is 'the bench refuses a row that is not ready' "$status" 2
trees=$(git -C "$top" worktree list 2>&1)
run "$bench/compare" no-such-commit 6.12
is 'bench-compare refuses what is no commit' "$status" 2
like '... and names it' "$said" "not 'no-such-commit'"
is '... and leaves no worktree' "$(git -C "$top" worktree list 2>&1)" "$trees"

tool=$top/bin/stap-socket-run
run "$tool"
is 'stap-socket-run has to be given something to run' "$status" 2
run "$tool" --kernel 1.2.3 -e 'probe begin {}'
is 'stap-socket-run refuses a kernel without headers' "$status" 1
like '... and says what to install' "$said" 'apt-get install linux-headers-1.2.3'

# A tree from a made-up kernel: links, no writing through them.
fake=$box/headers
mkdir -p "$fake/include/config" "$fake/include/trace/events" "$fake/scripts"
echo 9.9.9 >"$fake/include/config/kernel.release"
echo 'all:' >"$fake/Makefile"
echo 'symvers' >"$fake/Module.symvers"
touch "$fake/include/trace/events/sock.h" "$fake/include/trace/events/sched.h"
awk 'BEGIN { for (i = 0; i < 3000; i++)
	printf "ffffffff81%06x T function_%d\n", i, i }' >"$box/symbols"
before=$(cd "$fake" && find . -type f -exec md5sum {} + | sort)
run "$tool" --kernel 9.9.9 --build "$fake" --tree "$box/trees/9.9.9" \
	--symbols "$box/symbols" --make-tree
is 'stap-socket-run makes a build tree' "$said" "$box/trees/9.9.9"
tree=$box/trees/9.9.9
is '... that names the kernel functions without their addresses' \
	"$(head -n 1 "$tree/sysroot/boot/System.map-9.9.9")" \
	'0000000000000000 T function_0'
is '... that shows one trace header' \
	"$(find "$tree"/build/source "$tree"/build/include/trace -name '*.h' 2>/dev/null | wc -l)" 1
ok '... that has a Module.symvers of its own' test ! -L "$tree/build/Module.symvers"
is '... and leaves the headers as they were' \
	"$(cd "$fake" && find . -type f -exec md5sum {} + | sort)" "$before"
stamp=$(stat -c %i "$tree")
run "$tool" --kernel 9.9.9 --build "$fake" --tree "$tree" \
	--symbols "$box/symbols" --make-tree
is 'a tree that is up to date is kept' "$(stat -c %i "$tree")" "$stamp"
echo more >>"$fake/Module.symvers"
run "$tool" --kernel 9.9.9 --build "$fake" --tree "$tree" \
	--symbols "$box/symbols" --make-tree
ok 'a tree of changed headers is made anew' \
	cmp "$tree/build/Module.symvers" "$fake/Module.symvers"
echo 'stub' >"$box/stub"
run "$tool" --kernel 9.9.9 --build "$fake" --tree "$box/other" \
	--symbols "$box/stub" --make-tree
is 'a stub is no symbol map' "$status" 1
ok '... and leaves no half-made tree' \
	test -z "$(find "$box" -maxdepth 1 -name 'other*' ! -name '*.lock')"

# One wrong number in a list stops whatever is built with it.
mkdir "$box/wrong"
sed 's/X(2, "INET") /X(3, "INET") /' "$top/runtime/socket_tables.h" >"$box/wrong/socket_tables.h"
awk -f "$top/runtime/tables.awk" "$box/wrong/socket_tables.h" >"$box/wrong/socket_derived.h"
sed "s|#include \"runtime/|#include \"$box/wrong/|" "$top/runtime/socket_names.h" \
	>"$box/wrong/socket_names.h"
sed "s|../../runtime/|$box/wrong/|" "$top/testsuite/unit/host.h" >"$box/wrong/host.h"
run gcc -fsyntax-only -x c "$box/wrong/host.h"
is 'a wrong number in a list is a build error' "$status" 1
like '... that names the constant' "$said" 'AF_INET is not 3 as in socket_tables.h'

run "$O/traffic" -o "$box/ledger" no-such-cell
is 'traffic refuses a cell that it does not have' "$status" 2

mkdir -p "$box/root/usr/share/systemtap/tapset/linux"
echo 'distributed' >"$box/root/usr/share/systemtap/tapset/linux/socket.stp"
mkdir -p "$box/root/usr/share/man/man3"
echo 'distributed' | gzip >"$box/root/usr/share/man/man3/probe::socket.send.3stap.gz"
ok 'make install' make -s -C "$top" install prefix=/usr DESTDIR="$box/root" O="$O"
installed=$box/root/usr/share/systemtap/tapset/linux
ok '... puts the tapset where stap looks' cmp "$installed/socket.stp" \
	"$O/tapset/linux/socket.stp"
is '... and keeps what was distributed' \
	"$(cat "$installed/socket.stp.distributed")" distributed
ok '... and the licence beside the README' \
	cmp "$box/root/usr/share/doc/socket-tapset/COPYING" "$top/COPYING"
if [ -e /usr/share/common-licenses/GPL-2 ]; then
	ok '... which is the whole of it' cmp "$top/COPYING" /usr/share/common-licenses/GPL-2
else
	like '... which is the whole of it' "$(cat "$top/COPYING")" \
		'GNU GENERAL PUBLIC LICENSE.*Version 2, June 1991.*END OF TERMS AND CONDITIONS'
fi
ok '... and the pages of both commands' test -s "$box/root/usr/share/man/man8/stap-socket.8" \
	-a -s "$box/root/usr/share/man/man8/stap-socket-run.8"
is '... which have the options that stap-socket-run says it has' \
	"$(man -l "$box/root/usr/share/man/man8/stap-socket-run.8" | grep -oE -- '^ +--[a-z-]+' |
		tr -d ' ' | sort -u | paste -s -d ' ')" \
	"$("$tool" --help | grep -oE -- '--[a-z-]+' | sort -u | sed 1i--help |
		sort -u | paste -s -d ' ')"
is '... and one page for each probe, which man finds' \
	"$(man -M "$box/root/usr/share/man" -w probe::socket.send)" \
	"$box/root/usr/share/man/man3/probe::socket.send.3stap"
ok 'make install again' make -s -C "$top" install prefix=/usr DESTDIR="$box/root" O="$O"
is '... keeps it still' "$(cat "$installed/socket.stp.distributed")" distributed
ok 'make uninstall' make -s -C "$top" uninstall prefix=/usr DESTDIR="$box/root" O="$O"
is '... brings it back' "$(cat "$installed/socket.stp")" distributed
is '... and the manual page' \
	"$(zcat "$box/root/usr/share/man/man3/probe::socket.send.3stap.gz")" distributed
is '... and leaves nothing else' "$(cd "$box/root" && find . -type f | sort)" \
	'./usr/share/man/man3/probe::socket.send.3stap.gz
./usr/share/systemtap/tapset/linux/socket.stp'

is 'README: shows a table as top prints it' \
	"$(awk '/ PID COMMAND/ { on = 1; sub(/^    /, ""); print; next } on && $0 == "" { exit }
		on && NF == 9 { lines++ } END { print lines }' "$top/README")" \
	"$(grep -m 1 ' PID COMMAND' "$top/examples/top.txt")
4"
is 'README: has 120 lines at most' "$(($(wc -l <"$top/README") <= 120))" 1
is 'README: text is at most 80 columns wide, a table 88' \
	"$(awk 'length($0) > (/^    / ? 88 : 80) { print FNR ": " $0 }' "$top/README")" ''
run make -s -C "$top" O="$O" help
is 'make help ends well' "$status" 0
is '... and lists all targets that have a name' \
	"$(sed -n 's/^make \([a-z-]\+\) .*/\1/p' <<<"$said" | sort | paste -s -d ' ')" \
	"$(make -C "$top" -pn O="$O" help 2>/dev/null | sed -n 's/^\.PHONY: //p' | tr ' ' '\n' |
		grep -vx 'all\|tapset\|manual\|check-needs\|survey-needs' | sort | paste -s -d ' ')"
is '... in lines for a screen' "$(awk 'length($0) > 80' <<<"$said")" ''
run make -C "$top" O="$O" chekc
is 'make refuses a target that it does not have' "$status" 2
like '... names it, and where they are listed' "$said" "nothing makes 'chekc'; 'make help'"
# Rows that are ready as far as a list of them can tell, and a part that is none.
mkdir -p "$box/lab/rows/6.12" "$box/lab/roots"
sed -n 's/^readonly RECIPE=/recipe=/p' "$lab" | tee "$box/lab/rows/6.12/ready" >"$box/lab/roots/sid.ready"
run env SOCKET_TAPSET_LAB="$box/lab" make -C "$top" O="$O" bench ROWS=6.12 PARTS=none
like 'make bench comes as far as the bench' "$said" "no part 'none'"
is '... with no word of rows that it does not measure' "$(grep '^[5-7]\.' <<<"$said")" ''

cp -r "$top"/{configure.ac,settings.mk.in,Makefile,README,NEWS,SECURITY,COPYING,tapset,runtime,bin,examples,man,completions} "$box/" &&
	(cd "$box" && autoconf && ./configure --prefix=/opt/x) >/dev/null 2>&1
like 'configure writes the settings' "$(cat "$box/settings.mk" 2>&1)" 'prefix = /opt/x'
ok '... that make install uses' make -s -C "$box" install DESTDIR="$box/second"
ok '... for its prefix' \
	test -e "$box/second/opt/x/share/systemtap/tapset/linux/socket.stp"
finish
