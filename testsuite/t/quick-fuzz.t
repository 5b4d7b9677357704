#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Any text to what reads names and flags, for a few seconds.
. "$(dirname "$0")/../tap.sh"
rm -rf "$O/fuzz"
ok 'no text breaks what reads it, or is read as two things' \
	"$top/testsuite/fuzz/run" 5
tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$box/.said")
ok "... of $tried texts" test "${tried:-0}" -ge 10000
"$top/testsuite/fuzz/run" soon >"$box/out" 2>&1
is 'the time to fuzz is a number' $? 2
finish
