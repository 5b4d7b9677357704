#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No handler of an event takes a lock: neither stap's for a script's globals nor one of
# the kernel's.
. "$(dirname "$0")/../tap.sh"

# stap's locks, in the source of a module: the entries of the lists that its handlers lock.
global_locks() # ROW SCRIPT
{
	"$lab" compile "$1" "$2" -o "$box/module.c" 2>"$box/messages" ||
		{ cat "$box/messages"; return; }
	awk '/^static void probe_[0-9]+ / { probe = 1 }
		probe && /struct stp_probe_lock locks\[\]/ { list = 1; handlers++; next }
		list && /};/ { list = 0 }
		list && /\.lock/ { locks++ }
		END { print locks + 0, "locks", handlers ? "" : "in no handler" }' \
		"$box/module.c" | sed 's/ $//'
}

# The kernel's locks, in the code of a module: locking functions that handlers, functions of
# the tapset or functions of the script call.
kernel_locks() # ROW SCRIPT STAP-ARGUMENT...
{
	local row=$1 script=$2
	shift 2
	"$lab" compile "$row" "$script" -o "$box/module.ko" "$@" 2>"$box/messages" ||
		{ cat "$box/messages"; return; }
	objdump -dr "$box/module.ko" | awk '
		/^[0-9a-f]+ <.*>:$/ {
			name = substr($2, 2, length($2) - 3)
			ours = name ~ /^(probe_[0-9]|socket_|function___|enter_)/
			functions += ours
		}
		ours && /R_[A-Z0-9_]+/ && $3 ~ /(lock|mutex|sem|down_|up_)/ &&
			$3 !~ /(^|_)rcu_read_(un)?lock|__tracepoint|unlock_page/ {
			sub(/[-+]0x.*/, "", $3)
			print name, $3
		}
		END { if (!functions) print "no functions" }' | sort -u
}

for row in 6.12 6.1; do
	for name in both values timed life filter addresses; do
		is "$row: $name.stp locks no global" \
			"$(global_locks $row "$top/testsuite/bench/scripts/$name.stp")" \
			'0 locks'
	done
	is "$row: both.stp takes no lock of the kernel" \
		"$(kernel_locks $row "$top/testsuite/bench/scripts/both.stp")" ''
	is "$row: life.stp takes no lock of the kernel" \
		"$(kernel_locks $row "$top/testsuite/bench/scripts/life.stp")" ''
done

# Both searches do find locks.
cat >"$box/plain.stp" <<'END'
global n
probe socket.receive { n++ }
probe end { println(n) }
END
like 'a script that counts in a plain global locks it' \
	"$(global_locks 6.12 "$box/plain.stp")" '^[1-9][0-9]* locks$'
cat >"$box/locked.stp" <<'END'
%{
#include <linux/spinlock.h>
static DEFINE_SPINLOCK(mine);
%}
function locked() %{ spin_lock(&mine); spin_unlock(&mine); %}
probe socket.receive { locked() }
END
like 'a script that takes a lock of the kernel is found' \
	"$(kernel_locks 6.12 "$box/locked.stp" -g)" '_raw_spin_lock'
finish
