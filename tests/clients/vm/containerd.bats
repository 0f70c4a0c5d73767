#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd by its own client, as root: the shim of runc's with our binary, cgroupfs and systemd.

bats_require_minimum_version 1.5.0

load ../../e2e/helpers
load clients

IMAGE=localhost/bb:latest

setup_file() {
	needs_vm
	is_root || return 0
	systemctl start containerd
	podman save -q -o "$BATS_FILE_TMPDIR/bb.tar" localhost/bb 3>&-
	ctr image import "$BATS_FILE_TMPDIR/bb.tar" 3>&- >/dev/null
}

teardown_file() {
	! is_root || systemctl stop containerd
}

setup() {
	needs_vm
	needs_root
	C="c$BATS_TEST_NUMBER"
}

teardown() {
	ctr task rm -f "$C" >/dev/null 2>&1 || true
	ctr container rm "$C" >/dev/null 2>&1 || true
}

run_with() {
	client ctr run --runc-binary "$RUNTIME_PATH" "$@"
}

task() {
	local verb="$1"
	shift
	client ctr task "$verb" "$@"
}

# limit FILE: of the task; a container of ctr's sees no cgroups
limit() {
	local pid
	pid="$(ctr task ls | awk -v id="$C" '$1 == id { print $2 }')"
	cat "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")/$1"
}

@test "run --rm: output and exit code; limits" {
	run_with --rm "$IMAGE" "$C" sh -c 'echo out; exit 7'
	[ "$status" -eq 7 ]
	[ "$output" = out ]
	run_with -d --memory-limit 67108864 --cpu-quota 50000 --cpu-period 100000 "$IMAGE" "$C" sleep 1000
	[ "$status" -eq 0 ]
	[ "$(limit memory.max)" = 67108864 ]
	[ "$(limit cpu.max)" = "50000 100000" ]
}

@test "a task's life: ls, ps, exec, metrics, pause, resume, kill, delete" {
	run_with -d "$IMAGE" "$C" sh -c 'sleep 1000 & wait'
	[ "$status" -eq 0 ]
	task ls
	[[ "$output" == *"$C"*RUNNING* ]]
	task ps "$C"
	[ "${#lines[@]}" -eq 3 ]
	task exec --exec-id e1 "$C" sh -c 'echo inside; exit 5'
	[ "$status" -eq 5 ]
	[[ "$output" == inside* ]]
	task exec --exec-id e2 "$C" no-such-program
	[ "$status" -ne 0 ]
	[[ "$output" == *"executable file"*"not found"* ]]
	on_terminal 'hello\n' ctr task exec -t --exec-id e3 "$C" sh -c 'tty; read a; echo got $a; exit 4'
	[ "$status" -eq 4 ]
	[[ "$output" == *"/dev/pts/"*"got hello"* ]]
	task metrics "$C"
	[ "$status" -eq 0 ]
	[[ "$output" == *memory.usage* ]]
	task pause "$C"
	[ "$status" -eq 0 ]
	task ls
	[[ "$output" == *"$C"*PAUSED* ]]
	task resume "$C"
	[ "$status" -eq 0 ]
	task kill -s KILL -a "$C"
	[ "$status" -eq 0 ]
	is_stopped() { ctr task ls | grep -q "$C.*STOPPED"; }
	until_true 10 is_stopped
	task rm "$C"
	client ctr container rm "$C"
	[ "$status" -eq 0 ]
}

@test "systemd's cgroups" {
	run_with -d --runc-systemd-cgroup --cgroup "system.slice:ctr:$C" --memory-limit 67108864 "$IMAGE" "$C" sleep 1000
	[ "$status" -eq 0 ]
	[ "$(limit memory.max)" = 67108864 ]
	[ "$(systemctl show -p MemoryMax --value "ctr-$C.scope")" = 67108864 ]
	task exec --exec-id e1 "$C" cat /proc/self/cgroup
	[[ "$output" == *"/ctr-$C.scope"* ]] # crun adds a cgroup of its own below
}

@test "a terminal; privileged; read-only; another user; the host's network" {
	on_terminal 'hello\n' ctr run --rm -t --runc-binary "$RUNTIME_PATH" "$IMAGE" "$C" sh -c 'tty; read a; echo got $a; exit 3'
	[ "$status" -eq 3 ]
	[[ "$output" == *"/dev/pts/0"*"got hello"* ]]
	run_with --rm --privileged --read-only --net-host --user 1000:1000 "$IMAGE" "$C" sh -c 'exec 2>&1; id -u; touch /x'
	[[ "$output" == 1000*"Read-only file system"* ]]
}

@test "what cannot run is told, and nothing is left" {
	run_with --rm "$IMAGE" "$C" no-such-program
	[ "$status" -ne 0 ]
	[[ "$output" == *"executable file"*"not found"* ]]
	client ctr container ls -q
	[ -z "$output" ]
	[ -z "$(find /sys/fs/cgroup -name "$C")" ]
}
