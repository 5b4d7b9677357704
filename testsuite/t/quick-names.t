#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The C tables of names, compiled for this machine with the sanitizers.
export CMOCKA_MESSAGE_OUTPUT=TAP
exec "${O:-build}/unit-names"
