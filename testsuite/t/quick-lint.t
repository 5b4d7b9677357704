#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The form of every file; `make lint` is this test.
. "$(dirname "$0")/../tap.sh"
cd "$top" || exit
# A clone that belongs to another user is read all the same, by reuse's git too.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$top

lint=testsuite/lint
"$lint/files" >"$box/files" || exit
"$lint/files" --shell >"$box/scripts"
grep '^testsuite/.*\.[ch]$' "$box/files" >"$box/c"

# Only those that have changed since they were clean, or all if a part has that others
# source: all take 8 s.
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

# A file that is not in form, once for each place.
format()
{
	local said
	said=$(xargs clang-format-19 --dry-run --Werror <"$box/c" 2>&1) && return
	grep ': error: ' <<<"$said" || echo "$said"
	return 1
}

# Without gnu.cfg, which has accept4(2) fail without an address.
c()
{
	grep '\.c$' "$box/c" | xargs cppcheck --quiet --std=c11 --error-exitcode=1 \
		--enable=warning,style,performance,portability --library=posix,bsd \
		--suppressions-list="$lint/cppcheck" -I. -I"$O" \
		--template='{file}:{line}: {severity}: {message} [{id}]'
}

# Not "style": lines are as long as in the script that the page is made from.  The pages
# have the version in place of a date.
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

# .reuse/dep5 has the copyright of all, but no file's license besides those that it names.
licenses()
{
	local file pattern headless status=0
	# What it cannot read it skips, and ends with 0.
	if ! reuse lint >"$box/reuse" 2>&1 || grep -q ERROR "$box/reuse"; then
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

# What .editorconfig says of all files.
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

checks=(scripts format c pages spelling licenses ends wording)
for check in "${checks[@]}"; do
	{
		"$check" >"$box/$check.said" 2>&1
		echo $? >"$box/$check.status"
	} &
done
wait
came() { cat "$box/$1.said"; return "$(cat "$box/$1.status")"; }
ok "shellcheck: $(wc -l <"$box/scripts") scripts" came scripts
ok 'clang-format: the C of testsuite/ is in form (clang-format-19 -i FILE mends it)' came format
ok 'cppcheck: the C of testsuite/' came c
ok 'mandoc: the manual pages' came pages
ok 'codespell: all text' came spelling
ok 'reuse: each file says its license' came licenses
ok 'editorconfig: ends of lines and files' came ends
ok 'wording: none new in any file, and what is left is written down' came wording
finish
