#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# All tools watch well-known programs; their output is compared with the programs' counters.
# rows lab: 5.10
# rows all: 6.1 6.1-old 6.12 7.2
# rows deep: 6.1-debug 6.12-debug 6.12-rt
exec "$(dirname "$0")/../realworld/row" "$1"
