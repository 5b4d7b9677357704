#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzes the parsers of names and flags, and what reads records, for a few seconds.
. "$(dirname "$0")/../tap.sh"
rm -rf "$O/fuzz"
ok 'no string breaks a parser, or is parsed in two ways' \
	"$top/testsuite/fuzz/run" 5
tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$box/.said")
ok "... of $tried strings" test "${tried:-0}" -ge 10000
ok 'no records break what draws them' "$top/testsuite/fuzz/run" 10 records
tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$box/.said")
ok "... of $tried" test "${tried:-0}" -ge 1000
"$top/testsuite/fuzz/run" soon >"$box/out" 2>&1
is 'a time to fuzz that is not a number is refused' $? 2
finish
