# SPDX-License-Identifier: GPL-2.0-or-later
#
# tool.awk - the comment at the head of a tool's script as its manual page
#
# usage: awk -v tool=NAME -v version=VERSION -f roff.awk -f tool.awk records.c NAME.stp
#
# src/records.c has the columns that are not in the records: percentiles, and of a process.
# The comment's first line is "NAME.stp - what it is".  Paragraphs are filled;
# lines that are indented stay as they are.  A paragraph that begins with a word
# and a colon ("Caveats: ...") has that word in bold.  @socket_tool has the columns,
# src/records.c their format; a script with @socket_lines has no table to sort.

# None right after a heading.
function paragraph()
{
	if (shown++)
		print ".PP"
}

# With the page's indent (7) and two more, or as far left as a line of the tools, which
# are 80 columns wide, asks for.
function end_literal(   indent, i)
{
	if (!literal)
		return
	indent = 80 - widest
	if (indent > 9)
		indent = 9
	printf ".in %dn\n.nf\n", indent < 0 ? 0 : indent
	for (i = 1; i <= literal; i++)
		print line[i]
	print ".fi\n.in"
	literal = widest = 0
}

# The titles in the last argument of @socket_tool(NAME, SECONDS, ORDER, COLUMNS): one or
# more strings with words [-|?]TITLE[=KEY]:TYPE.  Histograms are not columns of a table; a
# fine one is its percentiles.  A process has further columns.
function titles(declaration,   part, parts, word, words, i, commas, text, all, of_process)
{
	parts = split(declaration, part, "\"")
	for (i = 1; i <= parts; i++)
		if (i % 2 == 1)
			commas += gsub(/,/, "", part[i])
		else if (commas == 3)
			text = text part[i]
	of_process = text ~ /(^|[- ?])pid:/ && text ~ /(^|[- ?])command:command( |$)/
	words = split(text, word, " ")
	for (i = 1; i <= words; i++) {
		if (word[i] ~ /_fine_histogram$/)
			word[i] = percentiles
		else if (word[i] ~ /_histogram$/)
			continue
		sub(/^[-?]/, "", word[i])
		sub(/[=:].*/, "", word[i])
		all = all (all == "" ? "" : " ") word[i]
	}
	return all (of_process ? " " process_columns : "")
}

FILENAME ~ /records\.c$/ {
	if (/ percents\[\] = \{ [0-9, ]*\};$/) {
		percentiles = $0
		gsub(/.*\{ | \};|,/, "", percentiles)
		gsub(/[0-9]+/, "p&", percentiles)
	} else if (/^\t\[[A-Z]+\] = \{ "[a-z]+", "/) {
		split($0, of_column, "\"")
		process_columns = process_columns (process_columns == "" ? "" : " ") of_column[2]
	}
	next
}

FNR == 1 && /^#!/ || /^\/\/ SPDX/ { next }
/^(\/\/ )?@socket_tool\(/ { declaring = 1 }
declaring {
	declaration = declaration $0
	if (/\)$/)
		declaring = 0
	next
}
/^@socket_lines/ { prints_lines = 1 }
!/^\/\// { code = 1 }
code { next }
{ sub(/^\/\/ ?/, "") }

!named && $0 == "" { next }

!named {
	sub(/^[^ ]* - /, "")
	printf ".\\\" Made from %s.stp by tool.awk.\n", tool
	printf ".TH STAP\\-SOCKET\\-%s 8 \"\" \"socket\\-tapset %s\"\n", \
		plain(toupper(tool)), plain(version)
	print ".nh"
	print ".SH NAME"
	printf "stap\\-socket\\-%s \\- %s\n", plain(tool), plain($0)
	print ".SH SYNOPSIS"
	printf ".B stap\\-socket %s\n", plain(tool)
	print "[\\fIoption\\fR ...] [\\fB\\-\\-\\fR \\fIcommand\\fR ...]"
	print ".SH DESCRIPTION"
	named = begin = 1
	next
}

$0 == "" {
	begin = 1
	next
}

/^  / {
	if (begin)
		end_literal()
	if (!literal)
		paragraph()
	begin = 0
	sub(/^  /, "")
	line[++literal] = plain($0)
	if (length($0) > widest)
		widest = length($0)
	next
}

{
	end_literal()
	if (begin)
		paragraph()
	if (begin && match($0, /^[A-Z][A-Za-z ]*:/)) {
		printf ".B %s\n", plain(substr($0, 1, RLENGTH))
		$0 = substr($0, RLENGTH + 1)
		sub(/^ */, "")
	}
	begin = 0
	if ($0 != "")
		print plain($0)
}

END {
	end_literal()
	print ".SH OPTIONS"
	print "Those that all tools share are in"
	print ".BR stap\\-socket (8)."
	if (prints_lines) {
		print "Events are printed as they happen:"
		print ".B \\-s"
		print "is an error."
		print "The columns that"
		print ".B \\-\\-columns"
		print "takes:"
	} else {
		print "The columns that"
		print ".B \\-s"
		print "takes:"
	}
	printf ".BR \"%s\" .\n", plain(titles(declaration))
	if (!prints_lines)
		print ".B \\-\\-columns\ntakes them, too."
	print ".SH SEE ALSO"
	print ".BR stap\\-socket (8),"
	print ".BR staprun (8)"
}
