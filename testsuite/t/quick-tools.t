#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The commands' messages for bad input.  Needs no lab.
. "$(dirname "$0")/../tap.sh"

run() { said=$("$@" 2>&1 </dev/null); status=$?; }

run env O="$box/none" T='nothing at_all' "$top/testsuite/run" quick
is 'T without a matching test is refused' "$status" 2
like '... and the message has it' "$said" "no test in quick has .* 'nothing at_all'"

# The tests of each target.
tests_of() { env -u T -u ROWS O="$box/none" "$top/testsuite/run" --list "$@"; }
read -ra groups < <(sed -n 's/^CHECK := //p' "$top/Makefile")
tests_of "${groups[@]}" >"$box/check"
tests_of "${groups[@]}" all >"$box/all"
is 'make check and make check-all run no test twice' "$(sort "$box/all" | uniq -d)" ''
is '... each test that runs on rows gets a row' \
	"$(grep -v ' ' "$box/all" | while read -r name; do
		! grep -q '^# rows [a-z]*:' "$top/testsuite/t/$name.t" || echo "$name"; done)" \
	lab-tools
is '... make check none of the group all' "$(grep '^all-' "$box/check")" ''
is '... and make check-all each test but slow and deep ones' \
	"$(sed 's/ .*//' "$box/all" | sort -u)" \
	"$(cd "$top/testsuite/t" && printf '%s\n' [!sd]*.t | sed 's/\.t$//' | sort)"

mkdir -p "$box/tap"
for name in 'lab-exact 6.12' 'lab-exact 9.9'; do
	run env O="$box" SOCKET_TAPSET_LAB="$box/empty" "$top/testsuite/one" "$name"
	like "$name: a row that is not built is a failed test" "$status $said" '^1 .*not ok 1 - row'
done
run env O="$box" SOCKET_TAPSET_LAB="$box/empty" "$top/testsuite/one" 'lab-exact 6.12-debug'
like '... but a row that make check does not build is skipped' "$status $said" '^0 .*ok 1 .*# skip'
is 'each row that a test names exists' "$(sed -n 's/^# rows [a-z]*: //p' "$top"/testsuite/t/*.t |
	tr ' ' '\n' | sort -u | while read -r row; do
	[ -e "$top/testsuite/lab/rows/$row" ] || echo "$row"; done)" ''

run "$lab"
is 'lab without a command is refused' "$status" 2
run "$lab" boots 6.1
is 'lab refuses an unknown command' "$status" 2
like '... and names the known ones' "$said" "no command 'boots'.*compile"
run "$lab" boot 4.19 -- true
is 'lab refuses an unknown row' "$status" 2
like '... and names the known ones' "$said" "no row '4.19'.*5.10 6.1 6.1-old 6.12 6.12-copies 7.2"
run env SOCKET_TAPSET_LAB="$box/empty" "$lab" boot 6.1 -- true
is 'lab boot of a row that is not built exits 1' "$status" 1
like '... and the message has the command that builds it' "$said" 'lab up 6.1'
ok '... and leaves nothing in the empty state' test ! -e "$box/empty/rows"
run env SOCKET_TAPSET_LAB="$box/empty" "$lab" rows
is 'lab rows lists rows that are not built' "$(grep -c 'not built' <<<"$said")" 12

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
row_keys='arch compiler files flavour kernel root source tests without'
arch_keys='console cpu flavour image kvm loader machine magic needs options package qemu release-at srcarch stap triplet uname'
while IFS='|' read -r file lines says; do
	mapfile -t all < <(printf '%b\n' "$lines")
	lab_with "$file" "${all[@]}"
	of_lab get 6.12 arch
	is "lab/$file with '${lines##*\\n}': status 1" "$status" 1
	is '... and the message names file, key and what is accepted' "$said" \
		"lab: $box/copy/lab/$file$says"
done <<END
rows/9.9|tests=no\nroot=sid\nkernel=9\narch=amd46|: arch='amd46'; accepted are the files in $box/copy/lab/arch: amd64 arm64
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
arch/none|magic=HdrS|:1: magic='HdrS'; accepted is OFFSET:TEXT, as 56:ARMd
arch/none|release-at=526|:1: release-at='526'; accepted is OFFSET:BASE, as 526:512
arch/none|console=tty quiet|:1: console='tty quiet'; accepted is $word
arch/none|needs=qemu-system-arm|:1: needs='qemu-system-arm'; accepted is $list
END
lab_with arch/none "$(sed /^srcarch=/d "$amd64")"
of_lab rows
is 'an architecture that lacks a key: status 1, and the message names it' "$status $said" \
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
6.12-arm64 arch arm64
6.12-arm64 flavour cloud-arm64
6.12-arm64 triplet aarch64-linux-gnu
9.9 arch other
9.9 flavour cloud-other
9.9 console ttyAMA0
9.9 kvm
9.9 options CONFIG_A=y CONFIG_B=n
END
of_lab get 9.9 colour
is 'lab get refuses an unknown key' "$status" 2
like '... and names the known ones' "$said" "no key 'colour'; there are state, .* arch .*: $arch_keys"
is 'no other file of the lab names an architecture' "$(cd "$top/testsuite/lab" &&
	grep -rnE 'x86|amd64|arm64|aarch64|ttyS|bzImage|q35|linux-gnu' --exclude-dir=arch . |
	grep -vE '^\./(rows/README|debug\.config|rows/6\.12-(rt|arm64)):|DEFAULT_ARCH=amd64$')" ''

# What `lab add` accepts.
foreign=$box/foreign
mkdir -p "$foreign/headers/include/generated" "$foreign/modules"
# The head of a bzImage: its magic, and the place of the release.
{
	head -c 514 /dev/zero
	printf HdrS
	head -c 8 /dev/zero
	printf '\0\2'
	head -c 496 /dev/zero
	printf '9.9.9-mine\0\1\2#1'
} >"$foreign/bzImage"
touch "$foreign/headers"/{Makefile,Module.symvers,.config}
headers_of() { echo "#define UTS_RELEASE \"$1\"" >"$foreign/headers/include/generated/utsrelease.h"; }
add() { run env SOCKET_TAPSET_LAB="$box/empty" "$lab" add "$@"; }
headers_of 9.9.9-other
image="--kernel $foreign/bzImage" headers="--headers $foreign/headers"
while IFS='|' read -r arguments code says; do
	# shellcheck disable=SC2086 # words
	add $arguments
	is "lab add ${arguments//"$box/"}" "$status ${said%%$'\n'*}" "$code lab: $says"
done <<END
|2|add needs a NAME
6.12|2|there is a row '6.12'; the rows are: $(SOCKET_TAPSET_LAB="$box/empty" "$lab" rows | awk '{ print $1 }' | paste -sd ' ')
../mine|2|a row's name is of letters, digits and . _ -, not '../mine'
mine --speed 9|2|no option '--speed' of add; there are --kernel, --headers, --modules, --systemtap
mine --kernel|2|--kernel needs a value
mine $headers|2|add needs --kernel IMAGE
mine $image|2|add needs --headers DIRECTORY
mine $headers --kernel $foreign/none|2|--kernel: no file '$foreign/none'
mine $headers --kernel $0|2|--kernel: '$0' is not a kernel's image; accepted are: bzImage of amd64 Image of arm64
mine $image --headers $foreign/modules|2|--headers: no file '$foreign/modules/Makefile'; accepted is what /lib/modules/RELEASE/build links to
mine $image $headers|1|'$foreign/bzImage' is kernel 9.9.9-mine, '$foreign/headers' has the headers of 9.9.9-other
mine $image $headers --systemtap 4.9|2|--systemtap takes one of 5.1 5.6, not '4.9'
END
headers_of 9.9.9-mine
# shellcheck disable=SC2086
add mine $image $headers --modules "$foreign/modules"
like 'a directory without modules is refused' "$status $said" \
	"^2 .*--modules: no file '$foreign/modules/modules.dep'; accepted is a directory as /lib/modules/RELEASE"
# shellcheck disable=SC2086
add mine $image $headers
like 'a kernel that lacks an option is refused' "$status $said" \
	'^1 .*missing: .*CONFIG_KPROBES; .*CONFIG_VIRTIO_PCI; .*CONFIG_OVERLAY_FS$'
echo 'include /no/such/place/Makefile' >"$foreign/headers/Makefile"
# shellcheck disable=SC2086
add mine $image $headers
like 'headers that need a directory which is not there are refused' "$status $said" \
	'^1 .*/headers/Makefile includes /no/such/place/Makefile, which is not there$'
run env SOCKET_TAPSET_LAB="$box/empty" "$lab" remove 6.12
like 'lab remove of a row that was not added is refused' "$status $said" \
	"^2 .*row '6.12' was not added; 'lab remove' takes: none"
ok '... and all that leaves nothing' test ! -e "$box/empty"

bench=$top/testsuite/bench
run "$bench/run" --parts events,coffee 6.12
is 'the bench refuses an unknown part' "$status" 2
like '... and names the known ones' "$said" "no part 'coffee'.*events scale throughput start memory"
run env SOCKET_TAPSET_LAB="$box/empty" "$bench/run" 6.12
is 'the bench refuses a row that is not ready' "$status" 2
trees=$(git -C "$top" worktree list 2>&1)
run "$bench/compare" no-such-commit 6.12
is 'bench-compare refuses an unknown commit' "$status" 2
like '... and names it' "$said" "not 'no-such-commit'"
is '... and leaves no worktree' "$(git -C "$top" worktree list 2>&1)" "$trees"

tool=$top/bin/stap-socket-run
run "$tool"
is 'stap-socket-run without a script is refused' "$status" 2
run "$tool" --kernel 1.2.3 -e 'probe begin {}'
is 'stap-socket-run refuses a kernel without headers' "$status" 1
like '... and names the package to install' "$said" 'apt-get install linux-headers-1.2.3'

# A build tree of a made-up kernel: it has links, and nothing is written through them.
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
is '... with the kernel functions but without their addresses' \
	"$(head -n 1 "$tree/sysroot/boot/System.map-9.9.9")" \
	'0000000000000000 T function_0'
is '... with a single trace header' \
	"$(find "$tree"/build/source "$tree"/build/include/trace -name '*.h' 2>/dev/null | wc -l)" 1
ok '... with its own Module.symvers' test ! -L "$tree/build/Module.symvers"
is '... and does not change the headers' \
	"$(cd "$fake" && find . -type f -exec md5sum {} + | sort)" "$before"
stamp=$(stat -c %i "$tree")
run "$tool" --kernel 9.9.9 --build "$fake" --tree "$tree" \
	--symbols "$box/symbols" --make-tree
is 'a tree that is up to date is kept' "$(stat -c %i "$tree")" "$stamp"
echo more >>"$fake/Module.symvers"
run "$tool" --kernel 9.9.9 --build "$fake" --tree "$tree" \
	--symbols "$box/symbols" --make-tree
ok 'a tree whose headers have changed is made again' \
	cmp "$tree/build/Module.symvers" "$fake/Module.symvers"
echo 'stub' >"$box/stub"
run "$tool" --kernel 9.9.9 --build "$fake" --tree "$box/other" \
	--symbols "$box/stub" --make-tree
is 'a stub of a symbol map is refused' "$status" 1
ok '... and leaves no half-made tree' \
	test -z "$(find "$box" -maxdepth 1 -name 'other*' ! -name '*.lock')"

# A wrong number in a list stops every build.
mkdir "$box/wrong"
sed 's/X(2, "INET") /X(3, "INET") /' "$top/runtime/socket_tables.h" >"$box/wrong/socket_tables.h"
awk -f "$top/runtime/tables.awk" "$box/wrong/socket_tables.h" >"$box/wrong/socket_derived.h"
sed "s|#include \"runtime/|#include \"$box/wrong/|" "$top/runtime/socket_names.h" \
	>"$box/wrong/socket_names.h"
sed "s|../../runtime/|$box/wrong/|" "$top/testsuite/unit/host.h" >"$box/wrong/host.h"
run gcc -fsyntax-only -x c "$box/wrong/host.h"
is 'a wrong number in a list is a build error' "$status" 1
like '... which names the constant' "$said" 'AF_INET is not 3 as in socket_tables.h'

run "$O/traffic" -o "$box/ledger" no-such-scenario
is 'traffic refuses an unknown scenario' "$status" 2

is 'README: has a table in the format of top' \
	"$(awk '/ PID COMMAND/ { on = 1; sub(/^    /, ""); print; next } on && $0 == "" { exit }
		on && NF == 9 { lines++ } END { print lines }' "$top/README")" \
	"$(grep -m 1 ' PID COMMAND' "$top/examples/top.txt")
4"
ok "README: has $(wc -l <"$top/README") lines, at most 120" test "$(wc -l <"$top/README")" -le 120
is 'README: text is at most 80 columns wide, a table 88' \
	"$(awk 'length($0) > (/^    / ? 88 : 80) { print FNR ": " $0 }' "$top/README")" ''
run make -s -C "$top" O="$O" help
is 'make help exits 0' "$status" 0
is '... and lists all targets' \
	"$(sed -n 's/^make \([a-z-]\+\) .*/\1/p' <<<"$said" | sort | paste -s -d ' ')" \
	"$(make -C "$top" -pn O="$O" help 2>/dev/null | sed -n 's/^\.PHONY: //p' | tr ' ' '\n' |
		grep -vx 'all\|tapset\|manual\|check-needs\|survey-needs' | sort | paste -s -d ' ')"
is '... in lines of at most 80 columns' "$(awk 'length($0) > 80' <<<"$said")" ''
run make -C "$top" O="$O" chekc
is 'make refuses an unknown target' "$status" 2
like '... and the message names it, and make help' "$said" "nothing makes 'chekc'; 'make help'"
# A row that looks ready in a list of rows, and an unknown part.
mkdir -p "$box/lab/rows/6.12" "$box/lab/roots"
sed -n 's/^readonly RECIPE=/recipe=/p' "$lab" | tee "$box/lab/rows/6.12/ready" >"$box/lab/roots/sid.ready"
run env SOCKET_TAPSET_LAB="$box/lab" make -C "$top" O="$O" bench ROWS=6.12 PARTS=none
like 'make bench runs the bench' "$said" "no part 'none'"
is '... and does not list rows that it does not measure' "$(grep '^[5-7]\.' <<<"$said")" ''
finish
