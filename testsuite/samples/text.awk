# SPDX-License-Identifier: GPL-2.0-or-later
#
# text.awk - writes the example text of a tool: its head comment and its captured output
#
# usage: awk -v where="Printed on ..." -f text.awk CAPTURE NAME.stp
#
# CAPTURE has the command, then its output.  Leaves out the comment's paragraph on JSON,
# which is in the manual, and its own sample.

FNR == 1 { file++ }

file == 1 {
	captured[++lines] = $0
	next
}

/^#!/ || /^\/\/ SPDX/ { next }
!/^\/\// { exit }
{ sub(/^\/\/ ?/, "") }

$0 == "" || /^  / {
	paragraph()
	next
}

text == "" && /^Reading:/ { sample() }
{ text = text " " $0 }

END { paragraph() }

# Prints the paragraph gathered so far, in lines of 80.
function paragraph(	words, n, i, line)
{
	if (text ~ /^ JSON:/)
		text = ""
	n = split(text, words, " ")
	for (i = 1; i <= n; i++) {
		if (length(line " " words[i]) > 80) {
			print line
			line = ""
		}
		line = line (line == "" ? "" : " ") words[i]
	}
	if (n)
		print line "\n"
	text = ""
}

function sample(	i)
{
	print "# " captured[1] "\n"
	for (i = 2; i <= lines; i++)
		print captured[i]
	if (captured[lines] != "")
		print ""
	text = where
	paragraph()
}
