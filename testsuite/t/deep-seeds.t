#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Mistakes that a debug kernel must report.
# rows deep: 6.1-debug 6.12-debug
exec "$(dirname "$0")/../debug/seeds"
