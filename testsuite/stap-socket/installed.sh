# SPDX-License-Identifier: GPL-2.0-or-later
#
# stap-socket installed in $box, with two tools of the tests, and with fakes of stap and
# staprun: for tests without a kernel to probe
# shellcheck shell=bash disable=SC2154,SC2034 # of tap.sh; used by the tests
umask 022

ok 'make install' make -s -C "$top" install prefix=/usr DESTDIR="$box/root" O="$O"
bin=$box/root/usr/bin
scripts=$box/root/usr/share/socket-tapset/examples
# Tools for the tests instead of the real ones.
rm -f "$scripts"/*.stp
cp "$top/testsuite/stap-socket/params.stp" "$scripts/"
printf '// plain.stp - no tool\nprobe begin { exit() }\n' >"$scripts/plain.stp"
{
	echo '// events.stp - prints events'
	echo '//'
	echo '// @socket_tool("events", 1, "", "time=time_ns:time pid:pid event:event")'
	echo 'global again = 0, label = "", seen'
	echo 'probe begin { exit() }'
	echo '@socket_lines'
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
	local name=$1 sources libraries flags
	shift
	read -ra flags <<<"${CFLAGS-}"
	read -ra libraries < <(sed -n 's/^LIBS := //p' "$top/Makefile")
	mapfile -t sources < <(find "$top/src" -name '*.c' ! -name self-test.c)
	"$CC" "${flags[@]}" "$@" -o "$bin/stap-socket-$name" "${sources[@]}" "${libraries[@]}"
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
	last=${last%%|*}
	is "$name" "${last% }" "$expected"
}

# drawn NAME EXPECTED OPTION...: the options for what draws its records
drawn()
{
	local name=$1 expected=$2 last
	shift 2
	run stap-socket params --dry-run "$@"
	last=${said##*stap-socket replay -}
	is "$name" "${last# }" "$expected"
}

# prebuild TOOL...: builds modules, of which `params --dry-run` uses one
release=$(uname -r)
headers=$box/headers
mkdir "$headers"
: >"$headers/Makefile"
awk 'BEGIN { for (i = 0; i < 3000; i++) print "0 T f" i }' >"$box/symbols"
modules=$HOME/.cache/socket-tapset/modules/$release
module=stap_socket_params_00000000.ko
prebuild()
{
	run stap-socket prebuild --kernel "$release" --build "$headers" --output "$modules" "$@"
}
uses() { run stap-socket params --dry-run; }
