# SPDX-License-Identifier: GPL-2.0-or-later
#
# pages.awk - the manual pages of section 3stap, from the doc comments of the tapset
#
# usage: awk -v out=DIRECTORY -v version=VERSION -f roff.awk -f pages.awk runtime/functions.tbl
#            runtime/values.tbl BUILT/socket_points.stp BUILT/socket.stp
#            BUILT/socket_names.stp BUILT/socket_values.stp man/tapset-socket.3stap
#
# Writes probe::NAME.3stap for each probe alias, function::NAME.3stap for each function
# with a doc comment, and tapset::socket.3stap, from the last file, where a line
# @PROBES@, @VALUES@, @OTHER VALUES@ or @FUNCTIONS FILE@ stands for a list.  The kernel
# functions of a probe are those that socket_points.stp probes.
#
# With -v table=FILE, FILE gets a line of fields with tabs between for each value of each probe:
# probe, name, type, text; and for each function its declaration: function, name, declaration.
# packaging/upstream reads it.
#
# A probe whose doc comment leaves out a value that it sets, or has one that it does not
# set, is an error; so are a comment without a title, context or version, and a probe that
# is not on any kernel function.

function fail(where, text)
{
	print "pages.awk: " where ": " text >"/dev/stderr"
	exit failed = 1
}

# ---------------------------------------------------------------- reading

FNR == 1 {
	file = FILENAME
	sub(/.*\//, "", file)
}

# The overview comes last: its lists need all pages.
file == "tapset-socket.3stap" {
	if (FNR == 1) {
		references()
		page = out "/tapset::socket.3stap"
	}
	gsub(/@VERSION@/, plain(version))
	if (/^@PROBES@$/)
		list_probes()
	else if (/^@VALUES@$/)
		list_values()
	else if (/^@OTHER VALUES@$/)
		list_others()
	else if (/^@FUNCTIONS [a-z_]+@$/) {
		sub(/@$/, "", $2)
		list_functions($2 ".stp", 0)
	} else if (/^@OLDER FUNCTIONS@$/)
		list_functions("", 1)
	else
		print >page
	next
}

file == "functions.tbl" {
	if (/^(function|tracepoint) /) {
		match($0, /[A-Za-z_0-9]+\(/)
		kernel_function = substr($0, RSTART, RLENGTH - 1)
	} else if ($1 == "kernel" && match($0, /(since|up to) [0-9.]+( and in stable series)?/))
		kernels[kernel_function] = ($2 ~ /^alone/ ? "alone, " : "") \
			substr($0, RSTART, RLENGTH)
	next
}

file == "values.tbl" {
	if (/^value /) {
		value[++n_values] = $2
		value_type[$2] = $3
	} else if (/^\t/) {
		text = $0
		sub(/^\t[a-z]+[ \t]*/, "", text)
		about[value[n_values], $1] = text
		if ($1 == "in" && text != "functions")
			of_every_probe[value[n_values]] = 1
	}
	next
}

# ---------------------------------------------------------------- reading the tapset

file ~ /\.stp$/ && /^function [A-Za-z_]/ {
	name = $2
	sub(/[:(].*/, "", name)
	function_type[name] = /^function [A-Za-z_0-9]+:string/ ? "text" : "number"
}

# %( CONDITION %? ... %: ... %), one below the other: branch is what holds, for readers.  So is
# @__socket_if_traced() within a list.
BEGIN {
	branches[++n_branches] = traced = "Kernels that have the tracepoint"
	branches[++n_branches] = not_traced = "Other kernels"
	branch_known[traced] = branch_known[not_traced] = 1
}

file == "socket_points.stp" && /^@define .*%\)?$/ { inside_define = /%\($/ }

file == "socket_points.stp" && /^%\( .* %\?$/ {
	match($0, /systemtap_v [<>=]+ "[0-9.]+"/)
	split(substr($0, RSTART, RLENGTH), word, /[ "]+/)
	later = "systemtap " word[3] " and later"
	before = "systemtap before " word[3]
	branch = word[2] == ">=" ? later : before
	otherwise = word[2] == ">=" ? before : later
}

file == "socket_points.stp" && /^%:$/ { branch = otherwise }

file == "socket_points.stp" && /^%\)$/ {
	if (!inside_define)
		branch = ""
	inside_define = 0
}

file == "socket_points.stp" && /^probe / {
	point = $2
	sources = ""
	reading = 1
	if (!((point, branch) in source_of))
		source_of[point, branch] = ""
	if (branch != "" && !(branch in branch_known)) {
		branch_known[branch] = 1
		branches[++n_branches] = branch
	}
}

reading {
	sources = sources " " $0
	if (/{/) {
		sub(/^ *probe [^=]*= */, "", sources)
		sub(/ *{.*/, "", sources)
		source_of[point, branch] = sources
		reading = 0
		within = $0 !~ /}/
	}
	next
}

file == "socket_points.stp" && within {
	if (/@__socket_entry_only/)
		entry_only[point, branch] = 1
	if (/^}/)
		within = 0
}

file == "socket_points.stp" { next }

# Above a macro: its values.
/^\/\/ @[a-z_]+: / {
	sub(/^\/\/ @/, "")
	param = $0
	sub(/: .*/, "", param)
	macro_values[++n_macro_values] = param
	sub(/^[^:]*: /, "")
	macro_text[param] = $0
	next
}

/^\/\/  / && param != "" {
	sub(/^\/\/ +/, "")
	macro_text[param] = joined(macro_text[param], $0)
	next
}

{ if (!/^ \*/) param = "" }

/^@define __/ {
	macro = "@" $2
	next
}

/^%\)/ { macro = "" }

macro != "" {
	macro_sets[macro] = macro_sets[macro] "\n" $0
	next
}

# A doc comment: title, @values, Context, Return value, text, Since.
/^\/\*\*/ {
	commenting = 1
	title = context = returns = since = section = ""
	n_params = n_paragraphs = 0
	if (/\*\/$/) {
		commenting = 0
		sub(/^\/\*\* /, "")
		sub(/ \*\/$/, "")
		take_title($0)
		documented_name = ""
	}
	next
}

commenting && /^ \*\// {
	commenting = 0
	next
}

commenting {
	sub(/^ \* ?/, "")
	if (/^(probe|sfunction) [^ ]+ - /)
		take_title($0)
	else if (/^@[a-z_]+: /) {
		section = "param"
		params[++n_params] = substr($1, 2, length($1) - 2)
		sub(/^[^ ]+ +/, "")
		param_text[n_params] = $0
	} else if (/^Context: /) {
		section = "context"
		sub(/^Context: /, "")
		context = $0
	} else if (/^Return value: /) {
		section = "returns"
		sub(/^Return value: /, "")
		returns = $0
	} else if (/^Since: /)
		since = $2
	else if ($0 == "")
		section = ""
	else if (section == "param") {
		sub(/^ +/, "")
		param_text[n_params] = joined(param_text[n_params], $0)
	} else if (section == "context")
		context = joined(context, $0)
	else if (section == "returns")
		returns = joined(returns, $0)
	else if (section == "text")
		paragraphs[n_paragraphs] = joined(paragraphs[n_paragraphs], $0)
	else {
		section = "text"
		paragraphs[++n_paragraphs] = $0
	}
	next
}

# Two lines of a comment.
function joined(one, two) { return one (one ~ /\.$/ ? "  " : " ") two }

function take_title(line)
{
	title_of = line
	sub(/^[a-z]+ +/, "", title_of)
	title = title_of
	sub(/ - .*/, "", title_of)
	sub(/^[^ ]+ - /, "", title)
}

# Without "=" it is not an alias, but a probe that a script gets with the functions of the file.
/^probe .*=/ {
	probe_name = $2
	split("", sets)
	source_text = $0
	sub(/^[^=]*= */, "", source_text)
	body = ""
	in_probe = 1
	next
}

in_probe && /^}/ {
	in_probe = 0
	end_of_probe()
	title = ""
	next
}

in_probe {
	body = body "\n" $0
	next
}

/^function [A-Za-z_]/ {
	declaration = $0
	while (declaration !~ /\)/ && (getline line) > 0) {
		sub(/^[ \t]+/, " ", line)
		declaration = declaration line
	}
	if (title != "")
		end_of_function()
	title = ""
	next
}

# ---------------------------------------------------------------- writing

# Text in lines of the page: a line a sentence, and none longer than 80.
function lines_of(text,    words, n, i, line, all)
{
	gsub(/\.  /, ". \n ", text)
	n = split(plain(text), words, / /)
	for (i = 1; i <= n; i++) {
		if (words[i] == "\n" || (line != "" && length(line " " words[i]) > 78)) {
			all = all line "\n"
			line = ""
		}
		if (words[i] != "\n")
			line = line (line == "" ? (words[i] ~ /^\./ ? "\\&" : "") : " ") words[i]
	}
	return all line
}

function stop(text) { return text ~ /[.!?]$/ ? text : text "." }

# page::NAME(3stap) as a reference.
function reference(kind, name) { return "\\fB" kind "::" plain(name) "\\fR(3stap)" }

function begin_page(kind, name, what,    head)
{
	page = out "/" kind "::" name ".3stap"
	printf ".\\\" Made from the doc comments of the tapset by pages.awk.\n" >page
	head = toupper(kind "::" name)
	# The head line has the name twice: a long one leaves no room for more, or is cut.
	printf ".TH %s 3stap \"\" \"socket\\-tapset %s\" \"%s\"\n", plain(substr(head, 1, 32)), \
		plain(version), (length(head) > 24 ? "\\&" : "Socket Tapset") >page
	print ".nh\n.ad l" >page
	printf ".SH NAME\n%s::%s \\- %s\n", kind, plain(name), plain(what) >page
}

function section_head(name) { print ".SH " name >page }

function item(name, text) { printf ".TP\n\\fI%s\\fR\n%s\n", plain(name), lines_of(text) >page }

function end_page(since_version, see)
{
	if (see != "")
		printf ".SH SEE ALSO\n%s\n", see >page
	close(page)
	n_pages++
}

# ---------------------------------------------------------------- values of a probe

# Adds the names that a body sets to sets[]; the names of macros' values too.
function collect(text,    lines, n, i, line, name, expression)
{
	n = split(text, lines, "\n")
	for (i = 1; i <= n; i++) {
		line = lines[i]
		if (match(line, /^\t@__[a-z_]+/)) {
			name = substr(line, RSTART + 1, RLENGTH - 1)
			if (name == "@__socket_values_of_parts")
				name = "@__socket_values"
			collect(macro_sets[name])
		} else if (match(line, /^\t[a-z][a-z_]* = /)) {
			name = substr(line, 2, RLENGTH - 4)
			sets[name] = 1
			expression = substr(line, RLENGTH + 1)
			if (expression ~ /"/)
				own_type[name] = "text"
			while (match(expression, /[A-Za-z_][A-Za-z_0-9]*\(/)) {
				if (function_type[substr(expression, RSTART, RLENGTH - 1)] == "text")
					own_type[name] = "text"
				expression = substr(expression, RSTART + RLENGTH)
			}
		}
	}
}

function described(name, text)
{
	if (!(name in first_text)) {
		others[++n_others] = name
		first_text[name] = text
	}
}

function end_of_probe(    i, name, own, doc, returns_of, base)
{
	if (title == "" || title_of != probe_name)
		fail(probe_name, "has no doc comment with a title")
	if (context == "" || since == "")
		fail(probe_name, "has no Context or no Since")
	collect(body)
	split("", doc)
	for (i = 1; i <= n_params; i++) {
		doc[params[i]] = param_text[i]
		if (!(params[i] in sets))
			fail(probe_name, "@" params[i] " is a value that it does not set")
	}
	begin_page("probe", probe_name, title)
	printf ".SH SYNOPSIS\n.nf\n%s\n.fi\n", plain(probe_name) >page
	section_head("VALUES")
	for (i = 1; i <= n_params; i++) {
		item(params[i], stop(param_text[i]))
		own = own " " params[i]
		if (!(params[i] in of_every_probe))
			described(params[i], param_text[i])
	}
	for (i = 1; i <= n_macro_values; i++) {
		name = macro_values[i]
		if ((name in sets) && !(name in doc)) {
			item(name, stop(macro_text[name]))
			own = own " " name
			doc[name] = 1
		}
	}
	for (name in sets)
		if (!(name in doc) && !(name in of_every_probe))
			fail(probe_name, name " is a value without a doc comment")
	printf ".PP\nThe values of every probe:\n\\fI" >page
	for (i = 1; i <= n_values; i++)
		if (value[i] in of_every_probe) {
			if (!(value[i] in sets))
				fail(probe_name, "does not set " value[i])
			printf "%s%s", (i > 1 ? ", " : ""), value[i] >page
		}
	printf "\\fR.\nTheir meaning is in %s.\n", reference("tapset", "socket") >page
	if (body ~ /_unpinned(\n|$)/ && probe_name !~ /close/)
		printf "Another thread may have closed the socket by the end of the call.\nThen " \
			"\\fIsock\\fR and \\fIino\\fR are set, and the other values of " \
			"the\nsocket are unset.\n" >page
	if (table != "")
		put_values(doc)
	section_head("CONTEXT")
	print lines_of(context) >page
	section_head("DESCRIPTION")
	for (i = 1; i <= n_paragraphs; i++)
		printf "%s%s\n", (i > 1 ? ".PP\n" : ""), lines_of(paragraphs[i]) >page
	kernel_functions(source_text)
	printf ".PP\nSince: %s\n", since >page
	base = probe_name
	sub(/\.timed$/, "", base)
	sub(/\.return$/, "", base)
	see_base[probe_name] = base
	end_probe_page[++n_probes] = probe_name
	probe_title[probe_name] = title
	probe_values[probe_name] = own " "
	# The references follow when all probes are known.
	close(page)
	n_pages++
}

# The lines of the table, in the order of the page.
function put_values(doc,    i, v)
{
	for (i = 1; i <= n_params; i++)
		put_value(params[i], own(params[i]), param_text[i])
	for (i = 1; i <= n_macro_values; i++)
		if (macro_values[i] in doc && doc[macro_values[i]] == 1)
			put_value(macro_values[i], own(macro_values[i]), macro_text[macro_values[i]])
	for (i = 1; i <= n_values; i++)
		if (value[i] in of_every_probe)
			put_value(value[i], value_type[value[i]], about[value[i], "is"])
}

function put_value(name, type, text)
{
	printf "%s\t%s\t%s\t%s\n", probe_name, name, type, text >table
}

# ---------------------------------------------------------------- kernel functions

# Adds what the point stands for to found[], in order; under a branch or under none.
function resolve(name, branch,    key, leaf, only)
{
	key = name SUBSEP branch
	if (!(key in source_of))
		key = name SUBSEP ""
	if (!(key in source_of))
		return
	if (match(source_of[key], /(kprobe\.function|kernel\.tracepoint|kernel\.trace)\("[^"]+"/)) {
		leaf = substr(source_of[key], RSTART, RLENGTH)
		only = key in entry_only
		sub(/^[^"]*"/, "", leaf)
		sub(/"$/, "", leaf)
		sub(/^sock:/, "", leaf)
		if (sub(/^__traceiter_/, "", leaf) || source_of[key] ~ /^kernel\./)
			is_tracepoint[leaf] = 1
		if (!((leaf, only) in found)) {
			found[leaf, only] = 1
			leaves[++n_leaves] = leaf
			leaf_only[n_leaves] = only
		}
		return
	}
	resolve_list(source_of[key], branch)
}

function resolve_list(text, branch,    list, n, i)
{
	n = split(text, list, /[ \t,?!()]+/)
	for (i = 1; i <= n; i++) {
		if (list[i] == "@__socket_if_traced") {
			i++
			if (branch != traced)
				continue
			# The first of two ways: stap does not look for the second.
			resolve(list[i], branch)
			return
		}
		if (list[i] != "")
			resolve(list[i], branch)
	}
}

function leaf_list(only,    i, text, n, about_it)
{
	for (i = 1; i <= n_leaves; i++) {
		if (leaf_only[i] != only || (only && (leaves[i], 0) in found))
			continue
		text = text (n++ ? ",\n" : "") "\\fB" plain(leaves[i]) "\\fR"
		about_it = leaves[i] in is_tracepoint ? "tracepoint" : ""
		if (leaves[i] in kernels)
			about_it = about_it (about_it ? ", " : "") kernels[leaves[i]]
		text = text (about_it ? " (" about_it ")" : "")
	}
	return text
}

function kernel_functions(name,    i, text, differs, any, lists, last)
{
	for (i = 1; i <= n_branches; i++) {
		split("", found)
		n_leaves = 0
		resolve_list(name, branches[i])
		lists[i] = n_leaves ? leaf_list(0) "." : "none; the probe never fires."
		lists[i] = lists[i] (leaf_list(1) == "" ? "" : \
			"\nAlso probed:\n" leaf_list(1) ".")
		if (i > 1 && lists[i] != lists[1])
			differs = 1
		if (n_leaves)
			any = 1
	}
	if (!any)
		fail(probe_name, "is not on any kernel function: " name)
	printf ".PP\nKernel functions:\n" >page
	if (!differs) {
		print lists[1] >page
		return
	}
	# Branches that are not about this probe repeat what another one has.
	split("", last)
	for (i = 1; i <= n_branches; i++) {
		if (lists[i] in last || !concerns(name, branches[i]))
			continue
		last[lists[i]] = 1
		printf ".br\n%s:\n%s\n", plain(branches[i]), lists[i] >page
	}
}

# Is there a definition in these points, or below, that only this branch has?
function concerns(text, branch,    list, n, i)
{
	if (text ~ /@__socket_if_traced/ && (branch == traced || branch == not_traced))
		return 1
	n = split(text, list, /[ \t,?!()]+/)
	for (i = 1; i <= n; i++)
		if (list[i] ~ /^__/ && ((list[i], branch) in source_of || \
					concerns(source_of[list[i], ""], branch)))
			return 1
	return 0
}

# ---------------------------------------------------------------- functions

function end_of_function(    i, name, see, pair)
{
	name = declaration
	sub(/^function /, "", name)
	sub(/ *{.*/, "", name)
	declaration = name
	sub(/[:(].*/, "", name)
	if (since == "" && declaration !~ /^_/)
		fail(name, "has no Since")
	begin_page("function", name, title)
	printf ".SH SYNOPSIS\n.nf\n%s\n.fi\n", plain(declaration) >page
	if (n_params) {
		section_head("ARGUMENTS")
		for (i = 1; i <= n_params; i++)
			item(params[i], stop(param_text[i]))
	}
	if (returns != "") {
		section_head("RETURN VALUE")
		print lines_of(returns) >page
	}
	for (i = 1; i <= n_paragraphs; i++)
		if (paragraphs[i] ~ /^Only in probe begin/)
			context = "Probe begin."
	section_head("CONTEXT")
	print context == "" ? "Any." : context >page
	section_head("DESCRIPTION")
	if (!n_paragraphs)
		print lines_of(stop(title)) >page
	for (i = 1; i <= n_paragraphs; i++)
		printf "%s%s\n", (i == 1 ? "" : ".PP\n"), lines_of(paragraphs[i]) >page
	printf ".PP\nSince: %s\n", since == "" ? "0.1" : since >page
	function_file[++n_functions] = file
	function_name[n_functions] = name
	function_title[n_functions] = title
	function_call[n_functions] = declaration
	if (table != "")
		printf "function\t%s\t%s\n", name, declaration >table
	close(page)
	n_pages++
}

# ---------------------------------------------------------------- the overview

# SEE ALSO of the pages, once all of them are known.
function references(    i, j, see, base, pair)
{
	for (i = 1; i <= n_probes; i++) {
		see = ""
		base = see_base[end_probe_page[i]]
		for (j = 1; j <= n_probes; j++)
			if (i != j && see_base[end_probe_page[j]] == base)
				see = see reference("probe", end_probe_page[j]) ",\n"
		append("probe", end_probe_page[i], see)
	}
	for (i = 1; i <= n_functions; i++) {
		pair = function_name[i]
		if (!sub(/num2str$/, "str2num", pair))
			sub(/str2num$/, "num2str", pair)
		see = ""
		for (j = 1; j <= n_functions; j++)
			if (i != j && function_name[j] == pair)
				see = reference("function", pair) ",\n"
		append("function", function_name[i], see)
	}
}

function append(kind, name, see)
{
	page = out "/" kind "::" name ".3stap"
	printf ".SH SEE ALSO\n%s%s,\n\\fBstap\\fR(1)\n", see, reference("tapset", "socket") >>page
	close(page)
}

function list_probes(    i, j, base, names, entry, other, words, n, k, first)
{
	for (i = 1; i <= n_probes; i++) {
		base = see_base[end_probe_page[i]]
		if (base in listed)
			continue
		listed[base] = 1
		names = other = ""
		entry = probe_values[end_probe_page[i]]
		for (j = i; j <= n_probes; j++) {
			if (see_base[end_probe_page[j]] != base)
				continue
			names = names (names == "" ? "" : ", ") "\\fB" \
				plain(end_probe_page[j]) "\\fR"
			n = split(probe_values[end_probe_page[j]], words)
			for (k = 1; k <= n; k++)
				if (index(entry other, " " words[k] " ") == 0)
					other = other " " words[k] " "
		}
		sub(/ name /, " ", entry)
		printf ".TP\n%s\n%s.\n.br\nValues: %s%s.\n", names, plain(probe_title[base]), \
			with_commas(entry), (other == "" ? "" : \
				";\nwith .return also " with_commas(other)) >page
	}
}

function with_commas(text)
{
	sub(/^ +/, "", text)
	sub(/ +$/, "", text)
	gsub(/ +/, "\\fR,\n\\fI", text)
	return text == "" ? "none of its own" : "\\fI" text "\\fR"
}

function head_of_value(name, type) { printf ".TP\n\\fI%s\\fR (%s)\n", name, type >page }

function list_values(    i, v, text)
{
	for (i = 1; i <= n_values; i++) {
		v = value[i]
		if (!(v in of_every_probe))
			continue
		head_of_value(v, value_type[v])
		text = about[v, "is"]
		text = stop(toupper(substr(text, 1, 1)) substr(text, 2))
		if ((v, "unit") in about)
			text = text "  Unit: " about[v, "unit"] "."
		if ((v, "unset") in about)
			text = text "  Unset (" (value_type[v] == "text" ? "\"\"" : "-1") ") " \
				about[v, "unset"] "."
		if ((v, "note") in about)
			text = text "  " about[v, "note"]
		if (about[v, "since"] != about[value[1], "since"])
			text = text "  Since " about[v, "since"] "."
		print lines_of(text) >page
	}
}

function list_others(    i, name)
{
	for (i = 1; i <= n_macro_values; i++)
		first_text[macro_values[i]] = macro_text[macro_values[i]]
	for (i = 1; i <= n_macro_values; i++)
		if (!(macro_values[i] in put)) {
			put[macro_values[i]] = 1
			head_of_value(macro_values[i], own(macro_values[i]))
			print lines_of(stop(macro_text[macro_values[i]])) >page
		}
	for (i = 1; i <= n_others; i++) {
		name = others[i]
		if (name == "name" || (name in put))
			continue
		put[name] = 1
		head_of_value(name, own(name))
		print lines_of(stop(first_text[name])) >page
	}
}

function own(name) { return name in own_type ? own_type[name] : "number" }

function list_functions(of, older,    i)
{
	for (i = 1; i <= n_functions; i++) {
		if (older != (function_name[i] ~ /^_/) || (!older && function_file[i] != of))
			continue
		printf ".TP\n\\fB%s\\fR\n%s.\n", plain(function_call[i]), \
			plain(function_title[i]) >page
	}
}

END {
	if (failed)
		exit failed
	if (!n_probes || !n_functions)
		fail("the tapset", "has no probes or no functions")
}
