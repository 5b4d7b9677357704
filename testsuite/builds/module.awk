# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes a C file from all the C of the tapset and of the tools' functions: blocks as they are,
# a function for each function of stap in C, and one for each expression in a probe.  module.c
# includes it.  The arguments are the files below build/tapset and build/lib, and `expected` is
# the number of %{ in them.
#
# Both sides of a %( ... %) are taken, so all handlers and values are compiled at once.

function parameters(text,    part, n, i, list)
{
	n = split(text, part, /[ \t]*,[ \t]*/)
	list = "struct context *c"
	for (i = 1; i <= n; i++) {
		if (part[i] == "")
			continue
		if (part[i] ~ /:string$/)
			list = list ", char *STAP_ARG_"
		else
			list = list ", int64_t STAP_ARG_"
		sub(/:.*/, "", part[i])
		list = list part[i]
	}
	return list
}

# From here on lines are C: those of a block, a function or an expression.
function begin_c()
{
	if (head == "") {
		if (probe) {
			kind = "expression"
			printf "static int64_t __used expression_%d(struct context *c)\n{\n" \
				"\tstruct arguments *l = NULL;\n\n\t(void)l;\n\t(void)c;\n" \
				"\treturn (int64_t)(\n", ++expressions
		} else {
			kind = "block"
		}
		return
	}
	kind = "function"
	name = head
	sub(/^function +/, "", name)
	list = result = name
	sub(/[:(].*/, "", name)
	sub(/^[^(]*\(/, "", list)
	sub(/\).*/, "", list)
	sub(/\(.*/, "", result)
	printf "static void __used function_%s(%s, %s)\n{\n\t{\n", name,
		result ~ /:string$/ ? "char *STAP_RETVALUE" : "int64_t *STAP_RESULT", parameters(list)
	if (result !~ /:string$/)
		print "#define STAP_RETVALUE (*STAP_RESULT)"
	head = ""
}

function end_c()
{
	if (kind == "expression")
		print "\t);\n}\n"
	else if (kind == "function")
		print "#undef STAP_RETVALUE\n\t}\n}\n"
	kind = ""
	blocks++
}

# A line of stap or C; what follows a %{ or %} is looked at in turn.
function look(text,    at)
{
	if (kind != "") {
		at = index(text, "%}")
		if (!at) {
			print text
			return
		}
		print substr(text, 1, at - 1)
		end_c()
		look(substr(text, at + 2))
		return
	}
	sub(/^[ \t]*\/\/.*/, "", text)
	if (text ~ /^function /)
		head = text
	else if (text ~ /^[ \t]*\{/)
		head = ""
	else if (head != "" && text !~ /%\{/)
		head = head " " text
	if (text ~ /^(probe|@define) /)
		probe = 1
	at = index(text, "%{")
	if (at) {
		if (substr(text, 1, at - 1) !~ /^[ \t]*$/)
			probe = 1
		begin_c()
		look(substr(text, at + 2))
		return
	}
	if (text ~ /^(\}|%\))/)
		probe = 0
}

{ look($0) }

END {
	if (kind != "" || blocks != expected) {
		printf "module.awk: found the ends of %d of %d blocks of C\n", blocks, expected >"/dev/stderr"
		exit 1
	}
}
