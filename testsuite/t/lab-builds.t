#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make check-builds` and `lab headers`, with stubs of the lab, of apt and of the build root:
# results and exit statuses, what is kept, wrong words, failed downloads, interruptions.
. "$(dirname "$0")/../tap.sh"
export stub=$box/stub
mkdir "$stub"
run() { said=$("$@" 2>&1 </dev/null); status=$?; }

# executable FILE: makes FILE of the input
executable()
{
	mkdir -p "${1%/*}"
	cat >"$1"
	chmod +x "$1"
}

# await_file FILE: waits until FILE is not empty
await_file()
{
	local try
	for ((try = 0; try < 200; try++)); do
		[ ! -s "$1" ] || return 0
		sleep 0.05
	done
	return 1
}

# ---------------------------------------------------------------- builds/run

tree=$box/tree
mkdir -p "$tree"/{testsuite/{exact,lab/arch},src,examples,bin,build/{tapset/linux,lib}}
cp -r "$top/testsuite/builds" "$tree/testsuite/"
touch "$tree"/{testsuite/{exact/events.stp,lab/headers,lab/arch/COMPILED},bin/stap-socket-run}
touch "$tree"/{src/self-test,examples/top}.stp "$tree/build/tapset/linux/socket"{,_names,_values}.stp
printf '%s\n' '%{' 'int x;' '%}' >"$tree/build/tapset/linux/socket_points.stp"
printf '%s\n' 'function f()' '%{ x = 1; %}' >"$tree/build/lib/socket_tools.stp"
# For ARCH RELEASE COLUMN it sources answer-RELEASE-COLUMN.
executable "$tree/testsuite/lab/lab" <<'END'
#!/bin/bash
case "$1 $2" in
'get 6.12') case $3 in arch) echo amd64 ;; stap) cat "$stub/stap" ;; esac ;;
'headers --list')
	shift 2
	for arch; do case $arch in *[!a-z0-9]*) echo "lab: no architecture '$arch'" >&2; exit 2 ;; esac; done
	[ ! -e "$stub/no-lists" ] || exit 4
	cat "$stub/kernels"
	[ ! -e "$stub/one-list" ] || exit 4 ;;
'headers --in')
	column=${!#}
	case $column in
	--stock) column=baseline ;;
	/script/tapset) column=top ;;
	*) column=module ;;
	esac
	echo "$5 $column" >>"$stub/made"
	. "$stub/answer-$5-$column" ;;
esac
END
echo 5.6-1 >"$stub/stap"

# The lines below use these.
# shellcheck disable=SC2034
{
	refusal='/script/socket_access.h:1:2: error: #error "the socket tapset needs a newer kernel"'
	refused='the socket tapset needs a newer kernel'
	without='builds: the kernel has no regs_get_kernel_argument'
	stap='/usr/share/systemtap/runtime/sym.c:9: error: too few arguments'
}
declare -A results
while IFS='|' read -r arch release column answer result; do
	grep -qsx "$arch $release sid" "$stub/kernels" || echo "$arch $release sid" >>"$stub/kernels"
	eval "answer=\"$answer\""
	printf '%b\n' "$answer" >"$stub/answer-$release-$column"
	eval "results[$release]=\"$result\""
done <<'END'
amd64|good|module|exit 0|ok
i386|bits|module|echo '$refusal'; echo 'builds: not a 64-bit kernel'; exit 1|refused: $refused
riscv64|old|module|echo '$without'; echo '$refusal'; exit 1|refused: $refused
amd64|gone|module|echo 'lab: the archive lists x and does not have it'; exit 3|none: the archive lists x and does not have it
riscv64|new|module|echo '$refusal'; exit 1|failed: this kernel should be supported: $refused
amd64|main|module|echo '$without'; echo 'builds: not a 64-bit kernel'; echo '$refusal'; exit 1|failed: this kernel should be supported: $refused
riscv64|wide|module|echo 'builds: not a 64-bit kernel'; echo '$refusal'; exit 1|failed: this kernel should be supported: $refused
amd64|lost|module|echo 'lab: cannot get x'; exit 4|unfetched: cannot get x
amd64|broken|module|echo 'x.h:1: error: bad'; exit 1|failed: x.h:1: error: bad
amd64|killed|module|kill -KILL \$\$|failed: ended by signal 9
amd64|three|module|exit 1|failed: no output
amd64|slow|module|trap 'sleep 0.2; echo ended >\$stub/ended; exit 143' TERM; sleep 60 & echo \$! >\$stub/started; wait|
amd64|nobtf|top|echo 'no symbols: the headers contain no BTF'; exit 5|none: no symbols: the headers contain no BTF
s390x|other|top|exit 0|none: no symbols: scripts are compiled for amd64 alone
amd64|stap|top|echo '$stap'; exit 1|stap: $stap
amd64|stap|baseline|echo '$stap'; exit 1|stap: $stap
amd64|ours|top|echo '$stap'; exit 1|failed: $stap
amd64|ours|baseline|exit 0|failed: $stap
amd64|both|top|echo '$stap'; exit 1|failed: $stap
amd64|both|baseline|echo 'x: error: disk full'; exit 1|failed: $stap
END

built=$tree/build/builds
# builds COLUMNS KERNELS [WORD...]: runs it; the words are for env
builds()
{
	local columns=$1 kernels=$2
	shift 2
	: >"$stub/made"
	run env "$@" O="$tree/build" SCRIPTS="$columns" KERNELS="$kernels" "$tree/testsuite/builds/run"
}
made() { sort "$stub/made" | paste -sd ' '; }
seen() # RELEASE COLUMN
{
	local said=''
	{ read -r _ && read -r said; } <"$(echo "$built"/*/"$1/$2")"
	echo "$said"
}

builds module 'good bits old gone'
is 'ok, refused and none: exit status 0' "$status" 0
for release in good bits old gone; do
	is "... the result of $release" "$(seen $release module)" "${results[$release]}"
done
like '... and the table has them' "$said" 'amd64 +good +ok.*i386 +bits +refused.*amd64 +gone +none.*none: the archive lists x and does not have it'$'\n'' +gone module'
builds module 'good bits old gone'
is '... are kept: nothing is made by the next run' "$(made)" ''

builds module 'new main wide broken killed three'
is 'failed: exit status 1' "$status" 1
for release in new main wide broken killed three; do
	is "... the result of $release" "$(seen $release module)" "${results[$release]}"
done
builds module three
is 'failed without output: exit status 1' "$status" 1
builds module lost
is 'unfetched: exit status 1' "$status $(seen lost module)" "1 ${results[lost]}"
builds module 'broken lost good'
is '... neither is kept, ok is' "$(made)" 'broken module lost module'
echo 'exit 0' >"$stub/answer-lost-module"
builds module lost
is '... and a later success replaces them' "$status $(seen lost module)" '0 ok'

builds top 'nobtf other stap'
is 'a script, without BTF, of another architecture, with a broken stap: exit status 0' "$status" 0
for release in nobtf other stap; do
	is "... the result of $release" "$(seen $release top)" "${results[$release]}"
done
is '... stap is blamed after a build without the tapset' "$(made)" 'nobtf top stap baseline stap top'
builds top 'nobtf other stap'
is '... they are kept' "$(made)" ''
builds top 'ours both'
is 'the error is in a file of stap, which compiles without the tapset: exit status 1' "$status" 1
is '... failed' "$(seen ours top)" "${results[ours]}"
is '... also if the build without the tapset fails for another reason' "$(seen both top)" "${results[both]}"

for file in bin/stap-socket-run testsuite/lab/headers testsuite/lab/lab; do
	echo '# changed' >>"$tree/$file"
	builds module good
	is "$file has changed: made again" "$(made)" 'good module'
done
echo 5.7-1 >"$stub/stap"
builds module good
is 'another systemtap: made again' "$(made)" 'good module'

builds 'module tpo top modul' good
is 'wrong words in SCRIPTS: exit status 2' "$status" 2
like '... each is named, with what is accepted' "$said" "SCRIPTS: nothing matches 'tpo'.*'modul'.*names: module events self-test top"
builds module $'goood good\nx*'
is 'wrong words in KERNELS: exit status 2' "$status" 2
like '... each is named, with what is accepted' "$said" "KERNELS: nothing matches 'goood'.*'x\*'.*releases: .*lab headers --list"
is '... and nothing is made' "$(made)" ''
mkdir "$box/names"
touch "$box/names"/{amd64,zzz}
builds module '*' -C "$box/names" ARCHES='amd*'
is 'words do not match files, and a wrong ARCHES ends with status 2' "$status $said" "2 lab: no architecture 'amd*'"
touch "$stub/no-lists"
builds module good
is 'no lists of packages: exit status 1' "$status $said" '1 builds: there are no kernels'
rm "$stub/no-lists"
touch "$stub/one-list"
builds module '9.9*'
like 'a list is missing and a word matches nothing: exit status 1, the word may be right' "$status $said" \
	"^1 .*nothing matches '9\.9\*'.*lists of kernels are missing"
rm "$stub/one-list"

for signal in TERM:143 INT:130; do
	rm -f "$stub"/{started,ended}
	O=$tree/build SCRIPTS=module KERNELS=slow env --default-signal=INT "$tree/testsuite/builds/run" >/dev/null 2>&1 &
	pid=$!
	ok "SIG${signal%:*}: the compilation has started" await_file "$stub/started"
	kill "-${signal%:*}" "$pid"
	wait "$pid"
	is "SIG${signal%:*} ends it" $? "${signal#*:}"
	is '... after the compilation' "$(cat "$stub/ended")" ended
	kill "$(cat "$stub/started")"
done
ok '... of which nothing is kept' test ! -e "$built/amd64/slow/module"

echo 'function g() %{ %}' >"$tree/build/lib/other.stpm"
builds module good
like 'a block of C that is not compiled: exit status 1' "$status $said" '^1 .*ends of 2 of 3 blocks'

# The kernel's make reads Kbuild.
mkdir -p "$box/linux/arch/riscv/include/asm"
kbuild() { make -s -f "$top/testsuite/builds/Kbuild" srctree="$box/linux" SRCARCH=riscv "$@" 2>/dev/null; }
is 'Kbuild prints why a kernel may be refused' "$(kbuild)" "builds: not a 64-bit kernel
$without"
echo 'long regs_get_kernel_argument(' >"$box/linux/arch/riscv/include/asm/ptrace.h"
is '... and nothing for others' "$(kbuild CONFIG_64BIT=y)" ''

# ---------------------------------------------------------------- lab headers

# A lab whose row 6.12 is ready, and an archive with one kernel, in sid.
export SOCKET_TAPSET_LAB=$box/lab
headers=$box/lab/headers
mkdir -p "$box/lab"/{rows/6.12,roots/sid,headers} "$stub/bin" "$box/script" "$box/deb/usr/src/linux-headers-9.9-x"
printf '%s\n' recipe=2 kernel=9 translator="5.6-1" | tee "$box/lab/rows/6.12/ready" >"$box/lab/roots/sid.ready"
echo 9 >"$box/lab/roots/sid/.kernel-6.12"
echo CONFIG_GCC_VERSION=140200 >"$box/deb/usr/src/linux-headers-9.9-x/.config"
tar -C "$box/deb" -cf "$stub/deb" ./usr
while read -r package depends; do
	printf '%s\n' "Package: $package" 'Version: 1' "Depends: ${depends:-none}" \
		"Filename: pool/$package.deb" 'SHA256: 0' ''
done >"$stub/packages" <<'END'
linux-headers-9.9-x linux-headers-9.9-common, linux-kbuild-9.9
linux-headers-9.9-common
linux-kbuild-9.9
gcc-14-s390x-linux-gnu
cpp-14-s390x-linux-gnu
binutils-s390x-linux-gnu
libgcc-14-dev-s390x-cross
END
# Suites other than sid do not exist; `says-SUITE` is the log of an update that fails.
executable "$stub/bin/apt-get" <<'END'
#!/bin/bash
case $1 in indextargets) echo 'Debian|Debian|http://archive'; exit ;; esac
for word; do case $word in Dir::State=*) state=${word#*=} ;; esac; done
read -r _ _ suite _ <"$state/sources.list"
echo "$suite" >>"$stub/lists"
if [ -e "$stub/says-$suite" ]; then
	cat "$stub/says-$suite"
	case " $* " in *' APT::Update::Error-Mode=any '*) exit 100 ;; *) exit 0 ;; esac
elif [ "$suite" = sid ]; then
	cp "$stub/packages" "$state/lists/archive_Packages"
else
	printf '%s\n' 'Err:2 http://archive bullseye Release' '  404  Not Found [IP: ::1 80]' \
		"E: The repository 'http://archive $suite Release' does not have a Release file."
	exit 100
fi
END
# download-file URI FILE SUM; `says-get` is the log of a download that fails.
executable "$stub/bin/apt-helper" <<'END'
#!/bin/bash
if [ -e "$stub/slow-get" ]; then
	# Its child takes a moment to end.
	(
		trap 'sleep 0.5; exit' TERM
		echo $BASHPID >"$stub/started"
		sleep 60 && touch "$stub/late"
	)
fi
if [ -e "$stub/says-get" ]; then
	cat "$stub/says-get"
	exit 100
fi
echo "$2" >>"$stub/got"
cp "$stub/deb" "$3"
END
executable "$stub/bin/dpkg-deb" <<'END'
#!/bin/bash
if [ -e "$stub/bad-deb" ]; then
	echo 'dpkg-deb: error: unexpected end of file' >&2
	exit 2
fi
cat "$2"
END
# The build root.
executable "$stub/bin/unshare" <<'END'
#!/bin/bash
printf '%s\n' "above=$ABOVE"
[ -e "$stub/slow" ] || exit 7
echo $$ >"$stub/started"
sleep 60 && touch "$stub/late"
END
PATH=$stub/bin:$PATH
in_kernel() { run "$lab" headers --in 6.12 "$1" 9.9-x "$box/script" -- true; }
left() { find "$headers" -mindepth 1 -printf '%P\n' | grep -vE '^(lock|.*\.(index|lacks)|.*/.*)$'; }
connect='E: Failed to fetch http://archive/x  Could not connect to archive:80'

printf '%s\n' 'Ign:1 http://archive' "$connect" >"$stub/says-bookworm"
run "$lab" headers --list s390x
is 'no connection for a list: exit status 4, the error, and the kernels of the others' \
	"$status $(grep -v 'no suite' <<<"$said")" "4 lab: lists of packages for s390x ...
lab: cannot get the list of bookworm for s390x: $connect
s390x 9.9-x sid
lab: for s390x the lists of these suites are old or missing: bookworm"
printf '%s\n' '  404  Not Found' 'E: Failed to fetch http://archive/Packages.xz  404  Not Found' >"$stub/says-bookworm"
touch -d '3 hours ago' "$headers/s390x.index"
run "$lab" headers --list s390x
is 'a suite that lacks a part: the same' "$status ${said##*$'\n'}" \
	'4 lab: for s390x the lists of these suites are old or missing: bookworm'
: >"$stub/lists"
run "$lab" headers --list s390x
is '... and again within the hour, from the same lists' "$status ${said##*$'\n'}$(cat "$stub/lists")" \
	'4 lab: for s390x the lists of these suites are old or missing: bookworm'
rm "$stub/says-bookworm"
touch -d '3 hours ago' "$headers/s390x.index"
mkdir "$headers/partial.old"
run "$lab" headers --list s390x
is 'suites that do not exist: exit status 0, and the kernels of the others' \
	"$status $(grep -c '^lab: no suite' <<<"$said") ${said##*$'\n'}" '0 7 s390x 9.9-x sid'
is '... and what an interrupted run has left is removed' "$(left)" ''
echo "$connect" >"$stub/says-sid"
touch -d '3 days ago' "$headers/s390x.index"
run "$lab" headers --list s390x
is 'no connection for a list that there was: exit status 4, and its old kernels' \
	"$status $(grep -v 'no suite' <<<"$said")" "4 lab: lists of packages for s390x ...
lab: cannot get the list of sid for s390x: $connect
s390x 9.9-x sid
lab: for s390x the lists of these suites are old or missing: sid"
run "$lab" headers --list arm64 s390x
is '... and none for another architecture: the same' "$status ${said##*$'\n'}$(grep -c '9.9-x sid' <<<"$said")" \
	'4 lab: for s390x the lists of these suites are old or missing: sid1'
rm "$stub/says-sid" "$headers/s390x.lacks"
tee "$headers"/{amd64,arm64,armhf,i386,loong64,mips64el,ppc64el,riscv64}.index \
	<"$headers/s390x.index" >/dev/null
run "$lab" headers --list
is 'without arguments it lists the architectures of lab/arch and those that are only compiled' \
	"$(cut -d ' ' -f 1 <<<"$said" | paste -sd ' ')" \
	'amd64 arm64 armhf i386 loong64 mips64el ppc64el riscv64 s390x'
run "$lab" headers --list amd64 x s390x 'y*'
like 'each wrong architecture is named' "$status $said" "^2 lab: no architecture 'x' 'y\*'; there are: amd64 arm64"

echo "$connect" >"$stub/says-get"
in_kernel amd64
is 'no connection for a package: exit status 4, and the error' "$status ${said##*$'\n'}" \
	"4 lab: cannot get linux-headers-9.9-x: $connect"
echo 'E: Failed to fetch http://archive/x  404  Not Found [IP: ::1 80]' >"$stub/says-get"
: >"$stub/lists"
in_kernel amd64
like 'a package that the archive does not have: exit status 3' "$status $said" \
	'^3 .*lists linux-headers-9.9-x and does not have it: http://archive/pool'
is '... and new lists are not fetched again' "$(cat "$stub/lists")" ''
touch -d '3 hours ago' "$headers/amd64.index"
echo "$connect" >"$stub/says-bookworm"
in_kernel amd64
is '... but older ones are' "$status $(grep -cx bookworm "$stub/lists")" '4 1'
rm "$stub/says-get" "$stub/says-bookworm"

touch "$stub/bad-deb"
in_kernel amd64
like 'a package that cannot be unpacked: exit status 4, and the error' "$status ${said##*$'\n'}" \
	'^4 lab: cannot unpack linux-headers-9.9-x: .'
is '... and nothing is kept of it' "$(ls -A "$headers/amd64")$(left | grep -v '^amd64$')" ''
rm "$stub/bad-deb"

exec 5>"$headers/lock"
flock 5
"$lab" headers --in 6.12 amd64 9.9-x "$box/script" -- true >"$box/said" 2>&1 5>&- &
pid=$!
await_file "$box/said"
is 'another process fetches: it says that it waits' "$(cat "$box/said")" \
	"lab: another 'lab headers' is fetching; waiting for it"
exec 5>&-
wait "$pid"
is '... goes on later, and exits with the status of COMMAND' $? 7
is '... which runs with the headers over /usr' "$(tail -n 1 "$box/said")" "above=$headers/amd64/9.9-x/usr"
: >"$stub/got"
in_kernel amd64
is '... and the next time it gets nothing' "$status $(cat "$stub/got")" '7 '
in_kernel s390x
is 'another architecture gets a cross compiler, over the headers' "$status $(tail -n 2 <<<"$said" | sed "s|$headers/||")" \
	"7 above=s390x/9.9-x/usr
s390x-linux-gnu-gcc-14/usr"

for slow in slow slow-get; do
	rm -rf "$stub/started" "$headers/i386"
	touch "$stub/$slow"
	"$lab" headers --in 6.12 i386 9.9-x "$box/script" -- true >/dev/null 2>&1 &
	pid=$!
	ok "SIGTERM, $slow: it has started" await_file "$stub/started"
	kill -TERM "$pid"
	wait "$pid"
	is "SIGTERM, $slow: exit status 143" $? 143
	ok '... at once' test ! -e "$stub/late"
	# A process that nobody has waited for has no command any more.
	is '... and the program has ended' "$(tr -d '\0' 2>/dev/null <"/proc/$(cat "$stub/started")/cmdline")" ''
	is '... and no partial directory is left' "$(left | grep partial)" ''
	rm "$stub/$slow"
done
finish
