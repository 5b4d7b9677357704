# SPDX-License-Identifier: GPL-2.0-or-later
#
# Inserts the runtime headers that a tapset file includes, each once.  Generated ones are in
# the directory `made`.  With -v apart=DIRECTORY/ headers stay files of their own, which the
# lines of #include look for in that directory of stap's runtime.
#
# Each return probe must give .maxactive a mark of runtime/functions.tbl.  With any other
# number the kernel would not reserve the memory that the tapset's entry handler writes to.

function copy(file,    line)
{
	if (file in copied)
		return
	copied[file] = 1
	if (file ~ /_derived\.(h|stp)$/)
		file = made "/" file
	if ((getline line <file) < 0) {
		print FILENAME ": cannot read " file >"/dev/stderr"
		exit failed = 1
	}
	do
		place(line)
	while ((getline line <file) > 0)
	close(file)
}

function place(line,    part)
{
	if (line ~ /^#include "/) {
		split(line, part, "\"")
		sub(/^runtime\//, "", part[2])
		if (apart != "" && part[2] ~ /\.h$/)
			print "#include \"" apart part[2] "\""
		else
			copy("runtime/" part[2])
	} else {
		print line
		if (match(line, /^\tmark\([0-9]+/))
			marks[substr(line, 7, RLENGTH - 6)] = 1
		if (line ~ /^@define __[a-z_]+ %\( [0-9]+ %\)/) {
			split(line, part)
			number["@" part[2]] = part[4]
		}
	}
}

apart == "" && match($0, /\.maxactive\([^)]*/) {
	mark = substr($0, RSTART + 11, RLENGTH - 11)
	if (!((mark in number ? number[mark] : mark) in marks)) {
		print FILENAME ":" FNR ": .maxactive(" mark ") is not a mark of " \
			"runtime/functions.tbl" >"/dev/stderr"
		failed = 1
	}
}

{ place($0) }

END { exit failed }
