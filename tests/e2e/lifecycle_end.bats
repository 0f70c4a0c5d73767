#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# How containers end where the kernel does not help: no PID namespace, a freezer of v1, ids that have changed, a state
# that cannot be removed. Run: OCI_RT=build/oci-rt bats tests/e2e/lifecycle_end.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	set_args sleep 1000
}
teardown() { container_teardown; }

@test "kill KILL without a PID namespace ends what init has started, too" {
	edit '.linux.namespaces -= [{"type": "pid"}]'
	set_args sh -c 'sleep 1000 & sleep 1000 & echo up >/up; wait'
	start_container
	until_true 5 test -e "$B/rootfs/up"
	rt kill "$ID" KILL
	prints ""
	until_true 5 no_processes_left
	has_status "$ID" stopped
}

# v1 keeps those that are to die frozen; where there is v2 as well, its freezer is taken, which lets them go.
@test "SIGKILL ends a paused container, by the freezer of v1 alone" {
	[ -d /sys/fs/cgroup/freezer ] || skip "needs the freezer of cgroup v1"
	cat >in-v1 <<-'SH'
		! mountpoint -q /sys/fs/cgroup/unified || umount -l /sys/fs/cgroup/unified || exit 77
		rt() { "$RT" --root "$ROOT" "$@" </dev/null >>out 2>&1; }
		rt create -b "$B" "$ID" && rt start "$ID" && rt pause "$ID" || exit
		grep -q FROZEN "/sys/fs/cgroup/freezer/$ID/freezer.state" || exit
		rt kill "$ID" KILL || exit
		for i in $(seq 50); do
			[ "$("$RT" --root "$ROOT" state "$ID" | jq -r .status)" != stopped ] || exit 0
			sleep 0.1
		done
		echo "not stopped after 5 s"
		rt resume "$ID"
		exit 1
	SH
	run env RT="$RT" ROOT="$ROOT" B="$B" ID="$ID" unshare -m bash in-v1 3>&-
	[ "$status" -ne 77 ] || skip "the hierarchy of v2 cannot be unmounted"
	echo "$output $(cat out)"
	[ "$status" -eq 0 ]
}

# Older kernels (6.12 does): pidfd_open says EINVAL for the number of a dead process that is still the number of its session.
@test "no PID namespace, init is gone, what it has started is not: delete ends it" {
	local injected=()
	# without strace this kernel's own answer will have to do
	! command -v strace >/dev/null || injected=(strace -o strace.out -e inject=pidfd_open:error=EINVAL)
	edit '.linux.namespaces -= [{"type": "pid"}]'
	set_args sh -c 'sleep 1000 & sleep 1000 & echo up >/up'
	start_container
	until_true 5 test -e "$B/rootfs/up"
	until_true 5 has_status "$ID" stopped
	[ "$(processes_left | wc -l)" -ge 2 ]
	run "${injected[@]}" "$RT" --root "$ROOT" delete "$ID"
	prints ""
	[ "${#injected[@]}" -eq 0 ] || grep -q INJECTED strace.out
	assert_nothing_left
}

# elsewhere COMMAND...: where the machine's cgroups are not mounted
elsewhere() {
	run --separate-stderr unshare -m sh -c 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"' _ \
		"$RT" --root "$ROOT" "$@" </dev/null 3>&-
	echo "$status $output $stderr"
}

says_out_of_sight() {
	[[ "$stderr" == *" the cgroup /sys/fs/cgroup/"*"$ID: its hierarchy is not mounted there in this mount namespace; "* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
}

# Without this, `delete` took the cgroup for gone: the directories stayed for ever, and so did what ran in them.
@test "delete where the container's cgroups are not mounted says so, and leaves what it cannot clear" {
	edit '.linux.namespaces -= [{"type": "pid"}]'
	set_args sh -c 'sleep 1000 & sleep 1000 & echo up >/up; wait'
	start_container
	until_true 5 test -e "$B/rootfs/up"
	elsewhere state "$ID"
	[ "$status" -eq 0 ]
	[ "$(jq -r .status <<<"$output")" = running ]
	elsewhere delete --force "$ID"
	[ "$status" -eq 1 ]
	says_out_of_sight
	until_true 5 has_status "$ID" stopped
	elsewhere delete "$ID"
	[ "$status" -eq 1 ]
	rt delete --force "$ID"
	prints ""
	assert_nothing_left
}

@test "other commands where the container's cgroups are not mounted say so" {
	local command
	start_container
	for command in pause stats "events --stats" ps "update --pids-limit 50" "update --memory 100000000"; do
		# shellcheck disable=SC2086
		elsewhere $command "$ID"
		[ "$status" -eq 1 ]
		says_out_of_sight
	done
	elsewhere exec "$ID" true
	[ "$status" -eq 255 ]
	says_out_of_sight
	has_status "$ID" running
}

# prctl(2): the signal that init gets when HOST dies is forgotten with each change of its ids.
@test "the runtime killed while init of a user namespace hangs: init does not live on" {
	edit '.linux.namespaces = (.linux.namespaces + [{ type: "user" }] | unique)
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] | .linux.gidMappings = .linux.uidMappings
		| .hooks.createContainer = [{ path: "/bin/sleep", args: ["sleep", "1000"], env: ["E2E='"$ID"'"] }]'
	"$RT" --root "$ROOT" create -b "$B" "$ID" >out 2>err 3>&- &
	local rt_pid=$! init
	until_true 5 eval 'pgrep -P "$(pgrep -P $rt_pid)" sleep'
	init="$(pgrep -P "$rt_pid")"
	kill -KILL "$rt_pid"
	until_true 2 is_gone "$init"
	until_true 2 no_processes_left
	rt delete --force "$ID"
	prints ""
}

# The working directory goes to init with the fork; a root that the runtime stands in could not be unmounted.
@test "run waits in the bundle, and not in the root filesystem" {
	"$RT" --root "$ROOT" run -b "$B" "$ID" </dev/null >out 2>err 3>&- &
	local rt_pid=$!
	until_true 5 has_status "$ID" running
	[ "$(readlink "/proc/$rt_pid/cwd")" = "$B" ]
	rt kill "$ID" KILL
	wait "$rt_pid" || [ "$?" -eq 137 ]
}

# spec: runtime.md#lifecycle, step 13: after the container is destroyed
@test "poststop hooks do not run while the container cannot be removed" {
	needs strace
	edit '.hooks.poststop = [{ path: "/bin/sh", args: ["sh", "-c", "echo ran >>'"$BATS_TEST_TMPDIR"'/hook"] }]'
	start_container
	rt kill "$ID" KILL
	until_true 5 has_status "$ID" stopped
	run strace -o strace.out -e inject=unlinkat:error=EROFS "$RT" --root "$ROOT" delete "$ID"
	[ "$status" -eq 1 ]
	[ ! -e hook ]
	rt delete "$ID"
	prints ""
	[ "$(cat hook)" = ran ]
}
