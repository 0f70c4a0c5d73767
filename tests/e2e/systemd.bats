#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The systemd cgroup manager, as root. Runs where systemd is the first process.

bats_require_minimum_version 1.5.0

load helpers
load systemd

setup() {
	needs_systemd
	container_setup
	UNIT="oci-rt-$ID.scope"
	set_args sleep 1000
}

teardown() {
	[ -n "$UNIT" ] || return 0
	container_teardown
	no_unit "$UNIT"
}

create_unit() {
	rt_live --systemd-cgroup create -b "$B" "$ID"
	succeeds
}

start_unit() {
	create_unit
	rt_live start "$ID"
	succeeds
}

cgroup_dir() {
	echo "/sys/fs/cgroup$(property "$UNIT" ControlGroup)"
}

@test "run: the container is in its unit, and nothing is left of it" {
	set_args sh -c 'cat /proc/self/cgroup'
	rt --systemd-cgroup run -b "$B" "$ID"
	prints '0::/'
	no_unit "$UNIT"
}

@test "create: a scope in system.slice, delegated, with the container's own description" {
	create_unit
	property_is "$UNIT" ActiveState active
	property_is "$UNIT" Slice system.slice
	property_is "$UNIT" Delegate yes
	property_is "$UNIT" ControlGroup "/system.slice/$UNIT"
	property_is "$UNIT" Description "oci-rt container $ID of $B"
	[ "$(cat "/proc/$(pid_of "$ID")/cgroup")" = "0::/system.slice/$UNIT" ]
	has_status "$ID" created
}

@test "the manager is kept: start, exec, ps, pause, kill and delete need no option" {
	start_unit
	rt exec "$ID" cat /proc/self/cgroup
	prints '0::/'
	rt ps -f json "$ID"
	prints "[$(pid_of "$ID")]"
	rt pause "$ID"
	succeeds
	has_status "$ID" paused
	rt resume "$ID"
	succeeds
	rt kill "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	rt delete "$ID"
	prints ''
	no_unit "$UNIT"
}

@test "limits: systemd knows them, and the files have them exactly" {
	edit '.linux.resources.memory = { limit: 67108865, reservation: 1048576 }
		| .linux.resources.pids.limit = 77
		| .linux.resources.cpu = { shares: 2048, quota: 12345, period: 100000 }
		| .linux.resources.unified = { "memory.high": "60000000" }'
	create_unit
	property_is "$UNIT" MemoryMax 67108865
	property_is "$UNIT" MemoryLow 1048576
	property_is "$UNIT" MemoryHigh 60000000
	property_is "$UNIT" TasksMax 77
	property_is "$UNIT" CPUQuotaPerSecUSec 130ms
	local dir
	dir="$(cgroup_dir)"
	# pages
	[ "$(cat "$dir/memory.max")" = 67108864 ]
	[ "$(cat "$dir/pids.max")" = 77 ]
	[ "$(cat "$dir/cpu.max")" = "12345 100000" ]
	[ "$(property "$UNIT" CPUWeight)" = "$(cat "$dir/cpu.weight")" ]
}

@test "limits stay when systemd is reloaded, the device filter too" {
	local disk
	disk="$(cat /sys/block/[hsvn]*/dev | head -n 1)"
	[ -n "$disk" ] || skip "needs a disk"
	edit --argjson major "${disk%:*}" --argjson minor "${disk#*:}" '
		.linux.resources.memory.limit = 67108864
		| .linux.devices = [{ path: "/dev/disk", type: "b", $major, $minor }]'
	start_unit
	systemctl daemon-reload
	[ "$(cat "$(cgroup_dir)/memory.max")" = 67108864 ]
	rt exec "$ID" head -c 1 /dev/disk
	[[ "$output" == *"peration not permitted"* ]]
}

@test "update: the unit's properties and the files" {
	edit '.linux.resources.memory.limit = 67108864'
	start_unit
	rt update --memory 100m --pids-limit 33 --cpu-quota 50000 --cpu-period 100000 "$ID"
	prints ''
	property_is "$UNIT" MemoryMax 104857600
	property_is "$UNIT" TasksMax 33
	property_is "$UNIT" CPUQuotaPerSecUSec 500ms
	[ "$(cat "$(cgroup_dir)/memory.max")" = 104857600 ]
	[ "$(cat "$(cgroup_dir)/cpu.max")" = "50000 100000" ]
}

@test "cgroupsPath: slice, prefix and name" {
	edit --arg p "ocirt-e2e.slice:lab:$ID" '.linux.cgroupsPath = $p'
	UNIT="lab-$ID.scope"
	create_unit
	property_is "$UNIT" Slice ocirt-e2e.slice
	property_is "$UNIT" ControlGroup "/ocirt.slice/ocirt-e2e.slice/$UNIT"
	rt delete --force "$ID"
	succeeds
	systemctl stop ocirt.slice ocirt-e2e.slice
}

@test "cgroupsPath: a path that names no unit is refused where it stands" {
	edit '.linux.cgroupsPath = "/a/b"'
	rt --systemd-cgroup create -b "$B" "$ID"
	fails_like "*config.json:*: linux.cgroupsPath: expected SLICE:PREFIX:NAME with the systemd cgroup manager, found '/a/b'"
}

@test "cgroupsPath: a name that ends in .slice is a slice" {
	UNIT="ocirt-$BATS_TEST_NUMBER$$.slice"
	edit --arg p "::$UNIT" '.linux.cgroupsPath = $p | .linux.resources.pids.limit = 44'
	start_unit
	property_is "$UNIT" ActiveState active
	property_is "$UNIT" TasksMax 44
	[ "$(cat "/proc/$(pid_of "$ID")/cgroup")" = "0::/ocirt.slice/$UNIT" ]
	rt delete --force "$ID"
	succeeds
	systemctl stop ocirt.slice
}

@test "an id that no unit's name may have is escaped" {
	local id="$ID+x"
	rt_live --systemd-cgroup create -b "$B" "$id"
	succeeds
	[ "$(systemctl is-active "oci-rt-$ID\\x2bx.scope")" = active ]
	rt delete --force "$id"
	prints ''
	no_unit "oci-rt-$ID\\x2bx.scope"
}

@test "annotations: properties of the unit" {
	edit '.annotations = { "org.systemd.property.TimeoutStopSec": "uint64 7",
		"org.systemd.property.CollectMode": "\u0027inactive-or-failed\u0027",
		"org.systemd.property.Documentation": "[\u0027https://example.org/a\u0027]",
		"org.systemd.property.CPUWeight": "@t 33" }'
	create_unit
	property_is "$UNIT" TimeoutStopUSec 7s
	property_is "$UNIT" CollectMode inactive-or-failed
	property_is "$UNIT" Documentation https://example.org/a
	property_is "$UNIT" CPUWeight 33
}

@test "annotations: what systemd refuses is said in its words, and leaves nothing" {
	edit '.annotations = { "org.systemd.property.NoSuchThing": "true" }'
	rt --systemd-cgroup create -b "$B" "$ID"
	fails_like "*start the unit $UNIT: systemd: *NoSuchThing*"
	no_unit "$UNIT"
}

@test "annotation run.oci.systemd.subgroup: the process and its limits are in a cgroup of the unit" {
	edit '.annotations = { "run.oci.systemd.subgroup": "container" }
		| .linux.resources.memory.limit = 67108864'
	start_unit
	[ "$(cat "/proc/$(pid_of "$ID")/cgroup")" = "0::/system.slice/$UNIT/container" ]
	[ "$(cat "$(cgroup_dir)/container/memory.max")" = 67108864 ]
	rt exec "$ID" cat /proc/self/cgroup
	prints '0::/'
	rt pause "$ID"
	succeeds
	rt delete --force "$ID"
	prints ''
	no_unit "$UNIT"
}

@test "a failed unit of the same name is reset" {
	systemd-run --quiet --scope --unit "$UNIT" -p RuntimeMaxSec=1 sleep 1000 3>&- || true
	until_true 5 property_is "$UNIT" ActiveState failed
	create_unit
	property_is "$UNIT" ActiveState active
}

@test "a unit in use is refused and stays, also at delete" {
	systemd-run --quiet --scope --unit "$UNIT" sleep 1000 3>&- &
	PIDS+=("$!")
	until_true 5 property_is "$UNIT" ActiveState active
	rt --systemd-cgroup create -b "$B" "$ID"
	fails_like "*start the unit $UNIT: systemd: *"
	property_is "$UNIT" ActiveState active
	# a create that was killed before it could see that
	mkdir -m 0700 "$ROOT/$ID"
	echo '{}' >"$ROOT/$ID/config.json"
	jq -n --arg id "$ID" --arg unit "$UNIT" '{ version: 1, container: { $id, bundle: "/b",
		created: "2026-01-02T03:04:05Z", ownerUid: 0, pid: 0, startTime: 0,
		ownPidNamespace: true, cgroup: { manager: "systemd",
		created: ["/sys/fs/cgroup/system.slice/" + $unit],
		unified: ("/sys/fs/cgroup/system.slice/" + $unit), systemdScope: $unit,
		systemdDescription: "oci-rt container other" } } }' >"$ROOT/$ID/state.json"
	rt delete --force "$ID"
	prints ''
	property_is "$UNIT" ActiveState active
	systemctl stop "$UNIT"
}

@test "a create that fails after the unit was started leaves no unit" {
	set_args no-such-program
	rt --systemd-cgroup create -b "$B" "$ID"
	[ "$status" -eq 1 ]
	no_unit "$UNIT"
}

@test "a create killed at any moment leaves nothing that delete --force does not clear" {
	local i pid
	for i in 0 1 2 3 4 5 6 7 8 9; do
		"$RT" --root "$ROOT" --systemd-cgroup create -b "$B" "$ID" </dev/null >/dev/null 2>&1 3>&- &
		pid=$!
		sleep "0.$((i / 2))$((i % 2 * 5))"
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		rt delete --force "$ID"
		prints ''
		until_true 5 no_unit "$UNIT"
		[ -z "$(cgroups_of "oci-rt-$ID")" ]
	done
}

@test "delete without a bus: what is empty goes" {
	start_unit
	rt kill "$ID" KILL
	until_true 5 has_status "$ID" stopped
	run unshare -m sh -c 'mount -t tmpfs none /run/dbus && mount -t tmpfs none /run/systemd &&
		exec "$@"' sh "$RT" --root "$ROOT" delete "$ID"
	prints ''
	until_true 5 no_unit "$UNIT"
}

@test "no systemd to talk to: the cause and the remedy, and no client takes it for a missing program" {
	run unshare -m sh -c 'mount -t tmpfs none /run/dbus && mount -t tmpfs none /run/systemd &&
		exec "$@"' sh "$RT" --root "$ROOT" --systemd-cgroup create -b "$B" "$ID"
	fails_like '*cannot reach systemd on /run/dbus/system_bus_socket: there is no socket; is this host run by systemd? use --cgroup-manager=cgroupfs otherwise'
	[[ "$output" != *"o such file"* ]]
}

@test "systemd outside of our PID namespace is told no numbers" {
	run unshare --pid --fork --mount-proc "$RT" --root "$ROOT" --systemd-cgroup create -b "$B" "$ID"
	fails_like '*systemd is outside of this PID namespace, so it cannot be told of processes in it; use --cgroup-manager=cgroupfs'
}

@test "plan: the unit and its properties, and nothing is started" {
	edit '.linux.resources.memory.limit = 67108864'
	rt --systemd-cgroup plan -b "$B"
	succeeds
	[[ "$output" == *"MemoryMax = uint64 67108864 <- linux.resources.memory.limit"* ]]
	[[ "$output" == *"start unit oci-rt-"*".scope of the system's systemd"* ]]
}
