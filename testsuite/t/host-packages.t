#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packages of prebuilt modules, and the files of Debian's packages.  `make check-packages`
# installs them.
. "$(dirname "$0")/../tap.sh"
debian=$top/packaging/debian
run() { said=$("$@" 2>"$box/errors" </dev/null); status=$?; errors=$(cat "$box/errors"); }

if ! command -v dpkg-deb >/dev/null; then
	skip 'packages of modules' 'this machine has no dpkg-deb'
	finish
fi
mkdir "$box/fake"
printf '#!/bin/sh\n[ ! -e "%s/absent" ] && printf 0.1-1\n' "$box" >"$box/fake/dpkg-query"
chmod +x "$box/fake/dpkg-query"
export PATH=$box/fake:$PATH

# As prebuild writes it.
modules=$box/modules
release=6.12.9+deb13-amd64
made()
{
	rm -rf "$modules"
	mkdir "$modules"
	echo '# tool module kernel systemtap sources sha256' >"$modules/stap-socket.manifest"
	for tool in top life; do
		echo "$tool" >"$modules/$tool.ko"
		echo "$tool $tool.ko $release 5.6 0123 $(sha256sum <"$modules/$tool.ko" | cut -c 1-64)"
	done >>"$modules/stap-socket.manifest"
}
package() { run "$debian/stap-socket-modules-deb" --output "$box" "$@"; }
field() { dpkg-deb --field "$said" "$1"; }
content() { dpkg-deb --contents "$said" | awk '{ print $1, $2, $6 }' | grep -v '/$'; }

made
package "$modules"
is 'a package of modules' "$status $errors" '0 '
is '... has the kernel in its name' "$said" \
	"$box/stap-socket-modules-${release}_0.1-1+stap5.6_$(dpkg --print-architecture).deb"
is '... which dpkg knows' "$(field Package)" "stap-socket-modules-$release"
is '... needs the systemtap-runtime of the systemtap that built it, and the same stap-socket' \
	"$(field Depends)" 'stap-socket (= 0.1-1), systemtap-runtime (>= 5.6), systemtap-runtime (<< 5.6.0~)'
for pair in '5.6-1 le' '5.6-1+b1 le' '5.6-1~bpo13+1 le' '5.6.1-1 gt' '5.7-1 gt' '5.5-1 none'; do
	read -r version answer <<<"$pair"
	seen=gt
	! dpkg --compare-versions "$version" lt '5.6.0~' || seen=le
	dpkg --compare-versions "$version" ge 5.6 || seen=none
	is "... $version is $answer" "$seen" "$answer"
done
is '... and has the modules where stap-socket looks' "$(content | grep modules/)" \
	"$(printf -- '-rw-r--r-- root/root ./usr/lib/socket-tapset/modules/%s\n' "$release"/{life.ko,stap-socket.manifest,top.ko})"
package --stapusr "$modules"
is '... or where members of stapusr may use them' "$(content | grep -c "./usr/lib/modules/$release/systemtap/")" 3
rm "$box"/*.deb

run env DEBFULLNAME='Ann Other' DEBEMAIL=ann@example.org \
	"$debian/stap-socket-modules-deb" --output "$box" "$modules"
is '... of the maintainer that DEBFULLNAME and DEBEMAIL name' "$(field Maintainer)" \
	'Ann Other <ann@example.org>'
run env DEBEMAIL='Bob <bob@example.org>' "$debian/stap-socket-modules-deb" --output "$box" "$modules"
is '... or DEBEMAIL alone' "$(field Maintainer)" 'Bob <bob@example.org>'
rm "$box"/*.deb

# refused NAME PATTERN ARGUMENT...
refused()
{
	local name=$1 pattern=$2
	shift 2
	package "$@"
	like "$name: refused" "$status $errors" "$pattern"
	is '... and nothing is written' "$(find "$box" -name '*.deb')" ''
}
echo more >>"$modules/top.ko"
refused 'a damaged module' '^1 .*top\.ko is damaged: repeat stap-socket prebuild' "$modules"
rm "$modules/top.ko"
refused 'a missing module' '^1 .*top\.ko is missing' "$modules"
made
sed -i '/^life/s/ 5\.6 / 5.7 /' "$modules/stap-socket.manifest"
refused 'two versions of systemtap' '^1 .*two versions of systemtap, 5\.6 and 5\.7' "$modules"
made
sed -i "/^life/s/ ${release//+/\\+} / 6.1 /" "$modules/stap-socket.manifest"
sed -i '/^life/s/ 6\.12[^ ]* / 6.1 /' "$modules/stap-socket.manifest"
refused 'two kernels' '^1 .*for two kernels, ' "$modules"
made
echo 'top ../top.ko 6.12 5.6 0 0' >>"$modules/stap-socket.manifest"
refused 'a path in the manifest' "^1 .*the line of 'top' in .* is not of stap-socket prebuild" "$modules"
made
touch "$box/absent"
refused 'without the package stap-socket' '^1 .*the package stap-socket, whose scripts' "$modules"
rm "$box/absent"
refused 'a directory without modules' "^1 .*cannot read $box/fake/stap-socket\\.manifest" "$box/fake"
refused 'no directory' '^2 .*the directory of the modules is missing' --stapusr
refused 'an unknown option' "^2 .*no option '--user'" --user "$modules"
DEBFULLNAME=$'Eve\nDepends: x' refused 'a maintainer of two lines' '^1 .*DEBFULLNAME or DEBEMAIL' "$modules"
like 'its page has all options' "$(man -l "$debian/stap-socket-modules-deb.8" | tr -d '\n')" \
	'--stapusr.*--output.*--help'

# Who builds packages is their maintainer.
# maintainer ASSIGNMENT...: prints it, without the settings of who runs this test
maintainer()
{
	run env -u DEBFULLNAME -u DEBEMAIL HOME="$box/home" XDG_CONFIG_HOME="$box/home" \
		GIT_CONFIG_NOSYSTEM=1 GIT_DIR="$box/no" "$@" "$top/packaging/maintainer"
	echo "$status $said$errors"
}
mkdir "$box/home"
user=$(id -un)
like 'a maintainer: the user of this machine' "$(maintainer)" "^0 $user <$user@[^ <>@]+>\$"
printf '[user]\n\tname = Git Ann\n\temail = git@example.org\n' >"$box/home/.gitconfig"
is "... git's user before that" "$(maintainer)" '0 Git Ann <git@example.org>'
is '... DEBFULLNAME and DEBEMAIL before both' \
	"$(maintainer DEBFULLNAME='Ann Öther' DEBEMAIL=ann@example.org)" '0 Ann Öther <ann@example.org>'
is '... DEBEMAIL with a name' "$(maintainer DEBEMAIL='Bob <bob@example.org>')" \
	'0 Bob <bob@example.org>'
is '... which DEBFULLNAME overrides' \
	"$(maintainer DEBFULLNAME=Ann DEBEMAIL='Bob <bob@example.org>')" '0 Ann <bob@example.org>'
like 'an address without @ is refused' "$(maintainer DEBEMAIL=nowhere)" \
	"^1 .*DEBEMAIL or git's user.email is 'nowhere', not an address USER@HOST"
like 'a name of two lines, too' "$(maintainer DEBFULLNAME=$'a\nb')" \
	"^1 .*DEBFULLNAME or git's user.name is 'a"
cp -r "$top/packaging" "$box/packaging"
run env DEBFULLNAME='Ann & Öther' DEBEMAIL=ann@example.org "$box/packaging/debianize"
is 'debianize makes debian' "$status $said$errors" '0 '
is '... with the maintainer wherever a package has one' \
	"$(grep -hoE '^(Maintainer:| --) .*>' "$box"/debian/{changelog,control})" \
	$' -- Ann & Öther <ann@example.org>\nMaintainer: Ann & Öther <ann@example.org>'
is '... and nothing to replace' "$(grep -r '@MAINTAINER@' "$box/debian")" ''
is '... and the modes of files' "$(cd "$box/debian" && find . -type f -printf '%M %p\n' | sort)" \
	"$(cd "$debian" && find . -type f -printf '%M %p\n' | sort)"
is 'no package names an address of its own' "$(grep -rl '@example' "$top/packaging")" ''
run "$box/packaging/debianize"
like 'a directory debian is not replaced' "$status $errors" \
	"^1 debianize: there is a directory $box/debian"

is "Debian's version is that of the project" \
	"$(sed -n '1s/.*(\(.*\)-.*/\1/p' "$debian/changelog")" "$(cat "$O/doc/version")"
is "... and the spec's" "$(awk '/^Version:/ { print $2 }' "$top/packaging/stap-socket.spec")" \
	"$(cat "$O/doc/version")"
# All that make install installs is in a package.
make -s -C "$top" install prefix=/usr DESTDIR="$box/root" O="$O" >"$box/said" 2>&1
result $? 'make install' "$box/said"
(cd "$box/root/usr" && find . -type f | sed 's|^\./|usr/|' | grep -v '/share/doc/\|/installed$' | sort) >"$box/files"
# unpackaged: the files that no pattern of the input covers
unpackaged() { sed 's|/$||; s|^|^|; s|\*|.*|g' >"$box/patterns"; grep -vf "$box/patterns" "$box/files"; }
is "each file is in one of Debian's packages" "$(grep -hv ' ' "$debian"/*.install | unpackaged)" ''
is '... and in one of the RPM packages' \
	"$(sed -n '/^%files/,/^%changelog/s/^%{_/%{_/p' "$top/packaging/stap-socket.spec" |
		sed 's|%{_bindir}|usr/bin|; s|%{_libexecdir}|usr/libexec|; s|%{_mandir}|usr/share/man|
			s|%{_datadir}|usr/share|' | unpackaged)" ''
finish
