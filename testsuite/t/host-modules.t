#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Modules that stap-socket builds and keeps: which it uses, also stale ones; directories that
# others can write to; failures of stap; a kernel that loads no modules.
. "$(dirname "$0")/../tap.sh"
. "$top/testsuite/stap-socket/installed.sh"

# ---------------------------------------------------------------- prebuilt modules

prebuild params events
is 'prebuild builds the tools that are named' "$status" 0
is '... both of them' "$(grep -c . "$HOME/built")" 2
like '... with a line of progress each' "$errors" '1 of 2: params for kernel'
is '... and a manifest with six words for each tool' \
	"$(awk '$1 == "params" { print $2, $3, $4, NF }' "$modules/stap-socket.manifest")" \
	"$module $release 5.6 6"
is '... with its checksum' \
	"$(awk '$1 == "params" { print $6 }' "$modules/stap-socket.manifest")" \
	"$(sha256sum <"$modules/$module" | cut -d ' ' -f 1)"
uses
is 'a prebuilt module is used, and nothing is built' "$said" \
	"staprun -R $modules/$module |"$'\n'"stap-socket replay -"
: >"$HOME/built"
prebuild params events
ok 'a current module is kept' test ! -s "$HOME/built"
like '... and counted' "$errors" '0 built, 2 kept, 0 failed'

# The output of --dry-run does the same as the command, in any POSIX shell.
staprun_got() { cat "$HOME/loaded" 2>/dev/null; }
mkdir "$box/it's a home"
cp "$HOME/stap-version" "$box/it's a home/"
for shell in bash dash 'busybox sh'; do
	type -P "${shell%% *}" >/dev/null || continue
	HOME="$box/it's a home"
	rm -rf "$HOME/.cache" "$HOME/loaded" "$HOME/built"
	words=(-n "it's \$HOME" -c 3 -s bytes -- echo 'a  b' "it's" '$HOME')
	stap-socket params --dry-run "${words[@]}" >"$box/lines" 2>/dev/null
	# shellcheck disable=SC2086 # 'busybox sh' is two words
	ok "$shell runs the output of --dry-run" $shell "$box/lines"
	like '... which builds the module' "$(cat "$HOME/built")" '^stap_socket_params_00000000 '
	directory=$HOME/.cache/socket-tapset/modules/$release
	is '... in the directory of modules' "$(cd "$directory" && find . -mindepth 1 | sort | paste -s -d ' ')" \
		"./stap-socket.manifest ./$module"
	is '... and starts it' "$(staprun_got)" \
		"-R -c echo 'a  b' 'it'\\''s' '\$HOME' $directory/$module only_command=\"it's \$HOME\" count=3 only_tree=-1"
	cp "$directory/stap-socket.manifest" "$box/manifest"
	stap-socket params --dry-run "${words[@]}" >"$box/lines" 2>"$box/stderr"
	is '... after which --dry-run has nothing to build' "$(grep -c . "$box/lines" "$box/stderr")" \
		"$box/lines:2"$'\n'"$box/stderr:0"
	rm "$HOME/loaded"
	# shellcheck disable=SC2086 # words
	ok '... and the start is the same' $shell "$box/lines"
	like '... with its values' "$(staprun_got)" "^-R -c echo 'a  b'.* count=3 .*"
	stap-socket prebuild --kernel "$release" --build "$headers" --output "$directory" \
		params events 2>/dev/null
	is "... and prebuild writes the same manifest, except for tools that are not built yet" \
		"$(grep -v '^[#]\|^events' "$directory/stap-socket.manifest")" \
		"$(grep -v '^#' "$box/manifest")"
	is '... whose other lines --dry-run keeps' "$(
		echo '// changed' >>"$scripts/params.stp"
		stap-socket params --dry-run 2>/dev/null | $shell >"$box/out"
		cut -d ' ' -f 1 "$directory/stap-socket.manifest" | sort | paste -s -d ' ')" \
		'events params'
	echo 'no such kernel' >"$HOME/build-trouble"
	rm -rf "$HOME/loaded" "$HOME/.cache"
	stap-socket params --dry-run >"$box/lines" 2>/dev/null
	run $shell "$box/lines"
	is '... and a failed build ends it' "$status $(staprun_got)" '1 '
	rm "$HOME/build-trouble"
	HOME=$box/home
done

# Modules with other limits are kept beside the usual one.
mkdir "$box/limits"
cp "$HOME/stap-version" "$box/limits/"
HOME=$box/limits
limited() { stap-socket params --dry-run "$@" 2>/dev/null | sh; }
directory=$HOME/.cache/socket-tapset/modules/$release
limited
limited -D SOCKET_NOTES=200000
limited --define=SOCKET_NOTES=300000 -DSOCKET_FRAMES=16384
is 'each set of limits has its module' "$(wc -l <"$HOME/built") $(sort -u "$HOME/built" | wc -l)" '3 3'
is '... and its line in the manifest' \
	"$(awk '!/^#/ { print $1 }' "$directory/stap-socket.manifest" | sed 's/-[0-9a-f]\{8\}$/-LIMITS/')" \
	$'params\nparams-LIMITS\nparams-LIMITS'
for words in '' '-DSOCKET_NOTES=200000' '-D SOCKET_FRAMES=16384 --define SOCKET_NOTES=300000'; do
	# shellcheck disable=SC2086 # words
	limited $words
done
is '... which is used from then on' "$(wc -l <"$HOME/built") $(sort -u "$HOME/loaded" | wc -l)" '3 3'
stap-socket prebuild --kernel "$release" --build "$headers" --output "$directory" \
	-DSOCKET_NOTES=400000 params 2>/dev/null
limited -D SOCKET_NOTES=400000
is '... also if prebuild made it' "$(wc -l <"$HOME/built") $(sort -u "$HOME/loaded" | wc -l)" '4 4'
run stap-socket params --dry-run -D SOCKET_NOTES=200001
like '... and stap gets them' "$said" \
	' -p4 -DMAXSKIPPED=2147483647 -DSOCKET_NOTES=200001 -m stap_socket_params_[0-9a-f]{8}_00000000 '
HOME=$box/home
given '--buffer is for staprun' '' --buffer 16
like '... which gets it' "$said" 'staprun -R -b 16 '
refused '-D with a wrong name' "-D: no limit 'SOCKET_NOTS' \(did you mean SOCKET_NOTES\?\); there are: " \
	params -D SOCKET_NOTS=100
refused '-D without a number' '--define takes NAME=N, not .SOCKET_NOTES' params --define SOCKET_NOTES
refused '-D with a wrong number' '-D SOCKET_NOTES= takes a whole number from 64 .*, not .1e6' \
	params -DSOCKET_NOTES=1e6
refused '... not a power of two' '-D SOCKET_FRAMES= takes a power of two' params -DSOCKET_FRAMES=1000
refused '... too high' '-D SOCKET_RETURNS= takes a whole number from 64 to 65536, not .65537' \
	params -DSOCKET_RETURNS=65537
refused '-D twice' "-D SOCKET_NOTES is given twice, with '100' and '200'" \
	params -DSOCKET_NOTES=100 -DSOCKET_NOTES=200
refused '--buffer with a unit' '--buffer takes a whole number of MB from 1 to 4095, not .64m.'$'\n' \
	params --buffer 64m

prebuild params events
: >"$HOME/built"
echo '// changed' >>"$scripts/params.stp"
uses
like 'a module of another script is not used, with a message' "$errors" \
	'not using the module in .*: it was built from another version of the script'
like '... and a new one would be built' "$said" 'stap-socket-run .* -p4 .*-m stap_socket_params'
prebuild params events
is 'prebuild builds only stale modules' "$(cat "$HOME/built")" \
	"stap_socket_params_00000000 $scripts/params.stp"
echo more >>"$modules/$module"
uses
like 'a damaged module is not used' "$errors" "$module is damaged"
printf '~Module signature appended~\n' >>"$modules/$module"
uses
is 'a module that was signed later is used, under its own name' "$said" \
	"staprun $modules/$module |"$'\n'"stap-socket replay -"
run stap-socket prebuild --kernel 9.9.9 --build "$headers" --output "$modules" params
is 'prebuild replaces it with a module for another kernel' "$status" 0
uses
like '... which is not used on this kernel' "$errors" 'it was built for kernel 9.9.9'
rm "$modules/stap-socket.manifest"
prebuild params
chmod 666 "$modules/$module"
uses
like 'a module that anyone can write to is not used' "$errors" 'others can write to .*/stap_socket_params_00000000.ko'
chmod 644 "$modules/$module"
echo 5.5 >"$HOME/stap-version"
rm "$modules/stap-socket.manifest"
prebuild params
uses
like 'a module built by a systemtap other than that of staprun is not used' "$errors" \
	'it was built by systemtap 5.5, and here is 5.6'
echo 5.6 >"$HOME/stap-version"
rm "$modules/$module"
uses
like 'a missing module is not used' "$errors" 'is missing'

# An interrupted prebuild leaves no incomplete module, and keeps the others.
for end in TERM:143 QUIT:131; do
	rm -rf "$modules" "$HOME/built"
	prebuild events
	echo 60 >"$HOME/build-sleep"
	# A shell starts what is in the background without SIGQUIT.
	env --default-signal=QUIT stap-socket prebuild --kernel "$release" --build "$headers" \
		--output "$modules" >"$box/out" 2>&1 &
	launcher=$!
	for ((try = 0; try < 100; try++)); do
		! grep -q params "$HOME/built" || break
		sleep 0.1
	done
	sleep 0.3
	kill "-${end%:*}" "$launcher"
	wait "$launcher"
	is "prebuild exits with ${end#*:} after SIG${end%:*}" $? "${end#*:}"
	is '... with the modules completed before, and no incomplete one' \
		"$(cd "$modules" && find . -type f ! -name .lock | sort | paste -s -d ' ')" \
		'./stap-socket.manifest ./stap_socket_events_00000000.ko'
	# Only builders of this test: the same test may run elsewhere.
	ok '... and no builder that is still running' \
		bash -c "! grep -qz '^$scripts/[p]arams.stp' /proc/[0-9]*/cmdline"
	rm "$HOME/build-sleep"
done
prebuild
like '... and when started again, it builds the rest' "$errors" '1 kept, 0 failed'

# Perl and some daemons ignore the end of a child, and their children inherit that.
run perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' stap-socket prebuild --kernel "$release" \
	--build "$headers" --output "$modules" params events
is 'prebuild sees the end of stap also if SIGCHLD is ignored' "$status" 0
run bash -c 'stap-socket params --dry-run >/dev/full'
like 'an output that cannot be written: fails, with a message' "$status $errors" '^1 .*cannot write: No space'
variant lost -DRUNNER='"/none/stap-socket-run"'
run stap-socket-lost params --dry-run
like 'if it cannot be checked who can change a module, it is not used' "$errors" \
	'not using the module in .*: cannot check who could change .*/modules/'
run stap-socket-lost prebuild --kernel "$release" --build "$headers" --output "$modules" params
like '... and nothing is built there' "$status $errors" '^2 .*--output: cannot check'
rm "$bin/stap-socket-lost"

# ---------------------------------------------------------------- directories that others can write to

# withheld NAME DIRECTORY PATTERN COMMAND...: fails with that message and leaves DIRECTORY empty
withheld()
{
	local name=$1 directory=$2 pattern=$3
	shift 3
	rm -f "$HOME/built"
	run "$@"
	is "$name: refused" "$status" 1
	like '... and the message names the directory' "$errors" "$pattern"
	is '... and nothing is written or built' \
		"$(find "$directory" -mindepth 1; cat "$HOME/built" 2>/dev/null)" ''
}
: >"$headers/Module.symvers"
make_tree=("$box/stap-socket-run" --kernel 9.9.9 --build "$headers" --symbols "$box/symbols"
	--make-tree)
build=(stap-socket prebuild --kernel "$release" --build "$headers" params)
mkdir -p "$box/shared/mine" "$box/theirs"
chmod 777 "$box/shared"
withheld 'a cache below a directory that others can write to' "$box/shared/mine" \
	"others can write to $box/shared, " env XDG_CACHE_HOME="$box/shared/mine" "${build[@]}"
withheld 'a build tree there' "$box/shared/mine" "others can write to $box/shared, " \
	env XDG_CACHE_HOME="$box/shared/mine" "${make_tree[@]}"
ln -s "$box/shared/mine" "$box/link"
withheld '... also through a link' "$box/shared/mine" "others can write to $box/shared, " \
	"${make_tree[@]}" --tree "$box/link/new/tree"
if [ "$(/usr/bin/id -u)" -eq 0 ]; then
	chown 4711 "$box/theirs"
	withheld 'the cache of another user, as su leaves it' "$box/theirs" \
		"$box/theirs belongs to user 4711, " env XDG_CACHE_HOME="$box/theirs/.cache" "${build[@]}"
	withheld 'the build tree of another user' "$box/theirs" "$box/theirs belongs to user 4711, " \
		env XDG_CACHE_HOME= HOME="$box/theirs" "${make_tree[@]}"
	ln -s "$box/home" "$box/shared/link"
	chmod 1777 "$box/shared"
	chown -h 4711 "$box/shared/link"
	withheld "another user's link in a directory like /tmp" "$box/theirs" \
		"$box/shared/link belongs to user 4711, " \
		"${make_tree[@]}" --tree "$box/shared/link/tree"
else
	skip 'the directories of another user' 'only root can make them'
fi
run env -u HOME stap-socket params --dry-run
like "without HOME, the user's home directory is used" "$said" \
	"$(getent passwd "$(/usr/bin/id -u)" | cut -d : -f 6)/.cache/socket-tapset/"

run "${make_tree[@]}" --tree "$box/less" --without f7 --without f8
is 'a tree without functions has its own name' "$said" "$box/less-without-f7-f8"
is '... and stap finds all others in it' \
	"$(awk '{ print $3 }' "$box/less-without-f7-f8/sysroot/boot/System.map-9.9.9")" \
	"$(awk '$3 != "f7" && $3 != "f8" { print $3 }' "$box/symbols")"
run "${make_tree[@]}" --tree "$box/none" --without f3000
is 'a function that the kernel does not have is refused' "$status" 1
like '... by name' "$errors" '--without f3000: kernel 9\.9\.9 has no function and no tracepoint'
ok '... and no tree is left' test ! -e "$box/none-without-f3000"
run "${make_tree[@]}" --without 'f7 f8'
is 'what cannot be a name is refused' "$status" 2
like '... with what is accepted' "$errors" "takes the name of a function or tracepoint, not 'f7 f8'"

chmod 777 "$HOME/.cache/socket-tapset"
uses
like 'a module below a directory that others can write to is not used' "$errors" \
	"not using .*: others can write to $HOME/.cache/socket-tapset, "
chmod 755 "$HOME/.cache/socket-tapset"
echo precious >"$box/precious"
ln -sf "$box/precious" "$HOME/.cache/socket-tapset/log/params.build"
rm "$modules/stap-socket.manifest"
prebuild params
is 'a link in place of a log is not followed' "$(cat "$box/precious")" precious

# prebuild explains a failure of stap in a sentence, and keeps the output of stap in a file.
trouble() # NAME PATTERN WORDS-OF-STAP
{
	echo "$3" >"$HOME/build-trouble"
	rm -rf "$modules"
	prebuild params
	is "$1: prebuild fails" "$status" 1
	like '... with the cause in a sentence' "$errors" "$2"
	log=$(sed -n "s/.*(stap's own words: \(.*\)).*/\1/p" <<<"$errors")
	is '... and the name of the file with the output of stap' "$(cat "$log")" "$3"
	ok '... and writes no manifest' test ! -e "$modules/stap-socket.manifest"
	rm "$HOME/build-trouble"
}
trouble 'a runtime that does not compile' \
	"systemtap 5.6 does not compile for kernel $release \(it says that it was tested on 3.10 ... 7.3.0-rc3\)" \
	"/usr/share/systemtap/runtime/linux/access_process_vm.h:35:9: error: too many arguments
make[1]: *** [Makefile:1800: /tmp/stapX] Error 2
WARNING: kbuild exited with status: 2"
trouble 'no symbols' 'no symbols of kernel 1.2.3; copy them' \
	'stap-socket-run: no symbols of kernel 1.2.3; copy them'
trouble 'a full disk' 'no space left on the device' \
	"cc1: fatal error: closing dependency file: No space left on device"
trouble 'a kernel without a probed function' "lacks a place that the script probes: .*while resolving probe point" \
	"semantic error: while resolving probe point: identifier 'socket' at x.stp:1:7
        source: probe socket.send
semantic error: resolution failed in kprobe builder"
trouble 'anything else' 'never heard of' 'never heard of'

run stap-socket prebuild --kernel 9.9.9
is 'prebuild without headers fails' "$status" 1
like '... and the message names the package' "$errors" \
	'headers of kernel 9.9.9 are not installed.*linux-headers-9.9.9|kernel-devel-9.9.9'
echo 5.1 >"$HOME/stap-version"
run stap-socket prebuild --kernel 6.12.9-1-amd64 --build "$headers" --output "$box/none"
like 'a systemtap too old for the kernel is named' "$errors" \
	'systemtap 5.1 is too old for kernel 6.12.9-1-amd64.*install 5.2 or later'
echo 5.6 >"$HOME/stap-version"
run stap-socket prebuild --kernel 5.10.0-46-amd64 --build "$headers" --output "$box/none"
like '... and so is one that is too new' "$errors" 'systemtap 5.6 is too new for kernel 5.10.0-46-amd64'
ok '... before a directory is made' test ! -e "$box/none"

# Without stap, and without both stap and staprun.
mkdir "$box/no-stap" "$box/no-staprun"
for directory in "$box/no-stap" "$box/no-staprun"; do
	ln -s "$box/bare"/* "$(type -P sha256sum)" "$directory/"
done
ln -s "$box/fake/staprun" "$box/no-stap/"
for path in "$box/no-stap" "$box/no-staprun"; do
	run env HOME="$box" PATH="$path" "$bin/stap-socket" params --dry-run
	is '--dry-run without stap fails' "$status" 1
	like '... but prints the commands' "$said" $'\nstaprun -R [^\n]* \\|\nstap-socket replay -$'
	like '... and a sentence names the package to install' "$errors" \
		'^stap-socket: these commands fail here: .*stap is not installed: .*(apt-get|dnf) install systemtap'
	is '... in one line' "$(wc -l <<<"$errors")" 1
	is '... which names staprun if that is missing' \
		"$(grep -c 'staprun is not installed: .*install systemtap-runtime' <<<"$errors")" \
		"$([ -e "$path/staprun" ]; echo $?)"
done

run env PATH="$box/bare" "$bin/stap-socket" prebuild --kernel 9.9.9
is 'if several things are missing, prebuild has a line for each' \
	"$status $(grep -c '\(apt-get\|dnf\) install' <<<"$errors")" '1 4'
is '... and each starts with the name of the command' "$(grep -vc '^stap-socket: ' <<<"$errors")" 0

# ---------------------------------------------------------------- a kernel without modules

# The same command with another path for /proc/modules, which does not exist.
variant none -DPROC_MODULES="\"$box/none/modules\""
for path in "$PATH" "$box/bare"; do
	rm -f "$HOME/built"
	for words in 'params' 'events -c 1' prebuild 'prebuild params'; do
		# shellcheck disable=SC2086 # words
		run env PATH="$path" "$bin/stap-socket-none" $words
		is "$words on a kernel that loads no modules: fails" "$status" 1
		like '... and the only message has the cause and the alternatives' "$errors" \
			$'^stap-socket: not on this kernel: it loads no modules[^\n]*make demo[^\n]*prebuild --kernel[^\n]*$'
	done
	ok '... and nothing is built' test ! -e "$HOME/built"
done
run stap-socket-none prebuild --kernel 9.9.9 --build "$headers" --output "$box/for-another" params
is '... but prebuild can build for another kernel' "$status" 0
like '... and writes the module' "$(cd "$box/for-another" && echo *)" 'stap_socket_params_00000000.ko'
run stap-socket-none prebuild --kernel "$release" --build "$headers" \
	--output "$box/for-another" params
is '... also for one with the same release' "$status" 0
run stap-socket-none check
like 'check reports it in its first line' "$(sed -n 2p <<<"$said")" \
	'^missing  .*it loads no modules'
rm "$bin/stap-socket-none"
finish
