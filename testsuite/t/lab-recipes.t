#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# HACKING: the parts of "a value" and "a probe" that need the lab; stap translates their
# scripts.
. "$(dirname "$0")/../tap.sh"
. "$top/testsuite/recipes.sh"

copy_tree "$box/copy"
mkdir "$box/copy/build"
for recipe in 'a value' 'a probe'; do
	ok "$recipe: HACKING has the recipe" follow "$recipe" "$box/copy"
	# Translating is enough: other tests compile the code of all values and probes.
	sed -i 's/\.ko$/.c/; /^make survey$/,$d' "$box/$recipe.lab"
	ok '... and stap translates its script' \
		env --chdir="$box/copy" bash -e "$box/$recipe.lab"
done
ok 'a value: C reads the member' grep -q 'sk_mark' "$box/copy/build/mark.c"
ok 'a probe: C registers the function' grep -q '"sock_ioctl"' "$box/copy/build/ioctl.c"
finish
