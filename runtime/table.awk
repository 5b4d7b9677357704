# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads tables of stanzas, for functions.awk and values.awk: the first line of a stanza names
# what it is about, the others are "TAB key value".

function fail(text)
{
	print FILENAME ":" FNR ": " text >"/dev/stderr"
	exit failed = 1
}

function known(one, all) { return index(" " all " ", " " one " ") }

# A line of stanza n, which is about subject: its key and value are in these two afterwards.
# keys are those that there are, repeated those of them that may stand twice.
function read_line(n, subject, keys, repeated)
{
	key = $1
	value = $0
	sub(/^\t[a-z]+[ \t]*/, "", value)
	if (!known(key, keys))
		fail("unknown line: " key)
	if (value == "")
		fail(key " has no value")
	if ((n, key) in row && !known(key, repeated))
		fail(key " stands twice for " subject)
	row[n, key] = value
}

function has(n, key) { return (n, key) in row }

function get(n, key) { return has(n, key) ? row[n, key] : "" }

/^#/ || /^$/ { next }
