# SPDX-License-Identifier: GPL-2.0-or-later
#
# head.awk - a script with another sample in its head comment
#
# usage: awk -f head.awk CAPTURE NAME.stp
#
# CAPTURE is the command, then what it printed.  The sample is what is between the usage
# lines and "Reading:": as many tables as a head comment has room for, or the beginning
# of the first one.

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

# The usage lines are the first block that is indented, the sample what follows it.
!done && /^\/\/   / { usage = 1 }
!done && usage && /^\/\/$/ {
	if (!skip)
		print
	skip = 1
	next
}
!skip { print }
