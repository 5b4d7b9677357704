# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash

# descendants PID: prints all its descendants, each before those that it has started
descendants()
{
	local child
	# shellcheck disable=SC2013 # numbers in a line
	for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		echo "$child"
		descendants "$child"
	done
}
