# SPDX-License-Identifier: GPL-2.0-or-later
#
# reports.awk - prints the reports in a kernel log, for guest
#
# usage: awk -v expected=PATTERN -f reports.awk LOG      (a log without times)
#
# The trace of a report that begins with a line of that PATTERN is left out; such a report ends
# with the list of the memory, or with what the OOM killer did.  Any other report is printed,
# also one that comes in between, and a trace with the line before its "CPU:", which explains it.

/Kernel panic|Oops|BUG:|general protection fault|unable to handle|WARNING: |possible (circular|recursive)|inconsistent lock state|scheduling while atomic|sleeping function called|soft lockup|hard LOCKUP|INFO: task .* blocked|rcu.*(stall|detected)|KASAN|UBSAN/ {
	skip = 0
	print
}
$0 ~ expected { skip = 1 }
skip && /^ <\/TASK>|^Mem-Info|^Memory cgroup out of memory|^Out of memory|^oom-kill:/ {
	skip = 0
	next
}
skip { next }
/^CPU: [0-9]+ (UID: [0-9]+ )?PID: / { why = before }
{ before = $0 }
/^Call Trace:/ {
	print $0, why
	why = ""
}
