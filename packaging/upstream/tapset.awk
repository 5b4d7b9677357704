# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes a tapset file in the form of systemtap's tree.
#
# usage: awk -v file=NAME.stp -f tapset.awk ABOUT TABLE TAPSET-FILE
#
# ABOUT has a line "NAME.stp TEXT" for each file, TABLE is what man/pages.awk writes.  The
# comment at the head gives way to systemtap's license text and description.  The comment of a
# probe gets a line for each of its values: ours leaves out those that all probes have.  The
# file applies to the kernels of the condition SERVED; others keep systemtap's own (see `write`).

# heading WORDS N I: does a line that begins with the word I begin with words and a colon?
# kernel-doc takes that for a heading.
function heading(words, n, i)
{
	while (i < n && words[i] ~ /^[A-Za-z0-9_]+$/)
		i++
	return words[i] ~ /^[A-Za-z0-9_]+:/
}

# wrapped FIRST REST TEXT: prints TEXT in lines of up to 80 columns
function wrapped(first, rest, text,    words, n, i, from, line)
{
	n = split(text, words, / +/)
	line = first
	for (i = 1; i <= n; i++) {
		if (length(line " " words[i]) > 80) {
			for (from = i; heading(words, n, from); from--)
				line = substr(line, 1, length(line) - length(words[from - 1]) - 1)
			print line
			for (line = rest words[from++]; from <= i; from++)
				line = line " " words[from]
		} else
			line = line (i > 1 ? " " : "") words[i]
	}
	print line
}

function head()
{
	print "// " title
	print "// Copyright (C) 2026 The socket-tapset authors"
	print "//"
	print "// This file is part of systemtap, and is free software.  You can"
	print "// redistribute it and/or modify it under the terms of the GNU General"
	print "// Public License (GPL); either version 2, or (at your option) any"
	print "// later version."
	print "// <tapsetdescription>"
	wrapped("// ", "// ", description)
	print "// </tapsetdescription>"
	print ""
	print "%( " ENVIRON["SERVED"] " %?"
}

FNR == 1 { n_files++ }

n_files == 1 {
	if ($1 == file) {
		title = description = $0
		sub(/^[^ ]+ +/, "", title)
		sub(/^[^ ]+ +/, "", description)
		sub(/:.*/, "", title)
		sub(/^[^:]*: +/, "", description)
	}
	next
}

n_files == 2 {
	n = split($0, field, "\t")
	if (n == 4 && field[1] != "function")
		text_of[field[1], ++n_values[field[1]]] = field[4]
	if (n == 4)
		name_of[field[1], n_values[field[1]]] = field[2]
	next
}

FNR == 1 {
	if (title == "") {
		print file ": no line in " ARGV[1] >"/dev/stderr"
		exit failed = 1
	}
	head()
	at_head = 1
}

at_head && /^\/\// { next }
{ at_head = 0 }

/^ \* probe [^ ]+ - / { probe = $3 }

# All values where the first one is, and its own lines not again.
probe != "" && /^ \* @/ {
	if (!done[probe]++)
		for (i = 1; i <= n_values[probe]; i++)
			wrapped(" * @" name_of[probe, i] ": ", " *   ", text_of[probe, i])
	inside_values = 1
	next
}

inside_values && /^ \*  / { next }
/^ \*/ { inside_values = 0 }
/^ \*\// { probe = "" }

# Functions for older scripts are not for the manual.
/^\/\*\*$/ {
	flush_paragraph()
	opened = 1
	next
}
/^\/\*\* sfunction _/ { sub(/\*\*/, "*") }
opened {
	print (/^ \* sfunction _/ ? "/*" : "/**")
	opened = 0
}

# Prints the paragraph; only its first line may look like a heading.
function flush_paragraph(    text)
{
	text = paragraph
	paragraph = ""
	if (text != "")
		wrapped(" * ", " * ", text)
	for (; held; held--)
		print " *"
}

# The versions are those of this project.
/^ \* Since: / {
	held = 0
	next
}

/^ \* [A-Za-z(]/ && !/^ \* (probe|sfunction) / {
	if (held)
		flush_paragraph()
	sub(/^ \* /, "")
	paragraph = paragraph (paragraph == "" ? "" : " ") $0
	next
}

/^ \*$/ {
	held++
	next
}

{ flush_paragraph() }

# Where the headers are.
{
	gsub(/runtime\/socket_/, "runtime/linux/socket/socket_")
	print
}

END {
	if (!failed)
		print "%)"
	exit failed
}
