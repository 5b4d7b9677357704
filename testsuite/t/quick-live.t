#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The live screen in a terminal: what it shows, each key, and how it leaves the terminal.
. "$(dirname "$0")/../tap.sh"
. "$top/testsuite/stap-socket/installed.sh"
live=$top/testsuite/live
cd "$box" || exit

cat >"$box/fake/staprun" <<END
#!/bin/bash
while [ \$# -gt 1 ]; do
	[ "\$1" != -o ] || out=\$2
	shift
done
if [ -z "\${out-}" ]; then
	echo "Systemtap module loader/runner (version 5.6, Debian version 5.6-1)"
	exit
fi
echo 'WARNING: something' >&2
exec '$live/feed' 100 >"\$out"
END
"$CC" -shared -fPIC -o "$box/preload.so" "$top/testsuite/stap-socket/preload.c"
export PRELOAD=$box/preload.so
variant here -DPROC_MODULES='"/dev/null"'
sed -i 's/parmtype=interval:long/& parmtype=only_protocol:long parmtype=only_tree:long parmtype=duration:long/' \
	"$bin/stap-socket-run"
prebuild params

# run CASE...
run()
{
	for case; do
		"$live/check.py" "$case" >"$box/$case.said" 2>&1
		echo $? >"$box/$case.status"
	done
}
passed() { cat "$box/$1.said" && test "$(cat "$box/$1.status")" = 0; }
cases=() tools=() titles=()
check()
{
	cases+=("$1")
	titles+=("$2")
	[[ $1 != tool* ]] || tools+=("$1")
}
check first 'a table at 80x24: sums, heading, rows, losses; q ends it with the last table'
check wide '... at 160x50'
check resized '... resized while it runs, also to a tiny terminal'
check rows 'a row is selected, and stays so in later tables and other orders'
check order 'keys choose the column to sort by, and the direction'
check filtered 'a text filters rows'
check replayed '... or the filters of replay, which the first line has'
check paused 'a pause shows the same table, and then the newest'
check details 'Enter shows all of a row, with its histogram; h the keys'
check interrupted 'Ctrl-C ends it with the last table'
check stopped 'Ctrl-Z restores the terminal, fg the screen; nothing is drawn in the background'
check stopped_drawing '... a Ctrl-Z is not lost while it draws'
check hostile 'names do not control the terminal'
check tables 'without a terminal for it, or with -b, tables come one after the other'
check tool 'a tool that runs: filters, messages, the process in /proc'
check tool_begun '... without a live screen, a message on a terminal when it has begun'
check tool_interrupted '... Ctrl-C and SIGTERM end it with the last table'
check tool_stopped '... Ctrl-Z and fg; a second q does not wait'
check tool_crashed '... the terminal is restored after a crash of either process'

# A case waits most of its time: all run at once, but those that look for processes.
for case in "${cases[@]}"; do
	[[ $case = tool* ]] || run "$case" &
done
run "${tools[@]}"
wait
for i in "${!cases[@]}"; do
	ok "${titles[i]}" passed "${cases[i]}"
done
finish
