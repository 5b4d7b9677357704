# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tool.awk and pages.awk: text in which roff sees nothing of its own.

function plain(text)
{
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	gsub(/'/, "\\(aq", text)
	gsub(/`/, "\\(ga", text)
	gsub(/\^/, "\\(ha", text)
	gsub(/~/, "\\(ti", text)
	return text ~ /^\./ ? "\\&" text : text
}
