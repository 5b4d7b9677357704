#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# stap-socket without a kernel to probe: its commands, its options, what it refuses, and what
# it would run.
. "$(dirname "$0")/../tap.sh"
. "$top/testsuite/stap-socket/installed.sh"

# ---------------------------------------------------------------- commands other than tools

run stap-socket
is 'without a tool it is refused' "$status" 2
like '... with the usage' "$errors" 'usage: stap-socket TOOL'
run stap-socket --help
is '--help exits 0' "$status" 0
for option in -p -n -u -x -P -f -t -l -r --netns --failed --slower -i -c -d -N -s --json --no-header -T \
	--units -G --dry-run --print-script; do
	like "... and has $option" "$said" "$(printf '(^|[ ,\n])%s' "$option")"
done
run stap-socket --version
is '--version prints the version of the package' "$said" \
	"stap-socket $(sed -n 's/^AC_INIT(\[[^]]*\], \[\(.*\)\])/\1/p' "$top/configure.ac")"
run stap-socket list
is 'list has a line for each tool' "$(grep -c . <<<"$said")" \
	"$(grep -l '@socket_tool' "$scripts"/*.stp | wc -l)"
like '... with the title of its script' "$said" \
	'params     prints the options as they reach the module of a tool'
run stap-socket help params
like 'help TOOL is the comment of its script' "$said" 'Prints its parameters instead'
like '... also as TOOL --help' "$(stap-socket params --help)" 'Prints its parameters'
for tool in '' $(cd "$top/examples" && grep -l '@socket_tool' ./*.stp); do
	tool=${tool#./}
	tool=${tool%.stp}
	# shellcheck disable=SC2086 # nothing or a tool
	is "help $tool: no line is longer than 80 columns" \
		"$(MANWIDTH=80 "$O/stap-socket" help $tool | awk 'length($0) > 80')" ''
	[ -n "$tool" ] || continue
	page=$(PATH=$box/none "$O/stap-socket" help "$tool")
	is '... nor without man(1)' "$(awk 'length($0) > 80' <<<"$page")" ''
	is '... and it has every word of the comment' \
		"$(sed '/^Options that all tools share/,$d' <<<"$page" | tr -s ' \n' '\n')" \
		"$(sed -n '/^\/\/ SPDX/d; /^#!/d; /^\/\//!q; s/^\/\/ *//p' "$top/examples/$tool.stp" |
			tr -s ' \n' '\n' | sed 1d)"
	is '... and the columns of the manual page' \
		"$(sed '1,/^Options that all tools share/d; s/^Columns for .*--columns: //' <<<"$page" | tr -s ' \n' ' ')" \
		"$(sed -n 's/^\.BR "\(.*\)" \.$/\1 /p' "$O/man/stap-socket-$tool.8")"
	is '... which help shows with man(1)' "$("$O/stap-socket" help "$tool")" \
		"$(man -l "$O/man/stap-socket-$tool.8")"
done
is 'TOOL --help shows the page, too' "$("$O/stap-socket" top --help)" \
	"$(man -l "$O/man/stap-socket-top.8")"
is 'help stap-socket shows the page of the command' "$("$O/stap-socket" help stap-socket)" \
	"$(man -l "$O/man/stap-socket.8")"
is '... and the usage without man(1)' "$(PATH=$box/none "$O/stap-socket" help stap-socket)" \
	"$("$O/stap-socket" help)"
gzip -c "$O/man/stap-socket-top.8" >"$box/root/usr/share/man/man8/stap-socket-params.8.gz"
is 'a page that a package has compressed is shown' "$(stap-socket help params)" \
	"$(man -l "$O/man/stap-socket-top.8")"
rm "$box/root/usr/share/man/man8/stap-socket-params.8.gz"
for words in "$O/stap-socket prebuild --help" "$O/stap-socket list" "$top/bin/stap-socket-run --help"; do
	# shellcheck disable=SC2086 # words
	is "${words##*/}: no line is longer than 80 columns" \
		"$($words | awk 'length($0) > 80 { print } END { print (NR > 10) }')" 1
done
run env COLUMNS=60 PATH="$box/none" "$O/stap-socket" help top
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
usage: stap-socket help TOPIC

a tool, probe or function$'
for word in check run list; do
	is "... $word --help prints the same" "$(stap-socket $word --help)" "$(stap-socket help $word)"
done
is '... and so does prebuild --help' "$(stap-socket help prebuild)" "$(stap-socket prebuild --help)"
refused 'help for an unknown topic' "no help for 'parmas' \(did you mean params\?\); there is" help parmas
refused '... for an unknown probe' "'socket.sendto' \(did you mean socket.send\?\)" help socket.sendto
refused '... for a path' "no help for '../man3/socket'" help ../man3/socket
like 'help of a probe is its page' "$(stap-socket help socket.send)" 'NAME.*probe::socket\.send - .*SYNOPSIS'
like '... and so is that of a function' "$(stap-socket help sock_fam_num2str)" 'NAME.*function::sock_fam_num2str - '
like '... and that of all values and events' "$(stap-socket help socket)" 'NAME.*tapset::socket - .*WHAT AN EVENT IS'
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
drawn 'letters in one word' '-T -N 5' -TN5
drawn '... after a long option' '--json -T -N 5' --json -TN 5
drawn '... and before one' '-T -N 5 --json' -TN 5 --json
refused 'an unknown letter among them' "no option '-Tq'" params --json -Tq
refused '... before one that takes a value' "no option '-TqN'" params -TqN 5
refused 'a letter among them without its value' '-N needs a value' params --json -TN
refused 'the first letter of a long name' "'--c' \(did you mean --command or --cgroup or --container or --count or --columns or --csv\?\)" params --c 5
refused 'the buffer as in stap' "no column '64'; it has: pid command bytes" params -s 64
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
given '... which for packet is in network byte order, as for socket(2)' \
	"only_family=17 only_protocol=$(python3 -c 'import socket; print(socket.htons(0x806))')" \
	-P arp -f packet
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
given 'a list of processes' "only_pid=1,$sleeper" -p "1,$sleeper"
given 'a list of ports, with a range and a name' only_rport=80,443,8000-8100 -r 80,https,8000-8100
given 'all but some' "'only_rport=!22,80'" -r '!ssh,80'
given 'a list of families, and protocols of IP' 'only_family=2,10 only_protocol=6,17' \
	-P tcp,udp -f inet,inet6
given 'addresses' 'only_laddr=127.0.0.1 only_raddr=10.0.0.0/8,2001:db8::/32' \
	--laddr 127.0.0.1 --raddr 10.0.0.0/8,2001:db8::/32
given 'all addresses but some' "'only_raddr=!::1'" --raddr '!::1'
given '--netns with an inode number' only_netns=4026531840 --netns 4026531840
given '--netns of a process' "only_netns=$(stat -L -c %i /proc/$$/ns/net)" --netns pid:$$
given '--netns of a path' "only_netns=$(stat -L -c %i /proc/$$/ns/net)" --netns=/proc/$$/ns/net
given 'long options' "only_pid=$sleeper 'only_command=\"a\"' only_uid=0 only_tree=$sleeper only_family=10 \
only_type=1 interval=5 count=3 duration=60 \
only_protocol=6 only_lport=1 only_rport=2" --pid $sleeper --command a --user=root --tree=$sleeper \
	--protocol tcp --family inet6 --type stream --lport 1 --rport=2 --interval 5 --count 3 \
	--duration=60 --rows 7 --sort bytes --timestamps
given '-i -c -d -N' 'interval=5 count=3 duration=60' -i 5 -c3 -d 60 -N 7
given 'a number with leading zeros is decimal' interval=10 -i 010
drawn '-s in upper case' '-s BYTES' -s BYTES
drawn '--json --no-header -T' '--json --no-header -T' --json --no-header -T
drawn '--units exact' '--units exact' --units exact
drawn '--units=human' '--units human' --units=human
drawn '--columns' '--columns bytes,pid' --columns bytes,pid
drawn '--csv' --csv --csv
drawn '--names' --names --names
refused '--csv and --json' '--csv and --json exclude each other' params --csv --json
refused '--columns with an unknown one' \
	"--columns: params has no column 'byte' \(did you mean bytes\?\); it has: pid command bytes" \
	params --columns pid,byte
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
	"-r takes a number from 0 to 65535, a range such as 8000-8100 or the name of a service in /etc/services, not 'htpps' \(did you mean https" \
	params -r htpps
refused '-r with a negative number' "-r takes a number from 0 to 65535, .*, not '-1'" params -r -1
refused '-r with a service, for a family without services' \
	"-r takes a whole number from 0 to 4294967295, not 'https'" params -f vsock -r https
refused 'a list with an empty part' "-r takes a list such as A,B, without empty parts: '80,,81'" \
	params -r 80,,81
refused '... or with one at its end' "without empty parts: '80,'" params -r 80,
refused '... or of nothing but !' "-r takes a list after the !, such as '!A,B'" params -r '!'
refused 'a ! that is not the first character' "-r takes a ! before the list, .* not '80,!81'" params -r '80,!81'
refused 'a range that ends before it begins' "-l: the range '90-80' begins above its end" params -l 90-80
refused 'a range with a number too high' "from 0 to 65535, not '65536'" params -l 1-65536
refused 'a list that is too long' "-r takes a list of at most 16 parts, not 17: '1,2" \
	params -r "$(seq -s , 17)"
refused '... in characters' '--laddr takes a list of at most 255 characters' \
	params --laddr "$(printf 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:%d,' {1000..1006})::1"
given 'a range of processes, which need not run' only_pid=1-4194304 -p 1-4194304
refused '-n with a !' "-n takes one name; lists and ! are for numbers and addresses: '!sshd'" \
	params -n '!sshd'
refused '--raddr for a family without addresses of IP' \
	'--raddr and -f unix exclude each other' params -f unix --raddr 10.0.0.0/8
refused '--raddr with a name' "--raddr takes addresses or networks, such as .*, not 'localhost'" \
	params --raddr localhost
refused '--raddr with a prefix too long' \
	"--raddr 10.0.0.0/33: the length of a prefix takes a whole number from 0 to 32, not '33'" \
	params --raddr 10.0.0.0/33
refused '... with an address that is not a network' \
	"--raddr: '10.64.0.1/9' has bits .* \(did you mean 10.0.0.0/9\?\)" \
	params --raddr ::1,10.64.0.1/9
refused '... of IPv6' \
	"'2001:db8::1/33' has bits .* \(did you mean 2001:db8::/33\?\)" \
	params --raddr 2001:db8::1/33
given '... but one of a single address, or of all' only_raddr=1.2.3.4/32,::/0 \
	--raddr 1.2.3.4/32,::/0
refused '-r with an open range' "a range such as 8000-8100 .*, not '80-'" params -r 80-
refused '-x with a list' "-x takes one process; lists and ! are for -p: '1,2'" params -x 1,2
given '--slower' only_slower=250 --slower 250ns
given '... in us' only_slower=100000 --slower=100us
given '... in s' only_slower=1000000000000000 --slower 1000000s
given '--failed' only_failed=1 --failed
for value in 5 ms 0ms 1.5ms 5m 5MS '5 ms' -5ms 1000001s 1000000000000ns; do
	refused "--slower $value" \
		"--slower takes a whole number from 1 with a unit, ns, us, ms or s, up to 1000000s, such as 5ms, not '$value'" \
		params --slower "$value"
done
refused '--failed with a value' "no option '--failed=1'" params --failed=1
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
printf '// tables.stp - a tool\n@socket_tool("tables", 1, "", "pid:pid")\n@socket_failed\n@socket_slower\n' \
	>"$scripts/tables.stp"
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
only_cgroup=7|--cgroup 7
only_netns=7|--netns 7
only_failed=1|--failed
only_slower=7|--slower 7ns
only_tree=1|-x 1
only_tree=-1|a command after --
interval=5|-i 5
count=5|-c 5
duration=5|-d 5
END
rm "$scripts/tables.stp"
refused '-G for a global that this tool ignores' \
	'-i: events prints a line for each event' events -G interval=5

refused '--json with --units human' \
	'--units human and --json exclude each other' params --json --units human
drawn '--json with options that JSON implies' '--no-header -T --units exact --json' \
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
--laddr|::1|only_laddr=::1
--raddr|10.0.0.0/8|only_raddr=10.0.0.0/8
--netns|pid:$$|only_netns=$(stat -L -c %i /proc/$$/ns/net)
--failed||only_failed=1
--slower|5ms|only_slower=5000000
-i|5|interval=5
-c|3|count=3
-d|60|duration=60
-N|7|-N 7
-s|COLUMN|-s COLUMN
--json||--json
--no-header||--no-header
-T||-T
--units|exact|--units exact
--buffer|7|-b 7
--|true|only_tree=-1
END
real_tools=$("$O/stap-socket" list | cut -d ' ' -f 1)
is 'list has all tools' "$(wc -w <<<"$real_tools")" "$(grep -l '@socket_tool' "$top"/examples/*.stp | wc -l)"
# refusal TOOL COLUMN OPTION: sets $refusal to what the tool says of an option that has no
# meaning for it, or to nothing
refusal()
{
	case $1,$2,$3 in
	*,-,-[iN]) refusal="$3: $1 prints a line for each event, and no tables" ;;
	*,-,-s) refusal="-s: the output of $1 can't be sorted" ;;
	family,*,-[lr] | family,*,--[lr]addr)
		refusal="$3: a socket that is created has neither a port nor an address yet" ;;
	listen,*,-r | listen,*,--raddr)
		refusal="$3: a socket that listens has no remote end" ;;
	trace,*,--failed | connect,*,--failed | accept,*,--failed | listen,*,--failed | \
		options,*,--failed) refusal= ;;
	errors,*,--failed) refusal="--failed: all calls that errors counts have failed" ;;
	top,*,--failed | stat,*,--failed | family,*,--failed)
		refusal="--failed: $1 counts failed calls in a column of their own; errors lists them" ;;
	*,--failed) refusal="--failed: $1 does not show calls that failed" ;;
	trace,*,--slower | connect,*,--slower | accept,*,--slower | listen,*,--slower | \
		latency,*,--slower | life,*,--slower) refusal= ;;
	*,--slower) refusal="--slower: $1 does not measure how long each call takes" ;;
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
	# The last two lines: what runs the module, and what draws.
	said=" $(tail -n 2 <<<"$said" | paste -s -d ' ') "
	for i; do
		global=${table[i]//COLUMN/$column}
		[[ $said == *" ${global##*|} "* ]] ||
			echo "$tool ${words[*]} ${last[*]}: no ${global##*|} in $said"
	done
	[ ${#last[@]} -eq 0 ] || [[ $said == *' -c true '* ]] ||
		echo "$tool ${words[*]} ${last[*]}: no command in $said"
}
for tool in $real_tools; do
	column=$("$O/stap-socket" words columns "$tool" | head -n 1)
	! grep -q '^@socket_lines' "$top/examples/$tool.stp" || column=-
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
finish
