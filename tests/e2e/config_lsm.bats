#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# AppArmor profiles and SELinux labels. What needs such a kernel is skipped on others, and the other
# way round.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_lsm.bats

bats_require_minimum_version 1.5.0

load helpers

setup() { container_setup; }
teardown() { container_teardown; }

has_apparmor() {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]
}

has_selinux() {
	[ -e /sys/fs/selinux/enforce ]
}

off="is not enabled in this kernel, so that this cannot be applied"

@test "an AppArmor profile where AppArmor is off is an error" {
	! has_apparmor || skip "this kernel has AppArmor"
	edit '.process.apparmorProfile = "some-profile"'
	rt run -b "$B" "$ID"
	fails_like "config.json:*:*: process.apparmorProfile: AppArmor $off"
}

@test "an SELinux label where SELinux is off is an error" {
	! has_selinux || skip "this kernel has SELinux"
	edit '.process.selinuxLabel = "system_u:system_r:container_t:s0"'
	rt run -b "$B" "$ID"
	fails_like "config.json:*:*: process.selinuxLabel: SELinux $off"
}

@test "exec: --apparmor and --process-label where there is no such thing" {
	set_args sleep 1000
	start_container
	if ! has_apparmor; then
		rt exec --apparmor some-profile "$ID" true
		echo "$output"
		[ "$status" -eq 255 ]
		[ "$output" = "AppArmor $off" ]
	fi
	if ! has_selinux; then
		rt exec --process-label a:b:c:s0 "$ID" true
		echo "$output"
		[ "$status" -eq 255 ]
		[ "$output" = "SELinux $off" ]
	fi
}

@test "mountLabel where SELinux is off: the container runs, and its state says so" {
	! has_selinux || skip "this kernel has SELinux"
	edit '.linux.mountLabel = "system_u:object_r:container_file_t:s0"'
	set_args sleep 1000
	start_container
	"$RT" --root "$ROOT" state "$ID" | jq -r '.annotations["org.oci-rt.degraded"]' |
		grep -F "linux.mountLabel: file systems are not labelled: SELinux is not enabled in this kernel"
}

@test "an AppArmor profile that is not loaded is told at create" {
	has_apparmor || skip "needs AppArmor"
	edit '.process.apparmorProfile = "oci-rt-no-such-profile"'
	rt create -b "$B" "$ID"
	fails_like "config.json:*: process.apparmorProfile: *: it is not loaded in the kernel"
}

@test "the process runs under its AppArmor profile" {
	has_apparmor || skip "needs AppArmor"
	needs apparmor_parser
	echo "profile oci-rt-e2e flags=(attach_disconnected) { file, capability, network, signal, }" |
		apparmor_parser -r
	edit '.process.apparmorProfile = "oci-rt-e2e"'
	inside 'cat /proc/self/attr/current'
	echo "profile oci-rt-e2e {}" | apparmor_parser -R
	prints "oci-rt-e2e (enforce)"
}

@test "the process runs under its SELinux label" {
	has_selinux || skip "needs SELinux"
	local label=system_u:system_r:container_t:s0:c4,c5
	chcon -R system_u:object_r:container_file_t:s0:c4,c5 "$B/rootfs"
	edit --arg l "$label" '.process.selinuxLabel = $l'
	inside 'cat /proc/self/attr/current'
	prints "$label"
}
