# SPDX-License-Identifier: GPL-2.0-or-later
#
# Generates code from values.tbl, which explains its lines.  Runs after table.awk:
#   -v make=values      the macros that set the values of every probe, and a list for readers
#   -v make=functions   the functions sock_*(), for socket_values.stp
#   -v make=readers     the functions that they call, for socket_points.stp

/^value / {
	v++
	name[v] = $2
	type[v] = $3
	if (NF != 3 || !known($3, "number text"))
		fail("a value has a name and is a number or text: " $0)
	next
}

!/^\t/ || !v { fail("expected a value or a line of one: " $0) }

{
	read_line(v, name[v], "in of read pinned unpinned packet title is unit unset note since")
	if (key == "in" && !known(value, "probes functions kind"))
		fail("a value is in probes, functions or kind, not " value)
	if (key == "of" && !known(value, "sock sk"))
		fail("a value is of sock or sk, not " value)
}

# Replaces the words pinned, sock and sk in an expression.
function read(v, pinned, sock, sk,    rest, text, part, before)
{
	rest = get(v, "read")
	while (match(rest, /[A-Za-z_][A-Za-z_0-9]*/)) {
		part = substr(rest, RSTART, RLENGTH)
		before = text substr(rest, 1, RSTART - 1)
		# The name of a member stays.
		text = before (before ~ /(->|\.)$/ ? part : part == "pinned" ? pinned : \
			part == "sock" ? sock : part == "sk" ? sk : part)
		rest = substr(rest, RSTART + RLENGTH)
	}
	return text rest
}

# Prints words as lines of a comment.
function wrapped(before, first, text,    words, n, i, line)
{
	n = split(text, words, " ")
	line = before first
	for (i = 1; i <= n; i++) {
		if (length(line) + length(words[i]) >= 88) {
			print line
			line = before sprintf("%" length(first) "s", "")
		}
		line = line (line ~ / $/ ? "" : words[i - 1] ~ /\.$/ ? "  " : " ") words[i]
	}
	print line
}

# ---------------------------------------------------------------- values of probes

function read_pinned(v,    text)
{
	if (has(v, "pinned"))
		return get(v, "pinned")
	text = "%{ /* pure */ " read(v, "true", "socket_event_sock()", "socket_event_sk()") " %}"
	return get(v, "of") == "sock" ? "__sock ? " text " : -1" : text
}

function set(v, live)
{
	if (name[v] == "sock")
		return "__sock"
	if (live && name[v] == "ino")
		return "__ino ? __ino : -1"
	return live ? "sock_" name[v] "(__live)" : read_pinned(v)
}

# The same in an event of a tracepoint: of its socket, or without one of its packet.
function set_traced(v, live,    text)
{
	if (live || get(v, "of") == "sock")
		text = "sock_" name[v] "(" (live ? "__live" : "__sock") ")"
	else
		text = read_pinned(v)
	if (name[v] == "sock")
		return live ? "__live" : "__sock"
	return has(v, "packet") ? (live ? "__live" : "__sk") " ? " text " : " get(v, "packet") : text
}

function make_traced(called, live,    v)
{
	print "@define __socket_values_" called " %("
	for (v = 1; v <= n_values; v++)
		if (get(v, "in") != "functions")
			print "\t" name[v] " = " set_traced(v, live)
	print "%)"
}

function make_macro(called, in_one, live,    v)
{
	print "@define __socket_" called (live ? "_unpinned" : "") " %("
	for (v = 1; v <= n_values; v++)
		if (get(v, "in") == in_one)
			print "\t" name[v] " = " set(v, live)
	print "%)\n"
}

# The meaning of a value, with its unit.
function meaning(v) { return get(v, "is") (has(v, "unit") ? "; in " get(v, "unit") : "") }

function make_values(    v, text)
{
	print "// Values of every probe.  Unknown numbers are -1, unknown strings \"\".  Unused values"
	print "// add no code.\n//"
	for (v = 1; v <= n_values; v++)
		if (get(v, "in") != "functions") {
			text = meaning(v)
			if (has(v, "unset"))
				text = text "; " (type[v] == "text" ? "\"\"" : "-1") " " get(v, "unset")
			if (has(v, "note"))
				text = text ".  " get(v, "note")
			wrapped("//   ", sprintf("%-11s", name[v]), text)
		}
	print ""
	make_macro("values_common", "probes", 0)
	make_macro("values_kind", "kind", 0)
	make_macro("values_common", "probes", 1)
	make_macro("values_kind", "kind", 1)
	print "\n// All values of a socket that the kernel holds a reference on."
	make_both("")
	print "\n// The same for a socket that another thread may have closed.  __live is its address if"
	print "// it still exists, or 0."
	make_both("_unpinned")
	print "\n// The same in an event of a tracepoint, whose struct sock __sk is pinned, but not its"
	print "// socket; and for one that nothing pins."
	make_traced("traced", 0)
	make_traced("traced_live", 1)
}

function make_both(unpinned)
{
	print "@define __socket_values" unpinned " %("
	print "\t@__socket_values_common" unpinned
	print "\t@__socket_values_kind" unpinned
	print "%)"
}

# ---------------------------------------------------------------- functions

function make_functions(    v, c, text)
{
	for (v = 1; v <= n_values; v++) {
		if (!has(v, "title"))
			continue
		c = type[v] == "text" ? "string" : "long"
		print "\n/**\n * sfunction sock_" name[v] " - " get(v, "title")
		print " *\n * @sock: Address of a struct socket\n *"
		text = meaning(v)
		text = toupper(substr(text, 1, 1)) substr(text, 2) "; " \
			(c == "string" ? "\"\"" : "-1") \
			(has(v, "unset") ? " " get(v, "unset") : " where there is no such socket") "."
		if (has(v, "note"))
			text = text "  " get(v, "note")
		wrapped(" * ", "", "Return value: " text)
		print " *\n * Since: " get(v, "since")
		print " */"
		print "function sock_" name[v] ":" c "(sock:long)\n{"
		print "\treturn " (has(v, "unpinned") ? get(v, "unpinned") : "__socket_" name[v] "_unpinned(sock)")
		print "}"
	}
}

function make_readers(    v)
{
	for (v = 1; v <= n_values; v++) {
		if (!has(v, "read"))
			continue
		print "\nfunction __socket_" name[v] "_unpinned:long(sock:long)"
		print "%{ /* pure */"
		print "\tstruct socket *sock = (struct socket *)(long)STAP_ARG_sock;\n"
		print "\tSTAP_RETVALUE = socket_value_unpinned(sock, sk,\n\t\t" \
			read(v, "false", "sock", "sk") ");"
		print "%}"
	}
}

END {
	if (failed)
		exit failed
	n_values = v
	for (v = 1; v <= n_values; v++) {
		if (!has(v, "in") || !has(v, "is") || !has(v, "since"))
			fail(name[v] " has no line in, is or since")
		if (name[v] != "sock" && !has(v, "title"))
			fail(name[v] " has no title")
		if (has(v, "read") != has(v, "of"))
			fail(name[v] " has one of read and of")
		if (name[v] != "sock" && has(v, "read") == (has(v, "pinned") && has(v, "unpinned")))
			fail(name[v] " has not either read, or pinned and unpinned")
	}
	if (make == "values")
		make_values()
	else if (make == "functions")
		make_functions()
	else
		make_readers()
}
