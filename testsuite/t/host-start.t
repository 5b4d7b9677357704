#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The way from the options to staprun with a module that was built before: 30 ms at most, in
# processor time, so that a busy machine does not fail it.
. "$(dirname "$0")/../tap.sh"
. "$top/testsuite/stap-socket/installed.sh"

export CFLAGS='-O2'
variant here -DPROC_MODULES='"/dev/null"'
cat >"$box/staprun.c" <<'END'
#include <stdio.h>
#include <string.h>
#include <time.h>
int main(int argc, char **argv)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	if (argc > 1 && !strcmp(argv[1], "-V"))
		puts("Systemtap module loader/runner (version 5.6, Debian version 5.6-1)");
	else
		fprintf(stderr, "%lld\n", t.tv_sec * 1000000000LL + t.tv_nsec);
	return 0;
}
END
ok 'a staprun' "$CC" -o "$box/fake/staprun" "$box/staprun.c"
sed -i 's/parmtype=interval:long/& parmtype=count:long parmtype=only_protocol:long/' \
	"$bin/stap-socket-run"
# As large as a real one.
sed -i '$s/.*/&; head -c 700000 \/dev\/zero >>"$2.ko"/' "$bin/stap-socket-run"
prebuild params
# From here on the real one, which checks who could change a module.
mv "$box/stap-socket-run" "$bin/stap-socket-run"
read -r start true shortest < <("$top/testsuite/stap-socket/start.py" \
	stap-socket-here params -c 1 -P tcp --json)
echo "# a start: $start us of processor time, /bin/true $true; to staprun: $shortest us"
# A processor that is shared is slower, for both.
ok "30 ms of processor time, or that of 55 processes" \
	test "${start:-999999}" -le $((55 * true > 30000 ? 55 * true : 30000))
ok '... and it does not sleep before it starts staprun' test "${shortest:-999999}" -le 100000
finish
