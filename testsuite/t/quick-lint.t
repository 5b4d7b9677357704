#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The form of every file; `make lint` is this test.
. "$(dirname "$0")/../tap.sh"
cd "$top" || exit
# So that git, which reuse calls too, reads a clone that belongs to another user.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$top

lint=testsuite/lint
"$lint/files" >"$box/files" || exit
"$lint/files" --shell >"$box/scripts"
grep -E '^(src|testsuite)/.*\.[ch]$' "$box/files" >"$box/c"

# Checks only scripts that have changed since they were clean, or all if a sourced part has
# changed: all take 8 s.
scripts()
{
	local clean=$O/lint/shellcheck parts
	mkdir -p "$O/lint"
	touch "$clean"
	parts=$({
		shellcheck --version
		cat .shellcheckrc
		xargs grep -l '^# shellcheck shell=' <"$box/scripts" | xargs cat
	} | sha256sum | cut -c 1-64)
	xargs sha256sum <"$box/scripts" | sed "s/^/$parts /" >"$box/sums"
	grep -vxFf "$clean" "$box/sums" | cut -c 132- >"$box/changed"
	[ ! -s "$box/changed" ] || xargs shellcheck --format=gcc <"$box/changed" || return
	cp "$box/sums" "$clean"
}

# Prints one line for each place that clang-format would change.
format()
{
	local said
	said=$(xargs clang-format-19 --dry-run --Werror <"$box/c" 2>&1) && return
	grep ': error: ' <<<"$said" || echo "$said"
	return 1
}

# Without gnu.cfg, which declares that accept4(2) needs an address.
c()
{
	grep '\.c$' "$box/c" | xargs cppcheck --quiet --std=c11 --error-exitcode=1 \
		--enable=warning,style,performance,portability --library=posix,bsd \
		--suppressions-list="$lint/cppcheck" -I. -I"$O" \
		--template='{file}:{line}: {severity}: {message} [{id}]'
}

# Not "style": lines are as long as in the script that the page is made from.  The pages
# have the version instead of a date.
pages()
{
	local said status
	said=$(mandoc -T lint -W warning "$O"/man/*.8 "$O"/man/man3/* 2>&1)
	status=$?
	said=$(grep -v 'WARNING: missing date, using ""' <<<"$said")
	[ -z "$said" ] || echo "$said"
	# 2 is a warning, 3 and more errors.
	[ -z "$said" ] && [ "$status" -le 2 ]
}

spelling() { grep -v '^COPYING\|^LICENSES/' "$box/files" | xargs codespell -I "$lint/spelling"; }

# .reuse/dep5 has the copyright of all files, but only the licenses of those that it names:
# all others need a license line.
licenses()
{
	local file pattern headless status=0 root=.
	# Without git, reuse reads all files, also those that make has made.
	if [ ! -e .git ]; then
		root=$box/listed
		mkdir "$root"
		tar -c -T "$box/files" | tar -C "$root" -x
	fi
	# reuse skips files that it cannot read, and still exits 0.
	if ! reuse --root "$root" lint >"$box/reuse" 2>&1 || grep -q ERROR "$box/reuse"; then
		cat "$box/reuse"
		status=1
	fi
	headless=$(sed -n 's/^Files: *//p' .reuse/dep5 | tr ' ' '\n' | grep -v '^\*$')
	while read -r file; do
		while read -r pattern; do
			# shellcheck disable=SC2053 # a pattern
			[[ $file != $pattern ]] || continue 2
		done <<<"$headless"
		echo "$file:1: no SPDX-License-Identifier in the first five lines"
		status=1
	done < <(xargs awk '
		FNR == 1 { names[++n] = FILENAME }
		FNR <= 5 && /SPDX-License-Identifier[:] / { has[FILENAME] = 1 }
		END {
			for (i = 1; i <= n; i++)
				if (!(names[i] in has))
					print names[i]
		}' <"$box/files")
	return "$status"
}

# The rules of .editorconfig for all files.
ends()
{
	local file status=0
	xargs grep -nE '[[:space:]]$' /dev/null <"$box/files" | sed 's/:\([0-9]*\):.*/:\1: white space at the end/'
	[ "${PIPESTATUS[0]}" -ne 0 ] || status=1
	while read -r file; do
		[ -n "$(tail -c 1 "$file")" ] || continue
		echo "$file:$(($(wc -l <"$file") + 1)): no newline at the end"
		status=1
	done <"$box/files"
	return "$status"
}

wording() { "$lint/wording"; }

# Python's files parse, and no file has the marks of a merge.
whole()
{
	local file status=0
	xargs grep -nE '^(<{7}|>{7})( |$)' /dev/null <"$box/files"
	[ "${PIPESTATUS[0]}" -ne 0 ] || status=1
	grep '\.py$' "$box/files" | while read -r file; do
		python3 -c 'import ast, sys
ast.parse(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1])' "$file" 2>&1 || exit 1
	done || status=1
	return "$status"
}

checks=(scripts format c pages spelling licenses ends wording whole)
for check in "${checks[@]}"; do
	{
		"$check" >"$box/$check.said" 2>&1
		echo $? >"$box/$check.status"
	} &
done
wait
report() { cat "$box/$1.said"; return "$(cat "$box/$1.status")"; }
ok "shellcheck: $(wc -l <"$box/scripts") scripts" report scripts
ok 'clang-format: the C of src/ and testsuite/ is formatted (clang-format-19 -i FILE does it)' report format
ok 'cppcheck: the C of src/ and testsuite/' report c
ok 'mandoc: the manual pages' report pages
ok 'codespell: all text' report spelling
ok 'reuse: each file has a license' report licenses
ok 'editorconfig: ends of lines and files' report ends
ok 'no marks of a merge, and python parses' report whole
ok 'wording: no new ones, and wording.left is up to date' report wording
finish
