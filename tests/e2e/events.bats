#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What containerd and others read of `events`.
# Run: OCI_RT=build/oci-rt bats tests/e2e/events.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	set_args sleep 1000
}
teardown() { container_teardown; }

# cgroup_has CONTROLLER: in whatever version
cgroup_has() {
	[ -d "/sys/fs/cgroup/$1" ] || grep -qw "$1" /sys/fs/cgroup/cgroup.controllers 2>/dev/null
}

# follow LOG OPTION...: in the background; $events is its pid
follow() {
	local log="$1"
	shift
	"$RT" --root "$ROOT" events "$@" "$ID" 3>&- >"$log" 2>"$log.err" </dev/null &
	events=$!
	PIDS+=("$events")
}

@test "--stats: one object in go-runc's shape" {
	start_container
	rt events --stats "$ID"
	succeeds
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == '{"type":"stats","id":"'"$ID"'","data":{'* ]]
	jq -e '(.data | (.cpu.usage | .total > 0 and has("kernel") and has("user"))
		and (.cpu.throttling | keys == ["periods", "throttledPeriods", "throttledTime"])
		and (.memory | has("cache") and has("raw"))
		and (.memory.usage | keys == ["failcnt", "limit", "max", "usage"])
		and .pids.current == 1 and (.blkio | type == "object") and (.hugetlb | type == "object")
		and .intel_rdt == {} and .network_interfaces == [])' <<<"$output"
}

@test "--stats: limits and use, as far as the host has the controllers" {
	cgroup_has memory && cgroup_has pids || skip "needs the controllers memory and pids"
	edit '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 17}}'
	start_container
	rt_live exec -d "$ID" sleep 1000
	rt events --stats "$ID"
	succeeds
	jq -e '.data | .pids == {current: 2, limit: 17} and .memory.usage.limit == 67108864
		and .memory.usage.usage > 0 and (.memory.raw | length > 10)' <<<"$output"
	# what it says is what the cgroup says
	local file
	file="$(find /sys/fs/cgroup -path "*/$ID/pids.max" | head -n 1)"
	[ "$(cat "$file")" = 17 ]
}

@test "created and paused containers have figures, stopped ones have none" {
	create_container
	rt events --stats "$ID"
	succeeds
	rt_live start "$ID"
	rt pause "$ID"
	succeeds
	rt events --stats "$ID"
	succeeds
	rt resume "$ID"
	rt kill "$ID" KILL
	until_true 5 has_status "$ID" stopped
	rt events --stats "$ID"
	fails_with "container not running"
	rt events "$ID"
	fails_with "container not running"
}

@test "the stream: a line at once and after each interval, until the container ends" {
	start_container
	follow log --interval 100ms
	until_true 5 grep -q . log
	sleep 0.45
	[ "$(wc -l <log)" -ge 3 ]
	[ "$(wc -l <log)" -le 7 ]
	jq -es 'all(.type == "stats" and .id == $id)' --arg id "$ID" log
	rt delete --force "$ID"
	succeeds
	wait "$events"
	[ ! -s log.err ]
}

@test "without a cgroup there is nothing to tell" {
	rt_live --cgroup-manager disabled create -b "$B" "$ID"
	succeeds
	rt events --stats "$ID"
	fails_with "the container has no cgroup of its own to look at"
}

@test "a kill for want of memory is an event" {
	cgroup_has memory || skip "needs the controller memory"
	edit '.linux.resources = {memory: {limit: 16777216, swap: 16777216}}'
	start_container
	follow log --interval 1h
	until_true 5 grep -q stats log
	rt exec "$ID" sh -c 'x=$(dd if=/dev/zero bs=1M count=40 | tr "\0" x)'
	[ "$status" -ne 0 ]
	until_true 5 grep -qx '{"type":"oom","id":"'"$ID"'"}' log
	# and one that ends the container
	rt delete --force "$ID"
	wait "$events"
	[ "$(head -n 1 log | jq -r .type)" = stats ]
}

# column TITLE: of the line of $ID; columns are parted by two blanks at least
column() {
	awk -v title="$1" -v id="$ID" -F '  +' '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == title) at = i }
		$1 == id { print $at }' <<<"$output"
}

@test "stats: a table of those that run, or of those that are named" {
	cgroup_has memory && cgroup_has pids || skip "needs the controllers memory and pids"
	edit '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 17}}'
	set_args sh -c 'while :; do :; done'
	start_container
	rt stats --interval 300ms
	succeeds_in_two_lines
	[ "$(column LIMIT)" = "64 MiB" ]
	[ "$(column PIDS)" = 1 ]
	[ "$(column "PIDS LIMIT")" = 17 ]
	[[ "$(column MEMORY)" =~ ^[0-9.]+\ (KiB|MiB)$ ]]
	[[ "$(column PEAK)" =~ ^[0-9.]+\ (KiB|MiB)$ ]]
	# it takes what it can get of one CPU
	awk -v v="$(column "CPU %")" 'BEGIN { exit !(v > 5 && v < 150) }'
	rt stats --interval 10ms "$ID"
	succeeds_in_two_lines
	rt stats --interval 10ms "$ID" nobody
	fails_with "container 'nobody': container does not exist"
	rt kill "$ID" KILL
	until_true 5 has_status "$ID" stopped
	rt stats --interval 10ms
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	rt stats "$ID"
	fails_with "container '$ID': container not running"
	rt stats --interval 0
	[ "$status" -eq 1 ]
	[[ "$output" == *"expected a duration of at least 1ms"* ]]
}

succeeds_in_two_lines() {
	echo "$output"
	[ "$status" -eq 0 ] && [ "${#lines[@]}" -eq 2 ]
}
