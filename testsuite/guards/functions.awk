# SPDX-License-Identifier: GPL-2.0-or-later
#
# functions.awk - lists the public functions of tapset files
#
# usage: awk -f ../functions.awk -f functions.awk TAPSET-FILE...
#
# Prints a line for each function: its name, a tab, and a statement that calls it with zeros
# and empty strings, and prints its result if it has one.

function public(name, type, n,    i, call)
{
	for (i = 1; i <= n; i++)
		call = call (i > 1 ? ", " : "") (argument[i] ~ /: *string *$/ ? "\"\"" : "0")
	call = name "(" call ")"
	printf "%s\t%s\n", name, type != "" ? "println(\"" name " \", " call ")" : call \
		"; println(\"" name " \")"
}
