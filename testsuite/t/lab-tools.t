#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tools under real programs: their numbers are those of the programs, all of JSON is
# JSON, a filter filters, and more keys than there is room for are counted as lost.
. "$(dirname "$0")/../tap.sh"
row=${LAB_ROW:-6.12}

add=()
for tool in top life errors; do
	ok "$row: $tool builds" "$lab" compile "$row" "$top/examples/$tool.stp" -o "$box/$tool.ko"
	add+=(--add "$box/$tool.ko")
done
for file in "$top"/testsuite/demo/{traffic,dns-client.py,redis-info.py} \
	"$top"/testsuite/tools/{names,check}.py; do
	add+=(--add "$file")
done

cat >"$box/guest" <<'END'
# Each tool in the command of the one before: all see the same.
mkdir /tmp/demo
echo 'staprun top.ko totals=1 json=1 interval=2 -o /tmp/top -c "./traffic /tmp/demo"' >inner
echo 'staprun top.ko json=1 interval=100 only_family=1 -o /tmp/top -c "python3 names.py 5000"' >names
echo '== traffic'
staprun life.ko json=1 -o /tmp/life -c 'sh ./inner' </dev/null
echo "status $?"
python3 check.py traffic /tmp/demo/counts /tmp/top /tmp/life
echo '== names'
staprun errors.ko json=1 interval=100 only_family=1 -o /tmp/errors -c 'sh ./names' </dev/null
echo "status $?"
python3 check.py names /tmp/top /tmp/errors
echo '== filter'
mkdir /tmp/again
staprun life.ko json=1 only_rport=8080 -o /tmp/life -c './traffic /tmp/again' </dev/null
python3 check.py traffic /tmp/demo/counts /dev/null /tmp/life | grep port
wc -l </tmp/life
grep -vc '"command":"curl"' /tmp/life
echo '== interrupt'
set -m
staprun top.ko interval=100 -o /tmp/top &
sleep 3
python3 names.py 10
kill -INT $!
wait $!
echo "status $?"
grep -c '^since the start' /tmp/top
grep -c 'sent 10 in 10 messages, received 10 in 10, 0 failed' /tmp/top
echo '== end'
END
"$lab" boot "$row" --mem 1500 "${add[@]}" --add "$box/guest" -- 'bash ./guest' \
	>"$box/said" 2>"$box/errors"
is "$row: the guest comes to its end" $? 0
is '... without a word beside' "$(cat "$box/errors")" ''
section() { awk -v name="== $1" '/^== / { on = $0 == name; next } on' "$box/said"; }
fact() { section "$1" | sed -n "s/^$2 //p"; }

is 'both tools end well' "$(fact traffic status)" 0
for program in 'nginx:its log' 'redis:its INFO'; do
	name=${program%%:*} own=${program#*:}
	said=$(fact traffic "$name: $own")
	like "$name has moved something" "$said" '^\[[1-9][0-9]*, [1-9][0-9]*\]$'
	is "... and top has counted each byte" "$(fact traffic "$name: top")" "$said"
	is "... and so has life" "$(fact traffic "$name: life")" "$said"
done
like 'life has told of other ports too' "$(fact traffic 'lines of life with another port')" \
	'^[1-9]'
mapfile -t said < <(section filter)
is '... and with -r of that port only' "${said[0]:-}" 'lines of life with another port 0'
like '... of which there are some' "${said[1]:-}" '^[1-9]'
is '... all of clients' "${said[2]:-}" 0

is 'more names than there is room for end nothing' "$(fact names status)" 0
is '... top has printed or lost each message' "$(fact names 'top: messages')" 10000
is '... and says that it lost some' "$(fact names 'top: lost some')" True
like '... and JSON is not cut to a screen' "$(fact names 'top: lines')" '^[34][0-9]{3}$'
is '... errors has printed or lost each failure' "$(fact names 'errors: failures')" 5000
is '... and says that it lost some' "$(fact names 'errors: lost some')" True

is 'SIGINT ends it with the last table and the sum' \
	"$(section interrupt)" $'status 0\n1\n2'
finish
