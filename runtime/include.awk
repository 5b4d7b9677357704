# SPDX-License-Identifier: GPL-2.0-or-later
#
# Puts the runtime headers that a tapset file includes into it, each once; those
# that are made are in the folder "made".

function copy(file,    line)
{
	if (file in copied)
		return
	copied[file] = 1
	if (file ~ /_derived\.h$/)
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
		copy("runtime/" part[2])
	} else {
		print line
	}
}

{ place($0) }

END { exit failed }
