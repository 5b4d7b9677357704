# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests, after tap.sh: follows a recipe of HACKING literally, on a copy of the tree.
# shellcheck shell=bash disable=SC2154 # top and box are tap.sh's

# copy_tree DIRECTORY: copies all that a recipe changes and builds
copy_tree()
{
	mkdir "$1" &&
		cp -r "$top"/{Makefile,configure.ac,HACKING,runtime,tapset,examples,man,bin,src,testsuite} "$1"
}

# follow RECIPE DIRECTORY: appends to the files of the copy as the recipe does, and writes
# its commands into $box/RECIPE.run and $box/RECIPE.lab.  A block is indented by four spaces;
# it ends before the first line that is not.
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
