# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests of what draws records, which they write by hand
# shellcheck shell=bash disable=SC2034 # used by the tests

t=1732793859123456789 # 2024-11-28 11:37:39.123456789 UTC
# tabbed FIELD...: a record
tabbed() { local IFS=$'\t'; printf '%s\n' "$*"; }
replay() { run stap-socket replay "$@"; }
