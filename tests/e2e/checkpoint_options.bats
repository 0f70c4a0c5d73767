#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What checkpoint and restore promise of cgroups, security modules and network devices, carried out. In the virtual
# machine there are cgroup v2, AppArmor and a CRIU that works; elsewhere most tests are skipped.

load helpers
load checkpoint

setup_file() { criu_setup_file; }
teardown_file() { criu_teardown_file; }

setup() {
	container_setup
	IMG="$BATS_TEST_TMPDIR/img"
	PROFILES=()
	LINKS=()
}

teardown() {
	local name
	container_teardown
	for name in "${PROFILES[@]}"; do
		echo "profile $name {}" | apparmor_parser -R
	done
	for name in "${LINKS[@]}"; do
		ip link delete "$name" 2>/dev/null || true
	done
}

needs_cgroup_v2() {
	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip "needs cgroup v2 alone"
}

# $IMG of a container whose first process is in the container's cgroup, which it lets have 7 cgroups, and whose
# second one is in a cgroup that the container has made, of depth 3. The bundle goes on to say a limit.
save_with_inner_cgroup() {
	needs_criu
	needs_cgroup_v2
	edit '.linux.namespaces = (.linux.namespaces + [{ type: "cgroup" }] | unique) | .mounts += [
		{ destination: "/sys/fs/cgroup", type: "cgroup2", source: "cgroup", options: ["rw"] }]'
	set_args sh -c 'cd /sys/fs/cgroup && mkdir inner && echo 3 >inner/cgroup.max.depth
		cd /; spin() { while :; do sleep 0.1; done; }; spin & echo $! >/sys/fs/cgroup/inner/cgroup.procs
		>/dev/shm/ready; spin'
	start_container
	# which only its parent may
	echo 7 >"$(cgroup_of)/cgroup.max.descendants"
	is_ready() { "$RT" --root "$ROOT" exec "$ID" test -e /dev/shm/ready; }
	until_true 20 is_ready
	checkpoint
	succeeds
	edit '.linux.resources = { pids: { limit: 60 } }'
}

# restore_as MODE: $DIR is the container's cgroup then; has the config's limit
restore_as() {
	restore --manage-cgroups-mode "$1"
	succeeds
	DIR="$(cgroup_of)"
	[[ "$DIR" == *"$ID" ]]
	[ "$(cat "$DIR/pids.max")" = 60 ]
}

end_container() {
	rt delete --force "$ID"
	succeeds
}

@test "--manage-cgroups-mode: soft leaves the container's cgroup as it is made, full gives it the saved settings, ignore knows none" {
	save_with_inner_cgroup
	restore_as soft
	[ "$(cat "$DIR/cgroup.max.descendants")" = max ]
	[ "$(cat "$DIR/inner/cgroup.max.depth")" = 3 ]
	grep -q . "$DIR/inner/cgroup.procs"
	end_container
	restore_as full
	[ "$(cat "$DIR/cgroup.max.descendants")" = 7 ]
	[ "$(cat "$DIR/inner/cgroup.max.depth")" = 3 ]
	grep -q . "$DIR/inner/cgroup.procs"
	end_container
	restore_as ignore
	[ "$(cat "$DIR/cgroup.max.descendants")" = max ]
	[ ! -e "$DIR/inner" ]
	[ "$(wc -l <"$DIR/cgroup.procs")" -ge 2 ]
	end_container
}

@test "--manage-cgroups-mode strict: only what has no process in the container's cgroup itself, which is there before" {
	needs_criu
	needs_cgroup_v2
	set_args sleep 1000
	start_container
	checkpoint --manage-cgroups-mode strict
	succeeds
	restore --manage-cgroups-mode strict
	fails_like "criu could not restore the container: *bort restore of existing cgroups* ($IMG.work/restore.log)"
	is_deleted
	no_processes_left
	[ -z "$(cgroups_of "$ID")" ]
}

@test "--manage-cgroups-mode ignore at checkpoint: the image has no cgroups" {
	needs_criu
	set_counter
	start_counter
	checkpoint --manage-cgroups-mode ignore
	succeeds
	restore --manage-cgroups-mode ignore
	succeeds
	[[ "$(cat "/proc/$(pid_of "$ID")/cgroup")" == *"$ID"* ]]
	goes_on
}

needs_apparmor() {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || skip "needs AppArmor"
	needs apparmor_parser
}

load_profile() {
	PROFILES+=("$1")
	echo "profile $1 flags=(attach_disconnected) { file, capability, network, signal, unix, ptrace, mount, umount,
		pivot_root, $2 }" | apparmor_parser -r
}

profile_of() {
	cat "/proc/$(pid_of "$ID")/attr/current"
}

@test "AppArmor: the profile is the saved one, and with --lsm-profile another" {
	needs_criu
	needs_apparmor
	load_profile "$ID-one"
	load_profile "$ID-two" "deny /tmp/forbidden w,"
	edit --arg p "$ID-one" '.process.apparmorProfile = $p'
	set_counter
	start_counter
	[ "$(profile_of)" = "$ID-one (enforce)" ]
	checkpoint
	succeeds
	restore
	succeeds
	[ "$(profile_of)" = "$ID-one (enforce)" ]
	goes_on
	checkpoint
	succeeds
	restore --lsm-profile "apparmor:$ID-two"
	succeeds
	[ "$(profile_of)" = "$ID-two (enforce)" ]
	goes_on
	checkpoint
	succeeds
	restore --lsm-profile none:
	succeeds
	[ "$(profile_of)" = unconfined ]
	goes_on
	rt delete --force "$ID"
	restore --lsm-profile "apparmor:$ID-missing"
	fails_like "option '--lsm-profile': the profile '$ID-missing' is not loaded in the kernel"
	restore --lsm-profile "selinux:a:b:c:s0"
	fails_like "option '--lsm-profile': SELinux is not enabled in this kernel"
	restore --lsm-profile "$ID-one"
	fails_like "option '--lsm-profile': expected apparmor:NAME, selinux:LABEL or none:, found '$ID-one'"
	edit --arg p "$ID-missing" '.process.apparmorProfile = $p'
	restore
	fails_like "config.json:*: process.apparmorProfile: it is not loaded in the kernel"
}

@test "AppArmor: a profile that the image alone knows, and the kernel no more, is told, and nothing waits" {
	needs_criu
	needs_apparmor
	load_profile "$ID-gone"
	edit --arg p "$ID-gone" '.process.apparmorProfile = $p'
	set_counter
	start_counter
	checkpoint
	succeeds
	echo "profile $ID-gone {}" | apparmor_parser -R
	PROFILES=()
	edit 'del(.process.apparmorProfile)'
	restore
	fails_like "criu could not restore the container: *lsm profile* ($IMG.work/restore.log)"
	is_deleted
	no_processes_left
	[ -z "$(cgroups_of "$ID")" ]
}

@test "AppArmor: --lsm-profile gives none to what was saved without: that is refused" {
	needs_criu
	needs_apparmor
	load_profile "$ID-one"
	set_counter
	start_counter
	checkpoint
	succeeds
	restore --lsm-profile "apparmor:$ID-one"
	fails_like "option '--lsm-profile': the processes were saved without a profile, and criu gives them none"
	is_deleted
	no_processes_left
	restore --lsm-profile apparmor:unconfined
	succeeds
	goes_on
}

@test "--lsm-profile and --lsm-mount-context where the kernel has no such module" {
	set_args sleep 1000
	mkdir "$IMG"
	if [ ! -e /sys/fs/selinux/enforce ]; then
		run "$RT" --root "$ROOT" restore -b "$B" --image-path "$IMG" --lsm-mount-context a:b:c:s0 "$ID"
		fails_with "option '--lsm-mount-context': SELinux is not enabled in this kernel"
	fi
	if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ]; then
		run "$RT" --root "$ROOT" restore -b "$B" --image-path "$IMG" --lsm-profile apparmor:a "$ID"
		fails_with "option '--lsm-profile': AppArmor is not enabled in this kernel"
	fi
}

@test "--network-lock: by iptables, or not at all" {
	rt restore --network-lock skip "$ID"
	fails_with "option '--network-lock': the image says how its network is let go again; the option is one of checkpoint's"
	rt checkpoint --network-lock other "$ID"
	fails_with "option '--network-lock': expected one of default, iptables, nftables, skip, found 'other'"
	needs_criu
	mkdir bin
	printf '%s\n' '#!/bin/sh' "cat >/dev/null; echo \"\$0\" >>$PWD/called" | tee bin/{iptables,ip6tables}-restore >/dev/null
	chmod +x bin/*
	set_counter
	start_counter
	PATH="$PWD/bin:$PATH" checkpoint --leave-running --network-lock iptables
	succeeds
	grep -q /iptables-restore called
	rm called
	PATH="$PWD/bin:$PATH" checkpoint --leave-running --network-lock skip
	succeeds
	[ ! -e called ]
}

@test "linux.netDevices: the device is there again, from the host, before the processes are" {
	needs_criu
	needs ip nsenter
	local name="nd$$"
	ip link add "$name" type veth peer name "${name}p"
	LINKS+=("${name}p")
	ip address add 192.0.2.1/24 dev "$name"
	edit --arg n "$name" '.linux.netDevices[$n] = { name: "eth0" }'
	set_counter
	start_counter
	checkpoint
	succeeds
	restore
	fails_like "config.json:*: linux.netDevices.$name: the host has no network device $name"
	# the kernel ends virtual devices with their namespace; a real one would have come back
	ip link add "$name" type veth peer name "${name}p"
	ip address add 192.0.2.1/24 dev "$name"
	restore
	succeeds
	nsenter --net="/proc/$(pid_of "$ID")/ns/net" ip -o -4 address show eth0 | grep -F 192.0.2.1/24
	goes_on
}
