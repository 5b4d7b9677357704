#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The C tables of names, compiled for the host with sanitizers.
export CMOCKA_MESSAGE_OUTPUT=TAP
exec "${O:-build}/unit-names"
