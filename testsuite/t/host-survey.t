#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# survey: its report on a sample program, on broken files, and on the lab's rows.
# The expected values come from the compiler (attributes, offsetof()), nm and pahole.
. "$(dirname "$0")/../tap.sh"
sample=$top/testsuite/survey/sample
survey() { "$O/survey" -t "$sample/functions.tbl" -m "$sample/members.tbl" "$@"; }
cd "$box" || exit 1

gcc -O2 -g -no-pie -Wall -Wextra -Werror -o kernel "$sample/kernel.c" || exit 1
pahole --btf_encode_detached=btf kernel || exit 1
nm kernel | awk 'NF == 3' >map
is 'the compiler has inlined and cloned the functions of the sample' "$(awk '$3 ~ /^(cloned|with_cold)\./ { print $2, $3 }
	$3 ~ /^(swallowed|copied|cloned|with_cold)$/ { print $2, $3 }' map | sort)" \
	"T copied
T with_cold
t cloned.constprop.0
t with_cold.cold"

# ------------------------------------------------------------ functions, by DWARF

cat >expected.functions <<'END'
FUNCTION                     NEED   STATE    SIGNATURE
same                         must   there    matches
same_without                 must   there    matches
same_kinds                   must   there    matches
same_address                 must   there    matches
renamed                      must   there    matches, except for names
    argument 1: struct socket *sock; the table has struct socket *socket
fewer                        must   there    differs
    arguments: 1; the table has 2
    argument 2: none; the table has int flags
more                         may    there    differs
    arguments: 2; the table has 1
    argument 2: int flags; the table has none
retyped                      must   there    differs
    argument 1: struct sock *sk; the table has struct socket *sock
signless                     must   there    compatible
    argument 2: u32 flags; the table has int flags
wider                        point  there    differs
    argument 2: long flags; the table has int flags
result                       must   there    differs
    result: long; the table has int
before                       alone  there    matches a line "also"
swallowed                    must   inlined  matches
    MISSING
    inlined into caller (2 times), other_caller
copied                       must   there    matches
    also inlined into caller: those calls pass it by
cloned                       may    cloned   matches
    clones, which calls may go to unseen: cloned.constprop.0
with_cold                    point  there    matches
    apart: with_cold.cold
gone_but_not_needed          may    gone     -
gone_and_needed              must   gone     -
    MISSING
gone_for_another             point  gone     -
gone_with_another            point  gone     -
    MISSING, and so is what does in its place: gone_and_needed, missed

TRACEPOINT                   NEED   STATE    SIGNATURE
traced                       must   there    matches
changed                      may    there    differs
    argument 2: long; the table has int state
missed                       point  gone     -
END
functions() { sed -n '/^FUNCTION/,/^missed/p'; }
survey kernel >dwarf
is 'if something is missing, the status is 1' $? 1
is 'with DWARF: functions present, cloned, inlined, and differences of signatures' \
	"$(functions <dwarf)" "$(cat expected.functions)"
is '... and the report names what was read' "$(head -n 1 dwarf)" "kernel: symbols, DWARF; $(wc -l <map) symbols"

# ------------------------------------------------------------ members

./kernel | sed 's/ /|/g; s/common\.skc/sk/' >offsets
members() # FILE: as offsets has them
{
	awk '/^MEMBER/ { on = 1; next } on && /^[a-z]/ && $3 ~ /^[0-9]+$/ { print $1 "|" $3 "|" $4 }' "$1"
}
is 'members have the offsets of the compiler' \
	"$(members dwarf | grep -cFx -f offsets)" "$(wc -l <offsets)"
is 'bit fields, missing members and moved members' \
	"$(grep -E -A 1 '\.(low|high|no_such|lost|sk_state|sk_socket|like_it) ' dwarf)" \
'socket.low                          must    2:0    3b  unsigned int
socket.high                         must    2:3    7b  unsigned int
socket.number                       must      8     4  int
--
socket.no_such                      may    gone     -
socket.lost                         must   gone     -
    MISSING
--
sock.sk_state                       must      2     1  unsigned char
    as common.skc_state
--
sock.sk_socket                      must     24     8  struct socket *
private.sk                          must      0    32  struct sock
--
private.sk_socket                   may      24     8  struct socket *
    MOVED: runtime/ looks for it at 8 or 16
nothing.like_it                     may    gone     -'

gcc -O2 -gdwarf-4 -no-pie -o older "$sample/kernel.c" || exit 1
is 'DWARF 4 gives the same report' "$(survey older | sed 1d)" "$(sed 1d dwarf)"

# ------------------------------------------------------------ with other files

survey map btf >by_btf
is 'with a map and BTF, members are the same' "$(members by_btf)" "$(members dwarf)"
is '... and so are functions, except for inlined ones' "$(functions <by_btf)" \
	"$(grep -v 'inlined into' expected.functions | sed '/^swallowed/s/inlined  matches/gone     -/
	/^cloned/s/matches/-/')"
like '... with a note about those' "$(cat by_btf)" $'\nA function that is gone may be inlined: only DWARF shows that.\n'
survey map >by_map
is 'with a map alone: the same without signatures' "$(functions <by_map)" "$(functions <by_btf |
	grep -Ev '^    (argument|result)' | sed '/^[a-z]/s/  *\(matches\|differs\|compatible\).*/ -/' |
	awk '/^[a-z]/ { $0 = sprintf("%-28s %-6s %-8s %s", $1, $2, $3, $4) } { print }')"
is '... and without members' "$(grep -c '^MEMBER' by_map)" 0
survey btf >by_types
is 'with BTF alone: functions that are not in it are gone' "$(awk '/^[a-z_]+ .* gone / { print $1 }' by_types | head -n 6 |
	tr '\n' ' ')" 'swallowed cloned gone_but_not_needed gone_and_needed gone_for_another gone_with_another '
is '... and those that are in it are there' "$(awk '/^[a-z_]+ .* there / { print $1 }' by_types |
	sort | tr '\n' ' ')" \
	"$({ bpftool btf dump file btf format raw | sed -n "s/.*] FUNC '\([a-z_]*\)' .*/\1/p"; echo traced
		echo changed; } | grep -Fx -f <(awk '/^(function|tracepoint)/ { sub(/\(.*/, "")
		sub(/.*[ *]/, ""); print }' "$sample/functions.tbl") | sort | tr '\n' ' ')"
sed 's/$/\t[module]/' map >of_modules
{ head -n 1 map; cat of_modules; } >map_and_modules
is 'symbols of modules do not count' "$(survey map_and_modules | grep -c ' there ')" 0
awk '{ print; if ($3 == "same") print $1, "t", $3 }' map >map_twice
like 'two symbols of one name are counted' "$(survey map_twice)" \
	$'\nsame +must +there +-\n    2 symbols have this name\n'

# The names in an image, in the format of kernels since 7.2 and in the older one; 2 bytes of
# length.
{ cat map; for ((i = 0; i < 600; i++)); do echo "0 t q$i"; done; echo "0 T x$(printf '9%.0s' {1..300})"; } >long
survey long >by_long
objcopy --strip-all kernel plain
for align in 8 4; do
	perl "$sample/image.pl" names $align <long >tables
	objcopy --add-section .names=tables plain image$align
	objcopy --set-section-alignment .names=$align image$align
	survey image$align >by_image
	is "by the names in an image (aligned to $align): as by its map" "$(sed 1d by_image)" \
		"$(sed 1d by_long)"
done
perl "$sample/image.pl" names 8 wrong <long >tables
objcopy --add-section .names=tables plain wrong
objcopy --set-section-alignment .names=8 wrong
objcopy --add-section .BTF=btf image8 image
survey long btf >by_long
size=$(stat -c %s image)
for packer in gzip bzip2 xz zstd lz4 'lz4 -l' 'xz --format=lzma'; do
	$packer -c <image >packed
	"$sample/image.pl" boot "$size" <packed >bzImage
	survey bzImage >by_boot
	is "by a boot image, packed by $packer: as by its map and BTF" "$(sed 1d by_boot)" \
		"$(sed 1d by_long)"
done
is '... and the report names what was read' "$(head -n 1 by_boot)" \
	"bzImage: kallsyms of the image, BTF; $(wc -l <long) symbols"
gzip -c map >map.gz
is 'a compressed map is read' "$(survey map.gz | sed 1d)" "$(sed 1d by_map)"

# ------------------------------------------------------------ two kernels

gcc -O2 -g -no-pie -DNEWER -Wall -Wextra -Werror -o newer "$sample/kernel.c" || exit 1
nm newer | awk 'NF == 3' >newer_map
survey --compare kernel newer >compared
is '--compare prints only differences' "$(sed '1,/^$/d' compared)" \
'FUNCTION, TRACEPOINT         NEED   OLD      NEW
same_without                 must   there    gone
before                       alone  there    there
    argument 1: struct sock *sock; was struct socket *sock
swallowed                    must   inlined  there
    inlined into none; was into caller (2 times), other_caller

MEMBER                               OLD AT   SIZE  NEW AT   SIZE
private.id                               32      4      36      4

3 of 23 functions and tracepoints differ, 1 of 19 members.
Not all of newer is as the tapset needs it: see survey newer
4 rows of the tables differ, 3 of them need a look; 10 others do.'
# By the report of newer: 13 rows, of which the three above differ from kernel.
survey newer >report_newer
is '... and the verdict counts the complaints of its report' "$(grep -cE \
	'^    (MISSING|MOVED)|^[a-z].* there +differs$' report_newer)" 13
is '... also for files joined with a comma' "$(survey -c map,btf map,btf | tail -n 3)" \
'0 of 23 functions and tracepoints differ, 0 of 19 members.
Not all of map,btf is as the tapset needs it: see survey map,btf
No row of the tables differs, but 11 need a look.'
cat >good.tbl <<'END'
function int same(struct socket *sock, const struct msghdr *msg, unsigned long size)
	kernel	must
END
cat >good_members.tbl <<'END'
struct sock
	must	flags
END
"$O/survey" -t good.tbl -m good_members.tbl kernel >good
is 'if nothing is missing, the status is 0' "$? $(tail -n 1 good)" '0 All that must be there is there.'
verdict() # TABLE MEMBERS OLD NEW: the exit status, and the last line
{
	local status
	"$O/survey" -t "$1" -m "$2" -c "$3" "$4" >last
	status=$?
	echo "$status $(tail -n 1 last)"
}
is '... also with --compare, and nothing differs' "$(verdict good.tbl good_members.tbl kernel newer)" \
	'0 Nothing that the tapset relies on differs.'
is '... also with maps alone' "$(verdict good.tbl good_members.tbl map newer_map)" \
	'0 Nothing that was compared differs.'
printf 'struct private\n\tmust\tid\n' >moved_members.tbl
is 'a member with another offset needs no look' "$(verdict good.tbl moved_members.tbl kernel newer)" \
	'0 1 row of the tables differs, none of them needs a look.'
printf 'struct private\n\tmust\tid at 32\n' >moved_members.tbl
is '... unless runtime/ has its offset' "$(verdict good.tbl moved_members.tbl kernel newer)" \
	'1 1 row of the tables differs, 1 of them needs a look.'
is '... which is an error for NEW, even if OLD has no types' "$(verdict good.tbl moved_members.tbl map newer)" \
	'1 No row of the tables differs, but 1 needs a look.'
is '... but not for OLD' "$(verdict good.tbl moved_members.tbl newer kernel)" \
	'0 1 row of the tables differs, none of them needs a look.'
sed 's/^#define once_inside apart/#define once_inside extern inside/' "$sample/kernel.c" >inlined.c
gcc -O2 -g -no-pie -DNEWER -o inlined inlined.c || exit 1
printf 'function int swallowed(struct socket *sock)\n\tkernel\tmust\n' >swallowed.tbl
is 'a function that NEW inlines into its callers' "$(verdict swallowed.tbl good_members.tbl newer inlined)" \
	'0 1 row differs, none is missing or moved; calls of 1 reach no probe.'
"$O/survey" -t good.tbl -m good_members.tbl map >/dev/null
is '... also with a map' $? 0
sed s/same/same_without/ good.tbl >old.tbl
for old in kernel newer; do
	"$O/survey" -t old.tbl -m good_members.tbl -c $old newer_map >/dev/null
	is "a function that NEW lacks: status 1, also if OLD is $old" $? 1
	"$O/survey" -t old.tbl -m good_members.tbl -c $old map >/dev/null
	is "... and if NEW has it: status 0" $? 0
done
echo '	must	gone' >>good_members.tbl
"$O/survey" -t good.tbl -m good_members.tbl kernel >/dev/null
is 'if only a member is missing, the status is 1' $? 1
"$O/survey" -t good.tbl -m good_members.tbl -c newer kernel >/dev/null
is '... also with --compare' $? 1
ok 'lines have at most 80 columns' test -z "$(awk 'length > 80' dwarf by_* compared good)"
COLUMNS=80 "$O/survey" --help >help
is '--help exits 0' $? 0
ok '... and has at most 80 columns' test -z "$(awk 'length > 80' help)"
ok '... and names each option and each kind of file' awk '/--compare/ { n++ } /--table/ { n++ }
	/--members/ { n++ } /vmlinuz/ { n++ } /System.map/ { n++ } /BTF/ { n++ } END { exit n < 8 }' help

# ------------------------------------------------------------ broken files

# A broken file gives status 2 and one line on stderr.
refused() # NAME SAYS ARGUMENT...
{
	local name=$1 says=$2
	shift 2
	survey "$@" >out 2>said
	is "$name: status 2, and no report" "$? $(wc -c <out)" '2 0'
	is "... but one line on stderr" "$(wc -l <said)" 1
	like "... with the cause" "$(cat said)" "^survey: $says"
}
accepted='accepted are vmlinux, vmlinuz \(bzImage\), System.map, /proc/kallsyms, BTF$'
mkdir directory
: >empty
printf 'a text\nand no map\n' >text
{ head -n 2 map; echo 'not one'; } >half_a_map
echo 'ffffffffffffffff B The real System.map is in the linux-image-6.12-dbg package' >stub
perl -e 'srand 1; print map { chr int rand 256 } 1 .. 5000' >random
head -c 9000 kernel >cut_elf
head -c 1000 btf >cut_btf
head -c 40 kernel >cut_header
head -c 3000 bzImage >cut_boot
gzip -c map | head -c 300 >cut.gz
perl "$sample/image.pl" boot 12345 <packed >wrong_size
gcc -g -c -o object.o "$sample/kernel.c"
objcopy --strip-all -R .names image4 stripped
printf 'int seen;\n' | gcc -g -c -x c -o types.o - && pahole --btf_encode_detached=only_types types.o
refused 'an empty file' "empty is empty; $accepted" empty
refused 'a directory' "directory is a directory; $accepted" directory
refused '/dev/null' "/dev/null is not a file; $accepted" /dev/null
refused '/dev/zero' "/dev/zero is not a file; $accepted" /dev/zero
refused 'a missing file' "cannot read lost: No such file or directory; $accepted" lost
refused 'a text' "text is nothing that is known, or it is broken; $accepted" text
refused 'random bytes' "random is nothing that is known, or it is broken; $accepted" random
refused 'a map with another line' 'half_a_map: line 3 is not ADDRESS TYPE NAME, as in System.map$' half_a_map
refused "Debian's stub of a map" 'stub is a stub; the real one is in the package that it names' stub
refused 'half of vmlinux' 'cut_elf is cut off' cut_elf
refused 'its header alone' 'cut_header: its ELF header is broken' cut_header
refused 'half of BTF' 'cut_btf: its BTF cannot be read: is it cut off\?$' cut_btf
refused 'half of a boot image' 'cut_boot is a boot image that is cut off or broken' cut_boot
refused 'a boot image with a wrong size' \
	"wrong_size is a boot image that is cut off or broken: .* bytes of its kernel, not 12345$" wrong_size
refused 'half of a compressed file' 'cut.gz is cut off or broken: gzip cannot unpack it$' cut.gz
refused 'an object' "object.o is an object or a module that is not linked; $accepted" object.o
refused 'a program without symbols' \
	'stripped has no symbols, no DWARF, no BTF and no kallsyms that is known; give' stripped
refused 'tables of names that contradict each other' \
	'wrong has no symbols, no DWARF, no BTF and no kallsyms that is known; give' wrong
refused 'types without functions' \
	'only_types: it does not show which functions there are; give System.map' only_types
refused 'one good file and a broken one' 'empty is empty' map empty
refused 'a broken file to compare with' 'empty is empty' -c map empty
"$O/survey" >out 2>said
is 'no file: status 2' "$? $(head -n 1 said)" '2 survey: no file of a kernel'
"$O/survey" -c map >out 2>said
is 'a single kernel to compare: status 2' "$? $(head -n 1 said)" '2 survey: --compare takes two kernels, not 1'
"$O/survey" --frob map >out 2>said
is 'an unknown option: status 2' $? 2
survey map btf >/dev/full 2>said
is 'output to a full device: status 2' "$? $(cat said)" '2 survey: what was found cannot be written'

while IFS='|' read -r kind says lines; do
	printf %b "$lines" >broken.tbl
	"$O/survey" "-$kind" broken.tbl map >out 2>said
	is "a table with ${lines%%\\n*}: status 2" "$? $(wc -c <out)" '2 0'
	like '... and the message has the cause' "$(cat said)" "^survey: broken.tbl$says"
done <<'END'
t| has no function|mark x 1 EVENT 1\n
t|:1: expected a mark, a function|kernel must\n
t|:1: no name and \( behind|function int\n
t|:1: no , and argument or \) behind an argument|function int f(int a b)\n
t|:1: no , and argument or \) behind an argument|function int f(int a, )\n
t|:1: no type where one is expected|function int f(*a)\n
t|:1: it ends early|function int f(int a,\n
t|:1: more words behind|function int f(int a) x\n
t|:2: kernel is must, may, alone or point, not always|function int f(int a)\n\tkernel\talways\n
t|:2: a line of a function has a word and a value: kernel|function int f(int a)\n\tkernel\n
t|:3: this is not a prototype|function int f(void)\n\tkernel must\n\talso int g(void)\n
t|: no line kernel|function int f(void)\n
t|:3: it stands there twice: f|function int f(void)\n\tkernel must\nfunction int f(void)\n\tkernel must\n
t|: f has an else g|function int f(void)\n\tkernel must\n\telse g\n
m| has no member|struct sock\n
m|:1: expected struct NAME or a member|\tmust\tx\n
m|:2: a member must or may be there, not shall|struct sock\n\tshall\tx\n
m|:2: no name of a member|struct sock\n\tmust\n
m|:2: expected a number of bytes, not x|struct sock\n\tmust\ta at x\n
m|:2: expected a number of bytes, not nothing|struct sock\n\tmust\ta behind sock\n
m|:2: every takes one number above 0|struct sock\n\tmust\ta every 0\n
END

perl "$sample/image.pl" loops >loops.btf
survey loops.btf >out
like 'a type that contains itself does not loop' "$?$(cat out)" $'^1.*    result: \\?; the table has int\n.*\nsock.flags +must +gone'
printf 'function int \033[31mf(void)\n' >broken.tbl
"$O/survey" -t broken.tbl map 2>said
is 'a control character of a file does not reach the terminal' "$(grep -c $'\033' said)" 0

ok 'no broken file breaks survey' "$O/fuzz-survey" "${SURVEY_FUZZ:-0.6}" "${SURVEY_SEED:-1}" \
	"$sample/functions.tbl" "$sample/members.tbl" kernel btf map image8 bzImage \
	"$sample/functions.tbl" "$sample/members.tbl"
sed 's/^/# /' .said
tried=$(sed -n 's/^\([0-9]*\) tried: .*/\1/p' .said)
ok '... of at least 100' test "${tried:-0}" -ge 100
if command -v valgrind >/dev/null; then
	valgrind -q --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
		--error-exitcode=9 "$O/survey" -t "$sample/functions.tbl" \
		-m "$sample/members.tbl" kernel btf image8 >out 2>said
	is 'valgrind reports nothing' "$? $(cat said)" '1 '
else
	skip 'valgrind reports nothing' 'valgrind is not installed'
fi

# ------------------------------------------------------------ the tables

# Compares the members that runtime/ reads, with its macros and with ->, with members.tbl.
cat "$top"/runtime/*.h "$top/runtime/values.tbl" "$top/tapset/linux/socket_points.stp" |
	sed 's,/\*.*\*/,,' >all_of_it
awk '/^\t(must|may)/ { for (i = 2; i <= NF; i++) { n = split($i, part, "."); for (j = 1; j <= n; j++)
	print part[j]; if (i == 2) print $2 } }' "$top/runtime/members.tbl" | sort -u >in_table
# Without members of runtime/'s own structures, and parameters of the macros.
sed 's/[\\]//g' all_of_it | tr '\n\t' '  ' | grep -oE \
	'socket_(netlink_)?get(_pointer)?(_nofault|_either)?\(((pinned|true|false|v1), *)?(\([^()]*\)|[^,()]|\([^,()]*\([^()]*\)[^,()]*\))+, *[a-z_][a-z_0-9.]*' |
	sed 's/.*, *//; s/^wait\..*/wait/' | sort -u | grep -vxE 'member|mask|cgroup|word|byte' >by_macros
is 'members.tbl has each member that runtime/ reads with its macros' "$(grep -vxF -f in_table by_macros)" ''
ok '... at least 45' test "$(wc -l <by_macros)" -ge 45
# The members of structures declared in runtime/; then those of stap and kprobes, registers
# and addresses.
awk '/^(static )?(struct|union)( [a-z_]+)? \{|^\tunion \{|^\t+struct \{/ { within++ }
	within && /;/ { gsub(/\[[^]]*\]/, ""); gsub(/[^a-z_0-9]+/, "\n"); print }
	/^\t*\}/ { if (within) within-- }' all_of_it | grep '^[a-z]' | sort -u >own
cat >others <<'END'
bx
cycles_sum
data_size
entry_handler
gpr
gprs
handler
ips
kp
kregs
l___tracepoint_arg_arg1
l___tracepoint_arg_sk
last_error
maxactive
member
nmissed
pn
pre_handler
s6_addr
sin6_addr
sin6_family
sin6_port
sin6_scope_id
sin_addr
sin_port
status
symbol_name
END
grep -oE -- '->[a-z_][a-z_0-9]*' all_of_it | sed 's/->//' | sort -u >followed
is '... and each that it reads with ->' "$(grep -vxF -f in_table -f own -f others followed)" ''
ok '... at least 25' test "$(grep -cxF -f in_table followed)" -ge 25
# A member with a place belongs to a structure that is in no header; SOCK_INODE() reads
# vfs_inode.
is '... and no others' "$(awk '/^\t(must|may)/ && !/ (at|behind|every) |\t(at|behind|every) / {
	print $2 }' "$top/runtime/members.tbl" | while read -r name; do
	grep -qwF -- "${name%%.*}" all_of_it || echo "$name"; done)" vfs_inode

state=${SOCKET_TAPSET_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/socket-tapset}
ln -s "$state/rows" rows
awk '/^(function|tracepoint)/ { sub(/\(.*/, ""); tracepoint = $1 == "tracepoint"
	sub(/.*[ *]/, ""); print (tracepoint ? "__traceiter_" : "") $0 }' \
	"$top/runtime/functions.tbl" | sort >wanted
for row in "$top"/testsuite/lab/rows/*; do
	row=${row##*/}
	[ "$row" != README ] || continue
	dir=rows/$row
	# A kernel that the lab compiles has no BTF.
	files=("$dir/kallsyms")
	[ ! -r "$dir/btf" ] || files+=("$dir/btf")
	if [ ! -r "$dir/kallsyms" ]; then
		skip "$row: nothing is missing" "the lab has no row $row"
		continue
	fi
	"$O/survey" "${files[@]}" >"row$row"
	is "$row: nothing is missing" $? 0
	is "$row: functions are there if kallsyms has them" \
		"$(awk '/^TRACEPOINT/ { of = "__traceiter_" } /^MEMBER/ { exit }
			/^[a-z_]/ && $3 == "there" { print of $1 }' "row$row" | sort)" \
		"$(awk 'NF == 3 { print $3 }' "$dir/kallsyms" | grep -Fx -f wanted | sort -u)"
	ok "$row: lines have at most 80 columns" test -z "$(awk 'length > 80' "row$row")"
done
if [ -e row7.2 ]; then
	headers=$("$lab" get 7.2 headers)
	# "#define NAME PATH": sk_net.net is "#define sk_net PATH", and then net.
	is '7.2: the paths of members are those in its headers' "$(awk '$3 ~ /__sk_common/ {
		while (sub(/\.[a-z_]*$/, "", $2)) sub(/\.[a-z_]*$/, "", $3); print $2, $3 }' \
		"$top/runtime/members.tbl" | grep -vxF -f <(sed -nE \
		's/^#define[ 	]+([a-z_0-9]+)[ 	]+([a-z_.0-9]+).*/\1 \2/p' \
		"$headers/net/sock.h" "$headers/net/inet_sock.h"))" ''
	# pahole stops at an unknown structure; that of vsock is in a module.
	structures=$(awk '/^struct/ && $2 != "vsock_sock" { printf "%s%s", sep, $2; sep = "," }' "$top/runtime/members.tbl")
	# Direct members of structures in the output of pahole: "TYPE NAME; /* OFFSET SIZE */".
	pahole -C "$structures" rows/7.2/btf 2>/dev/null | awk '/^struct [a-z_]+ \{/ { of = $2; next }
		/^}/ { of = "" }
		of && /^\t[^\t]/ && match($0, /\/\* +[0-9]+ +[0-9]+ \*\//) {
			split(substr($0, RSTART + 2), at, " ")
			sub(/;.*/, ""); sub(/ +__attribute__.*/, ""); sub(/\[[0-9]*\]$/, "")
			if (/\(\*/) { sub(/.*\(\*/, ""); sub(/\).*/, "") }
			print of "." $NF, at[1], at[2] }' | sort >by_pahole
	awk '/^MEMBER/ { on = 1; next } on && /^[a-z]/ { print $1, $3, $4 }' row7.2 | sort >by_survey
	join by_survey by_pahole >both
	ok '7.2: members have the offsets of pahole' awk '$2 != $4 || $3 != $5 { bad = 1; print }
		END { exit bad }' both
	ok '... at least 55' test "$(wc -l <both)" -ge 55
	for row in 5.10 7.2; do
		[ -e "row$row" ] || continue
		"$O/survey" "rows/$row/vmlinuz" >by_vmlinuz
		is "$row: vmlinuz gives the same report as kallsyms and BTF" "$(sed 1d by_vmlinuz)" \
			"$(sed 1d "row$row")"
	done
else
	skip '7.2: members have the offsets of pahole' 'the lab has no row 7.2'
fi
finish
