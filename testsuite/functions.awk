# SPDX-License-Identifier: GPL-2.0-or-later
#
# functions.awk - finds the public functions of tapset files, for another script
#
# usage: awk -f functions.awk -f SCRIPT TAPSET-FILE...
#
# Calls SCRIPT's public(name, type, n) for each function.  Its type is "long", "string" or
# ""; argument[1] to argument[n] are its arguments, as they are declared.

/^function [a-zA-Z_]/ { declared = ""; inside = 1 }

inside {
	declared = declared " " $0
	if (/\)/) {
		inside = 0
		declaration()
	}
}

function declaration(    name, type, arguments)
{
	sub(/^ *function +/, "", declared)
	name = declared
	sub(/[^a-zA-Z0-9_].*/, "", name)
	if (name ~ /^__/)
		return
	type = ""
	if (declared ~ /^[a-zA-Z0-9_]+ *: *string/)
		type = "string"
	else if (declared ~ /^[a-zA-Z0-9_]+ *: *long/)
		type = "long"
	arguments = declared
	sub(/^[^(]*\(/, "", arguments)
	sub(/\).*/, "", arguments)
	public(name, type, split(arguments, argument, ","))
}
