#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Kills for want of memory: told by run, kept by state, named by errors.
# Run: OCI_RT=build/oci-rt bats tests/e2e/oom.bats

bats_require_minimum_version 1.5.0

load helpers

HUNGRY='x=$(dd if=/dev/zero bs=1M count=40 2>/dev/null | tr "\0" x)'
FIGURES='limit 16 MiB, peak 1[0-9](.[0-9])? MiB'

setup() {
	container_setup
	[ -d /sys/fs/cgroup/memory ] || grep -qw memory /sys/fs/cgroup/cgroup.controllers ||
		skip "needs the controller memory"
	edit '.linux.resources = {memory: {limit: 16777216, swap: 16777216}}'
}
teardown() { container_teardown; }

# The program becomes large itself, so it is the one that is killed.
eat() {
	set_args sh -c "$HUNGRY; exit 3"
}

oom_annotation() {
	"$RT" --root "$ROOT" state "$1" | jq -r '.annotations["org.oci-rt.oom-killed"] // "none"'
}

@test "run: exit status 137 and one line that says why; the log of errors stays empty" {
	eat
	run --separate-stderr "$RT" --root "$ROOT" --log log --log-format json run -b "$B" "$ID"
	echo "status $status, $output, $stderr"
	[ "$status" -eq 137 ]
	[[ "$stderr" =~ ^"container '$ID' was killed for want of memory: "$FIGURES$ ]]
	[ ! -s log ]
}

@test "run: a log that holds warnings has the line as one object" {
	eat
	run --separate-stderr "$RT" --root "$ROOT" --log log --log-format json --log-level warning \
		run -b "$B" "$ID"
	[ "$status" -eq 137 ]
	[ "$(jq -r .level log)" = warning ]
	[[ "$(jq -r .msg log)" =~ "was killed for want of memory: "$FIGURES ]]
}

@test "run: JSON on standard error where there is no log" {
	eat
	run --separate-stderr "$RT" --root "$ROOT" --log-format json run -b "$B" "$ID"
	[ "$status" -eq 137 ]
	[ "$(jq -r .level <<<"$stderr")" = warning ]
}

@test "run: nothing is said of a container that ends as it likes, or is killed by a signal" {
	set_args sh -c 'kill -KILL $$; exit 137'
	run "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$status" -eq 137 ]
	[ -z "$output" ]
}

# In a cgroup that was there before, the count is also that of others.
@test "run: nothing is said of those that were killed before in a cgroup that is not ours" {
	local limit=memory.limit_in_bytes swap=memory.memsw.limit_in_bytes dir="/sys/fs/cgroup/memory/$ID-before" bytes=16777216
	if [ ! -d /sys/fs/cgroup/memory ]; then
		limit=memory.max swap=memory.swap.max dir="/sys/fs/cgroup/$ID-before"
	fi
	mkdir "$dir"
	echo "$bytes" >"$dir/$limit"
	[ ! -e "$dir/$swap" ] || echo "$([ "$swap" = memory.swap.max ] && echo 0 || echo "$bytes")" >"$dir/$swap"
	run busybox sh -c "echo \$\$ >$dir/cgroup.procs; $HUNGRY"
	[ "$status" -eq 137 ]
	edit --arg p "/$ID-before" '.linux.cgroupsPath = $p | .linux.resources = {}'
	set_args sh -c 'kill -KILL $$; exit 137'
	run "$RT" --root "$ROOT" run -b "$B" "$ID"
	rmdir "$dir"
	[ "$status" -eq 137 ]
	[ -z "$output" ]
}

@test "state: the kills are there while it runs, and after it has stopped" {
	set_args sh -c 'sleep 1000'
	start_container
	[ "$(oom_annotation "$ID")" = none ]
	rt exec "$ID" sh -c "$HUNGRY"
	[ "$status" -ne 0 ]
	[[ "$(oom_annotation "$ID")" =~ ^1,\ $FIGURES$ ]]
	rt kill "$ID" KILL
	until_true 5 has_status "$ID" stopped
	[[ "$(oom_annotation "$ID")" =~ ^1,\ $FIGURES$ ]]
	[[ "$("$RT" --root "$ROOT" list -f json |
		jq -r '.[0].annotations["org.oci-rt.oom-killed"]')" =~ ^1,\ $FIGURES$ ]]
}

@test "run --keep: state says what run has said" {
	eat
	run "$RT" --root "$ROOT" run --keep -b "$B" "$ID"
	[ "$status" -eq 137 ]
	[[ "$(oom_annotation "$ID")" =~ ^1,\ $FIGURES$ ]]
}

@test "create, run: an init that dies of the limit while it is set up" {
	local verb
	edit '.linux.resources = {memory: {limit: 4096, swap: 4096}}'
	for verb in create run; do
		rt_live "$verb" -b "$B" "$ID"
		fails_like "the container's init was killed by the OOM killer: limit 4 KiB, peak *"
		assert_nothing_left
	done
}

# Lowers the limit to what is in use.
take_all_memory() {
	local n
	n="$("$RT" --root "$ROOT" events --stats "$ID" | jq .data.memory.usage.usage)"
	status=0
	while [ "$status" -eq 0 ] && [ "$n" -gt 4096 ]; do
		n=$((n - 8192))
		jq -n --argjson n "$n" '{memory: {limit: $n}}' >limits
		rt update -r limits "$ID"
	done
}

@test "exec: an init that dies of the limit while it is set up; older kills are not its cause" {
	set_args sleep 1000
	start_container
	rt exec "$ID" sh -c "$HUNGRY"
	rt exec "$ID" true
	succeeds
	# v1 refuses a limit that it cannot come down to (v2 kills): the last one that it takes is in use
	[ -d /sys/fs/cgroup/memory ] || skip "cgroup v2 would kill the container for such a limit"
	local i
	for i in 1 2 3 4 5 6 7 8 9 10; do
		take_all_memory
		run sh -c 'echo 1000 >/proc/self/oom_score_adj; exec "$@"' sh "$RT" --root "$ROOT" exec "$ID" true
		echo "$i: $status $output"
		# what the kernel frees in the background may be enough for one more
		[ "$status" -eq 0 ] || break
	done
	[ "$status" -eq 255 ]
	[[ "$output" == "the container's init was killed by the OOM killer: limit "*", peak "* ]]
}
