#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rows all: 6.12
# Debian's packages in a guest that has systemtap-runtime and no stap: modules that were
# prebuilt elsewhere become a package, and a tool of it runs.
. "$(dirname "$0")/../tap.sh"
row=${1:-${LAB_ROW:-6.12}}
export -n O

"$top/packaging/deb" "$("$top/packaging/dist" "$box" 2>/dev/null)" "$box/deb" >"$box/said" 2>&1
result $? "$row: the packages are built" "$box/said"
rm -f "$box"/deb/*-dbgsym_*
"$lab" download "$row" "$box/deb" libncurses6 2>"$box/said"
result $? "$row: the library that guests and build roots lack is there" "$box/said"
mkdir "$box/root"
for package in "$box"/deb/*.deb; do dpkg-deb -x "$package" "$box/root"; done
release=$("$lab" get "$row" release)
mapfile -t types < <(types_of "$row")
"$lab" root "$row" "$box" -- /usr/bin/env XDG_CACHE_HOME=/script/cache \
	SYSTEMTAP_DIR=/lab/cache LD_LIBRARY_PATH="/script/root/usr/lib/$("$lab" get "$row" triplet)" \
	/script/root/usr/bin/stap-socket prebuild \
	--kernel "$release" --symbols /lab/kallsyms "${types[@]}" --output /script/modules top \
	>"$box/said" 2>&1
result $? "$row: a tool is prebuilt where systemtap is" "$box/said"
tar -C "$box" -cf "$box/modules.tar" modules

cat >"$box/sends.py" <<'END'
import socket
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
for i in range(1234):
    a.send(b"x" * 10)
    b.recv(20)
END
cat >"$box/guest" <<'END'
echo '== install'
dpkg -i libncurses6_*.deb socket-tapset_*.deb stap-socket_*.deb socket-tapset-override_*.deb 2>&1
echo "status $?"
tar -xf modules.tar
echo '== package'
stap-socket-modules-deb modules 2>&1
echo '== modules'
dpkg -i stap-socket-modules-*.deb 2>&1
echo "status $?"
echo '== tool'
stap-socket top --json --interval 1 -- python3 sends.py
echo "status $?"
echo '== systemtap'
dpkg-deb -f stap-socket-modules-*.deb Depends
echo '== purge'
dpkg -P $(dpkg-deb -f stap-socket-modules-*.deb Package) stap-socket socket-tapset-override \
	socket-tapset 2>&1
echo "status $?"
find / -name '*socket-tapset*' ! -path '/proc/*' ! -name '*.deb' ! -path '*/.cache/*' 2>/dev/null
END
add=()
for file in "$box"/deb/*.deb "$box"/{modules.tar,sends.py,guest}; do add+=(--add "$file"); done
"$lab" boot "$row" "${add[@]}" -- 'bash ./guest' >"$box/said" 2>"$box/errors"
is "$row: guest exits 0" $? 0
like "$row: the packages are installed" "$(section install)" 'status 0$'
like "$row: modules become a package" "$(section package)" \
	"^\./stap-socket-modules-${release//+/\\+}_.*\.deb\$"
like "$row: ... which is installed" "$(section modules)" 'status 0$'
like "$row: ... and needs this systemtap-runtime" "$(section systemtap)" \
	'systemtap-runtime \(>= [0-9.]+\), systemtap-runtime \(<< [0-9.]+~\)'
like "$row: a tool runs at once, and counts what a program sends" "$(section tool)" \
	'"command":"python3"[^}]*"sends":1234.*status 0$'
is "$row: purge leaves nothing" "$(section purge | sed -n '/^status/,$p')" 'status 0'
finish
