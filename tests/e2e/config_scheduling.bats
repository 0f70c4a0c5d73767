#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# When and where the process runs, seen from inside: scheduler, I/O priority, CPUs, memory policy,
# personality, clocks.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_scheduling.bats

bats_require_minimum_version 1.5.0

load helpers

setup() { container_setup; }
teardown() { container_teardown; }

# Fields 19 (nice) and 41 (policy) of proc_pid_stat(5).
stat_field() {
	echo "cut -d' ' -f$1 /proc/self/stat"
}

@test "scheduler: policy and nice value" {
	edit '.process.scheduler = {policy: "SCHED_BATCH", nice: 7}'
	inside "$(stat_field 19); $(stat_field 41)"
	prints $'7\n3'
	edit '.process.scheduler = {policy: "SCHED_IDLE"}'
	inside "$(stat_field 41)"
	prints 5
}

@test "scheduler: a policy that this process may not have is an error" {
	edit '.process.scheduler = {policy: "SCHED_ISO"}'
	rt run -b "$B" "$ID"
	fails_like "config.json:*:*: process.scheduler: set the scheduling policy SCHED_ISO: sched_setattr: invalid argument"
}

# In nanoseconds.
deadline='{policy: "SCHED_DEADLINE", runtime: 1000000, deadline: 10000000, period: 10000000}'

@test "scheduler: a deadline" {
	edit ".process.scheduler = $deadline"
	inside "$(stat_field 41)"
	prints 6
}

@test "scheduler: a deadline and startContainer hooks, which are forked" {
	edit ".process.scheduler = $deadline | .hooks.startContainer = [{path: \"/bin/sh\",
		args: [\"sh\", \"-c\", \"cut -d' ' -f41 /proc/self/stat >/hook\"]}]"
	inside "read -r hook </hook; echo \$hook; exec $(stat_field 41)"
	prints $'0\n6'
	# the right to change it ends with the hooks, and so does what let them be forked
	inside 'exec grep CapPrm /proc/self/status'
	(((0x${output##*$'\t'} >> 23 & 1) == 0))
	inside '(true); echo forked'
	[[ $status -ne 0 && $output == *"can't fork"* ]]
}

@test "scheduler: a deadline that cannot be is told at create, with hooks too" {
	edit '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 20, deadline: 10, period: 10}
		| .hooks.startContainer = [{path: "/bin/true"}]'
	rt create -b "$B" "$ID"
	fails_like "config.json:*: process.scheduler: set the scheduling policy SCHED_DEADLINE, reset by fork: sched_setattr: invalid argument"
}

@test "I/O priority" {
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	inside 'ionice -p 1'
	prints "best-effort: prio 6"
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 5}'
	inside 'ionice -p 1'
	prints idle
}

@test "memory policy" {
	[ -e /proc/self/numa_maps ] || skip "this kernel has no NUMA"
	edit '.linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
	inside 'head -1 /proc/self/numa_maps'
	[[ $output == *" interleave=static:0 "* ]]
	edit '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "1023"}'
	rt run -b "$B" "$ID"
	fails_like "config.json:*:*: linux.memoryPolicy: set the memory policy MPOL_BIND on the nodes 1023: set_mempolicy: invalid argument"
}

@test "personality" {
	[ "$(uname -m)" = x86_64 ] || skip "LINUX32 is told by uname on x86_64"
	edit '.linux.personality = {domain: "LINUX32"}'
	inside 'uname -m'
	prints i686
}

@test "clock offsets of a time namespace" {
	edit '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets =
		{monotonic: {secs: 86400, nanosecs: 5}, boottime: {secs: 864000}}'
	inside 'cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime'
	[ "${lines[0]}" = "monotonic       86400         5" ]
	[ "${lines[1]}" = "boottime       864000         0" ]
	[ "${lines[2]}" -ge 864000 ]
}

@test "execCPUAffinity: exec runs on its CPUs, the container's process does not" {
	[ "$(nproc)" -ge 2 ] || skip "needs two CPUs"
	edit '.process.execCPUAffinity = {initial: "0", final: "1"}'
	set_args sleep 1000
	start_container
	rt exec "$ID" grep Cpus_allowed_list /proc/self/status
	prints $'Cpus_allowed_list:\t1'
	[ "$(awk '/^Cpus_allowed_list/ { print $2 }' "/proc/$(pid_of "$ID")/status")" != 1 ]
}

@test "execCPUAffinity: without a final set all CPUs of the cgroup" {
	[ "$(nproc)" -ge 2 ] || skip "needs two CPUs"
	edit '.process.execCPUAffinity = {initial: "0"}'
	set_args sleep 1000
	start_container
	rt exec "$ID" grep Cpus_allowed_list /proc/self/status
	[ "$output" = "$(grep Cpus_allowed_list "/proc/$(pid_of "$ID")/status")" ]
}
