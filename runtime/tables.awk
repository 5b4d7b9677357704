# SPDX-License-Identifier: GPL-2.0-or-later
#
# Generates code and documentation from the lists of socket_tables.h:
#
#   awk -f tables.awk socket_tables.h              for the compiler: a check that each
#       constant of the headers has the number in the list, and for each table an index of
#       its names by hash
#   awk -v doc=1 -f tables.awk socket_tables.h     for readers: all names
#
# socket_find() in socket_names.h uses the index and must compute the same hash.

function fail(what)
{
	print FILENAME ": " what >"/dev/stderr"
	exit failed = 1
}

# Reads the definition of a list, one logical line.
function define(text,    list, item, number, name)
{
	list = text
	sub(/^#define +/, "", list)
	sub(/\(X\).*/, "", list)
	sub(/^[^)]*\)/, "", text)
	if (list ~ /TABLES$/) {
		while (match(text, /X\([^"]*"[^"]*"\)/)) {
			tables[++tables_n] = substr(text, RSTART + 2, RLENGTH - 3)
			text = substr(text, RSTART + RLENGTH)
		}
		return
	}
	while (match(text, /X\([^"]*"[^"]*"\)/)) {
		item = substr(text, RSTART + 2, RLENGTH - 3)
		text = substr(text, RSTART + RLENGTH)
		number = name = item
		sub(/, *"[^"]*"$/, "", number)
		sub(/^[^"]*"/, "", name)
		sub(/"$/, "", name)
		numbers[list, ++count[list]] = number
		names[list, count[list]] = name
	}
}

function check(constant, number, how)
{
	if (constant !~ /^[A-Z][A-Z0-9_]*$/ || (constant in done))
		return
	done[constant] = 1
	# 0 if the kernel does not support 32-bit tasks.
	if (constant == "MSG_CMSG_COMPAT")
		print "#if defined(MSG_CMSG_COMPAT) && MSG_CMSG_COMPAT"
	else if (how != "ENUM")
		print "#ifdef " constant
	else if (constant in since)
		print "#if LINUX_VERSION_CODE >= " since[constant]
	print "SOCKET_CHECK(" constant ", " number ");"
	if (how != "ENUM" || (constant in since))
		print "#endif"
}

function checks(list, prefix, how,    i, name)
{
	for (i = 1; i <= count[list]; i++) {
		name = names[list, i]
		if (!((prefix name) in other))
			check(prefix name, numbers[list, i], how)
	}
}

# ---------------------------------------------------------------- index

function hash(name, multiplier,    i, c, h)
{
	h = 0
	for (i = 1; i <= length(name) && i <= hashed; i++) {
		c = code[substr(name, i, 1)]
		# c | 0x20: letters in lower case
		if (int(c / 32) % 2 == 0)
			c += 32
		h = (h * multiplier + c) % 65536
	}
	return h
}

# The number of comparisons to find each name once.
function effort(rows, buckets, multiplier,    i, h, used, sum)
{
	for (i = 1; i <= rows; i++) {
		h = hash(row[i], multiplier) % buckets
		sum += ++used[h]
	}
	return sum
}

function index_of(table, list, second,    rows, i, h, buckets, m, best, least, e, start, line)
{
	rows = 0
	for (i = 1; i <= count[list]; i++)
		row[++rows] = names[list, i]
	for (i = 1; i <= count[second]; i++)
		row[++rows] = names[second, i]
	for (buckets = 1; buckets < 2 * rows; buckets *= 2)
		;
	for (m = 3; m < 256; m += 2) {
		e = effort(rows, buckets, m)
		if (!best || e < least) {
			best = m
			least = e
		}
	}
	for (h = 0; h < buckets; h++)
		bucket[h] = ""
	for (i = 1; i <= rows; i++) {
		h = hash(row[i], best) % buckets
		bucket[h] = bucket[h] " " (i - 1) ","
	}
	printf "static const unsigned short %s_start[] = {", table
	start = 0
	for (h = 0; h <= buckets; h++) {
		printf "%s%d,", h % 12 ? " " : "\n\t", start
		start += split(bucket[h], line, " ")
	}
	printf "\n};\nstatic const unsigned short %s_order[] = {", table
	start = 0
	for (h = 0; h < buckets; h++) {
		e = split(bucket[h], line, " ")
		for (i = 1; i <= e; i++)
			printf "%s%s", start++ % 12 ? " " : "\n\t", line[i]
	}
	print "\n};"
	print "#define " table "_multiplier " best
}

# ---------------------------------------------------------------- for readers

function decimal(number)
{
	if (number ~ /^SOCKET_/)
		return symbol[number]
	return number
}

function document(list, second, prefix, title,    i, j, also)
{
	print "\n" title
	if (prefix != "")
		print "constants " prefix "*"
	print ""
	for (i = 1; i <= count[list]; i++) {
		also = ""
		for (j = 1; j <= count[second]; j++)
			if (numbers[second, j] == numbers[list, i])
				also = also (also == "" ? "" : ", ") names[second, j]
		printf also == "" ? "%12s  %s%s\n" : "%12s  %-24s  also %s\n",
			decimal(numbers[list, i]), names[list, i], also
	}
}

/^#define SOCKET_(SO|TYPE|ERROR)_[A-Z]+ [0-9]+$/ { symbol[$2] = $3; next }

/^#define SOCKET_[A-Z0-9_]+\(X\)/ { text = "" ; defining = 1 }

defining {
	line = $0
	more = sub(/[ \t]*\\$/, "", line)
	sub(/^[ \t]+/, " ", line)
	text = text line
	if (!more) {
		define(text)
		defining = 0
	}
}

END {
	if (failed)
		exit 1
	if (!tables_n)
		fail("no tables")
	for (i = 33; i < 127; i++)
		code[sprintf("%c", i)] = i
	for (i = 1; i <= count["SOCKET_NEW_ENUMERATORS"]; i++)
		since[names["SOCKET_NEW_ENUMERATORS", i]] = \
			numbers["SOCKET_NEW_ENUMERATORS", i]
	for (i = 1; i <= count["SOCKET_PROTOCOL_PREFIXED_NAMES"]; i++)
		other["IPPROTO_" names["SOCKET_PROTOCOL_PREFIXED_NAMES", i]] = 1
	if (doc) {
		print "Names and numbers of the socket tapset"
		print "======================================"
	} else {
		print "/* Made from socket_tables.h by tables.awk. */"
		# The number of characters that the hash is made of.
		print "#define SOCKET_HASHED " (hashed = 6)
		for (i = 1; i <= count["SOCKET_PROTOCOL_PREFIXED_NAMES"]; i++)
			check("IPPROTO_" names["SOCKET_PROTOCOL_PREFIXED_NAMES", i],
				numbers["SOCKET_PROTOCOL_PREFIXED_NAMES", i], "MACRO")
	}
	for (t = 1; t <= tables_n; t++) {
		title = tables[t]
		sub(/^[^"]*"/, "", title)
		sub(/"$/, "", title)
		split(tables[t], part, /, */)
		if (!(part[2] in count))
			fail("no list " part[2])
		if (doc) {
			document(part[2], part[3], part[4], title)
			continue
		}
		if (part[5] == "GENERIC")
			print "#ifdef SOCKET_GENERIC_NUMBERS"
		checks(part[2], part[4], part[5])
		checks(part[3], part[4], "MACRO")
		if (part[5] == "GENERIC")
			print "#endif"
		if (part[6] == "FIND")
			index_of(part[1], part[2], part[3])
	}
}
