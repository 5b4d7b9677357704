# SPDX-License-Identifier: GPL-2.0-or-later
#
# head.awk - replaces the sample in the head comment of a script
#
# usage: awk -f head.awk CAPTURE NAME.stp
#
# CAPTURE has the command, then its output.  The sample stands between the usage lines and
# "Reading:".  It has all complete tables that fit into 16 lines, or the first lines of a
# longer one.

BEGIN { room = 16 }

FNR == 1 { file++ }

file == 1 {
	if (FNR > 1)
		sample[++lines] = $0
	if ($0 == "" && lines <= room + 1)
		whole = lines - 1
	next
}

FNR == 1 {
	while (lines && sample[lines] == "")
		lines--
	if (lines <= room)
		whole = lines
}

/^\/\/ Reading:/ {
	for (i = 1; i <= (whole ? whole : room); i++)
		print sample[i] == "" ? "//" : "//   " sample[i]
	if (!whole)
		print "//   ..."
	print "//"
	done = 1
	skip = 0
}

# The usage lines are the first indented block; the sample follows it.
!done && /^\/\/   / { usage = 1 }
!done && usage && /^\/\/$/ {
	if (!skip)
		print
	skip = 1
	next
}
!skip { print }
