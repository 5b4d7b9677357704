# SPDX-License-Identifier: GPL-2.0-or-later
#
# Generates code from functions.tbl, which explains its lines.  Runs after table.awk:
#   -v make=scopes     the scopes and the marks, in C
#   -v make=handlers   the handlers of entries and the list of all functions, in C
#   -v make=gates      the handlers of the gate, for returns and entries, in C
#   -v make=probes     the probes, for socket_points.stp

# ---------------------------------------------------------------- reading

/^mark / {
	marks[++n_marks] = $2
	number[$2] = $3
	of_mark[$2] = $4
	when[$2] = $5
	calls[$2] = $6
	next
}

/^(function|tracepoint) / {
	if (!match($0, /[A-Za-z_0-9]+\(/))
		fail("a prototype has a name and arguments: " $0)
	f++
	name[f] = substr($0, RSTART, RLENGTH - 1)
	prototype[f] = substr($0, length($1) + 2)
	next
}

!/^\t/ || !f { fail("expected a mark, a function, a tracepoint or a line of one: " $0) }

{
	read_line(f, name[f], "kernel else also holds event scope marked hook note by socket kind if " \
		"flags size message keeps who defines handler excludes call return scoped noted counts of", "also")
	if (key == "kernel" && $2 !~ /^(must|may|alone|point),?$/)
		fail("kernel is must, may, alone or point, not " $2)
	if (key == "keeps" && !known(value, "address number option inode listener destination"))
		fail("what is kept is an address, number, option, inode, listener or destination, " \
		     "not " value)
	if (key == "who" && !known(value, "user kernel"))
		fail("who asks is user or kernel, not " value)
	if (key == "excludes" && !known(value, "message connect created sys_created sys_accepted " \
					"uring_accepted kernel_accepted file_accepted"))
		fail("no function socket_excludes_" value "() compares an event with the filters")
	if (key == "return" && value !~ / by hand/ && !known($3, "int ssize_t void"))
		fail("a result is an int, ssize_t or void, not " $3)
	if (value !~ / by hand/ && (key == "return" && !($4 in number) ||
				    key == "scoped" && !($3 in number) ||
				    key == "noted" && !($3 in number)))
		fail("no such mark: " (key == "return" ? $4 : $3))
	if (key == "counts" && !(known($2, "sent received") && known($3, "int ssize_t") &&
				 known($4, "pinned unpinned written splice")))
		fail("counts has sent or received, a type, and pinned, unpinned, written or splice")
	if (key == "hook" && $3 != "" && !known($3, "copy marks"))
		fail("a hook is called in a copy, or marks, not " $3)
	if (key == "hook" && !($2 in hook_seen)) {
		hook_seen[$2] = 1
		n_hooks++
	}
	if (key == "scope")
		add_scope($3)
	if (key == "marked")
		add_scope($2)
	if (key == "of" && !(value in point_seen)) {
		point_seen[value] = 1
		points[++n_points] = value
	}
}

function add_scope(scope)
{
	if (!(scope in within))
		scopes[++n_scopes] = scope
	within[scope] = within[scope] (within[scope] ? ", " : "") name[f]
}

# ---------------------------------------------------------------- parts of a stanza

# Word n of a line's value.
function word(f, key, n,    words)
{
	split(get(f, key), words)
	return n in words ? words[n] : ""
}

function hand(f, key) { return get(f, key) ~ / by hand/ }

function handler(f) { return word(f, has(f, "scope") ? "scope" : "event", 1) }

function argument(text) { gsub(/\(regs/, "(SOCKET_REGS", text); return text }

# ---------------------------------------------------------------- scopes, marks

function make_scopes(    i, end)
{
	print "/* Functions that other functions run inside of.  A set of them is a bit mask. */"
	print "enum socket_scope_of {"
	for (i = 1; i <= n_scopes; i++)
		printf "\tSOCKET_SCOPE_%s,\t/* %s */\n", scopes[i], within[scopes[i]]
	print "\tNR_SOCKET_SCOPES"
	print "};"
	print ""
	print "/* The security hooks that functions of the table call. */"
	print "#define SOCKET_HOOKS " n_hooks
	print ""
	print "/* The marks in .maxactive: number, use, when it is registered, calls at once. */"
	print "#define SOCKET_MARKS(mark)\t\t\t\t\t\t\\"
	for (i = 1; i <= n_marks; i++) {
		end = i < n_marks ? "\t\t\\" : ""
		printf "\tmark(%s, %s, %s, %s)%s\n", number[marks[i]], of_mark[marks[i]],
			when[marks[i]], calls[marks[i]], end
	}
}

# ---------------------------------------------------------------- handlers

function make_keeps(f)
{
	if (get(f, "keeps") == "address")
		printf "\tsocket_keep_address(call, regs, %s);\n",
			get(f, "socket") == "fd" ? "true" : "false"
	else if (get(f, "keeps") == "number")
		print "\tcall->number = (int)socket_argument_value(regs, 1);"
	else if (get(f, "keeps") == "inode")
		print "\tcall->number = socket_value_ino(true, sock);"
	else if (get(f, "keeps") == "destination")
		print "\tsocket_keep_destination(call, regs);"
	else if (has(f, "flags")) {
		print "\tcall->number = " get(f, "flags") ";"
		print "\tcall->msg = " (has(f, "message") ? get(f, "message") : "NULL") ";"
	}
}

# Is the first argument the socket of a message?
function is_message(f)
{
	return has(f, "counts") && get(f, "socket") == "socket_argument(regs, 0)"
}

function make_handler(f,    kind, by_fd)
{
	by_fd = get(f, "socket") == "fd"
	kind = has(f, "kind") ? get(f, "kind") : has(f, "scope") && has(f, "if") ? get(f, "if") : 1
	print "\n/* " prototype[f] " */"
	print (is_message(f) ? "SOCKET_MESSAGE_ENTRY(" : "SOCKET_ENTRY(") handler(f) ")"
	print "{"
	if (!by_fd)
		print "\tstruct socket *sock = " get(f, "socket") ";\n"
	if (has(f, "if") && !has(f, "scope"))
		print "\tif (!(" get(f, "if") "))\n\t\treturn SOCKET_SKIP_CALL;"
	make_keeps(f)
	if (by_fd)
		print "\treturn socket_call_begin_by_fd(call, SOCKET_SCOPE_" word(f, "scope", 2) ");"
	else if (has(f, "scope"))
		print "\treturn socket_call_begin_scope(call, SOCKET_SCOPE_" word(f, "scope", 2) \
			", sock, " kind ");"
	else if (get(f, "return") ~ / unpinned/)
		print "\treturn socket_call_begin_unpinned(call, sock);"
	else
		print "\treturn socket_call_begin(call, sock, " kind ");"
	print "}"
}

function make_note(f)
{
	print "\n/* " prototype[f] " */"
	print "SOCKET_NOTE(" word(f, "note", 1) ")"
	print "{"
	print "\tsocket_take_sock_of_hook(regs, SOCKET_INSIDE(" word(f, "note", 2) "));"
	print "}"
}

function make_handlers(    f, line, n)
{
	for (f = 1; f <= n_functions; f++) {
		if ((has(f, "event") || has(f, "scope")) && !has(f, "by"))
			make_handler(f)
		if (word(f, "note", 2))
			make_note(f)
	}
	print ""
	printf "#define SOCKET_ENTRIES"
	for (f = 1; f <= n_functions; f++) {
		if (has(f, "event") || has(f, "scope"))
			entry(sprintf("SOCKET_ENTRY_%s(\"%s\", %s, %s, %s)", entry_use(f), name[f],
				      handler(f) (has(f, "handler") ? ", " get(f, "handler") : ""),
				      hook_name(f), toupper(word(f, "hook", 2) == "" ? "own" : \
							    word(f, "hook", 2)) ", " \
				      (has(f, "counts") ? "COUNTS" : \
				       is_moved(f) ? "MOVES" : "OTHER")))
		if (has(f, "note"))
			entry(sprintf("SOCKET_ENTRY_NOTE(\"%s\", %s)", name[f],
				      word(f, "note", 1)))
	}
	print ""
}

# The macro of an event or scope: by its return.
function entry_use(f)
{
	return has(f, "handler") ? "HANDLED" : has(f, "scope") ? "SCOPED" : \
		has(f, "marked") ? "MARKED" : "EVENT"
}

# Is it a message?
function is_moved(f) { return has(f, "counts") || has(f, "size") }

# The comparison of the filters at the return.
function excludes(f)
{
	return has(f, "excludes") ? get(f, "excludes") : get(f, "keeps") == "inode" ? "closed" : \
		get(f, "return") ~ / unpinned/ ? "unpinned" : "pinned"
}

# The filters compare this at the entry: the arguments alone, the address that is asked for, a
# message or a socket.
function compared(f)
{
	return excludes(f) == "created" ? "CREATED" : excludes(f) == "connect" ? "ASKED" : \
		is_moved(f) ? "MESSAGE" : "SOCKET"
}

# Where an entry has its socket.  All functions of options are given it.
function socket_at_entry(f)
{
	return get(f, "keeps") == "option" ? "socket_argument(regs, 0)" : \
		has(f, "socket") ? get(f, "socket") : "NULL"
}

# The first function whose entry compares the same.
function call_gate(f,    key)
{
	key = compared(f) SUBSEP socket_at_entry(f)
	if (!(key in first_call))
		first_call[key] = name[f]
	return first_call[key]
}

# What runs at the return in the place of stap's handler, and calls it.
function at_return(f)
{
	return has(f, "handler") ? get(f, "handler") : \
		has(f, "scope") || has(f, "marked") ? "socket_return_scoped" : \
		"socket_stap_handler"
}

function make_gates(    f)
{
	for (f = 1; f <= n_functions; f++)
		if (has(f, "counts"))
			printf "SOCKET_GATE(%s, %s, %s, %s)\n", handler(f),
				word(f, "counts", 1) == "sent" ? "true" : "false",
				word(f, "counts", 2) == "int" ? "true" : "false",
				toupper(word(f, "counts", 3))
		else if (has(f, "event") || has(f, "scope"))
			printf "SOCKET_GATE_EVENT(%s, %s, %s)\n", handler(f), excludes(f),
				at_return(f)
	for (f = 1; f <= n_functions; f++)
		if (has(f, "call") && call_gate(f) == name[f])
			printf "SOCKET_GATE_CALL(%s, %s, %s)\n", name[f], compared(f),
				socket_at_entry(f)
	printf "\n#define SOCKET_GATE_CALLS"
	for (f = 1; f <= n_functions; f++)
		if (has(f, "call"))
			printf "\t\\\n\t{ \"%s\", socket_gate_call_%s, %s },", name[f],
				call_gate(f), is_moved(f) ? "true" : "false"
	print ""
}

function hook_name(f) { return has(f, "hook") ? "\"" word(f, "hook", 1) "\"" : "NULL" }

function entry(text) { printf "%s\t\\\n\t%s", n_entries++ ? "," : "", text }

# ---------------------------------------------------------------- probes

function set_to(to, text) { print "\t" to " = %{ /* pure */ " argument(text) " %}" }

# The macros at the end of a line.
function macros(f, key,    words, i, n)
{
	n = split(get(f, key), words)
	for (i = 2; i <= n; i++)
		if (words[i] ~ /^@/)
			print "\t" words[i]
}

function requester(f)
{
	if (has(f, "who"))
		print "\t__requester = " (get(f, "who") == "kernel")
}

function make_call(f)
{
	print "\nprobe __socket_" word(f, "call", 1) " = kprobe.function(\"" name[f] "\").call"
	print "{"
	if (has(f, "kind")) {
		set_to("__kind", get(f, "kind"))
		print "\tif (!__kind) next"
	}
	if (has(f, "flags"))
		set_to("__msg_flags", get(f, "flags"))
	# A message that is to be received does not have a name yet.
	if (has(f, "message") && word(f, "counts", 1) != "received")
		set_to("__msg", "(long)" get(f, "message"))
	else if (has(f, "flags"))
		print "\t__msg = 0"
	if (has(f, "if") && !has(f, "kind"))
		print "\tif (!%{ /* pure */ " argument(get(f, "if")) " %}) next"
	print "\t__sock = %{ socket_event_set(" argument(get(f, "socket")) ") %}"
	if (known(get(f, "keeps"), "address number option"))
		print "\t@__socket_entry_" get(f, "keeps")
	else
		set_to("__sk", "(long)socket_event_sk()")
	if (has(f, "size"))
		set_to("__entry_size", get(f, "size"))
	requester(f)
	macros(f, "call")
	print "}"
}

function make_return_head(f, key, mark)
{
	print "\nprobe __socket_" word(f, key, 1) " ="
	print "\tkprobe.function(\"" name[f] "\").return.maxactive(@__socket_" mark ")"
	print "{"
}

function make_return(f)
{
	make_return_head(f, "return", word(f, "return", 3))
	print "\t__sock = %{ " (get(f, "keeps") == "inode" ? "socket_return_key" : \
		get(f, "return") ~ / unpinned/ ? "socket_return_sock_unpinned" : "socket_return_sock") \
		"(SOCKET_INSTANCE)"
	print "#define SOCKET_WANT_" handler(f) " 1"
	if (has(f, "hook"))
		print "#define SOCKET_FOLLOWS_" handler(f) " 1"
	if (has(f, "defines"))
		print "#define " get(f, "defines") " 1"
	print "\t%}"
	print "\tif (!__sock) next"
	requester(f)
	if (has(f, "kind"))
		set_to("__kind", "SOCKET_CALL->kind")
	if (has(f, "keeps"))
		print "\t@__socket_return_" get(f, "keeps") (get(f, "keeps") == "address" && \
			get(f, "return") !~ / unpinned/ ? "_pinned" : "")
	else if (unpinned_point(get(f, "of"))) {
		print "\t@__socket_return_unpinned"
		print "\t@__socket_int_result"
	} else {
		print "\t@__socket_return_pinned"
		print "\t@__socket_return_flags"
		print word(f, "return", 2) == "int" ? "\t@__socket_int_result" : \
			"\t@__socket_result"
		if (word(f, "counts", 1) == "received")
			print "\t@__socket_no_name_if_failed"
	}
	macros(f, "return")
	print "}"
}

# A probe whose handler never runs.
function make_never(f, key, follows, mark)
{
	make_return_head(f, key, mark)
	print "\t__sock = %{ 0"
	print "#define SOCKET_WANT_" follows " 1"
	print "\t%}"
	print "\t@__socket_entry_only" (get(f, "keeps") ~ /^(address|number|option|listener)$/ ? \
		"_" get(f, "keeps") : unpinned_point(get(f, "of")) ? "_unpinned" : "")
	print "}"
}

# The parts of a point: its probes of the lines `before` and `key`.
function parts(point, before, key,    f, text)
{
	for (f = 1; f <= n_functions; f++)
		if (get(f, "of") == point && has(f, before) && !alone(f))
			text = text part(f, before)
	for (f = 1; f <= n_functions; f++)
		if (get(f, "of") == point && has(f, key))
			text = alone(f) ? part(f, key) text : text part(f, key)
	return substr(text, 2)
}

# May the socket be gone at the returns of the point?
function unpinned_point(point,    f)
{
	for (f = 1; point && f <= n_functions; f++)
		if (get(f, "of") == point && get(f, "return") ~ / unpinned/)
			return 1
	return 0
}

function alone(f) { return word(f, "kernel", 1) ~ /^alone/ }

function part(f, key)
{
	return ",\n\t__socket_" word(f, key, 1) (alone(f) ? " !" : \
		word(f, "kernel", 1) ~ /^may/ ? " ?" : "")
}

function make_probes(    f, i)
{
	for (i = 1; i <= n_marks; i++)
		printf "@define __socket_%s %%( %s %%)\n", marks[i], number[marks[i]]
	for (f = 1; f <= n_functions; f++) {
		if (has(f, "call") && !hand(f, "call"))
			make_call(f)
		if (has(f, "return") && !hand(f, "return"))
			make_return(f)
		if (has(f, "scoped"))
			make_never(f, "scoped", handler(f), word(f, "scoped", 2))
		if (has(f, "noted") && !hand(f, "noted"))
			make_never(f, "noted", word(f, "note", 1), word(f, "noted", 2))
	}
	for (i = 1; i <= n_points; i++) {
		print "\nprobe __socket_" points[i] " =" parts(points[i], "scoped", "call") " { }"
		print "\nprobe __socket_" points[i] "_return =" \
			parts(points[i], "noted", "return") " { }"
	}
}

END {
	if (failed)
		exit failed
	n_functions = f
	for (f = 1; f <= n_functions; f++) {
		if (!has(f, "kernel") || !has(f, "holds"))
			fail(name[f] " has no line kernel or no line holds")
		if (has(f, "call") && !hand(f, "call") && !has(f, "socket"))
			fail(name[f] " has a call and no socket")
		by_table = (has(f, "event") || has(f, "scope")) && !has(f, "by")
		unpinned = get(f, "return") ~ / unpinned/
		if (by_table && get(f, "holds") ~ /^nothing/ && has(f, "return") &&
		    !hand(f, "return") && !unpinned)
			fail(name[f] " holds nothing, and its return is not unpinned")
		if (by_table && has(f, "scope") && unpinned && get(f, "socket") != "fd")
			fail(name[f] " is a scope with a socket, whose return cannot be unpinned")
		if (by_table && has(f, "kind") && (has(f, "if") || unpinned))
			fail(name[f] " has a kind, and so neither if nor an unpinned return")
		if (by_table && has(f, "return") && !hand(f, "return") && !unpinned &&
		    unpinned_point(get(f, "of")))
			fail(name[f] " is pinned at its return, and others of its point are not")
		if (has(f, "handler") && has(f, "scope"))
			fail(name[f] " is a scope, and so has no handler")
		if (has(f, "excludes") && !has(f, "event") && !has(f, "scope"))
			fail(name[f] " has excludes and neither event nor scope")
		if (has(f, "scoped") && !has(f, "scope"))
			fail(name[f] " has scoped and no scope")
		if (word(f, "return", 3) == "caller" && !has(f, "hook"))
			fail(name[f] " has the mark caller and no hook")
		if (has(f, "noted") != has(f, "note"))
			fail(name[f] " has one of note and noted")
	}
	if (make == "scopes")
		make_scopes()
	else if (make == "handlers")
		make_handlers()
	else if (make == "gates")
		make_gates()
	else
		make_probes()
}
