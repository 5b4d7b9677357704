#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# stap-socket without a kernel to probe: options, refusals, the commands that it would run,
# and prebuilt modules, also stale ones.  stap and staprun are fakes.
. "$(dirname "$0")/../tap.sh"
umask 022

# ---------------------------------------------------------------- an installation in $box

ok 'make install' make -s -C "$top" install prefix=/usr DESTDIR="$box/root" O="$O"
bin=$box/root/usr/bin
scripts=$box/root/usr/share/systemtap/examples/network/socket
# Tools for the tests instead of the real ones.
rm -f "$scripts"/*.stp
cp "$top/testsuite/stap-socket/params.stp" "$scripts/"
printf '// plain.stp - no tool\nprobe begin { exit() }\n' >"$scripts/plain.stp"
{
	echo '// events.stp - prints events'
	echo '//'
	echo '// Columns: -'
	echo 'global again = 0, label = "", seen'
	echo 'probe begin { exit() }'
} >"$scripts/events.stp"
mkdir "$box/home" "$box/fake" "$box/apt"
export HOME=$box/home PATH=$box/fake:$box/apt:$bin:$PATH
unset XDG_CACHE_HOME COLUMNS NO_COLOR

cat >"$box/fake/stap" <<'END'
#!/bin/sh
echo "Systemtap translator/driver (version $(cat "$HOME/stap-version")/0.196, Debian version)"
echo 'tested kernel versions: 3.10 ... 7.3.0-rc3'
END
echo 5.6 >"$HOME/stap-version"
# What apt offers: the contents of $HOME/offered.  The real one takes half a second.
printf '#!/bin/sh\n[ ! -e "$HOME/offered" ] || cat "$HOME/offered"\n' >"$box/apt/apt-cache"
cat >"$box/fake/staprun" <<'END'
#!/bin/sh
[ "$1" = -V ] || echo "$@" >>"$HOME/loaded"
echo "Systemtap module loader/runner (version 5.6, Debian version 5.6-1)"
END
cat >"$box/fake/id" <<'END'
#!/bin/sh
[ "$*" = -Gn ] || exec /usr/bin/id "$@"
echo users stapusr stapdev
END
# Makes NAME.ko as stap would, after $HOME/build-sleep seconds; or fails with the message in
# $HOME/build-trouble.
mv "$bin/stap-socket-run" "$box/stap-socket-run"
cat >"$bin/stap-socket-run" <<'END'
#!/bin/sh
[ "$1" != --untrusted ] || exec "$(dirname "$0")/../../../stap-socket-run" "$@"
while [ "$1" != -m ]; do shift; done
echo "$2 $3" >>"$HOME/built"
if [ -e "$HOME/build-trouble" ]; then
	cat "$HOME/build-trouble" >&2
	exit 1
fi
echo half >"$2.ko"
[ ! -e "$HOME/build-sleep" ] || sleep "$(cat "$HOME/build-sleep")"
echo "module parmtype=interval:long" >"$2.ko"
END
chmod +x "$box"/{fake,apt}/* "$bin/stap-socket-run"

# A PATH with few programs.
mkdir "$box/bare"
for program in awk bash basename cat cut dirname env fold getent grep head id mktemp \
	paste readlink rm sed stat tail tr uname; do
	ln -s "$(type -P "$program")" "$box/bare/"
done

# variant NAME FLAG...: compiles the command as stap-socket-NAME, with other files of the kernel
CC=${CC:-cc}
variant()
{
	local name=$1 sources
	shift
	mapfile -t sources < <(find "$top/src" -name '*.c' ! -name self-test.c)
	"$CC" "$@" -o "$bin/stap-socket-$name" "${sources[@]}" -lmd
}

# Programs of the shell alone: a process takes milliseconds, and there are a thousand runs.
run()
{
	said=$("$@" 2>"$box/stderr" </dev/null)
	status=$?
	IFS= read -rd '' errors <"$box/stderr"
	while [[ $errors == *$'\n' ]]; do errors=${errors%$'\n'}; done
}

# refused NAME PATTERN OPTION...: status 2, a message, and nothing is built
refused()
{
	local name=$1 pattern=$2
	shift 2
	[ ! -e "$HOME/built" ] || rm "$HOME/built"
	run stap-socket "$@"
	is "$name: refused" "$status" 2
	like '... and the message has the cause' "$errors" "$pattern"
	ok '... before anything is built' test ! -e "$HOME/built"
}

# given NAME EXPECTED OPTION...: the parameters for the module
given()
{
	local name=$1 expected=$2 last
	shift 2
	run stap-socket params --dry-run "$@"
	last=${said##*_00000000.ko }
	last=${last%width=80}
	is "$name" "${last% }" "$expected"
}

# ---------------------------------------------------------------- commands other than tools

run stap-socket
is 'without a tool it is refused' "$status" 2
like '... with the usage' "$errors" 'usage: stap-socket TOOL'
run stap-socket --help
is '--help exits 0' "$status" 0
for option in -p -n -u -x -P -f -t -l -r --netns -i -c -d -N -s --json --no-header -T \
	--units -G --dry-run --print-script; do
	like "... and has $option" "$said" "$(printf '(^|[ ,\n])%s' "$option")"
done
run stap-socket --version
is '--version prints the version of the package' "$said" \
	"stap-socket $(sed -n 's/^AC_INIT(\[[^]]*\], \[\(.*\)\])/\1/p' "$top/configure.ac")"
run stap-socket list
is 'list has a line for each tool' "$(grep -c . <<<"$said")" \
	"$(grep -l '^// Columns: ' "$scripts"/*.stp | wc -l)"
like '... with the title of its script' "$said" \
	'params     prints the options as they reach the module of a tool'
run stap-socket help params
like 'help TOOL is the comment of its script' "$said" 'Prints its parameters instead'
like '... also as TOOL --help' "$(stap-socket params --help)" 'Prints its parameters'
for tool in '' $(cd "$top/examples" && grep -l '^// Columns:' ./*.stp); do
	tool=${tool#./}
	tool=${tool%.stp}
	# shellcheck disable=SC2086 # nothing or a tool
	is "help $tool: no line is longer than 80 columns" \
		"$("$O/stap-socket" help $tool | awk 'length($0) > 80')" ''
	[ -n "$tool" ] || continue
	is '... and it has every word of the comment' \
		"$("$O/stap-socket" help "$tool" | head -n -2 | tr -s ' \n' '\n')" \
		"$(sed -n '/^\/\/ SPDX/d; /^#!/d; /^\/\//!q; s/^\/\/ *//p' "$top/examples/$tool.stp" |
			tr -s ' \n' '\n' | sed 1d)"
done
for words in "$O/stap-socket prebuild --help" "$O/stap-socket list" "$top/bin/stap-socket-run --help"; do
	# shellcheck disable=SC2086 # words
	is "${words##*/}: no line is longer than 80 columns" \
		"$($words | awk 'length($0) > 80 { print } END { print (NR > 10) }')" 1
done
run env COLUMNS=60 "$O/stap-socket" help top
is 'a paragraph is filled to the width of the screen' \
	"$(grep '^Shows' <<<"$said")" 'Shows every second which processes sent and received, for'
run stap-socket params --print-script
ok '--print-script prints the script' cmp <(echo "$said") "$scripts/params.stp"
refused 'an unknown tool' "no tool 'tpo'; there are: .*params" tpo
refused '... that is almost one' "no tool 'parmas' \(did you mean params\?\); there are: " parmas
refused 'a script that is not a tool' "no tool 'plain'" plain
refused 'a path instead of a tool' "no tool '../socket/params'" ../socket/params
like 'help has the other commands' "$(stap-socket help check; stap-socket help run
	stap-socket help list; stap-socket help help)" \
	'^usage: stap-socket check \[--probes\]

what works on this machine
.*Ends with 0.*
usage: stap-socket run SCRIPT \[ARGUMENT...]

any script, with this tapset
.*stap-socket-run -e .*
usage: stap-socket list

the tools
usage: stap-socket help TOOL

what a tool shows$'
for word in check run list; do
	is "... $word --help prints the same" "$(stap-socket $word --help)" "$(stap-socket help $word)"
done
is '... and so does prebuild --help' "$(stap-socket help prebuild)" "$(stap-socket prebuild --help)"
refused 'help for an unknown tool' "no tool 'tpo'" help tpo
refused 'list with an argument' "no argument, but was given 'x'" list x
refused 'an option before the tool' "no option '-p' before the TOOL" -p 1 params
refused 'run without a script' 'run needs a SCRIPT' run
refused 'run with a missing script' "no script '.*/none.stp'" run "$box/none.stp"
refused 'prebuild with an unknown option' \
	"prebuild has no option '--kernels' \(did you mean --kernel\?\)" prebuild --kernels
refused 'prebuild with an option twice' "--kernel is given twice, with '6.1' and '6.12'" \
	prebuild --kernel 6.1 --kernel 6.12
refused 'prebuild of an unknown tool' "no tool 'tpo'" prebuild tpo
refused 'prebuild for a path' "not '../x'" prebuild --kernel ../x
chmod 777 "$box/home"
refused 'prebuild into a directory that others can write to' "--output: others can write to $box/home" \
	prebuild --output "$box/home"
refused '... or into one below it' "--output: others can write to $box/home" \
	prebuild --output "$box/home/new/modules"
chmod 755 "$box/home"
refused 'prebuild with a missing directory' "no directory '$box/none'" \
	prebuild --build "$box/none"

# ---------------------------------------------------------------- options

sleep 300 &
sleeper=$!
given 'without options, no parameters' ''
given '-p' "only_pid=$sleeper" -p "$sleeper"
given '-p and its value in one word' "only_pid=$sleeper" "-p$sleeper"
given '-n' "'only_command=\"Web Content\"'" -n 'Web Content'
given '-n, cut off as in the kernel' "'only_command=\"123456789012345\"'" -n 12345678901234567
given '-n with another quote' "'only_command=\"it'\\''s\"'" -n "it's"
given '-u with a name' only_uid=0 -u root
given '-u with a number' only_uid=4711 -u 4711
given '-P in lower case' only_protocol=6 -P tcp
given '-P with its prefix' only_protocol=17 -P IPPROTO_UDP
given '-P with a second name' only_protocol=58 -P icmpv6
given '-P with a number' only_protocol=132 -P 132
given '-P for a family with its own protocols, which may follow' \
	'only_family=16 only_protocol=4' -P sock_diag -f netlink
given '-f' only_family=2 -f inet
given '-f with its prefix' only_family=10 -f AF_INET6
given '-f with a second name' only_family=1 -f unix
given '-f with a number' only_family=44 -f 44
given '-t' only_type=2 -t Dgram
given '-t with its prefix' only_type=5 -t SOCK_SEQPACKET
given '-l and -r' 'only_lport=0 only_rport=65535' -l 0 -r 65535
given '-l for a family with higher ports' 'only_family=40 only_lport=70000' -f vsock -l 70000
given '-r with the name of a service' only_rport=443 -r https
given '-l with one in upper case' only_lport=22 -l SSH
given '... of the protocol given with -P' 'only_protocol=17 only_lport=53 only_rport=53' \
	-P udp -l domain -r domain
given '-x' "only_tree=$sleeper" -x "$sleeper"
given '--netns with an inode number' only_netns=4026531840 --netns 4026531840
given '--netns of a process' "only_netns=$(stat -L -c %i /proc/$$/ns/net)" --netns pid:$$
given '--netns of a path' "only_netns=$(stat -L -c %i /proc/$$/ns/net)" --netns=/proc/$$/ns/net
given 'long options' "only_pid=$sleeper 'only_command=\"a\"' only_uid=0 only_tree=$sleeper only_family=10 \
only_type=1 interval=5 count=3 duration=60 rows=7 'sort_by=\"bytes\"' timestamps=1 \
only_protocol=6 only_lport=1 only_rport=2" --pid $sleeper --command a --user=root --tree=$sleeper \
	--protocol tcp --family inet6 --type stream --lport 1 --rport=2 --interval 5 --count 3 \
	--duration=60 --rows 7 --sort bytes --timestamps
given '-i -c -d -N' 'interval=5 count=3 duration=60 rows=7' -i 5 -c3 -d 60 -N 7
given 'a number with leading zeros is decimal' interval=10 -i 010
given '-s in upper case' "'sort_by=\"bytes\"'" -s BYTES
given '--json --no-header -T' 'json=1 header=0 timestamps=1' --json --no-header -T
given '--units exact' exact=1 --units exact
given '--units=human' exact=0 --units=human
run stap-socket events --dry-run --set again=1 -G 'label=a b'
like "-G gives a tool's own options" "$said" "again=1 'label=\"a b\"'"
refused '-G with an unknown name' "no option 'agian' \(did you mean again\?\) of its own; it has: again label" \
	events -G agian=1
refused '-G without a value' '-G takes NAME=VALUE' events -G again
refused '-G with a string for a number' "-G again= takes a whole number, not 'yes'" \
	events -G again=yes
run stap-socket events --dry-run -G label=5
like '... but a number for a string is accepted' "$said" "'label=\"5\"'"
run stap-socket params --dry-run -- echo 'a b' "it's"
like 'with a command, the tool follows its processes' "$said" 'only_tree=-1'
like '... and the command is quoted for the shell that runs it' "$said" \
	"-c 'echo .*a b.*it.*s.*' .*\.ko"
run env COLUMNS=132 stap-socket params --dry-run
like 'COLUMNS sets the width' "$said" 'width=132'
run script -qec 'stty cols 97; stap-socket params --dry-run' /dev/null
like 'without it, the width is that of the terminal' "$said" 'width=97'
run env TERM=xterm script -qec 'stap-socket params --dry-run' /dev/null
like 'a terminal has color' "$said" 'color=1'
run env TERM=xterm NO_COLOR=1 script -qec 'echo begin; stap-socket params --dry-run' /dev/null
like '... but not with NO_COLOR' "$said" 'begin.* width=80[^c]*$'

refused '-p without a value' '-p needs a value' params -p
refused '-p with an empty value' '-p needs a value that is not empty' params -p ''
refused '-p with a name' "-p takes a whole number from 1 to 4194304, not 'nginx'" params -p nginx
refused '-p with a negative number' "not '-5'" params -p -5
refused '-p with an unknown process' 'no process 4194303 is running' params -p 4194303
kill "$sleeper"
wait "$sleeper" 2>/dev/null
refused '-p with a process that has ended' "no process $sleeper is running" params -p "$sleeper"
refused '-x with an unknown process' '-x: no process 4194303' params -x 4194303
refused '-n with a quote in the name' '-n takes no quote' params -n 'a"b'
refused '-u with an unknown user' "no user 'no-such-user'" params -u no-such-user
refused '-P with a wrong name' \
	$'^[^\n]*-P: no protocol \'TPC\' \\(did you mean TCP\\?\\); it takes a number from 0 to 65535 [^\n]*:\n.*UDP' \
	params -P TPC
refused '... which is almost a second name' "'icmpv' \(did you mean ICMP or ICMPV6\?\)" params -P icmpv
refused '... which is like no other' "no protocol 'tls13'; it takes" params -P tls13
refused '-P with a number too high' "from 0 to 65535, not '65536'" params -P 65536
refused '-P with a protocol of another family' "no protocol 'tcp'; it takes .*ROUTE" params -f netlink -P tcp
refused '-P with an IP protocol and a family without' \
	"-P takes a number from 0 to 65535 with -f unix, not 'TCP'" params -P TCP -f unix
refused '-l for a family without ports' \
	'-l and -f LOCAL exclude each other: sockets of that family have no ports' \
	params -f LOCAL -l 80
refused '... or for a family without a name' '-r and -f 99 exclude each other' params -r 80 -f 99
refused '-P with a name, for such a family' \
	"-P takes a number from 0 to 65535 with -f 99, not 'tcp'" params -f 99 -P tcp
refused '-f with a wrong name' "no family 'inte' \(did you mean INET\?\); it takes .*INET6" params -f inte
refused '-t with a wrong name' "no type 'streem' \(did you mean STREAM\?\); it takes .*DGRAM" params -t streem
refused '-l out of range' "-l takes a whole number from 0 to 65535, not '65536'" params -l 65536
refused '-r with a name that is not a service' \
	"-r takes a number from 0 to 65535 or the name of a service in /etc/services, not 'htpps' \(did you mean https" \
	params -r htpps
refused '-r with a negative number' "-r takes a number from 0 to 65535 .*, not '-1'" params -r -1
refused '-r with a service, for a family without services' \
	"-r takes a whole number from 0 to 4294967295, not 'https'" params -f vsock -r https
refused '--netns with a wrong name' "no network namespace 'blue'.*pid:PID" params --netns blue
refused '--netns of another file' 'is not a network namespace' params --netns /etc/passwd
refused '--netns of another kind of namespace' 'is not a network namespace' params --netns /proc/self/ns/mnt
refused '--netns with an unknown process' 'no process 4194303' params --netns pid:4194303
refused '-i 0' "-i takes a whole number of seconds from 1 to 1000000, not '0'" params -i 0
refused '-i with a fraction' "-i takes a whole number of seconds from 1 to 1000000, not '0.5'" \
	params -i 0.5
refused '-d with a unit' \
	"-d takes a whole number of seconds from 0 to 1000000000, not '5m' \(that is 300\)" \
	params -d 5m
refused '-i with a unit' "not '007h' \(that is 25200\)" params -i 007h
refused '... if that is too much' "not '12d'"$'\n' params -i 12d
refused '-i=' "not '=5' \(without the =\)" params -i=5
refused 'the name of a value' "no option '--port=80' \(did you mean --lport PORT or --rport PORT\?\)" \
	params --port=80
refused 'a long option without a value' '--pid needs a value' params --pid
refused '... with an empty one' '--pid needs a value that is not empty' params --pid=
refused '... and a short one for the same' "--pid is given twice, with '$$' and '1'" \
	params -p $$ --pid 1
refused 'a message has the option as it was written' '--interval takes .*, not .nix' params --interval=nix
refused '... also of two that exclude each other' '--lport and -f unix exclude' \
	params --lport 5 -f unix
refused 'a command that is almost one' "no tool 'chek' \(did you mean check\?\); there are" chek
refused '-N 0' "not '0'" params -N 0
refused '-c with too many digits' 'not .99999999999999999999' \
	params -c 99999999999999999999
refused '-s with a wrong column' "params has no column 'proto'; it has: pid command bytes" \
	params -s proto
refused '... which is almost right' "'byte' \(did you mean bytes\?\)" params -s byte
refused '-s with two columns' "no column 'pid command'" params -s 'pid command'
refused '-s for a tool without tables' "output of events can't be sorted" events -s pid
refused '-i for a tool without tables' '-i: events prints a line for each event' events -i 2
refused '-N for one' '-N: events prints a line for each event' events -N 2
refused '--units with a wrong word' "human or exact, not 'SI'" params --units SI
refused 'an unknown option' "no option '--jsno' \(did you mean --json\?\)" params --jsno
refused 'the beginning of an option' "no option '--js' \(did you mean --json\?\)" params --js
refused '... with a value' "no option '--net=1' \(did you mean --netns\?\)" params --net=1
refused 'an unknown letter' "no option '-q'" params -q
refused 'a stray argument' "no argument 'nginx'; a command goes after --" params nginx
# -G is refused for globals that have an option.
printf '// tables.stp - a tool\n//\n// Columns: pid\n@socket_tool(1, "pid")\n' >"$scripts/tables.stp"
while IFS='|' read -r value option; do
	refused "-G $value" "-G ${value//[][\\]/.}: that is what $option is for" tables -G "$value"
done <<'END'
only_pid=1|-p 1
only_command=a b|-n 'a b'
only_uid=0|-u 0
only_protocol=6|-P 6
only_family=2|-f 2
only_type=1|-t 1
only_lport=80|-l 80
only_rport=80|-r 80
only_netns=7|--netns 7
only_tree=1|-x 1
only_tree=-1|a command after --
interval=5|-i 5
count=5|-c 5
duration=5|-d 5
rows=5|-N 5
sort_by=pid|-s pid
json=1|--json
json=0|leaving out --json
header=0|--no-header
header=1|leaving out --no-header
timestamps=1|-T
timestamps=0|leaving out -T
exact=1|--units exact
exact=0|--units human
width=132|COLUMNS in the environment
color=0|NO_COLOR in the environment
END
rm "$scripts/tables.stp"
refused '-G for a global that this tool ignores' \
	'-i: events prints a line for each event' events -G interval=5

refused '--json with --units human' \
	'--units human and --json exclude each other' params --json --units human
given '--json with options that JSON implies' 'header=0 timestamps=1 exact=1 json=1' \
	--no-header -T --units exact --json

refused '-- without a command' 'no command after --' params --
refused 'an unknown command' "no program 'no-such-program'" params -- no-such-program
refused '-x and a command' '-x [0-9]+ and a command .* exclude each other' params -x $$ -- true
refused '-p and a command' '-p [0-9]+ and a command .* exclude each other' params -p $$ -- true

# ---------------------------------------------------------------- each option, each tool

PATH=${PATH#"$box/fake:"}
# The real tools: option, value, the parameters for the module (COLUMN: one that the tool has).
mapfile -t table <<END
-p|$$|only_pid=$$
-n|Web Content|'only_command="Web Content"'
-u|root|only_uid=0
-x|$$|only_tree=$$
-P|tcp|only_protocol=6
-f|inet6|only_family=10
-t|dgram|only_type=2
-l|8080|only_lport=8080
-r|https|only_rport=443
--netns|pid:$$|only_netns=$(stat -L -c %i /proc/$$/ns/net)
-i|5|interval=5
-c|3|count=3
-d|60|duration=60
-N|7|rows=7
-s|COLUMN|'sort_by="COLUMN"'
--json||json=1
--no-header||header=0
-T||timestamps=1
--units|exact|exact=1
--buffer|7|-b 7
--|true|only_tree=-1
END
real_tools=$("$O/stap-socket" list | cut -d ' ' -f 1)
is 'list has all tools' "$(wc -w <<<"$real_tools")" "$(grep -l '^// Columns:' "$top"/examples/*.stp | wc -l)"
# refusal TOOL COLUMN OPTION: sets $refusal to what the tool says of an option that has no
# meaning for it, or to nothing
refusal()
{
	case $1,$2,$3 in
	*,-,-[iN]) refusal="$3: $1 prints a line for each event, and no tables" ;;
	*,-,-s) refusal="-s: the output of $1 can't be sorted" ;;
	family,*,-[lr]) refusal="$3: a socket that is created has no port yet" ;;
	listen,*,-r) refusal='-r: a socket that listens has no remote port' ;;
	*) refusal= ;;
	esac
}
# takes TOOL COLUMN I...: passes these lines of the table to the tool; prints nothing if it
# accepts the options, or refuses one that has no meaning for it
takes()
{
	local tool=$1 column=$2 i words=() last=() option value global said
	shift 2
	for i; do
		IFS='|' read -r option value global <<<"${table[i]//COLUMN/$column}"
		refusal "$tool" "$column" "$option"
		if [ "$option" = -- ]; then
			last=(-- "$value")
			continue
		fi
		words+=("$option")
		[ -z "$value" ] || words+=("$value")
	done
	said=$("$O/stap-socket" "$tool" --dry-run "${words[@]}" "${last[@]}" 2>&1)
	i=$?
	if [ -n "$refusal" ]; then
		[[ $i == 2 && $'\n'$said == *$'\n'"stap-socket: $refusal"* ]] && return
		echo "$tool ${words[*]} ${last[*]}: expected 2 $refusal, seen $i $said"
		return
	fi
	said=" ${said##*$'\n'} "
	for i; do
		global=${table[i]//COLUMN/$column}
		[[ $said == *" ${global##*|} "* ]] ||
			echo "$tool ${words[*]} ${last[*]}: no ${global##*|} in $said"
	done
	[ ${#last[@]} -eq 0 ] || [[ $said == *' -c true '* ]] ||
		echo "$tool ${words[*]} ${last[*]}: no command in $said"
}
for tool in $real_tools; do
	column=$(sed -n 's/^\/\/ Columns: \([^ ]*\).*/\1/p' "$top/examples/$tool.stp")
	# All tools parse options in the same way.  One by one, top is given each, and any
	# other tool those that it refuses.
	alone=() of_processes=() of_a_command=()
	for i in "${!table[@]}"; do
		option=${table[i]%%|*}
		[ "$tool" != top ] || alone+=("$i")
		refusal "$tool" "$column" "$option"
		if [ -n "$refusal" ]; then
			alone+=("$i")
			continue
		fi
		[ "$option" = -- ] || of_processes+=("$i")
		[[ $option = -[px] ]] || of_a_command+=("$i")
	done
	[ ${#alone[@]} -eq 0 ] ||
		is "$tool takes or refuses options one by one" "$(for i in "${alone[@]}"; do
			takes "$tool" "$column" "$i"; done)" ''
	is '... and takes all that it does not refuse at the same time' \
		"$(takes "$tool" "$column" "${of_processes[@]}")" ''
	is '... also with a command' "$(takes "$tool" "$column" "${of_a_command[@]}")" ''
	# All tools parse values in the same way; a few tools are enough for all options.
	wrong=('-i nix' '-s nix' '--nix')
	case $tool in
	top | trace | family)
		wrong+=('-p nix' '-u no-such-user' '-P nix' '-f nix' '-t nix' '-l nix'
			'-r 70000' '--netns nix' '-c nix' '-d nix' '-N nix'
			'--units nix' '-x nix' '-G nix=1' '-- /nix') ;;
	esac
	for i in "${wrong[@]}"; do
		# shellcheck disable=SC2086 # an option and its value
		run "$O/stap-socket" "$tool" $i
		[ $status -eq 2 ] || echo "$i: status $status, $errors"
		line=${errors%%$'\n'*}
		[[ $line == 'stap-socket: '*"${i%% *}"* || $line == 'stap-socket: '*"${i##* }"* ]] ||
			echo "$i: not named: $errors"
	done >"$box/wrong"
	is '... and refuses wrong values, with a message that names them' "$(cat "$box/wrong")" ''
done
PATH=$box/fake:$PATH
for line in "${table[@]}"; do
	IFS='|' read -r option value _ <<<"${line//COLUMN/pid}"
	[ "$option" != -- ] || continue
	words=("$option")
	[ -z "$value" ] || words+=("$value")
	refused "$option twice" "$option is given twice${value:+, with '$value' and '$value'}" \
		params "${words[@]}" --dry-run "${words[@]}"
done
refused '-p with two processes' "-p is given twice, with '$$' and '1'" params -p $$ -p1
refused '-G with one name twice' "-G again is given twice, with '1' and '0'" \
	events -G again=1 -G again=0

# ---------------------------------------------------------------- prebuilt modules

release=$(uname -r)
headers=$box/headers
mkdir "$headers"
: >"$headers/Makefile"
modules=$HOME/.cache/socket-tapset/modules/$release
module=stap_socket_params_00000000.ko
prebuild()
{
	run stap-socket prebuild --kernel "$release" --build "$headers" --output "$modules" "$@"
}
uses() { run stap-socket params --dry-run; }

prebuild params events
is 'prebuild builds the tools that are named' "$status" 0
is '... both of them' "$(grep -c . "$HOME/built")" 2
like '... with a line of progress each' "$errors" '1 of 2: params for kernel'
is '... and a manifest with six words for each tool' \
	"$(awk '$1 == "params" { print $2, $3, $4, NF }' "$modules/stap-socket.manifest")" \
	"$module $release 5.6 6"
is '... with its checksum' \
	"$(awk '$1 == "params" { print $6 }' "$modules/stap-socket.manifest")" \
	"$(sha256sum <"$modules/$module" | cut -d ' ' -f 1)"
uses
is 'a prebuilt module is used, and nothing is built' "$said" \
	"staprun -R $modules/$module width=80"
: >"$HOME/built"
prebuild params events
ok 'a current module is kept' test ! -s "$HOME/built"
like '... and counted' "$errors" '0 built, 2 kept, 0 failed'

# The output of --dry-run does the same as the command, in any POSIX shell.
staprun_got() { cat "$HOME/loaded" 2>/dev/null; }
mkdir "$box/it's a home"
cp "$HOME/stap-version" "$box/it's a home/"
for shell in bash dash 'busybox sh'; do
	type -P "${shell%% *}" >/dev/null || continue
	HOME="$box/it's a home"
	rm -rf "$HOME/.cache" "$HOME/loaded" "$HOME/built"
	words=(-n "it's \$HOME" -c 3 -s bytes -- echo 'a  b' "it's" '$HOME')
	stap-socket params --dry-run "${words[@]}" >"$box/lines" 2>/dev/null
	# shellcheck disable=SC2086 # 'busybox sh' is two words
	ok "$shell runs the output of --dry-run" $shell "$box/lines"
	like '... which builds the module' "$(cat "$HOME/built")" '^stap_socket_params_00000000 '
	directory=$HOME/.cache/socket-tapset/modules/$release
	is '... in the directory of modules' "$(cd "$directory" && find . -mindepth 1 | sort | paste -s -d ' ')" \
		"./stap-socket.manifest ./$module"
	is '... and starts it' "$(staprun_got)" \
		"-R -c echo 'a  b' 'it'\\''s' '\$HOME' $directory/$module only_command=\"it's \$HOME\" count=3 sort_by=\"bytes\" only_tree=-1 width=80"
	cp "$directory/stap-socket.manifest" "$box/manifest"
	stap-socket params --dry-run "${words[@]}" >"$box/lines" 2>"$box/stderr"
	is '... after which --dry-run has nothing to build' "$(grep -c . "$box/lines" "$box/stderr")" \
		"$box/lines:1"$'\n'"$box/stderr:0"
	rm "$HOME/loaded"
	# shellcheck disable=SC2086 # words
	ok '... and the start is the same' $shell "$box/lines"
	like '... with its values' "$(staprun_got)" "^-R -c echo 'a  b'.* count=3 .* width=80$"
	stap-socket prebuild --kernel "$release" --build "$headers" --output "$directory" \
		params events 2>/dev/null
	is "... and prebuild writes the same manifest, except for tools that are not built yet" \
		"$(grep -v '^[#]\|^events' "$directory/stap-socket.manifest")" \
		"$(grep -v '^#' "$box/manifest")"
	is '... whose other lines --dry-run keeps' "$(
		echo '// changed' >>"$scripts/params.stp"
		stap-socket params --dry-run 2>/dev/null | $shell >"$box/out"
		cut -d ' ' -f 1 "$directory/stap-socket.manifest" | sort | paste -s -d ' ')" \
		'events params'
	echo 'no such kernel' >"$HOME/build-trouble"
	rm -rf "$HOME/loaded" "$HOME/.cache"
	stap-socket params --dry-run >"$box/lines" 2>/dev/null
	run $shell "$box/lines"
	is '... and a failed build ends it' "$status $(staprun_got)" '1 '
	rm "$HOME/build-trouble"
	HOME=$box/home
done

# Modules with other limits are kept beside the usual one.
mkdir "$box/limits"
cp "$HOME/stap-version" "$box/limits/"
HOME=$box/limits
limited() { stap-socket params --dry-run "$@" 2>/dev/null | sh; }
directory=$HOME/.cache/socket-tapset/modules/$release
limited
limited -D SOCKET_NOTES=200000
limited --define=SOCKET_NOTES=300000 -DSOCKET_FRAMES=16384
is 'each set of limits has its module' "$(wc -l <"$HOME/built") $(sort -u "$HOME/built" | wc -l)" '3 3'
is '... and its line in the manifest' \
	"$(awk '!/^#/ { print $1 }' "$directory/stap-socket.manifest" | sed 's/-[0-9a-f]\{8\}$/-LIMITS/')" \
	$'params\nparams-LIMITS\nparams-LIMITS'
for words in '' '-DSOCKET_NOTES=200000' '--define SOCKET_NOTES=300000 -D SOCKET_FRAMES=16384'; do
	# shellcheck disable=SC2086 # words
	limited $words
done
is '... which is used from then on' "$(wc -l <"$HOME/built") $(sort -u "$HOME/loaded" | wc -l)" '3 3'
run stap-socket params --dry-run -D SOCKET_NOTES=200001
like '... and stap gets them' "$said" \
	' -p4 -DMAXSKIPPED=2147483647 -DSOCKET_NOTES=200001 -m stap_socket_params_[0-9a-f]{8}_00000000 '
HOME=$box/home
given '--buffer is for staprun' '' --buffer 16
like '... which gets it' "$said" 'staprun -R -b 16 '
refused '-D with a wrong name' "-D: no limit 'SOCKET_NOTS' \(did you mean SOCKET_NOTES\?\); there are: " \
	params -D SOCKET_NOTS=100
refused '-D without a number' '--define takes NAME=N, not .SOCKET_NOTES' params --define SOCKET_NOTES
refused '-D with a wrong number' '-D SOCKET_NOTES= takes a whole number from 64 .*, not .1e6' \
	params -DSOCKET_NOTES=1e6
refused '... not a power of two' '-D SOCKET_FRAMES= takes a power of two' params -DSOCKET_FRAMES=1000
refused '-D twice' "-D SOCKET_NOTES is given twice, with '100' and '200'" \
	params -DSOCKET_NOTES=100 -DSOCKET_NOTES=200
refused '--buffer with a unit' '--buffer takes a whole number of MB from 1 to 4095, not .64m.'$'\n' \
	params --buffer 64m

prebuild params events
: >"$HOME/built"
echo '// changed' >>"$scripts/params.stp"
uses
like 'a module of another script is not used, with a message' "$errors" \
	'not using the module in .*: it was built from another version of the script'
like '... and a new one would be built' "$said" 'stap-socket-run .* -p4 .*-m stap_socket_params'
prebuild params events
is 'prebuild builds only stale modules' "$(cat "$HOME/built")" \
	"stap_socket_params_00000000 $scripts/params.stp"
echo more >>"$modules/$module"
uses
like 'a damaged module is not used' "$errors" "$module is damaged"
printf '~Module signature appended~\n' >>"$modules/$module"
uses
is 'a module that was signed later is used, under its own name' "$said" \
	"staprun $modules/$module width=80"
run stap-socket prebuild --kernel 9.9.9 --build "$headers" --output "$modules" params
is 'prebuild replaces it with a module for another kernel' "$status" 0
uses
like '... which is not used on this kernel' "$errors" 'it was built for kernel 9.9.9'
rm "$modules/stap-socket.manifest"
prebuild params
chmod 666 "$modules/$module"
uses
like 'a module that anyone can write to is not used' "$errors" 'others can write to .*/stap_socket_params_00000000.ko'
chmod 644 "$modules/$module"
echo 5.5 >"$HOME/stap-version"
rm "$modules/stap-socket.manifest"
prebuild params
uses
like 'a module built by a systemtap other than that of staprun is not used' "$errors" \
	'it was built by systemtap 5.5, and here is 5.6'
echo 5.6 >"$HOME/stap-version"
rm "$modules/$module"
uses
like 'a missing module is not used' "$errors" 'is missing'

# An interrupted prebuild leaves no incomplete module, and keeps the others.
for end in TERM:143 QUIT:131; do
	rm -rf "$modules" "$HOME/built"
	prebuild events
	echo 60 >"$HOME/build-sleep"
	# A shell starts what is in the background without SIGQUIT.
	env --default-signal=QUIT stap-socket prebuild --kernel "$release" --build "$headers" \
		--output "$modules" >"$box/out" 2>&1 &
	launcher=$!
	for ((try = 0; try < 100; try++)); do
		! grep -q params "$HOME/built" || break
		sleep 0.1
	done
	sleep 0.3
	kill "-${end%:*}" "$launcher"
	wait "$launcher"
	is "prebuild exits with ${end#*:} after SIG${end%:*}" $? "${end#*:}"
	is '... with the modules completed before, and no incomplete one' \
		"$(cd "$modules" && find . -type f ! -name .lock | sort | paste -s -d ' ')" \
		'./stap-socket.manifest ./stap_socket_events_00000000.ko'
	# Only builders of this test: the same test may run elsewhere.
	ok '... and no builder that is still running' \
		bash -c "! grep -qz '^$scripts/[p]arams.stp' /proc/[0-9]*/cmdline"
	rm "$HOME/build-sleep"
done
prebuild
like '... and when started again, it builds the rest' "$errors" '1 kept, 0 failed'

# Perl and some daemons ignore the end of a child, and their children inherit that.
run perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' stap-socket prebuild --kernel "$release" \
	--build "$headers" --output "$modules" params events
is 'prebuild sees the end of stap also if SIGCHLD is ignored' "$status" 0
run bash -c 'stap-socket params --dry-run >/dev/full'
like 'an output that cannot be written: fails, with a message' "$status $errors" '^1 .*cannot write: No space'
variant lost -DRUNNER='"/none/stap-socket-run"'
run stap-socket-lost params --dry-run
like 'if it cannot be checked who can change a module, it is not used' "$errors" \
	'not using the module in .*: cannot check who could change .*/modules/'
run stap-socket-lost prebuild --kernel "$release" --build "$headers" --output "$modules" params
like '... and nothing is built there' "$status $errors" '^2 .*--output: cannot check'
rm "$bin/stap-socket-lost"

# ---------------------------------------------------------------- directories that others can write to

# withheld NAME DIRECTORY PATTERN COMMAND...: fails with that message and leaves DIRECTORY empty
withheld()
{
	local name=$1 directory=$2 pattern=$3
	shift 3
	rm -f "$HOME/built"
	run "$@"
	is "$name: refused" "$status" 1
	like '... and the message names the directory' "$errors" "$pattern"
	is '... and nothing is written or built' \
		"$(find "$directory" -mindepth 1; cat "$HOME/built" 2>/dev/null)" ''
}
: >"$headers/Module.symvers"
awk 'BEGIN { for (i = 0; i < 3000; i++) print "0 T f" i }' >"$box/symbols"
make_tree=("$box/stap-socket-run" --kernel 9.9.9 --build "$headers" --symbols "$box/symbols"
	--make-tree)
build=(stap-socket prebuild --kernel "$release" --build "$headers" params)
mkdir -p "$box/shared/mine" "$box/theirs"
chmod 777 "$box/shared"
withheld 'a cache below a directory that others can write to' "$box/shared/mine" \
	"others can write to $box/shared, " env XDG_CACHE_HOME="$box/shared/mine" "${build[@]}"
withheld 'a build tree there' "$box/shared/mine" "others can write to $box/shared, " \
	env XDG_CACHE_HOME="$box/shared/mine" "${make_tree[@]}"
ln -s "$box/shared/mine" "$box/link"
withheld '... also through a link' "$box/shared/mine" "others can write to $box/shared, " \
	"${make_tree[@]}" --tree "$box/link/new/tree"
if [ "$(/usr/bin/id -u)" -eq 0 ]; then
	chown 4711 "$box/theirs"
	withheld 'the cache of another user, as su leaves it' "$box/theirs" \
		"$box/theirs belongs to user 4711, " env XDG_CACHE_HOME="$box/theirs/.cache" "${build[@]}"
	withheld 'the build tree of another user' "$box/theirs" "$box/theirs belongs to user 4711, " \
		env XDG_CACHE_HOME= HOME="$box/theirs" "${make_tree[@]}"
	ln -s "$box/home" "$box/shared/link"
	chmod 1777 "$box/shared"
	chown -h 4711 "$box/shared/link"
	withheld "another user's link in a directory like /tmp" "$box/theirs" \
		"$box/shared/link belongs to user 4711, " \
		"${make_tree[@]}" --tree "$box/shared/link/tree"
else
	skip 'the directories of another user' 'only root can make them'
fi
run env -u HOME stap-socket params --dry-run
like "without HOME, the user's home directory is used" "$said" \
	"$(getent passwd "$(/usr/bin/id -u)" | cut -d : -f 6)/.cache/socket-tapset/"

run "${make_tree[@]}" --tree "$box/less" --without f7 --without f8
is 'a tree without functions has its own name' "$said" "$box/less-without-f7-f8"
is '... and stap finds all others in it' \
	"$(awk '{ print $3 }' "$box/less-without-f7-f8/sysroot/boot/System.map-9.9.9")" \
	"$(awk '$3 != "f7" && $3 != "f8" { print $3 }' "$box/symbols")"
run "${make_tree[@]}" --tree "$box/none" --without f3000
is 'a function that the kernel does not have is refused' "$status" 1
like '... by name' "$errors" '--without f3000: kernel 9\.9\.9 has no function and no tracepoint'
ok '... and no tree is left' test ! -e "$box/none-without-f3000"
run "${make_tree[@]}" --without 'f7 f8'
is 'what cannot be a name is refused' "$status" 2
like '... with what is accepted' "$errors" "takes the name of a function or tracepoint, not 'f7 f8'"

chmod 777 "$HOME/.cache/socket-tapset"
uses
like 'a module below a directory that others can write to is not used' "$errors" \
	"not using .*: others can write to $HOME/.cache/socket-tapset, "
chmod 755 "$HOME/.cache/socket-tapset"
echo precious >"$box/precious"
ln -sf "$box/precious" "$HOME/.cache/socket-tapset/log/params.build"
rm "$modules/stap-socket.manifest"
prebuild params
is 'a link in place of a log is not followed' "$(cat "$box/precious")" precious

# prebuild explains a failure of stap in a sentence, and keeps the output of stap in a file.
trouble() # NAME PATTERN WORDS-OF-STAP
{
	echo "$3" >"$HOME/build-trouble"
	rm -rf "$modules"
	prebuild params
	is "$1: prebuild fails" "$status" 1
	like '... with the cause in a sentence' "$errors" "$2"
	log=$(sed -n "s/.*(stap's own words: \(.*\)).*/\1/p" <<<"$errors")
	is '... and the name of the file with the output of stap' "$(cat "$log")" "$3"
	ok '... and writes no manifest' test ! -e "$modules/stap-socket.manifest"
	rm "$HOME/build-trouble"
}
trouble 'a runtime that does not compile' \
	"systemtap 5.6 does not compile for kernel $release \(it says that it was tested on 3.10 ... 7.3.0-rc3\)" \
	"/usr/share/systemtap/runtime/linux/access_process_vm.h:35:9: error: too many arguments
make[1]: *** [Makefile:1800: /tmp/stapX] Error 2
WARNING: kbuild exited with status: 2"
trouble 'no symbols' 'no symbols of kernel 1.2.3; copy them' \
	'stap-socket-run: no symbols of kernel 1.2.3; copy them'
trouble 'a full disk' 'no space left on the device' \
	"cc1: fatal error: closing dependency file: No space left on device"
trouble 'a kernel without a probed function' "lacks a place that the script probes: .*while resolving probe point" \
	"semantic error: while resolving probe point: identifier 'socket' at x.stp:1:7
        source: probe socket.send
semantic error: resolution failed in kprobe builder"
trouble 'anything else' 'never heard of' 'never heard of'

run stap-socket prebuild --kernel 9.9.9
is 'prebuild without headers fails' "$status" 1
like '... and the message names the package' "$errors" \
	'headers of kernel 9.9.9 are not installed.*linux-headers-9.9.9|kernel-devel-9.9.9'
echo 5.1 >"$HOME/stap-version"
run stap-socket prebuild --kernel 6.12.9-1-amd64 --build "$headers" --output "$box/none"
like 'a systemtap too old for the kernel is named' "$errors" \
	'systemtap 5.1 is too old for kernel 6.12.9-1-amd64.*install 5.2 or later'
echo 5.6 >"$HOME/stap-version"
run stap-socket prebuild --kernel 5.10.0-46-amd64 --build "$headers" --output "$box/none"
like '... and so is one that is too new' "$errors" 'systemtap 5.6 is too new for kernel 5.10.0-46-amd64'
ok '... before a directory is made' test ! -e "$box/none"

# Without stap, and without both stap and staprun.
mkdir "$box/no-stap" "$box/no-staprun"
for directory in "$box/no-stap" "$box/no-staprun"; do
	ln -s "$box/bare"/* "$(type -P sha256sum)" "$directory/"
done
ln -s "$box/fake/staprun" "$box/no-stap/"
for path in "$box/no-stap" "$box/no-staprun"; do
	run env HOME="$box" PATH="$path" "$bin/stap-socket" params --dry-run
	is '--dry-run without stap fails' "$status" 1
	like '... but prints the commands' "$said" $'\nstaprun -R [^\n]*width=80$'
	like '... and a sentence names the package to install' "$errors" \
		'^stap-socket: these commands fail here: .*stap is not installed: .*(apt-get|dnf) install systemtap'
	is '... in one line' "$(wc -l <<<"$errors")" 1
	is '... which names staprun if that is missing' \
		"$(grep -c 'staprun is not installed: .*install systemtap-runtime' <<<"$errors")" \
		"$([ -e "$path/staprun" ]; echo $?)"
done

run env PATH="$box/bare" "$bin/stap-socket" prebuild --kernel 9.9.9
is 'if several things are missing, prebuild has a line for each' \
	"$status $(grep -c '\(apt-get\|dnf\) install' <<<"$errors")" '1 4'
is '... and each starts with the name of the command' "$(grep -vc '^stap-socket: ' <<<"$errors")" 0

# ---------------------------------------------------------------- a kernel without modules

# The same command with another path for /proc/modules, which does not exist.
variant none -DPROC_MODULES="\"$box/none/modules\""
for path in "$PATH" "$box/bare"; do
	rm -f "$HOME/built"
	for words in 'params' 'events -c 1' prebuild 'prebuild params'; do
		# shellcheck disable=SC2086 # words
		run env PATH="$path" "$bin/stap-socket-none" $words
		is "$words on a kernel that loads no modules: fails" "$status" 1
		like '... and the only message has the cause and the alternatives' "$errors" \
			$'^stap-socket: not on this kernel: it loads no modules[^\n]*make demo[^\n]*prebuild --kernel[^\n]*$'
	done
	ok '... and nothing is built' test ! -e "$HOME/built"
done
run stap-socket-none prebuild --kernel 9.9.9 --build "$headers" --output "$box/for-another" params
is '... but prebuild can build for another kernel' "$status" 0
like '... and writes the module' "$(cd "$box/for-another" && echo *)" 'stap_socket_params_00000000.ko'
run stap-socket-none prebuild --kernel "$release" --build "$headers" \
	--output "$box/for-another" params
is '... also for one with the same release' "$status" 0
run stap-socket-none check
like 'check reports it in its first line' "$(sed -n 2p <<<"$said")" \
	'^missing  .*it loads no modules'
rm "$bin/stap-socket-none"

# ---------------------------------------------------------------- a kernel that is locked down

# The same command, which reads the mode from a file of this test.
variant locked -DLOCKDOWN="\"$box/lockdown\"" -DPROC_MODULES='"/proc/version"'
while IFS='|' read -r mode missing note; do
	echo "$mode" >"$box/lockdown"
	said=$(COLUMNS=9999 stap-socket-locked check 2>/dev/null)
	is "check, lockdown $mode: whether unsigned modules are refused" \
		"$(grep -c '^missing .*locked down.*signed modules only: sign the module' <<<"$said")" \
		"$missing"
	is '... and the note about signed ones' "$(sed -n 's/^note *lockdown=//p' <<<"$said")" \
		"$note"
done <<'END'
[none] integrity confidentiality|0|
none [integrity] confidentiality|1|integrity: a signed module runs as it does without lockdown
none integrity [confidentiality]|1|confidentiality: a signed module runs as it does without lockdown; what is forbidden then, kprobes of tracefs and perf and reads by bpf, modules do not use
|0|
END
modules=$HOME/.cache/socket-tapset/modules/$release
echo 'none [integrity] confidentiality' >"$box/lockdown"
prebuild params events
run stap-socket-locked check
like 'check, locked down: unsigned modules cannot be used' "$said" \
	$'\nmissing  the signature of prebuilt modules: events params\nThe tools can not run.$'
printf '~Module signature appended~\n' >>"$modules/$module"
run stap-socket-locked check
like '... but signed ones can' "$said" $'\nmissing  the signature of prebuilt modules: events\n'
printf '~Module signature appended~\n' >>"$modules/${module/params/events}"
run stap-socket-locked check
like '... until all of them are signed' "$said" $'\nok       prebuilt modules of all 2 tools\n'
echo '[none] integrity confidentiality' >"$box/lockdown"
rm -r "$modules"
prebuild params events
run stap-socket-locked check
like '... and unsigned ones can if the kernel is not locked down' "$said" \
	$'\nok       prebuilt modules of all 2 tools\n'
rm "$bin/stap-socket-locked"

# ---------------------------------------------------------------- a hostile environment

# (Status 1 if this machine lacks something that a build needs, such as the kernel's headers.)
run stap-socket params --dry-run -n 'a b' -f inet -s PID
clean="$status $said"
like 'a clean environment: the commands are printed' "$clean" '^[01] .*only_command'
mkdir "$box/evil" "$box/evil/linux"
echo 'probe begin { system("id") }' >"$box/evil/linux/socket.stp"
hostile=(IFS=/ CDPATH=/:/tmp ENV="$box/evil/env" SYSTEMTAP_DIR="$box/evil"
	SYSTEMTAP_TAPSET="$box/evil" SYSTEMTAP_RUNTIME="$box/evil" POSIXLY_CORRECT=1
	PS4='$(touch '"$box"'/ran)' TERM=$'\e[2J' GREP_OPTIONS=-v TZ=$'\n' HOSTNAME='$(id)')
for width in '' -5 0 1 abc 99999 18446744073709551696 '1;id' $'80\n90' ' 80'; do
	run env "${hostile[@]}" COLUMNS="$width" stap-socket params --dry-run -n 'a b' -f inet -s PID
	is "a hostile environment changes nothing, COLUMNS [$width]" "$status $said" "$clean"
done
# A locale with other rules for letters: I is not the upper case of i.
if localedef -i tr_TR -f UTF-8 "$box/tr_TR.UTF-8" 2>/dev/null; then
	run env LOCPATH="$box" LC_ALL=tr_TR.UTF-8 stap-socket params --dry-run -n 'a b' -f inet -s PID
	is '... nor does a Turkish locale' "$status $said" "$clean"
else
	skip 'a Turkish locale' 'localedef has no tr_TR'
fi

# Files with any name: each argument remains one word, and no part of it is run.
for name in 'a b' $'new\nline' '*' '-x' "it's" '"' '$(touch ran)' '`touch ran`' ';touch ran;' \
	$'\e[2J' $'\xff'; do
	rm -rf "$box/named"
	mkdir -p "$box/named/$name/tree"
	cd "$box/named" || exit
	printf 'probe begin { exit() }\n' >"./$name/-e.stp"
	: >"$HOME/built"
	run stap-socket run "./$name/-e.stp" -m "$name"
	is "a script in [${name@Q}]: its name is one word" "$(cat "$HOME/built")" "$name "
	: >"./$name/Module.symvers"
	printf 'all:\n\t@echo made\n' >"./$name/Makefile"
	run "$box/stap-socket-run" --kernel 9.9.9 --build "$box/named/$name" \
		--symbols "$box/symbols" --tree "$box/named/$name/tree/t" --make-tree
	case $name in
	*$'\n'*) like '... headers in it: refused' "$status $errors" "^1 .*has a new line" ;;
	*)
		is '... headers in it: make finds them' \
			"$status $(make -s -C "$box/named/$name/tree/t/build" all 2>&1)" '0 made' ;;
	esac
	is '... and nothing in the name is run' "$(find "$box/named" -name ran)" ''
	cd "$top" || exit
done

# ---------------------------------------------------------------- check, completion, manual

run stap-socket check
is 'check prints for each item whether it is there' \
	"$(grep -cvE '^(ok|missing|note|   ) |^kernel |^The tools can (not )?run\.$' <<<"$said")" 0
# longer WIDTH: prints the longer lines of its input, except for those of a single word
longer() { awk -v width="$1" 'length($0) > width && NF > 2'; }
for path in "$PATH" "$box/bare"; do
	for width in 60 80 120; do
		is "... in lines of at most $width columns" \
			"$(COLUMNS=$width PATH=$path "$bin/stap-socket" check | longer $width)" ''
	done
	is '... or 80 without a terminal' "$(PATH=$path "$bin/stap-socket" check | longer 80)" ''
	is '... with the same words' \
		"$(COLUMNS=60 PATH=$path "$bin/stap-socket" check | tr -s ' \n' '\n')" \
		"$(COLUMNS=9999 PATH=$path "$bin/stap-socket" check | tr -s ' \n' '\n')"
done
case $status in
0) like '... and exits 0 if tools can run' "$said" 'The tools can run\.$' ;;
*) like '... and exits 1 if tools cannot run' "$status $said" '^1 .*can not run\.$' ;;
esac

# Kernels as uname shows them, and the rows of the lab that the tests run on.
variant able -DPROC_MODULES='"/proc/version"'
"$CC" -shared -fPIC -o "$box/preload.so" "$top/testsuite/stap-socket/preload.c"
# supported RELEASE MACHINE BUILT: sets support to what check says of such a kernel's
supported()
{
	run env RELEASE="$1" MACHINE="$2" BUILT="$3" LD_PRELOAD="$box/preload.so" COLUMNS=9999 \
		stap-socket-able check
	support=$(grep -E '^[a-z]+ +support: ' <<<"$said")
}
rows_tested=()
for row in "$top"/testsuite/lab/rows/*; do
	kernel=$(sed -n 's/^kernel=//p' "$row") machine=x86_64 what='the tests run' package=amd64
	[ -n "$kernel" ] || continue
	! grep -q '^arch=arm64' "$row" || machine=aarch64 what='every probe was tested' package=arm64
	[[ $kernel =~ ^([0-9]+)\\.([0-9]+)\\. ]]
	version=${BASH_REMATCH[1]}.${BASH_REMATCH[2]}
	supported "$version.0-1-cloud-$package" $machine '#1 SMP Debian'
	is "check: ${row##*/}'s kernel is tested" "$support" \
		"ok       support: $what on Debian's $version ($machine)"
	rows_tested+=("$machine $version")
done
is '... and no other is' "$(for machine in X86_64 AARCH64; do
	sed -nE "s/^#define TESTED_$machine \"(.*)\"/\1/p" "$top/src/doctor.c" | tr ' ' '\n' |
		sed "s/^/${machine,,} /"
done | sort)" "$(printf '%s\n' "${rows_tested[@]}" | sort -u)"
while read -r kernel machine built; do
	supported "$kernel" "$machine" "$built"
	like "... $kernel $built on $machine: expected" "$support" \
		'^note     support: this kernel should work, but was not tested \(tested were .*: stap-socket check --probes$'
done <<-'END'
	6.12.0-55.el10_0 x86_64 #1 SMP
	6.8.0-31-generic x86_64 #31-Ubuntu SMP
	5.15.0-1-amd64 x86_64 #1 SMP Debian
	6.1.0-1-arm64 aarch64 #1 SMP Debian
	6.12.47+rpt-rpi-2712 aarch64 #1 SMP PREEMPT Debian 1:6.12.47-1+rpt1
	6.12.0-1-s390x s390x #1 SMP Debian
END
while IFS='|' read -r kernel machine why; do
	supported "$kernel" "$machine" Debian
	is "... $kernel on $machine: not supported" "$support" \
		"missing  support: the tapset does not support $why"
	is '... and nothing else is asked for' "$status $(grep -c '^[a-z]* *[a-z].*: ' <<<"$said") ${said##*$'\n'}" \
		'1 1 The tools can not run.'
done <<-'END'
	4.18.0-553.el8_10|x86_64|Linux before 5.10, and this is 4.18: functions that it needs are missing
	6.12.0-1|armv7l|32-bit kernels (armv7l)
	6.12.0-1|mips64|MIPS, whose kernel gives probes no access to arguments
	6.12.0-1|sparc64|sparc64: no kernel of it was tried
END
rm "$bin/stap-socket-able"

# The self-test: its real program, and faked counts of the probes.
variant able -DPROC_MODULES='"/proc/version"' -DPROC_KALLSYMS="\"$box/kallsyms\"" \
	-DNEEDS_NOTHING -DRUNNER="\"$box/able/stap-socket-run\""
echo 'ffff t register_kprobe' >"$box/kallsyms"
mkdir "$box/able"
cat >"$box/able/stap-socket-run" <<'END'
#!/bin/sh
case "$*" in
--untrusted*) ;;
*-p2*'.** ?'*) cat "$HOME/p2" ;;
*-p2*)
	echo "semantic error: while resolving probe point: identifier 'kprobe' at x.stp:1:30"
	echo ' source: probe __socket_user_x = kprobe.function("security_socket_x").call'
	exit 1 ;;
*)
	while [ "$1" != -m ]; do shift; done
	echo "$2 $3" >>"$HOME/built"
	echo module >"$2.ko" ;;
esac
END
cat >"$box/able/staprun" <<'END'
#!/bin/sh
if [ "$1" = -V ]; then
	echo "Systemtap module loader/runner (version 5.6, Debian version 5.6-1)"
	exit
fi
while [ $# -gt 0 ]; do
	[ "$1" != -c ] || sh -c "$2"
	shift
done
cat "$HOME/seen"
END
chmod 755 "$box"/able/*
{
	echo '# globals'
	echo '# probes'
	awk '/^probe socket\./ && !/sendpage|accept / {
		printf "kprobe.function(\"of_%s\").call /*  <- %s = __a /*  <- socket.**? */ */\n", $2, $2
	}' "$O/tapset/linux/socket.stp"
	echo 'never /* <- __socket_never = never /* <- socket.sendpage = __a /* <- socket.**? */ */'
	echo 'never /* <- __socket_never = never /* <- socket.sendpage.return = __a */'
	echo 'kernel.trace("sock:sock_send_length") /*  <- socket.send = __b /*  <- socket.**? */ */'
} >"$HOME/p2"
ok 'the program of the self-test makes its calls' "$O/self-test" "$box/ledger"
is '... of 25 kinds, and connections' "$(cut -d ' ' -f 1 "$box/ledger" | sort -u | wc -l)" 26
# The output of probes that miss nothing.
sed '/ skipped /d; s/-$/0/' "$box/ledger" >"$HOME/seen"
able() { run env PATH="$box/able:$PATH" COLUMNS=9999 stap-socket-able check --probes; }
able
like 'check --probes: a probe has its kernel functions' "$said" \
	$'\nok       socket\.send: of_socket\.send, tracepoint sock_send_length\n'
like '... or the functions that this kernel lacks' "$said" \
	$'\nmissing  socket\.accept: this kernel has no security_socket_x\n'
like '... or a note that the kernel has no such calls' "$said" \
	$'\nnote     socket\.sendpage: this kernel has no such calls, so it never fires\n'
is '... each probe has a line' "$(grep -cE '^(ok|missing|note) +socket\.' <<<"$said")" \
	"$(grep -c '^probe socket\.' "$O/tapset/linux/socket.stp")"
like '... then their counts are compared' "$said" \
	$'\nok       sendmmsg: 40 of 40 counted by send, send\.timed, sendmsg, sendmsg\.return\n'
is '... and only the missing probe is a mistake' \
	"$status $(grep -c ^wrong <<<"$said") ${said##*$'\n'}" \
	'1 0 The tools can run, but this kernel does not have all probes: socket.accept.'
echo 'kprobe.function("f").call /*  <- socket.accept = __a /*  <- socket.**? */ */' >>"$HOME/p2"
able
is '... and the status is 0 if nothing is missing' "$status ${said##*$'\n'}" '0 The tools can run.'
ok '... with the module built the first time' \
	test "$(grep -c self_test "$HOME/built")" = 1
for kernel in "6.12.0-1|0 The tools can run." "4.18.0-1|1 The tools can not run."; do
	run env PATH="$box/able:$PATH" LD_PRELOAD="$box/preload.so" RELEASE="${kernel%|*}" \
		MACHINE=x86_64 BUILT=Debian stap-socket-able check
	is "... of check on ${kernel%|*}" "$status ${said##*$'\n'}" "${kernel#*|}"
done
# A missing event, a missing byte, and a probe that counts nothing.
sed -i 's/^\(recvmmsg socket.receive\) 40/\1 39/; s/^\(write socket.send .*\) .*/\1 19999/
	/^connection socket.close /d' "$HOME/seen"
able
like '... a missing event is wrong' "$said" \
	$'\nwrong    recvmmsg: counted by socket\.receive 39 of 40 \(40000 of 40000 bytes\)\n'
like '... and so is a missing byte' "$said" \
	$'\nwrong    write: counted by socket\.send 20 of 20 \(19999 of 20000 bytes\)\n'
like '... and a probe that did not fire' "$said" \
	$'\nwrong    connection: counted by socket\.close 0 of 60\n'
is '... and with these three the status is 1' "$status $(grep -c ^wrong <<<"$said")" '1 3'
# An event of another probe in the phase, and no event at all.
{
	sed '/ skipped /d; s/-$/0/' "$box/ledger"
	echo 'write socket.sendmsg 20 0'
} >"$HOME/seen"
able
like '... a call that is also counted as another: wrong' "$said" \
	$'\nwrong    write: counted by socket\.sendmsg 20, expected none\n'
: >"$HOME/seen"
able
is '... no event at all: all is wrong' "$status $(grep -c ^wrong <<<"$said")" \
	"1 $(grep -v ' skipped ' "$box/ledger" | cut -d ' ' -f 1 | sort -u | wc -l)"
sed -i 's|kprobe.function(\"security_socket_x\").call|nothing|' "$box/able/stap-socket-run"
sed -i '/<- socket.accept = /d' "$HOME/p2"
able
like '... and a probe that stap does not find, for any reason, is a line' "$said" \
	$'\nmissing  socket\.accept: [^\n]*while resolving'
is '... after which it goes on' "$(grep -c ^wrong <<<"$said")" \
	"$(grep -v ' skipped ' "$box/ledger" | cut -d ' ' -f 1 | sort -u | wc -l)"
like '... and the last line names all that is wrong' "${said##*$'\n'}" \
	'^The tools can run, but .*: send, sendto, .*, connection\.$'
rm -rf "$bin/stap-socket-able" "$box/able" "$modules"
run stap-socket check --probe
is 'check with an unknown option: refused' "$status" 2
like '... and the message names the known one' "$errors" "check takes --probes, but was given '--probe'"

is 'check does not break a command to be copied' \
	"$(for width in 40 50 60 70 80; do
		COLUMNS=$width PATH=$box/bare "$bin/stap-socket" check | grep -c 'install$\|apt-get$\|dnf$'
	done | sort -u)" 0
printf 'systemtap:\n  Candidate: 4.8-2\n' >"$HOME/offered"
cp "$box/apt/apt-cache" "$box/bare/"
run env PATH="$box/bare" COLUMNS=9999 "$bin/stap-socket" check
case $(. /etc/os-release && echo "$ID") in
debian) like 'check does not suggest a systemtap that is too old' "$said" \
	"apt-get install -t sid systemtap, .*pin.*4\.8 now, too old for kernel ${release//+/\\+}" ;;
*) skip 'check does not suggest a systemtap that is too old' 'for Debian' ;;
esac
run env PATH="$box/bare" LD_PRELOAD="$box/preload.so" RELEASE=5.10.0-46-amd64 COLUMNS=9999 \
	"$bin/stap-socket" prebuild --kernel 5.10.0-46-amd64
case $(. /etc/os-release && echo "$ID") in
debian) like '... nor one that is too new' "$errors" 'apt-get install -t trixie systemtap, after adding trixie' ;;
*) skip '... nor one that is too new' 'for Debian' ;;
esac
rm "$HOME/offered" "$box/bare/apt-cache"
run script -qec 'stty cols 50; stap-socket check' /dev/null
is 'its lines are as wide as the terminal' "$(tr -d '\r' <<<"$said" | longer 50)" ''

complete_line() # WORD...: prints the completions of the last word
{
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _stap_socket
		printf "%s\n" "${COMPREPLY[@]}"' - "$top/completions/stap-socket" stap-socket "$@"
}
is 'completion of tools' "$(complete_line par)" params
is '... commands' "$(complete_line preb)" prebuild
is '... options' "$(complete_line params --js)" --json
is '... protocols, in the case that was typed' "$(complete_line params -P icmpx; complete_line params -P sct)" \
	$'\nsctp'
is '... families' "$(complete_line params -f NETL)" NETLINK
is '... limits' "$(complete_line params -D SOCKET_N)" SOCKET_NOTES=
is '... services' "$(complete_line params -r https)" https
is '... types' "$(complete_line params -t seq)" seqpacket
is '... columns of that tool' "$(complete_line params -s '' | paste -s -d ' ')" 'pid command bytes'
is '... only options that the tool has' \
	"$(complete_line events -i; complete_line events --js)" $'\n--json'
is "... a tool's own options" "$(complete_line events -G ag)" again=
is '... topics of help' "$(complete_line help ch)" check
is '... and the program after --' "$(complete_line params -- stap-socket-r)" stap-socket-run
# A process can have any name.
bash -c 'printf "\$(>ran)" >/proc/$$/comm; kill -STOP $$' &
sleeper=$!
for ((try = 0; try < 50; try++)); do
	[ "$(cat "/proc/$sleeper/comm")" != '$(>ran)' ] || break
	sleep 0.1
done
said=$(cd "$box" && complete_line params -n '' | grep -F ran)
is '... processes, quoted' "$said" '\$\(\>ran\)'
ok '... and never run' test ! -e "$box/ran"
kill -KILL "$sleeper"
wait "$sleeper" 2>/dev/null

for page in "$box"/root/usr/share/man/man8/*.8; do
	is "$(basename "$page"): man prints no warning" \
		"$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" 2>&1 >"$box/page")" ''
	like '... and shows a page' "$(cat "$box/page")" 'NAME.*DESCRIPTION'
	is '... with no line longer than 80 columns' "$(awk 'length($0) > 80' "$box/page")" ''
done
run stap-socket --help
mapfile -t long < <(grep -oE -- '--[a-z-]+' <<<"$said" | sort -u)
text=$(MANWIDTH=80 man -l "$top/man/stap-socket.8")
is 'stap-socket.8 has all options' "$(for option in "${long[@]}"; do
	[[ ${text//‐/-} =~ (^|[ ,])$option([^a-z-]|$) ]] || echo "$option"; done)" ''
awk -v tool=params -v version=1 -f "$top/man/roff.awk" -f "$top/man/tool.awk" "$scripts/params.stp" >"$box/params.8"
is "a tool's page is made from its script" \
	"$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$box/params.8" 2>&1 |
		grep -c 'stap-socket params -p 1 -i 2\|Caveats: only for the tests\|takes: pid command bytes')" 3
ok 'make uninstall' make -s -C "$top" uninstall prefix=/usr DESTDIR="$box/root" O="$O"
is '... removes all files of the package' "$(cd "$box/root" && find . -type f | sort | paste -s -d ' ')" \
	"./usr/share/systemtap/examples/network/socket/events.stp ./usr/share/systemtap/examples/network/socket/params.stp ./usr/share/systemtap/examples/network/socket/plain.stp"
finish
