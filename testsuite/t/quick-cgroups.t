#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --cgroup, --unit, --container and --pod find control groups.  Their tree is one of directories,
# whose inode numbers stat(1) prints.
. "$(dirname "$0")/../tap.sh"
. "$top/testsuite/stap-socket/installed.sh"

tree=$box/cgroup
id_a=$(printf 'a%.0s' {1..64})
id_b=aaaab$(printf '0%.0s' {1..59})
id_c=$(printf 'c%.0s' {1..60}) id_d=$(printf 'd%.0s' {1..60})
pod=kubelet.slice/kubelet-kubepods-pod01234567_89ab_cdef_0123_456789abcdef.slice
for group in . system.slice system.slice/nginx.service system.slice/nginx.service/workers \
	system.slice/docker-$id_a.scope system.slice/libpod-conmon-$id_a.scope user.slice \
	user.slice/user@7.service user.slice/user@7.service/app.slice \
	user.slice/user@7.service/app.slice/sync.service docker docker/$id_b $pod \
	$pod/cri-containerd-$id_b.scope lxc.payload.web lxc.monitor.web machine.slice \
	'machine.slice/machine-old\x2dhost.scope' system.slice/template@1.service \
	system.slice/template@2.service a,b many many/{1..17}/many.service \
	lxc.payload.web/system.slice/nginx.service user.slice/user@7.service/app.slice/nginx.service \
	system.slice/nginx.service/more/nginx.service docker/abcd{$id_c,$id_d} \
	"system.slice/docker-$id_a.scope/system.slice/inner.service" \
	'machine.slice/machine-qemu\x2d1\x2dvm.scope' \
	$'user.slice/user@7.service/redis\033c.service'; do
	mkdir -p "$tree/$group"
	: >"$tree/$group/cgroup.controllers"
done
mkdir -p "$box/proc/$$" "$tree/none"
printf 'Tgid:\t%s\n0::/system.slice/nginx.service\n' $$ | tee "$box/proc/$$/cgroup" >"$box/proc/$$/status"
variant grouped -DCGROUPS="\"$tree\"" -DPROC="\"$box/proc\""
variant ungrouped -DCGROUPS="\"$box/proc\""
prebuild params

# found NAME GROUPS OPTION VALUE: the ids of GROUPS, with commas between them
found()
{
	local name=$1 group ids=()
	for group in $2; do ids+=("$(stat -c %i "$tree/$group")"); done
	local list="${ids[*]}"
	shift 2
	run stap-socket-grouped params --dry-run "$@"
	is "$name: $*" "$status $errors$(grep -o 'only_cgroup=[0-9,]*' <<<"$said")" \
		"0 only_cgroup=${list// /,}"
}
refuses() # NAME PATTERN ARGUMENT...
{
	local name=$1 pattern=$2
	shift 2
	run stap-socket-grouped params --dry-run "$@"
	is "$name is refused" "$status" 2
	like '... and says' "$errors" "$pattern"
}

found 'a path' system.slice/nginx.service --cgroup system.slice/nginx.service
found '... as in /proc' system.slice/nginx.service --cgroup /system.slice/nginx.service
found '... as in the file system' system.slice/nginx.service/workers \
	--cgroup "$tree/system.slice/nginx.service/workers"
found '... with a comma' a,b --cgroup "$tree/a,b"
found '... as in /proc' a,b --cgroup /a,b
found 'an id' docker --cgroup "$(stat -c %i "$tree/docker")"
found 'all' . --cgroup /
found 'a list' 'docker a,b' --cgroup "docker,$(stat -c %i "$tree/a,b")"
found 'that of a process' system.slice/nginx.service --cgroup "pid:$$"
run stap-socket-grouped params --dry-run --cgroup '!docker'
like 'all but one' "$said" "'only_cgroup=!$(stat -c %i "$tree/docker")'"
found 'a unit' system.slice/nginx.service --unit nginx.service
found '... of which the type is omitted' system.slice/nginx.service --unit nginx
found '... of a user, if the system has none' user.slice/user@7.service/app.slice/sync.service --unit sync
found 'several' 'system.slice/nginx.service system.slice/template@2.service' \
	--unit nginx,template@2
found 'a container' "system.slice/docker-$id_a.scope" --container "$id_a"
found '... as docker ps prints it' "system.slice/docker-$id_a.scope" --container aaaaaaaaaaaa
found '... of LXC' lxc.payload.web --container web
found '... of systemd-nspawn, with an escaped name' 'machine.slice/machine-old\x2dhost.scope' \
	--container old-host
run stap-socket-grouped params --dry-run --container aaaab
expected=$(stat -c %i "$tree/docker/$id_b" "$tree/$pod/cri-containerd-$id_b.scope" | sort)
is 'a container with several control groups' \
	"$(grep -o 'only_cgroup=[0-9,]*' <<<"$said" | sed "s/.*=//" | tr , "\n" | sort)" "$expected"
found 'a pod' "$pod" --pod 01234567-89ab-cdef-0123-456789abcdef

refuses 'an unknown path' "--cgroup: no control group 'x' in .*: it takes the path of one, its id or pid:PID" \
	--cgroup x
refuses 'a directory that is not one' "no control group '/none'" --cgroup /none
refuses 'an unknown unit' "--unit: no unit 'nginx.servcie' is here \(did you mean nginx.service\?\)" \
	--unit nginx.servcie
refuses 'an unknown container' "--container: no container 'wbe' is here \(did you mean web\?\)" \
	--container wbe
refuses 'an id of three characters' "no container 'aaa' is here; it takes an id, or at least 4 characters of one" \
	--container aaa
refuses 'the beginning of two' "'abcd' is the beginning of abcd(c+ and of abcdd+|d+ and of abcdc+)" \
	--container abcd
refuses 'a virtual machine' "no container 'qemu-1-vm'" --container qemu-1-vm
refuses 'a slice' '--cgroup takes the path of a slice' --unit system.slice
refuses 'a unit in a container' "no unit 'inner'" --unit inner
refuses 'a unit whose name has an escape' "did you mean redis\?c.service" --unit redis.c.service
refuses 'an id that no control group has' "no control group '12'" --cgroup 12
refuses 'an unknown pod' "--pod: no pod '0'" --pod 0
refuses 'two of them' '--cgroup and --unit exclude each other' --cgroup / --unit nginx
refuses 'more than the kernel compares' "'many' has 17 control groups; a filter takes at most 16, and --cgroup the path of one" \
	--unit many
run stap-socket-ungrouped params --dry-run --unit nginx
is 'a machine without cgroup v2' "$status $errors" \
	"2 stap-socket: --unit: this machine has no cgroup v2 in $box/proc (see cgroups(7))
stap-socket: 'stap-socket --help' shows the usage"
finish
