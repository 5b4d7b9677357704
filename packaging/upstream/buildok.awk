# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes the scripts of systemtap's buildok that use the whole tapset.
#
# usage: awk -v make=values|functions -f buildok.awk TABLE
#
# TABLE is what man/pages.awk writes.  values: each value of each probe; functions: each
# function, with arguments of the right types.  SERVED is the condition of the tapset's files.

BEGIN {
	FS = "\t"
	print "#! stap -wp4"
	print ""
	print "// All " (make == "values" ? "values of all probes" : "functions") " of the socket tapset."
	print "%( " ENVIRON["SERVED"] " %?"
}

make == "values" && NF == 4 {
	if ($1 != probe) {
		if (probe != "")
			print "}"
		probe = $1
		print "\nprobe " probe "\n{"
	}
	print "\tprintln(" $2 ")"
}

make == "functions" && $1 == "function" {
	arguments = $3
	sub(/^[^(]*\(/, "", arguments)
	sub(/\).*/, "", arguments)
	gsub(/[a-z_]+:string/, "\"\"", arguments)
	gsub(/[a-z_]+:long/, "0", arguments)
	if (!n++)
		print "\nprobe begin\n{"
	if ($3 ~ /^[a-z_0-9]+:/)
		print "\tprintln(" $2 "(" arguments "))"
	else
		print "\t" $2 "(" arguments ")"
}

END { print "}\n\n%:\nprobe begin { exit() }\n%)" }
