# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests, after tap.sh: follows a recipe of HACKING literally, on a copy of the tree.
# shellcheck shell=bash disable=SC2154 # top and box are tap.sh's

# copy_tree DIRECTORY: what a recipe changes and makes
copy_tree()
{
	mkdir "$1" &&
		cp -r "$top"/{Makefile,configure.ac,HACKING,runtime,tapset,examples,man,bin,testsuite} "$1"
}

# follow RECIPE DIRECTORY: in the copy, appends what the recipe appends; its commands are in
# $box/RECIPE.run and $box/RECIPE.lab then.  A block is what is indented by four spaces, up
# to a line that is not.
follow()
{
	: >"$box/$1.run"
	: >"$box/$1.lab"
	awk -v recipe="$1" -v copy="$2" -v run="$box/$1.run" -v lab="$box/$1.lab" '
		/^Recipe: / { inside = $0 == "Recipe: " recipe; into = "" }
		/^Decisions by version/ { inside = 0 }
		!inside { next }
		/^Append to .*:$/ {
			into = copy "/" substr($0, 11, length($0) - 11)
			if ((getline line <into) < 0) {
				print "no such file: " into
				exit failed = 1
			}
			close(into)
			print "" >>into
			next
		}
		/^Run:$/ { into = run; next }
		/^Try, with the lab:$/ { into = lab; next }
		into != "" && (/^    / || $0 == "") {
			print substr($0, 5) >>into
			lines++
			next
		}
		{ into = "" }
		END {
			if (!failed && !lines) {
				print "no recipe: " recipe
				exit 1
			}
			exit failed
		}' "$2/HACKING"
}
