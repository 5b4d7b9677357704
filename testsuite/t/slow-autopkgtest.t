#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# debian/tests/tool, which autopkgtest runs on a machine of its own, in a guest that has stap, a
# compiler, the kernel's headers and Debian's packages.  slow-build builds in a guest; here the
# modules are a package, built where systemtap is.
. "$(dirname "$0")/../tap.sh"
row=${LAB_ROW:-6.12}
export -n O

"$top/packaging/deb" "$("$top/packaging/dist" "$box" 2>/dev/null)" "$box/deb" >"$box/said" 2>&1
result $? 'the packages are built' "$box/said"
rm -f "$box"/deb/*-dbgsym_*
"$lab" download "$row" "$box/deb" libncurses6 2>"$box/said"
result $? '... and the library that guests and build roots lack is there' "$box/said"
mkdir "$box/root"
for package in "$box"/deb/*.deb; do dpkg-deb -x "$package" "$box/root"; done
release=$("$lab" get "$row" release)
mapfile -t types < <(types_of "$row")
"$lab" root "$row" "$box" -- /usr/bin/env XDG_CACHE_HOME=/script/cache SYSTEMTAP_DIR=/lab/cache \
	LD_LIBRARY_PATH="/script/root/usr/lib/$("$lab" get "$row" triplet)" \
	/script/root/usr/bin/stap-socket prebuild --kernel "$release" --symbols /lab/kallsyms \
	"${types[@]}" --output /script/modules self-test top >"$box/said" 2>&1
result $? '... and the modules' "$box/said"
tar -C "$box" -cf "$box/modules.tar" modules
cat >"$box/guest" <<'END'
set -e
dpkg -i libncurses6_*.deb socket-tapset_*.deb stap-socket_*.deb socket-tapset-override_*.deb
tar -xf modules.tar
dpkg -i "$(stap-socket-modules-deb modules)"
exec ./tool
END
add=()
for file in "$top/packaging/debian/tests/tool" "$box"/{guest,modules.tar} "$box"/deb/*.deb; do
	add+=(--add "$file")
done
"$lab" boot "$row" --stap --mem 3000 --timeout 3000 "${add[@]}" -- 'bash ./guest' \
	>"$box/said" 2>"$box/errors"
is 'debian/tests/tool exits 0' $? 0
said=$(cat "$box/said")
like '... after each call of the self-test was counted' "$said" \
	$'\nok       sendmsg: 20 of 20 counted by .*\nok       connection: '
like '... and what a program sends' "$said" '"command":"python3"[^}]*"sends":1234'
finish
