#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tests of stap-socket again, with a program that AddressSanitizer and
# UndefinedBehaviorSanitizer check, and some commands with valgrind, which also reports what is
# read before it is set.  Leaks are not looked for: strings
# are not freed (see stap-socket.h).
. "$(dirname "$0")/../tap.sh"

export CFLAGS='-O0 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
# stap-socket/preload.c goes before the sanitizers.
export ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=1:strict_string_checks=1:\
verify_asan_link_order=0:log_path=$box/report"
export UBSAN_OPTIONS="print_stacktrace=1:log_path=$box/report"

plain=$O/stap-socket
export O=$O/sanitized
make -s -C "$top" O="$O" all >"$box/made" 2>&1
result $? 'a program with sanitizers' "$box/made"
rm -f "$box"/report*

# again TEST: keeps what it prints, and its status
again()
{
	"$top/testsuite/t/$1.t" >"$box/$1.said" 2>&1
	echo $? >"$box/$1.status"
}
passed()
{
	grep -A 12 '^not ok' "$box/$1.said"
	[ "$(cat "$box/$1.status")" = 0 ]
}
again=(quick-draw quick-stap-socket host-modules host-stap-socket)
# It waits most of its time.
again quick-live &
for test in "${again[@]}"; do
	again "$test"
done
wait
for test in quick-live "${again[@]}"; do
	ok "$test, again" passed "$test"
done
is '... without a report' "$(cat "$box"/report* 2>/dev/null)" ''

# clean STATUS NAME ARGUMENT...: the command ends with the status, and valgrind reports nothing
clean()
{
	local status=$1 name=$2
	shift 2
	valgrind -q --error-exitcode=99 --log-file="$box/valgrind.%p" "$plain" "$@" \
		>"$box/out" 2>"$box/errors"
	is "valgrind: $name" "$? $(cat "$box"/valgrind.*)" "$status "
	rm "$box"/valgrind.*
}
unset ASAN_OPTIONS UBSAN_OPTIONS CFLAGS
export COLUMNS=80
for host in one two; do
	echo "#host $host"
	"$top/testsuite/live/feed" 3 30 0.01
done >"$box/both"
csplit -sz -f "$box/host" "$box/both" '/^#host two/'
head -c -100 "$box/host00" >"$box/damaged"
clean 0 'replay' replay "$box/host00"
clean 0 '... as JSON' replay --json "$box/host00"
clean 0 '... as CSV, with columns' replay --csv --columns sent,took,pid,exe "$box/host00"
clean 0 '... sorted, exact' replay -s took -N 5 --units exact -T "$box/host01"
clean 1 '... of a damaged recording' replay "$box/damaged"
clean 0 'merge' merge "$box/host00" "$box/host01"
clean 1 '... of a damaged recording' merge --json "$box/host00" "$box/damaged"
clean 2 'a wrong filter' top -f nix
clean 2 'an unknown tool' tpo
clean 2 'a wrong prebuild' prebuild --kernels
clean 0 'list' list
clean 0 'completion' words line top --columns pid,s
"$plain" top --dry-run -P tcp -f inet -r '!22,80-90' --raddr 10.0.0.0/8 -n x >"$box/dry" 2>&1
clean $? '--dry-run' top --dry-run -P tcp -f inet -r '!22,80-90' --raddr 10.0.0.0/8 -n x
"$plain" check >"$box/check" 2>&1
clean $? 'check' check
finish
