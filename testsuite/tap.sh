# SPDX-License-Identifier: GPL-2.0-or-later
#
# TAP for shell tests: is, like, ok.  Each failure prints what was expected and seen.
# shellcheck shell=bash

set -uo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck disable=SC2034 # used by the tests
lab=$top/testsuite/lab/lab
O=${O:-$top/build}
tests=0 failures=0
box=$(mktemp -d)
# Removes the files of the test, or keeps them if it failed.
tidy()
{
	local kept
	kept=$O/failed/$(basename "$0" .t)${LAB_ROW:+-$LAB_ROW}
	if [ "$failures" -gt 0 ] && rm -rf "$kept" && mkdir -p "$O/failed" &&
		mv "$box" "$kept"; then
		echo "# kept: $kept"
	fi
	rm -rf "$box"
}
trap tidy EXIT

ok() # NAME COMMAND...
{
	local name=$1
	shift
	((++tests))
	if "$@" >"$box/.said" 2>&1; then
		echo "ok $tests - $name"
	else
		((++failures))
		echo "not ok $tests - $name"
		head -n 30 "$box/.said" | sed 's/^/# /'
	fi
}

is() # NAME SEEN EXPECTED
{
	((++tests))
	if [ "$2" = "$3" ]; then
		echo "ok $tests - $1"
	else
		((++failures))
		echo "not ok $tests - $1"
		printf 'expected: %s\n    seen: %s\n' "$3" "$2" | sed 's/^/# /'
	fi
}

like() # NAME SEEN PATTERN
{
	((++tests))
	if [[ $2 =~ $3 ]]; then
		echo "ok $tests - $1"
	else
		((++failures))
		echo "not ok $tests - $1"
		printf 'expected to match: %s\n    seen: %s\n' "$3" "$2" | sed 's/^/# /'
	fi
}

result() # STATUS NAME [FILE]: the status of a command; FILE explains a failure
{
	((++tests))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		((++failures))
		echo "not ok $tests - $2"
		[ -z "${3-}" ] || head -n 40 "$3" | sed 's/^/# /'
	fi
}

skip() # NAME WHY
{
	((++tests))
	echo "ok $tests - $1 # skip $2"
}

# program ROW NAME: prints the path of a program of the Makefile that runs in guests of ROW.
# Those of another architecture are compiled in the row's build root.
program()
{
	local triplet directory=$O/programs
	if [ "$("$lab" get "$1" uname)" = "$(uname -m)" ]; then
		echo "$O/$2"
		return
	fi
	triplet=$("$lab" get "$1" triplet)
	directory+=/$triplet
	mkdir -p "$directory"
	flock "$directory" "$lab" root "$1" "$directory" -- /usr/bin/make -s -C /source \
		O=/script CC="$triplet-gcc" "/script/$2" >&2
	echo "$directory/$2"
}

# section NAME: prints the part below "== NAME" of $box/said, the output of a guest
section() { awk -v name="== $1" '/^== / { on = $0 == name; next } on' "$box/said"; }

# await_first_boot PID ERRORS: waits until a lab command, which writes to ERRORS, boots a row
# for the first time, or ends
await_first_boot()
{
	local try
	for ((try = 0; try < 9000; try++)); do
		kill -0 "$1" 2>/dev/null || break
		! grep -q 'first boot' "$2" 2>/dev/null || break
		sleep 0.1
	done
}

# types_of ROW: the options of stap-socket-run for the kernel's types and headers, if they are
# files of the row; a word a line
types_of()
{
	# shellcheck disable=SC2016 # expanded there
	"$lab" root "$1" "$box" -- /bin/sh -c '
		[ ! -e /lab/btf ] || printf "%s\n" --btf /lab/btf
		[ ! -e /lab/headers ] || printf "%s\n" --build /lab/headers'
}

finish()
{
	echo "1..$tests"
	[ "$failures" -eq 0 ]
	exit
}

# with_own_ncurses PREFIX: replaces stap-socket in $box/root by one that contains ncurses, which
# guests and build roots lack.
with_own_ncurses()
{
	"$top/testsuite/stap-socket/portable" "$box/own-ncurses" "$box/root/$1/bin/stap-socket" \
		>"$box/out" 2>&1
}
