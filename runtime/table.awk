# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads tables of stanzas for functions.awk and values.awk.  The first line of a stanza names
# its subject; the others are "TAB key value".

function fail(text)
{
	print FILENAME ":" FNR ": " text >"/dev/stderr"
	exit failed = 1
}

function known(one, all) { return index(" " all " ", " " one " ") }

# Reads a line of stanza n, about subject, into the globals key and value.  keys lists the
# known keys, repeated those that a stanza may have twice.
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
