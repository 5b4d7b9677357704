#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every event is compared with the ledger of the program that caused it.
# rows lab: 5.10 6.1 6.12 6.12-copies 7.2
# rows all: 6.1-old 6.12-arm64 6.12-backports 7.2-copies
# rows deep: 6.1-debug 6.12-debug 6.12-rt
exec "$(dirname "$0")/../exact/row" "$1"
