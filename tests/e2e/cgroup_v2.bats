#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroup v2 with its controllers, by cgroupfs: what config_linux.bats asks of v1. As root, and as a user whose
# cgroup is delegated to them.

bats_require_minimum_version 1.5.0

load helpers

# The cgroup of this process, below which a user may make others; root makes them at the top.
own_cgroup() {
	echo "/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)"
}

is_delegated() {
	[ "$(id -u)" -eq 0 ] || [ -w "$(own_cgroup)/cgroup.procs" ]
}

setup() {
	[ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] || skip "needs cgroup v2 alone"
	is_delegated || skip "this user's cgroup is not delegated to them"
	needs busybox jq
	common_setup
	ID="e2e-$$-$BATS_TEST_NUMBER"
	B="$BATS_TEST_TMPDIR/b"
	if [ "$(id -u)" -eq 0 ]; then
		make_bundle "$B"
	else
		make_bundle "$B" --rootless
	fi
	set_args sleep 1000
}

teardown() {
	[ -z "$ID" ] || container_teardown
}

has_controllers() {
	local controller
	for controller in "$@"; do
		grep -qw "$controller" "$(own_cgroup)/cgroup.controllers" ||
			skip "the controller $controller is not there"
	done
}

@test "limits, read back" {
	has_controllers memory cpu cpuset pids
	edit '.linux.resources = { memory: { limit: 104857600, reservation: 52428800, swap: 157286400 },
		cpu: { shares: 1024, quota: 50000, period: 100000, burst: 10000, cpus: "0", mems: "0" },
		pids: { limit: 77 }, unified: { "memory.high": "83886080", "cpu.idle": "0" } }'
	start_container
	[ "$(limit memory.max)" = 104857600 ]
	[ "$(limit memory.low)" = 52428800 ]
	[ "$(limit memory.swap.max)" = 52428800 ]
	[ "$(limit memory.high)" = 83886080 ]
	[ "$(limit cpu.max)" = "50000 100000" ]
	[ "$(limit cpu.max.burst)" = 10000 ]
	[ "$(limit cpuset.cpus)" = 0 ]
	[ "$(limit pids.max)" = 77 ]
	rt exec "$ID" cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max /proc/self/cgroup
	prints $'104857600\n77\n0::/'
}

@test "update, read back" {
	has_controllers memory cpu cpuset pids
	start_container
	rt update --memory 64m --memory-reservation 32m --cpu-quota 20000 --cpu-period 50000 \
		--cpuset-cpus 0 --pids-limit 33 "$ID"
	prints ""
	[ "$(limit memory.max)" = 67108864 ]
	[ "$(limit memory.low)" = 33554432 ]
	[ "$(limit cpu.max)" = "20000 50000" ]
	[ "$(limit cpuset.cpus)" = 0 ]
	[ "$(limit pids.max)" = 33 ]
	echo '{ "memory": { "limit": 134217728 }, "pids": { "limit": -1 } }' >r.json
	rt update -r r.json "$ID"
	prints ""
	[ "$(limit memory.max)" = 134217728 ]
	[ "$(limit pids.max)" = max ]
	[ "$(limit cpu.max)" = "20000 50000" ]
	rt update --memory=-1 "$ID"
	prints ""
	[ "$(limit memory.max)" = max ]
}

@test "the limit of processes holds" {
	has_controllers pids
	edit '.linux.resources = { pids: { limit: 4 } }'
	inside 'for i in 1 2 3 4 5 6; do sleep 1 & done; wait'
	[[ "$output" == *"can't fork"* ]]
}

@test "the limit of memory holds, and the kernel's kill is told" {
	has_controllers memory
	edit '.linux.resources = { memory: { limit: 8388608, swap: 8388608 } }'
	inside 'dd if=/dev/zero of=/dev/null bs=64M count=1; echo $?; grep -w oom_kill /sys/fs/cgroup/memory.events'
	succeeds
	[[ "$output" == *137*"oom_kill 1" ]]
}

@test "pause stops every process, resume lets them go" {
	start_container
	rt pause "$ID"
	succeeds
	has_status "$ID" paused
	[ "$(limit cgroup.freeze)" = 1 ]
	rt resume "$ID"
	succeeds
	[ "$(limit cgroup.freeze)" = 0 ]
}

@test "kill --all and delete --force end processes outside of the PID namespace's init too" {
	# a user may not mount the proc of a PID namespace that is not theirs
	edit '.linux.namespaces |= map(select(.type != "pid")) | .mounts |= map(select(.type != "proc"))
		| .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	set_args sh -c 'sleep 2000 & setsid sleep 2001 & exec sleep 2002'
	start_container
	local cgroup
	cgroup="/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(pid_of "$ID")/cgroup")"
	three() { [ "$(wc -l <"$cgroup/cgroup.procs")" -eq 3 ]; }
	until_true 5 three
	rt kill --all "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	rt delete "$ID"
	prints ''
	[ ! -e "$cgroup" ]
}

@test "the container sees its own cgroups; a device that is not allowed cannot be opened" {
	needs_root
	edit '.linux.devices = [{ path: "/dev/disk", type: "b", major: 254, minor: 0 }]'
	inside 'cat /proc/self/cgroup; head -c 1 /dev/disk; ls -d /sys/fs/cgroup/cgroup.procs'
	[[ "$output" == "0::/"*"peration not permitted"*"/sys/fs/cgroup/cgroup.procs" ]]
}

@test "limits that the kernel refuses are one line, and nothing is left" {
	has_controllers cpuset
	edit '.linux.resources.cpu = { cpus: "999" }'
	inside true
	fails_like "*config.json:*: linux.resources.cpu.cpus: *"
	edit '.linux.resources = { unified: { "no.such": "1" } }'
	inside true
	fails_like "*config.json:*: linux.resources.unified*"
}

@test "cgroupsPath: where it is, and what was there before stays" {
	needs_root
	has_controllers memory
	mkdir "/sys/fs/cgroup/$ID-before"
	edit --arg p "/$ID-before/inner" '.linux.cgroupsPath = $p | .linux.resources.memory.limit = 67108864'
	start_container
	[ "$(cat "/sys/fs/cgroup/$ID-before/inner/memory.max")" = 67108864 ]
	rt delete --force "$ID"
	[ -d "/sys/fs/cgroup/$ID-before" ]
	[ ! -e "/sys/fs/cgroup/$ID-before/inner" ]
	rmdir "/sys/fs/cgroup/$ID-before"
}

@test "without a cgroup namespace of its own: the host's cgroups, whose mount keeps its options" {
	needs_root
	local before
	before="$(grep ' - cgroup2 ' /proc/self/mountinfo)"
	[[ "$before" == *nsdelegate* ]] || skip "this host's cgroups are mounted without nsdelegate"
	edit '.linux.namespaces |= map(select(.type != "cgroup"))'
	inside 'cat /proc/self/cgroup; ls -d /sys/fs/cgroup/system.slice; touch /sys/fs/cgroup/x'
	[[ "$output" == "0::/$ID"*"/sys/fs/cgroup/system.slice"*"Read-only file system" ]]
	[ "$(grep ' - cgroup2 ' /proc/self/mountinfo)" = "$before" ]
}
