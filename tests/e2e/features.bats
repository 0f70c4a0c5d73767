#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `features` is what clients decide by: every name in it is asked for here, one container for each.
# Run: OCI_RT=build/oci-rt bats tests/e2e/features.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	"$RT" features >features.json
	set_args true
	CONFIG="$(cat "$B/config.json")"
}

teardown() { container_teardown; }

names() {
	jq -r "$1"' | if type == "array" then .[] else keys[] end' features.json
}

# with JQ-ARGUMENT...: a run of the bundle, changed so
with() {
	printf '%s' "$CONFIG" >"$B/config.json"
	edit "$@"
	rt --log-level=warning run -b "$B" "$ID"
	echo "$*: status $status, output: $output"
}

# What the name asks for does not exist on this machine; the runtime passed it on to the kernel.
kernel_lacks() {
	[ "$status" -eq 1 ] && [[ "$output" == *"$1" ]]
}

@test "every mount option, on a bind mount or a tmpfs" {
	local option
	mkdir -p "$B/rootfs/t/d" "$B/source"
	for option in $(names .mountOptions); do
		case "$option" in
		idmap | ridmap)
			with --arg o "$option" '.mounts += [{destination: "/t", source: "source", options: ["bind", $o],
				uidMappings: [{containerID: 0, hostID: 1000, size: 1}],
				gidMappings: [{containerID: 0, hostID: 1000, size: 1}]}]' ;;
		remount)
			with '.mounts += [{destination: "/t", source: "source", options: ["bind"]},
				{destination: "/t", options: ["remount", "ro"]}]' ;;
		tmpcopyup)
			with '.mounts += [{destination: "/t", type: "tmpfs", options: ["tmpcopyup"]}]
				| .process.args = ["test", "-d", "/t/d"]' ;;
		bind | rbind | r?* | src-nofollow | dest-nofollow | copy-symlink)
			with --arg o "$option" \
				'.mounts += [{destination: "/t", source: "source", options: ["rbind", $o]}]' ;;
		mand)
			# Linux 5.15 has taken mandatory locking away; it says so in its log and goes on
			with '.mounts += [{destination: "/t", type: "tmpfs", options: ["mand"]}]' ;;
		*)
			with --arg o "$option" \
				'.mounts += [{destination: "/t", type: "tmpfs", options: [$o]}]' ;;
		esac
		[ "$status" -eq 0 ]
	done
	# and a name that is not in the list is not taken for one
	with '.mounts += [{destination: "/t", source: "source", options: ["bind", "rnothing"]}]'
	[ "$status" -eq 1 ]
}

@test "every hook" {
	local kind
	for kind in $(names .hooks); do
		with --arg k "$kind" --arg f "$B/rootfs/ran-$kind" '.hooks[$k] = [
			{path: "/bin/sh", args: ["sh", "-c", "touch \($f) 2>/dev/null || touch /ran-\($k)"]}]'
		[ "$status" -eq 0 ]
		[ -e "$B/rootfs/ran-$kind" ]
	done
}

@test "every namespace" {
	local type
	for type in $(names .linux.namespaces); do
		with --arg t "$type" '.linux.namespaces |= (map(select(.type != $t)) + [{type: $t}])
			| if $t == "user" then
				.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
				| .linux.gidMappings = .linux.uidMappings
			  else . end'
		[ "$status" -eq 0 ]
	done
}

@test "every capability" {
	local cap last
	last="$(cat /proc/sys/kernel/cap_last_cap)"
	for cap in $(names .linux.capabilities); do
		with --arg c "$cap" '.process.capabilities |= map_values([$c])
			| .process.args = ["grep", "^CapBnd", "/proc/self/status"]'
		[ "$status" -eq 0 ]
		# 0: this machine does not have it to give, which is a warning
		[[ "$output" =~ CapBnd:.(0*[1248]0*)$ ]] || [[ "$output" == *"$cap"* ]]
	done
	[ "$(names .linux.capabilities | wc -l)" -gt "$last" ]
}

@test "seccomp: every action, operator, architecture and flag" {
	jq -e .linux.seccomp.enabled features.json || skip "built without seccomp"
	local name
	for name in $(names .linux.seccomp.actions); do
		[ "$name" != SCMP_ACT_NOTIFY ] || continue # needs an agent: config_seccomp_notify.bats
		with --arg n "$name" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["swapoff"], action: $n}]}'
		[ "$status" -eq 0 ]
	done
	for name in $(names .linux.seccomp.operators); do
		with --arg n "$name" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
			{names: ["swapoff"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 7, valueTwo: 7, op: $n}]}]}'
		[ "$status" -eq 0 ]
	done
	for name in $(names .linux.seccomp.archs); do
		with --arg n "$name" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: [$n],
			syscalls: [{names: ["swapoff"], action: "SCMP_ACT_ERRNO"}]}'
		[ "$status" -eq 0 ]
	done
	for name in $(names .linux.seccomp.knownFlags); do
		with --arg n "$name" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: [$n],
			syscalls: [{names: ["swapoff"], action: "SCMP_ACT_ERRNO"}]}'
		case "$name" in
		*WAIT_KILLABLE*) # nothing to wait for without a listener: EINVAL, seccomp(2)
			[ "$status" -eq 0 ] || kernel_lacks "invalid argument" ;;
		*) [ "$status" -eq 0 ] ;;
		esac
	done
	[ "$(jq -c .linux.seccomp.knownFlags features.json)" = "$(jq -c .linux.seccomp.supportedFlags features.json)" ]
}

@test "every mode and flag of memory policies" {
	local name
	for name in $(names .linux.memoryPolicy.modes); do
		with --arg n "$name" '.linux.memoryPolicy = {mode: $n}
			| if $n | IN("MPOL_DEFAULT", "MPOL_LOCAL") then . else .linux.memoryPolicy.nodes = "0" end'
		case "$name" in
		MPOL_WEIGHTED_INTERLEAVE) # Linux 6.9
			[ "$status" -eq 0 ] || kernel_lacks "invalid argument" ;;
		MPOL_PREFERRED_MANY) # Linux 5.15
			[ "$status" -eq 0 ] || kernel_lacks "invalid argument" ;;
		*) [ "$status" -eq 0 ] || kernel_lacks "function not implemented" ;;
		esac
	done
	for name in $(names .linux.memoryPolicy.flags); do
		with --arg n "$name" '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: [$n]}'
		[ "$status" -eq 0 ] || kernel_lacks "function not implemented" || kernel_lacks "invalid argument"
	done
}

@test "what is true or false there" {
	local key
	for key in apparmor.enabled selinux.enabled netDevices.enabled mountExtensions.idmap.enabled \
		intelRdt.enabled intelRdt.schemata intelRdt.monitoring cgroup.v1 cgroup.v2 cgroup.rdma; do
		[ "$(jq ".linux.$key" features.json)" = true ] ||
			[ "$(jq ".linux.$key" features.json)" = false ]
	done
	# what says true reaches the host, and what the host lacks is named
	with '.linux.intelRdt = {closID: "nothing"}'
	[[ "$output" == *"linux.intelRdt"* ]]
	[[ "$output" != *"not supported"* ]]
	with '.linux.netDevices = {"no-such-dev": {}}'
	[[ "$output" == *"no network device no-such-dev"* ]]
	# what says false is refused
	if [ "$(jq .linux.cgroup.systemd features.json)" = false ]; then
		rt --systemd-cgroup run -b "$B" "$ID"
		[ "$status" -eq 1 ]
	fi
}
