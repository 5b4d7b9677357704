#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
cd "$(dirname "$0")" && exec ../debug/with 6.12-debug ../debug/signed
