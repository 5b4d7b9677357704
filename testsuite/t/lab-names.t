#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The functions of names and numbers, compared with the headers of all kernels.
# rows lab: 5.10 6.12
# rows all: 6.1 6.1-old 7.2
exec "$(dirname "$0")/../names/row" "$1"
