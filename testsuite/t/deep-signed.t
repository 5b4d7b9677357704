#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Signed modules on a kernel that is locked down.
# rows deep: 6.12-debug
exec "$(dirname "$0")/../debug/signed"
