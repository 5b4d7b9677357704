# SPDX-License-Identifier: GPL-2.0-or-later
#
# Adds the families and protocols that systemtap's socket.stp lacks.
#
# usage: awk -f names.awk NAMES socket.stp socket.stp
#
# NAMES is what runtime/tables.awk prints with doc=1.

FNR == 1 { pass++ }

pass == 1 {
	if (/^[A-Z].*: /)
		list = /: sock_prot_num2str/ ? "prot" : /: sock_fam_num2str/ ? "fam" : ""
	if (list != "" && $1 ~ /^[0-9]+$/) {
		name[list, $1] = $2
		number[list, ++n_names[list]] = $1
	}
	next
}

match($0, /^[ \t]*_(prot|fam)_num2str\[[0-9]+\] *=/) {
	split($0, part, /[][_]+/)
	list = part[2]
	at = part[4]
	if (pass == 2) {
		known[list, at] = 1
		last[list] = at
		count[list]++
	} else {
		add(list, at)
		print
		if (at == last[list])
			add(list, 1e9)
		next
	}
}

pass == 2 { next }

/^@__private30 global _(prot|fam)_num2str\[/ {
	match($0, /_(prot|fam)_/)
	list = substr($0, RSTART + 1, RLENGTH - 2)
	size = count[list]
	for (i = 1; i <= n_names[list]; i++)
		size += !((list, number[list, i]) in known)
	gsub(/\[[0-9]+\]/, "[" size "]")
}

{ print }

# The names below `at` that are missing.
function add(list, at,    i)
{
	for (i = 1; i <= n_names[list]; i++)
		if (!((list, number[list, i]) in known) && number[list, i] + 0 < at + 0) {
			known[list, number[list, i]] = 1
			printf "\t_%s_num2str[%d] = \"%s\"\n", list, number[list, i], \
				name[list, number[list, i]]
		}
}
