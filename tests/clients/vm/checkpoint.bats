#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Checkpoints as clients ask for them, as root: Podman, containerd's ctr, and Docker.

bats_require_minimum_version 1.5.0

load ../../e2e/helpers
load ../../e2e/checkpoint
load clients

setup_file() {
	needs_vm
	command -v criu >/dev/null || return 0
	use_runtime_in_podman
	hold_perf_event
}

teardown_file() { criu_teardown_file; }

setup() {
	needs_vm
	needs_root
	needs criu
	C="c$BATS_TEST_NUMBER"
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	podman rm -fa -t 0 >/dev/null 2>&1 || true
	[ -n "${BATS_TEST_COMPLETED:-}" ] || systemctl stop docker.socket docker.service containerd.service
}

p() {
	client podman "$@"
	[ "$status" -eq 0 ]
}

start_counter() {
	p run -d --name "$C" --network none localhost/bb sh -c \
		'n=0; while :; do n=$((n + 1)); echo $n; echo $n >/tmp/n; sleep 0.1; done'
	until_true 20 has_counted_past "$C" 2
}

count_of() {
	podman exec "$1" cat /tmp/n 2>/dev/null 3>&- || true
}

has_counted_past() {
	local n
	n="$(count_of "$1")"
	[ "${n:-0}" -gt "$2" ]
}

state_of() {
	podman inspect --format '{{.State.Status}}' "$1"
}

# It went on, and did not begin again.
goes_on_from() {
	[ "$(state_of "$1")" = running ]
	[ "$(count_of "$1")" -gt "$2" ]
	until_true 20 has_counted_past "$1" $(($(count_of "$1") + 1))
}

@test "podman: checkpoint, restore, and its log goes on" {
	start_counter
	local n
	n="$(count_of "$C")"
	p container checkpoint "$C"
	[ "$(state_of "$C")" = exited ]
	p container restore "$C"
	goes_on_from "$C" "$n"
	local lines
	lines="$(podman logs "$C" | wc -l)"
	more_lines() { [ "$(podman logs "$C" | wc -l)" -gt "$lines" ]; }
	until_true 20 more_lines
	p rm -f -t 0 "$C"
}

@test "podman: --leave-running, --export, --import under another name" {
	start_counter
	p container checkpoint --leave-running --export "$PWD/k.tar.gz" "$C"
	local n
	n="$(count_of "$C")"
	[ "$(state_of "$C")" = running ]
	p rm -f -t 0 "$C"
	p container restore --import "$PWD/k.tar.gz" --name "$C-again"
	[ "$(state_of "$C-again")" = running ]
	until_true 20 has_counted_past "$C-again" $((n + 1))
}

@test "podman: --pre-checkpoint, --with-previous" {
	start_counter
	client podman container checkpoint --pre-checkpoint "$C"
	[ "$status" -eq 0 ] || [[ "$output" != *CONFIG_MEM_SOFT_DIRTY* ]] || skip "$output"
	[ "$status" -eq 0 ]
	local n
	n="$(count_of "$C")"
	p container checkpoint --with-previous "$C"
	p container restore "$C"
	goes_on_from "$C" "$n"
}

@test "podman: a checkpoint that fails leaves the container running, and says why" {
	p run -d --name "$C" --network none localhost/bb sh -c \
		'nc -l -p 7777 -e cat & sleep 1; nc 127.0.0.1 7777 </dev/zero >/dev/null & wait'
	connected() { podman exec "$C" grep -q ':1E61 01' /proc/net/tcp 2>/dev/null 3>&- ||
		podman exec "$C" grep -qi ' 01 ' /proc/net/tcp 2>/dev/null 3>&-; }
	until_true 20 connected
	client podman container checkpoint "$C"
	[ "$status" -ne 0 ]
	[[ "$output" == *"criu could not save the container: "*"--tcp-established"* ]]
	[ "$(state_of "$C")" = running ]
}

@test "ctr: container checkpoint of a task that is paused for it, container restore --live, task checkpoint --exit" {
	needs ctr
	systemctl start containerd
	podman save -q -o bb.tar localhost/bb 3>&-
	ctr image import bb.tar 3>&- >/dev/null
	client ctr run -d --runc-binary "$RUNTIME_PATH" localhost/bb:latest "$C" sh -c \
		'n=0; while :; do n=$((n + 1)); echo $n >/tmp/n; sleep 0.1; done'
	[ "$status" -eq 0 ]
	ctr_count() { ctr task exec --exec-id "x$RANDOM" "$C" cat /tmp/n 2>/dev/null || echo 0; }
	ctr_counts() { [ "$(ctr_count)" -gt 2 ]; }
	until_true 20 ctr_counts
	c() { client ctr "$@" && [ "$status" -eq 0 ]; }
	local n
	c container checkpoint --task --rw --image "$C" localhost/saved
	n="$(ctr_count)"
	ctr task rm -f "$C" >/dev/null 2>&1
	c container rm "$C"
	c container restore --live --rw "$C" localhost/saved
	# by the runtime that is tested: its state
	"$RUNTIME_PATH" --root /run/containerd/runc/default state "$C"
	goes_on() { [ "$(ctr_count)" -gt "$n" ]; }
	until_true 30 goes_on
	c task checkpoint --exit --image-path "$PWD/img" "$C"
	[ -s "$PWD/img/inventory.img" ]
	is_stopped() { ctr task ls | grep -q "$C.*STOPPED"; }
	until_true 20 is_stopped
	c task rm "$C"
	c container rm "$C"
	c image rm localhost/saved
	systemctl stop containerd
}

@test "docker: checkpoint create, start --checkpoint, and it goes on" {
	needs docker
	mkdir -p /etc/docker
	printf '{"experimental": true, "runtimes": {"tested": {"path": "%s"}}, "default-runtime": "tested"}\n' "$RUNTIME_PATH" \
		>/etc/docker/daemon.json
	systemctl start docker
	has_daemon() { docker info >/dev/null 2>&1; }
	until_true 90 has_daemon
	docker import "$IMAGE_TAR" bb 3>&- >/dev/null
	d() { client docker "$@" && [ "$status" -eq 0 ]; }
	docker_count() { docker exec "$C" cat /tmp/n 2>/dev/null || echo 0; }
	counts_past() { [ "$(docker_count)" -gt "$1" ]; }
	d run -d --name "$C" --network none bb sh -c 'n=0; while :; do n=$((n + 1)); echo $n >/tmp/n; sleep 0.1; done'
	until_true 20 counts_past 9
	d checkpoint create "$C" saved
	d inspect --format '{{.State.Status}}' "$C"
	[ "$output" = exited ]
	d start --checkpoint saved "$C"
	until_true 30 counts_past 10
	d rm -f "$C"
	systemctl stop docker.socket docker.service containerd.service
	umount /run/docker/netns/default || true # left by Docker itself
}
