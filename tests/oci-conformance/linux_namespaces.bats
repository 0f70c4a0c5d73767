#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md: namespaces, the maps of ids, clock offsets.

bats_require_minimum_version 1.5.0

load helpers

setup() { conformance_setup; }
teardown() { conformance_teardown; }

# type and its name in /proc
TYPES=(pid:pid network:net ipc:ipc uts:uts cgroup:cgroup)

# Nothing that wants one namespace or another.
plain() {
	edit 'del(.hostname) | .linux.namespaces = [{type: "mount"}]
		| .mounts |= map(select(.type | IN("proc", "tmpfs")))'
}

@test "namespaces that are listed are new" {
	local type file
	plain
	edit '.linux.namespaces += ([$ARGS.positional[] | {type: .}])' --args "${TYPES[@]%:*}"
	create_container
	for type in "${TYPES[@]}" mount:mnt; do
		file="${type#*:}"
		echo "$type"
		[ "$(ns_of "$(pid_of "$ID")" "$file")" != "$(ns_of self "$file")" ]
	done
}

@test "namespaces that are not listed are the runtime's" {
	local type file
	plain
	create_container
	for type in "${TYPES[@]}" user:user; do
		file="${type#*:}"
		echo "$type"
		[ "$(ns_of "$(pid_of "$ID")" "$file")" = "$(ns_of self "$file")" ]
	done
}

# A process of the host's with namespaces of its own: $OTHER_PID
other_namespaces() {
	unshare --pid --net --ipc --uts --cgroup --fork --kill-child sleep 1001 3>&- &
	PIDS+=($!)
	until_true 5 eval 'OTHER_PID="$(pgrep -P "${PIDS[0]}" sleep)"'
}

@test "namespaces with a path are joined" {
	local type file
	plain
	other_namespaces
	for type in "${TYPES[@]}"; do
		file="${type#*:}"
		edit --arg t "${type%:*}" --arg p "/proc/$OTHER_PID/ns/$file" \
			'.linux.namespaces += [{type: $t, path: $p}]'
	done
	create_container
	for type in "${TYPES[@]}"; do
		file="${type#*:}"
		echo "$type"
		[ "$(ns_of "$(pid_of "$ID")" "$file")" = "$(ns_of "$OTHER_PID" "$file")" ]
	done
}

@test "a bound namespace file is joined" {
	plain
	touch "$BATS_TEST_TMPDIR/ns"
	unshare --uts="$BATS_TEST_TMPDIR/ns" hostname bound
	edit --arg p "$BATS_TEST_TMPDIR/ns" '.linux.namespaces += [{type: "uts", path: $p}]'
	inside hostname
	prints bound
}

@test "type is missing" { refused . '.linux.namespaces += [{}]'; }
@test "type does not exist" { refused . '.linux.namespaces += [{type: "nothing"}]'; }
@test "type is there twice" { refused . '.linux.namespaces += [{type: "uts"}]'; }
@test "path does not exist" { refused . '(.linux.namespaces[] | select(.type == "ipc")).path = "/no/such/namespace"'; }
@test "path is of another type" { refused . '(.linux.namespaces[] | select(.type == "ipc")).path = "/proc/self/ns/net"'; }
@test "path is an ordinary file" { refused . '(.linux.namespaces[] | select(.type == "ipc")).path = "/etc/passwd"'; }

@test "path is relative" {
	other_namespaces
	cd /
	export OTHER_PID
	refused '(.linux.namespaces[] | select(.type == "ipc")).path = "/proc/" + env.OTHER_PID + "/ns/ipc"' \
		'(.linux.namespaces[] | select(.type == "ipc")).path |= ltrimstr("/")'
}

needs_user_namespace() {
	unshare --user true 2>/dev/null || skip "this host makes no user namespaces"
	user_namespace
}

@test "user namespace: ids are mapped, and nobody's files are changed" {
	needs_user_namespace
	local before
	before="$(find "$B/rootfs" -printf '%p %U:%G %m\n' | sort)"
	inside 'tr -s " " </proc/self/uid_map; tr -s " " </proc/self/gid_map; id -u; stat -c %u:%g /bin/busybox'
	succeeds
	[ "${lines[0]}" = " 0 100000 65536" ]
	[ "${lines[1]}" = " 0 100000 65536" ]
	[ "${lines[2]}" = 0 ]
	[ "${lines[3]}" = 0:0 ]
	[ "$(find "$B/rootfs" -printf '%p %U:%G %m\n' | sort | head -n 20)" = "$(head -n 20 <<<"$before")" ]
}

@test "uidMappings: containerID is missing" { needs_user_namespace; refused . 'del(.linux.uidMappings[0].containerID)'; }
@test "uidMappings: hostID is missing" { needs_user_namespace; refused . 'del(.linux.uidMappings[0].hostID)'; }
@test "uidMappings: size is missing" { needs_user_namespace; refused . 'del(.linux.uidMappings[0].size)'; }
@test "gidMappings: containerID is missing" { needs_user_namespace; refused . 'del(.linux.gidMappings[0].containerID)'; }
@test "gidMappings: hostID is missing" { needs_user_namespace; refused . 'del(.linux.gidMappings[0].hostID)'; }
@test "gidMappings: size is missing" { needs_user_namespace; refused . 'del(.linux.gidMappings[0].size)'; }

@test "timeOffsets are those of the container's clocks" {
	[ -e /proc/self/ns/time ] || skip "this kernel has no time namespaces"
	edit '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 1000000}}'
	rt_live create --bundle "$B" "$ID"
	[ "$status" -eq 0 ] || skip "the runtime makes no time namespaces: $output"
	rt delete --force "$ID"
	inside 'cut -d. -f1 /proc/uptime'
	succeeds
	[ "$output" -ge 1000000 ]
}
