#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# inspect --security: what a container has against what its config asked for. Each difference is made for
# real, by root from outside.
# Run: OCI_RT=build/oci-rt bats tests/e2e/inspect.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	set_args sleep 1000
}
teardown() { container_teardown; }

start_and_enter() {
	start_container "$@"
	pid="$(pid_of "$ID")"
}

# finds PATTERN...: exit status 1, and exactly these lines, each a glob
finds() {
	local i
	rt inspect --security "$ID"
	echo "status $status, output: $output"
	[ "$status" -eq 1 ] || return 1
	[ "${#lines[@]}" -eq "$#" ] || return 1
	for ((i = 0; i < $#; i++)); do
		# shellcheck disable=SC2053 # a glob
		[[ "${lines[i]}" == ${@:i+1:1} ]] || return 1
	done
}

finds_nothing() {
	rt inspect --security "$ID"
	prints ""
}

# index PATH LIST: of a path in the config
index() {
	jq --arg p "$1" "$2 | index(\$p)" "$B/config.json"
}

@test "a container as it was asked for: nothing is found" {
	start_and_enter
	finds_nothing
	rt_live exec -d "$ID" sleep 1000
	finds_nothing
}

@test "also with a user namespace, a filter, binds and a read-only root" {
	edit '.root.readonly = true | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["chroot"], action: "SCMP_ACT_ERRNO"}]}
		| .linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1000},
			{containerID: 1000, hostID: 200000, size: 5}]
		| .linux.gidMappings = .linux.uidMappings
		| .mounts += [{destination: "/mnt", type: "bind", source: "/usr/bin", options: ["rbind", "ro",
			"nosuid", "nodev"]}]'
	start_and_enter
	finds_nothing
	rt inspect --security --json "$ID"
	succeeds
	jq -e '.findings == [] and .namespaces.user.host == false and .namespaces.user.inode > 0
		and .uidMappings[1] == {containerID: 1000, hostID: 200000, size: 5}
		and .processes[0].name == "sleep" and .processes[0].seccompMode == 2
		and .processes[0].seccompFilters >= 1 and .processes[0].noNewPrivileges
		and (.maskedPaths[] | select(.path == "/proc/keys") | .state) == "masked"
		and (.readonlyPaths[] | select(.path == "/proc/sys") | .state) == "read-only"
		and (.mounts[] | select(.destination == "/mnt") | .options | test("^ro,nosuid,nodev"))' \
		<<<"$output"
}

@test "a masked path and a read-only path opened again" {
	local masked readonly
	masked="$(index /proc/keys .linux.maskedPaths)"
	readonly="$(index /proc/sys .linux.readonlyPaths)"
	start_and_enter
	nsenter -t "$pid" -m -p umount /proc/keys
	nsenter -t "$pid" -m -p mount -o remount,rw,bind /proc/sys
	finds "linux.maskedPaths\[$masked\]: /proc/keys is not masked" \
		"linux.readonlyPaths\[$readonly\]: /proc/sys is writable"
	rt inspect --security --json "$ID"
	[ "$status" -eq 1 ]
	[ "$(jq -c '[.findings[].property]' <<<"$output")" = \
		"[\"linux.maskedPaths[$masked]\",\"linux.readonlyPaths[$readonly]\"]" ]
}

@test "mounts: gone, with fewer attributes, one more, the root writable" {
	edit '.root.readonly = true | .mounts += [
		{destination: "/mnt", type: "tmpfs", source: "a", options: ["nosuid", "noexec", "ro"]},
		{destination: "/tmp", type: "tmpfs", source: "b"}]'
	local n
	n="$(jq '.mounts | length' "$B/config.json")"
	start_and_enter
	finds_nothing
	nsenter -t "$pid" -m -p sh -c 'mount -o remount,bind,rw,nosuid,exec /mnt
		umount /tmp; mount -t tmpfs more /home; mount -o remount,bind,rw /'
	finds "mounts\[$((n - 2))\]: /mnt is mounted without ro,noexec" \
		"mounts\[$((n - 1))\]: nothing is mounted on /tmp" \
		"root.readonly: the root is writable" \
		"mounts: the container has tmpfs on /home as well"
}

@test "a process with more rights than the config gives, outside of the cgroup" {
	start_and_enter
	nsenter -t "$pid" -m -p -u -i -n sleep 1001 3>&- &
	PIDS+=("$!")
	until_true 5 pgrep -P "$!" sleep
	finds 'process.capabilities.permitted: process * (sleep) has *CAP_SYS_ADMIN* as well' \
		'process.capabilities.effective: process * (sleep) has *CAP_SYS_ADMIN* as well' \
		'process.capabilities.bounding: process * (sleep) has *CAP_SYS_ADMIN* as well' \
		'process.noNewPrivileges: process * (sleep) may gain privileges' \
		'linux.cgroupsPath: process * (sleep) is outside of the container'"'"'s cgroup'
}

@test "a process of the host in the container's cgroup, without its filter" {
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"} | del(.process.capabilities)
		| .process.noNewPrivileges = false'
	edit '.process.capabilities = {bounding: $all, permitted: $all, effective: $all}' --argjson all \
		"$("$RT" features | jq .linux.capabilities)"
	start_and_enter
	sleep 1002 3>&- &
	PIDS+=("$!")
	local dir
	for dir in $(cgroups_of "$ID"); do
		echo "$!" >"$dir/cgroup.procs"
	done
	rt inspect --security "$ID"
	echo "$output"
	[ "$status" -eq 1 ]
	[ "$(grep -c "process $! (sleep) is in the host's [a-z]* namespace" <<<"$output")" -eq \
		"$(jq '.linux.namespaces | length' "$B/config.json")" ]
	grep -qx "linux.seccomp: process $! (sleep) has no filter" <<<"$output"
	not grep -q "process $pid " <<<"$output"
}

@test "a descriptor of init that is a place on the host" {
	local lent="$BATS_TEST_TMPDIR"
	"$RT" --root "$ROOT" run -d --preserve-fds 2 -b "$B" "$ID" 3<"$lent" 4</dev/null \
		</dev/null >out 2>err
	rt inspect --security "$ID"
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "process: descriptor 3 of init is the host's $lent" ]
	[ "${#lines[@]}" -eq 2 ] # /dev/null of the host's /dev
	rt inspect --security --json "$ID"
	jq -e '.descriptors | map(.fd) == [3, 4]' <<<"$output"
}

@test "names that the container chooses cannot act on the terminal" {
	start_and_enter
	nsenter -t "$pid" -m -p sh -c 'mkdir -p "$1" && mount -t tmpfs x "$1"' sh $'/tmp/\e[2Jx'
	finds 'mounts: the container has tmpfs on /tmp/?\[2Jx as well'
	not grep -q $'\e' <<<"$output"
}

@test "what is no running container, or no question, is status 2" {
	rt inspect --security "$ID"
	[ "$status" -eq 2 ]
	[ "$output" = "container does not exist" ]
	create_container
	rt inspect --security "$ID"
	[ "$status" -eq 2 ]
	[ "$output" = "container '$ID' has not been started" ]
	rt inspect "$ID"
	[ "$status" -eq 2 ]
	[ "$output" = "inspect needs '--security'" ]
	rt inspect --securty "$ID"
	[ "$status" -eq 2 ]
	rt inspect --security
	[ "$status" -eq 2 ]
	rt kill "$ID" KILL
	until_true 5 has_status "$ID" stopped
	rt inspect --security "$ID"
	[ "$status" -eq 2 ]
	[ "$output" = "container not running" ]
}
