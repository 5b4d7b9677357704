# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lists the public functions of tapset files, one a line: its name, a tab, and a statement
# that calls it with zeros and empty texts and prints the result, if it has one.

/^function [a-zA-Z_]/ { declared = "" ; inside = 1 }

inside {
	declared = declared " " $0
	if (/\)/) {
		inside = 0
		list()
	}
}

function list(    name, result, arguments, n, i, call)
{
	sub(/^ *function +/, "", declared)
	name = declared
	sub(/[^a-zA-Z0-9_].*/, "", name)
	if (name ~ /^__/)
		return
	result = declared ~ /^[a-zA-Z0-9_]+ *:/
	arguments = declared
	sub(/^[^(]*\(/, "", arguments)
	sub(/\).*/, "", arguments)
	n = split(arguments, argument, ",")
	for (i = 1; i <= n; i++)
		call = call (i > 1 ? ", " : "") (argument[i] ~ /: *string *$/ ? "\"\"" : "0")
	call = name "(" call ")"
	printf "%s\t%s\n", name, result ? "println(\"" name " \", " call ")" : call \
		"; println(\"" name " \")"
}
