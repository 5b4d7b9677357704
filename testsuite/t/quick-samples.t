#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each tool has the files of upstream's examples: a .meta with all required keys, and a .txt
# with the output of the tool and the text of its comment.
. "$(dirname "$0")/../tap.sh"

examples=$top/examples
mapfile -t tools < <(grep -l '@socket_tool' "$examples"/*.stp | xargs -n 1 basename -s .stp)
for file in README NEWS packaging/debian/control packaging/stap-socket.spec; do
	is "$file has the number of tools" "$(grep -oE '[0-9]+ tools' "$top/$file")" \
		"${#tools[@]} tools"
done
is 'each has a .meta and a .txt, and there are no others' "$(cd "$examples" && echo *.meta *.txt)" \
	"${tools[*]/%/.meta} ${tools[*]/%/.txt}"

# wrong TOOL: prints the keys that its .meta lacks, or whose values upstream does not know
wrong()
{
	local line key word
	local -A value=() times=()
	while IFS= read -r line; do
		[[ $line =~ ^([a-z_]+):\ ([^ ].*)$ ]] || continue
		key=${BASH_REMATCH[1]}
		value[$key]=${BASH_REMATCH[2]}
		times[$key]=$((${times[$key]-0} + 1))
	done <"$examples/$1.meta"
	for key in title name version author keywords subsystem status exit output scope \
		description test_support test_check test_installcheck; do
		[ "${times[$key]-0}" = 1 ] || echo "no $key"
	done
	[ "${value[name]-}" = "$1.stp" ] || echo "name ${value[name]-}"
	[ "${value[subsystem]-}" = network ] || echo "subsystem"
	[[ ${value[status]-} =~ ^(experimental|alpha|beta|production)$ ]] || echo "status"
	[[ ${value[exit]-} =~ ^(fixed|user-controlled|event-ended)$ ]] || echo "exit"
	[[ ${value[scope]-} =~ ^(system-wide|process|per-socket)$ ]] || echo "scope"
	for word in ${value[output]-}; do
		[[ $word =~ ^(trace|histogram|graph|sorted-list|batch|timed|on-exit)$ ]] ||
			echo "output $word"
	done
	for key in test_check test_installcheck; do
		[[ " ${value[$key]-} " = *" $1.stp "* ]] || echo "$key of another script"
	done
}

# titles FILE: prints the first line of a sample that has only column titles
titles() { grep -m 1 -E '^(//  )? *[A-Z][A-Z_]*( +[A-Z][A-Z_0-9]*)+$' "$1" | tr -d / | xargs; }

# printed_titles TOOL: prints the titles of a table with 80 columns, as the script declares
# them ([-|?]TITLE[=KEY]:TYPE): not those that are hidden or optional; a fine histogram
# is its percentiles
printed_titles()
{
	perl -0777 -ne '
		my @arguments = /^\@socket_tool\("\w*", \d+, "[^"]*",\s*((?:"[^"]*"\s*)+)\)/m;
		my $columns = join "", map { /"([^"]*)"/g } @arguments;
		print join(" ", map { /^([a-z_]+)[=:]/ && !/_histogram$/ ? uc $1 : /_fine_histogram$/ ? qw(P50 P90 P99) : () }
			split " ", $columns)' "$examples/$1.stp"
}

# words FILE: prints its words on one line
words() { tr -s ' \n' ' ' <"$1"; }

# unsaid TOOL: prints the paragraphs of the comment that the text lacks
unsaid()
{
	perl -e '
		my ($script, $text) = map { local (@ARGV, $/) = $_; scalar <> } @ARGV;
		my ($comment) = $script =~ m{^(?:#!.*\n)?((?://.*\n)+)};
		$comment =~ s{^// ?}{}mg;
		# A sample is indented.
		$comment =~ s{^  .*\n}{}mg;
		for (split /\n{2,}/, $comment) {
			next if /^(SPDX|JSON:)/ || !/\S/;
			my $words = join "\\s+", map { quotemeta } split;
			print substr($_, 0, 40), "\n" if $text !~ /$words/;
		}' "$examples/$1.stp" "$examples/$1.txt"
}

for tool in "${tools[@]}"; do
	is "$tool: .meta has the keys and values that upstream requires" "$(wrong "$tool")" ''
	like '... .txt has a command and the kernel on which it ran' "$(words "$examples/$tool.txt")" \
		"# stap-socket $tool .* Printed on Linux [0-9].* systemtap [0-9]"
	is '... no line longer than 80' "$(grep -n '.\{81\}' "$examples/$tool.txt")" ''
	is '... and the columns that the script prints' "$(titles "$examples/$tool.txt")" \
		"$(printed_titles "$tool")"
	is '... and so has the sample in the comment' "$(titles "$examples/$tool.stp")" \
		"$(printed_titles "$tool")"
	is '... .txt has all paragraphs of the comment' "$(unsaid "$tool")" ''
done

# ---------------------------------------------------------------- the target

mkdir -p "$box/copy/testsuite"
mkdir "$box/copy/examples"
cp "$examples"/*.* "$box/copy/examples/"
cp -r "$top/testsuite/samples" "$box/copy/testsuite/"
copy=$box/copy/examples
refresh() { "$box/copy/testsuite/samples/run" "$@" >"$box/said" 2>&1; }

sed -i 's|^// Overhead: .*|// Overhead: other words|' "$copy/top.stp"
cp "$copy/top.stp" "$box/top.stp"
ok 'samples --text copies the comment into the text' refresh --text
sums() { (cd "$1" && md5sum -- *.*); }
is '... of that tool only' "$(diff <(sums "$examples") <(sums "$copy") |
	sed -n 's/^> [0-9a-f]*  //p' | xargs)" 'top.stp top.txt'
like '... completely' "$(words "$copy/top.txt")" 'Overhead: other words'
ok '... and does not change the script' cmp "$copy/top.stp" "$box/top.stp"
rm "$copy/life.txt"
refresh --text life
is 'samples --text of a tool without a capture is refused' $? 2
ok '... and writes no text' test ! -e "$copy/life.txt"
refresh coffee
is 'samples refuses an unknown tool' $? 2
like '... and names the known ones' "$(cat "$box/said")" "no tool 'coffee'.*top trace"
refresh --fast
is 'samples refuses an unknown option' $? 2
is '... and nothing is left behind' "$(find "$copy" -mindepth 1 ! -name '*.stp' ! -name '*.txt' ! -name '*.meta')" ''
finish
