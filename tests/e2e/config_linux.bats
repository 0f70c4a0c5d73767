#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.linux: namespaces, ids, sysctls, seccomp, cgroups.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_linux.bats

bats_require_minimum_version 1.5.0

load helpers

setup() { container_setup; }
teardown() { container_teardown; }

minimal() {
	edit '.linux.namespaces = [{type: "mount"}] | del(.hostname) | .mounts |= map(select(
		.type == "proc" or .type == "tmpfs"))'
}

ns_of() {
	readlink "/proc/$1/ns/$2"
}

@test "namespaces: new ones" {
	local type file
	minimal
	for type in pid:pid network:net ipc:ipc uts:uts cgroup:cgroup time:time mount:mnt; do
		file="${type#*:}" type="${type%:*}"
		edit --arg t "$type" '.linux.namespaces = ([{type: "mount"}, {type: $t}] | unique)'
		set_args sleep 1000
		start_container
		echo "$type"
		[ "$(ns_of "$(pid_of "$ID")" "$file")" != "$(ns_of self "$file")" ]
		rt delete --force "$ID"
		succeeds
	done
}

@test "namespaces: those that are not listed are kept" {
	minimal
	set_args sleep 1000
	start_container
	local file
	for file in pid net ipc uts cgroup time user; do
		echo "$file"
		[ "$(ns_of "$(pid_of "$ID")" "$file")" = "$(ns_of self "$file")" ]
	done
	[ "$(ns_of "$(pid_of "$ID")" mnt)" != "$(ns_of self mnt)" ]
	rt delete --force "$ID"
	# the program's own name, not a rest of ours
	edit '.linux.namespaces = [] | .mounts = [] | del(.linux.maskedPaths, .linux.readonlyPaths)'
	set_args pwd
	rt run -b "$B" "$ID"
	prints /
}

@test "namespaces: joined" {
	local type file target
	minimal
	unshare --pid --net --ipc --uts --cgroup --mount --fork --kill-child sleep 1000 3>&- &
	PIDS+=($!)
	until_true 5 eval 'target="$(pgrep -P "${PIDS[0]}" sleep)"'
	for type in pid:pid network:net ipc:ipc uts:uts cgroup:cgroup; do
		file="${type#*:}" type="${type%:*}"
		edit --arg t "$type" --arg p "/proc/$target/ns/$file" '.linux.namespaces = [{type: "mount"},
			{type: $t, path: $p}]'
		set_args sleep 1000
		start_container
		echo "$type"
		[ "$(ns_of "$(pid_of "$ID")" "$file")" = "$(ns_of "$target" "$file")" ]
		rt exec "$ID" true
		succeeds
		rt delete --force "$ID"
		succeeds
	done
	kill -0 "$target"
}

@test "namespaces: a joined mount namespace" {
	minimal
	unshare --mount --propagation private sh -c "mount -t tmpfs tmpfs /mnt && touch /mnt/theirs && exec sleep 1000" 3>&- &
	PIDS+=($!)
	until_true 5 eval 'nsenter -t "${PIDS[0]}" -m test -e /mnt/theirs'
	mkdir "$B/rootfs/m"
	edit --arg p "/proc/${PIDS[0]}/ns/mnt" '.linux.namespaces = [{type: "mount", path: $p}]
		| .mounts = [{destination: "/m", source: "/mnt", options: ["bind"]}]'
	set_args ls /m
	rt run -b "$B" "$ID"
	prints theirs
}

@test "namespaces: listed twice" {
	edit '.linux.namespaces += [{type: "pid"}]'
	inside true
	fails_like "*config.json:*: linux.namespaces?[56]?*"
	edit '.linux.namespaces = [{type: "nothing"}]'
	inside true
	fails_like "*config.json:*: linux.namespaces?0?.type: *"
}

@test "user namespace: maps, identity, what root in it may" {
	edit '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 200000, size: 1000}, {containerID: 5000, hostID: 300000, size: 10}]
		| .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 6000}]
		| .process.capabilities[] += ["CAP_DAC_OVERRIDE"]'
	chown -R 200000:200000 "$B/rootfs"
	chmod 0755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	inside 'id -u; cat /proc/self/uid_map /proc/self/gid_map | tr -s " "; touch /made; stat -c %u /dev/null /made'
	succeeds
	[ "$output" = $'0\n 0 200000 1000\n 5000 300000 10\n 0 200000 6000\n65534\n0' ]
	[ "$(stat -c %u "$B/rootfs/made")" -eq 200000 ]
	# what we were given stays its owner's: crun chowns its standard descriptors, the host's /dev/null too
	touch said
	set_args true
	"$RT" --root "$ROOT" run -b "$B" "$ID" </dev/null >said 2>&1
	[ "$(stat -c %u said /dev/null | sort -u)" = 0 ]
	edit '.process.user = {uid: 5003, gid: 5, additionalGids: [7]}'
	inside 'id -u; id -g; grep Groups /proc/self/status | tr -d " "'
	prints $'5003\n5\nGroups:\t7'
	edit '.process.user = {uid: 4000, gid: 5}'
	inside true
	fails_like "*config.json:*: process.user.uid: uid 4000 is not in linux.uidMappings"
	assert_nothing_left
}

@test "user namespace: joined, and exec into it" {
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	set_args sleep 1000
	start_container
	local pid
	pid="$(pid_of "$ID")"
	[ "$(ns_of "$pid" user)" != "$(ns_of self user)" ]
	rt exec "$ID" readlink /proc/self/ns/user
	prints "$(ns_of "$pid" user)"
	make_bundle second
	edit_config second --arg p "/proc/$pid/ns/" '.linux.namespaces = [{type: "mount"}, {type: "pid"},
		{type: "uts"}, {type: "ipc"}, {type: "network", path: ($p + "net")}, {type: "user", path: ($p + "user")}]
		| .process.args = ["sh", "-c", "readlink /proc/self/ns/user; readlink /proc/self/ns/net"]'
	rt run -b second "$ID-2"
	prints "$(ns_of "$pid" user)"$'\n'"$(ns_of "$pid" net)"
}

@test "user namespace: maps without it, it without maps" {
	edit '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}]'
	inside true
	fails_like "*config.json:*: linux.uidMappings: mappings need a user namespace in linux.namespaces"
	edit 'del(.linux.uidMappings) | .linux.namespaces += [{type: "user"}]'
	inside true
	fails_like "*config.json:*: linux.uidMappings: a new user namespace needs at least one mapping here"
}

@test "hostname and domainname" {
	edit '.hostname = "some.name" | .domainname = "some.domain"'
	inside 'hostname; cat /proc/sys/kernel/domainname'
	prints $'some.name\nsome.domain'
	[ "$(hostname)" != some.name ]
	edit '.linux.namespaces -= [{type: "uts"}] | del(.domainname)'
	inside true
	fails_like "*config.json:*: hostname: needs a uts namespace*"
	edit '.domainname = "x" | del(.hostname)'
	inside true
	fails_like "*config.json:*: domainname: needs a uts namespace*"
}

@test "the loopback device is up" {
	inside 'cat /sys/class/net/lo/flags'
	prints 0x9
}

@test "sysctls of the container's namespaces, and no others" {
	edit '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "4321", "net/ipv4/tcp_fin_timeout": "17"}'
	inside 'cd /proc/sys; cat net/ipv4/ip_forward kernel/msgmax net/ipv4/tcp_fin_timeout'
	prints $'1\n4321\n17'
	[ "$(cat /proc/sys/kernel/msgmax)" != 4321 ]
	edit '.linux.sysctl = {"vm.swappiness": "1"}'
	inside true
	fails_like "*config.json:*: linux.sysctl.vm.swappiness: vm.swappiness belongs to no namespace: it would change the host"
	edit '.linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.namespaces -= [{type: "network"}]'
	inside true
	fails_like "*config.json:*: linux.sysctl.net.ipv4.ip_forward: *would change the host: linux.namespaces has no network namespace"
	edit '.linux.sysctl = {"kernel.msgmax/../../vm/swappiness": "1"}'
	inside true
	[ "$status" -eq 1 ]
	edit '.linux.sysctl = {"kernel.msgmax": "many"}'
	inside true
	fails_like "*config.json:*: linux.sysctl.kernel.msgmax: set sysctl kernel.msgmax = many: write: invalid argument"
}

seccomp() {
	edit ".linux.seccomp = $1"
}

@test "seccomp: ERRNO with and without a value, on and without arguments" {
	seccomp '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"},
		{names: ["symlink", "symlinkat"], action: "SCMP_ACT_ERRNO", errnoRet: 28},
		{names: ["kill"], action: "SCMP_ACT_ERRNO", errnoRet: 95, args: [{index: 1, value: 10, op: "SCMP_CMP_EQ"}]}]}'
	inside 'mkdir /x; ln -s a /y; kill -10 1; kill -0 1 && echo allowed'
	[ "${lines[0]}" = "mkdir: can't create directory '/x': Operation not permitted" ]
	[ "${lines[1]}" = "ln: /y: No space left on device" ]
	[[ "${lines[2]}" == *"Operation not supported" ]]
	[ "${lines[3]}" = allowed ]
}

@test "seccomp: a default of ERRNO, with its own value" {
	seccomp '{defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, syscalls: [{names: ["execve", "exit_group",
		"write", "brk", "arch_prctl", "mmap", "munmap", "mprotect", "set_tid_address", "set_robust_list", "rseq",
		"prlimit64", "readlink", "getrandom", "newfstatat", "fstat", "getuid", "prctl", "rt_sigaction", "uname",
		"readlinkat", "ioctl"], action: "SCMP_ACT_ALLOW"}]}'
	set_args mkdir /x
	rt run -b "$B" "$ID"
	[ "$status" -eq 1 ]
	[ "$output" = "mkdir: can't create directory '/x': Function not implemented" ]
	set_args echo hello
	rt run -b "$B" "$ID"
	prints hello
}

@test "seccomp: KILL, LOG, TRAP" {
	local action
	for action in SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD SCMP_ACT_KILL SCMP_ACT_TRAP; do
		seccomp '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "'$action'"}]}'
		set_args sh -c 'mkdir /x; echo "$?"'
		rt run -b "$B" "$ID"
		echo "$action: $output"
		[[ "$output" == *159 ]]
	done
	seccomp '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_LOG"}]}'
	inside 'mkdir /x && echo made'
	prints made
}

@test "seccomp: with and without noNewPrivileges, as a user, and no capability is left" {
	seccomp '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]}'
	local nnp uid
	for nnp in true false; do
		for uid in 0 1000; do
			edit --argjson n $nnp --argjson u $uid '.process.noNewPrivileges = $n | .process.user.uid = $u
				| .process.capabilities = {}'
			inside 'mkdir /tmp/x; grep -E "Seccomp:|CapEff|CapPrm|CapBnd" /proc/self/status'
			echo "$output"
			[ "$(awk '{ print $2 }' <<<"$output" | tail -n +2 | sort -u | tr '\n' ' ')" = "0000000000000000 2 " ]
			[[ "$output" == *"Operation not permitted"* ]]
		done
	done
}

@test "seccomp: what can't be is an error" {
	seccomp '{defaultAction: "SCMP_ACT_NOTIFY"}'
	inside true
	[ "$status" -eq 1 ]
	[[ "$output" == *config.json:*": linux.seccomp"* ]]
	seccomp '{defaultAction: "SCMP_ACT_NONE"}'
	inside true
	fails_like "*config.json:*: linux.seccomp.defaultAction: *SCMP_ACT_NONE*"
	seccomp '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: [], action: "SCMP_ACT_ERRNO"}]}'
	inside true
	[ "$status" -eq 1 ]
}

v1() {
	[ -d "/sys/fs/cgroup/$1" ] || skip "this host has no cgroup v1 controller $1"
}

@test "cgroup limits, read back (v1)" {
	v1 memory
	edit '.linux.resources = {memory: {limit: 104857600, reservation: 52428800, swappiness: 7},
		cpu: {shares: 513, quota: 50000, period: 100000, cpus: "0", mems: "0"}, pids: {limit: 77},
		blockIO: {weight: 500}}
		| (if $w == "no" then del(.linux.resources.blockIO) else . end)' \
		--arg w "$([ -e /sys/fs/cgroup/blkio/blkio.bfq.weight ] && echo yes || echo no)"
	set_args sleep 1000
	start_container
	[ "$(limit memory/memory.limit_in_bytes)" = 104857600 ]
	[ "$(limit memory/memory.soft_limit_in_bytes)" = 52428800 ]
	[ "$(limit memory/memory.swappiness)" = 7 ]
	[ "$(limit cpu/cpu.shares)" = 513 ]
	[ "$(limit cpu/cpu.cfs_quota_us)" = 50000 ]
	[ "$(limit cpu/cpu.cfs_period_us)" = 100000 ]
	[ "$(limit cpuset/cpuset.cpus)" = 0 ]
	[ "$(limit cpuset/cpuset.mems)" = 0 ]
	[ "$(limit pids/pids.max)" = 77 ]
	local dir
	for dir in memory cpu cpuacct cpuset pids devices freezer blkio; do
		grep -qx "$(pid_of "$ID")" "/sys/fs/cgroup/$dir/$ID/cgroup.procs"
	done
	rt delete --force "$ID"
	assert_nothing_left
}

@test "update, read back (v1)" {
	v1 memory
	set_args sleep 1000
	start_container
	rt update --memory 64m --memory-reservation 32m --cpu-share 300 --cpu-quota 20000 --cpu-period 50000 \
		--cpuset-cpus 0 --pids-limit 33 "$ID"
	prints ""
	[ "$(limit memory/memory.limit_in_bytes)" = 67108864 ]
	[ "$(limit memory/memory.soft_limit_in_bytes)" = 33554432 ]
	[ "$(limit cpu/cpu.shares)" = 300 ]
	[ "$(limit cpu/cpu.cfs_quota_us)" = 20000 ]
	[ "$(limit cpu/cpu.cfs_period_us)" = 50000 ]
	[ "$(limit cpuset/cpuset.cpus)" = 0 ]
	[ "$(limit pids/pids.max)" = 33 ]
	run bash -c 'echo "{\"memory\": {\"limit\": 134217728}, \"pids\": {\"limit\": -1}}" | "$@"' - \
		"$RT" --root "$ROOT" update --resources - "$ID"
	prints ""
	[ "$(limit memory/memory.limit_in_bytes)" = 134217728 ]
	[ "$(limit pids/pids.max)" = max ]
	[ "$(limit cpu/cpu.shares)" = 300 ]
	echo '{"cpu": {"shares": 222}}' >r.json
	rt update -r r.json "$ID"
	prints ""
	[ "$(limit cpu/cpu.shares)" = 222 ]
	rt update --memory=-1 "$ID"
	prints ""
	[ "$(limit memory/memory.limit_in_bytes)" -gt 1000000000000 ]
}

@test "limits hold: pids, memory" {
	v1 memory
	edit '.linux.resources = {pids: {limit: 4}}'
	inside 'for i in 1 2 3 4 5 6; do sleep 1 & done; wait'
	[[ "$output" == *"can't fork"* ]]
	edit '.linux.resources = {memory: {limit: 8388608, swap: 8388608}}'
	inside 'tail -c 64m /dev/zero | wc -c; echo "${PIPESTATUS-}"; cat /dev/zero | head -c 64m | tail -c 32m >/dev/null; echo $?'
	[[ "$output" == *137* || "$status" -eq 137 ]]
	assert_nothing_left
}

@test "a limit that the kernel refuses is one line, and nothing is left" {
	v1 cpuset
	edit '.linux.resources.cpu = {cpus: "999"}'
	inside true
	fails_like "*config.json:*: linux.resources.cpu.cpus: *"
	edit '.linux.resources = {hugepageLimits: [{pageSize: "3MB", limit: 0}]}'
	inside true
	fails_like "*config.json:*: linux.resources.hugepageLimits?0?*"
	assert_nothing_left
}

@test "cgroup limits, read back (v2)" {
	grep -qw hugetlb /sys/fs/cgroup/unified/cgroup.controllers 2>/dev/null ||
		skip "no controller is left for cgroup v2 on this host"
	edit '.linux.resources = {hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}'
	set_args sleep 1000
	run unshare -m sh -c 'umount -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit
		"$@" </dev/null >/dev/null 2>err || { cat err; exit 1; }
		cat /sys/fs/cgroup/$0/hugetlb.2MB.max
		grep -q hugetlb /sys/fs/cgroup/cgroup.subtree_control && echo delegated' "$ID" \
		"$RT" --root "$ROOT" create -b "$B" "$ID"
	prints $'4194304\ndelegated'
	unshare -m sh -c 'umount -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"' - \
		"$RT" --root "$ROOT" delete --force "$ID"
	assert_nothing_left
	echo -hugetlb >/sys/fs/cgroup/unified/cgroup.subtree_control
}

@test "cgroupsPath: where it is, what was there before stays" {
	v1 pids
	mkdir -p "/sys/fs/cgroup/pids/$ID-before"
	edit --arg p "/$ID-before/inner" '.linux.cgroupsPath = $p'
	set_args sleep 1000
	start_container
	grep -q ":pids:/$ID-before/inner\$" "/proc/$(pid_of "$ID")/cgroup"
	rt delete --force "$ID"
	[ -d "/sys/fs/cgroup/pids/$ID-before" ]
	[ ! -e "/sys/fs/cgroup/pids/$ID-before/inner" ]
	[ ! -e "/sys/fs/cgroup/memory/$ID-before" ]
	rmdir "/sys/fs/cgroup/pids/$ID-before"
	edit '.linux.cgroupsPath = "/../../x"'
	inside true
	fails_like '*config.json:*: linux.cgroupsPath: *".."*'
	assert_nothing_left
}

@test "--cgroup-manager disabled" {
	set_args sleep 1000
	rt_live --cgroup-manager disabled create -b "$B" "$ID"
	succeeds
	[ -z "$(cgroups_of "$ID")" ]
	rt start "$ID"
	rt state "$ID"
	[[ "$(jq -r '.annotations["org.oci-rt.degraded"]' <<<"$output")" == "the container has no cgroup of its own: cgroups are disabled"* ]]
	rt exec "$ID" true
	succeeds
	rt pause "$ID"
	fails_with "cannot pause container '$ID': it has no cgroup of its own"
	rt kill "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	rt delete "$ID"
	succeeds
	edit '.linux.resources.pids = {limit: 5}'
	rt --cgroup-manager disabled run -b "$B" "$ID"
	fails_like "*config.json:*: linux.resources.pids.limit: it cannot be set: *"
	assert_nothing_left
}

@test "--systemd-cgroup without a systemd, or in a build without it: refused, not ignored" {
	[ ! -d /run/systemd/system ] || skip "systemd.bats has this machine"
	rt --systemd-cgroup run -b "$B" "$ID"
	if "$RT" features | jq -e .linux.cgroup.systemd >/dev/null; then
		fails_like 'cannot reach systemd on /run/dbus/system_bus_socket: *; is this host run by systemd? use --cgroup-manager=cgroupfs otherwise'
	else
		fails_with 'this build has no systemd cgroup manager (-Dsystemd); use --cgroup-manager=cgroupfs'
	fi
}

@test "a class of service where no resctrl is mounted is refused, by update as well" {
	! grep -q " - resctrl " /proc/self/mountinfo || skip "this machine has resctrl"
	edit '.linux.intelRdt = {schemata: ["L3:0=f"]}'
	rt run -b "$B" "$ID"
	[ "$status" -eq 1 ]
	[[ "$output" =~ config\.json:[0-9]+:[0-9]+:\ linux\.intelRdt:\ no\ resctrl\ filesystem\ is\ mounted ]]
	assert_nothing_left
	edit 'del(.linux.intelRdt)'
	set_args sleep 1000
	start_container
	rt update --l3-cache-schema L3:0=f "$ID"
	[ "$status" -eq 1 ]
	[[ "$output" == *"has no class of service: its config has no linux.intelRdt" ]]
	rt update --mem-bw-schema L3:0=f "$ID"
	[ "$status" -eq 1 ]
	[[ "$output" == *"option '--mem-bw-schema': must start with \"MB:\" and be one line" ]]
}
