# SPDX-License-Identifier: GPL-2.0-or-later
#
# functions.awk - writes a function try_NAME() for each public function of tapset files
#
# usage: awk -f ../functions.awk -f functions.awk TAPSET-FILE...
#
# It calls the function with every number of values.stp as each numeric argument, and with
# every string.  A function of a sock, a file or an iovec must return the value that is
# documented for a bad pointer.  A number from a name must be -1.  A string must be printable
# ASCII if no string was passed in, or if it is documented to be safe.  (socket_line_text()
# returns a string that was passed to socket_tally_text() before.)

function public(name, type, n,    i, call, word, of_text, pointer, wrong, step)
{
	# Outside of probe begin, or with a wrong name, they end the script: see lab-accounts.
	if (name ~ /^socket_(account(_number|_timed)?|filter(_.*)?)$/)
		return
	for (i = 1; i <= n; i++) {
		step = i > 1 ? "i + " (i > 2 ? i - 1 " * " : "") "j" : "i"
		word = argument[i]
		gsub(/[ \t]/, "", word)
		if (word ~ /:string$/) {
			of_text = 1
			call = call (i > 1 ? ", " : "") "text((" step ") % texts)"
		} else
			call = call (i > 1 ? ", " : "") "number((" step ") % numbers)"
		sub(/:.*/, "", word)
		if (i == 1)
			pointer = word ~ /^(sock|file|iov)$/
	}
	wrong = ""
	if (name == "socket_describe" || name == "socket_account_of" ||
	    name == "socket_ends_match")
		pointer = 0
	if (name == "_get_sock_size")
		wrong = "seen < -1"		# anything in memory has a sum
	else if (pointer)
		wrong = type == "string" ? "seen != \"\"" : "seen != -1"
	else if (name ~ /_str2num$/)
		wrong = "seen != -1 && !is_number(text(i)) && text(i) != \"\""
	else if (type == "string" && name != "socket_line_text" && (!of_text || name == "socket_text"))
		wrong = "unprintable(seen)"
	printf "\nfunction try_%s()\n{\n", name
	print "\tnumbers = numbers()\n\ttexts = texts()\n\tcalls = 0"
	printf "\tfor (i = 0; i < %s; i++)\n", n ? "numbers || i < texts" : "1"
	printf("\t\tfor (j = 0; j < %s; j++) {\n", (n > 1 ? "numbers" : "1"))
	printf "\t\t\t%s%s(%s)\n\t\t\tcalls++\n", type == "" ? "" : "seen = ", name, call
	# The compiler drops a call whose result is unused.
	if (type != "")
		printf "\t\t\tuse_%s(seen)\n", type
	if (wrong != "")
		printf "\t\t\tif (%s)\n\t\t\t\tcomplain(\"%s\", i, j, %s)\n", wrong, name,
			type == "string" ? "seen" : "sprint(seen)"
	print "\t\t}\n\treturn calls\n}"
	names[count++] = name
}

END {
	print "\nfunction try_number:long(n:long)\n{"
	for (i = 0; i < count; i++)
		printf "\tif (n == %d) { printf(\"%s %%d\\n\", try_%s()); return 1 }\n", i, names[i],
			names[i]
	print "\treturn 0\n}"
}
