#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Mounts of a container without a mount namespace of its own: they are there, they hang below one
# mount, and that one goes with the container while those of others stay.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_shared_mounts.bats

bats_require_minimum_version 1.5.0

load helpers

# The "host" is a mount namespace of the test's, in which everything is shared: the worst case.
setup() {
	container_setup
	unshare -m --propagation private sleep 1000 3>&- &
	HOST=$!
	PIDS+=("$HOST")
	until [ "$(readlink "/proc/$HOST/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ]; do
		sleep 0.05
	done
	mkdir -p "$B/source/below"
	on_host sh -c "mount --bind '$B' '$B' && mount --make-shared '$B' &&
		mount -t tmpfs client '$B/source/below' && touch '$B/source/below/file'"
	OLD_RT="$RT"
	printf '%s\n' '#!/bin/sh' "exec nsenter --mount=/proc/$HOST/ns/mnt --wdns='$B' -- '$RT' \"\$@\"" \
		>"$BATS_TEST_TMPDIR/oci-rt"
	chmod +x "$BATS_TEST_TMPDIR/oci-rt"
	RT="$BATS_TEST_TMPDIR/oci-rt"
	edit '.linux.namespaces |= map(select(.type != "mount")) | .linux.maskedPaths = []
		| .linux.readonlyPaths = []'
}

teardown() { container_teardown; }

on_host() {
	nsenter --mount="/proc/$HOST/ns/mnt" -- "$@"
}

mounts_below_root() {
	on_host grep -cF " $B/rootfs" /proc/self/mountinfo || true
}

# What the client has mounted, and nothing else.
host_is_clean() {
	on_host grep -F "$B" /proc/self/mountinfo
	[ "$(on_host grep -cF "$B" /proc/self/mountinfo)" -eq 2 ]
	on_host test -e "$B/source/below/file"
}

@test "the default mounts and devices are there, in the host's mount namespace" {
	inside 'stat -f -c %T /proc /dev; ls /proc/self/ns >/dev/null && echo c >/dev/null && stat -c %t:%T /dev/null
		readlink /proc/self/ns/mnt'
	prints "proc
tmpfs
1:3
$(readlink "/proc/$HOST/ns/mnt")"
	host_is_clean
}

@test "created, started, running, executed in, deleted" {
	set_args sleep 1000
	start_container
	[ "$(mounts_below_root)" -gt 3 ]
	rt exec "$ID" stat -f -c %T /proc
	prints proc
	rt delete --force "$ID"
	succeeds
	host_is_clean
}

@test "a read-only root is read-only below its mount alone" {
	edit '.root.readonly = true'
	inside 'touch /x 2>/dev/null || echo read-only'
	prints read-only
	touch "$B/rootfs/x"
	host_is_clean
}

@test "a bound tree of the host's survives the container, and what is mounted in it stays inside" {
	edit '.mounts += [{destination: "/data", source: "source", options: ["rbind"]}]'
	set_args sleep 1000
	start_container
	nsenter --mount="/proc/$HOST/ns/mnt" -- mount -t tmpfs inside "$B/rootfs/data"
	rt delete --force "$ID"
	succeeds
	host_is_clean
}

@test "rshared binds do not take the host's mounts along" {
	edit '.mounts += [{destination: "/data", source: "source", options: ["rbind", "rshared"]}]'
	inside 'ls /data/below'
	prints file
	host_is_clean
}

@test "a failing create takes its mount back" {
	set_args /no/such/program
	rt create -b "$B" "$ID"
	[ "$status" -ne 0 ]
	host_is_clean
}

@test "the runtime is killed in the midst of create: delete --force takes the mount back" {
	edit '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "kill -KILL $PPID; sleep 1"]}]'
	rt_live create -b "$B" "$ID"
	[ "$status" -ne 0 ]
	[ "$(mounts_below_root)" -gt 3 ]
	rt delete --force "$ID"
	succeeds
	host_is_clean
}

@test "the runtime is killed around the attaching of its mount" {
	needs strace
	local call when
	for call in open_tree:1 move_mount:1 mount_setattr:1 mount_setattr:2 clone3:1; do
		when="${call#*:}"
		call="${call%:*}"
		on_host strace -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$when" \
			"$(realpath "$OLD_RT")" --root "$ROOT" create -b "$B" "$ID" </dev/null \
			>/dev/null 2>&1 3>&- || true
		rt delete --force "$ID"
		succeeds
		host_is_clean
	done
}

@test "a mount of the client's on the same place is not taken for the container's" {
	set_args sleep 1000
	start_container
	on_host mount -t tmpfs theirs "$B/rootfs"
	rt delete --force "$ID"
	fails_like "the container's mount on $B/rootfs is below another one: unmount that first"
	on_host umount "$B/rootfs"
	rt delete --force "$ID"
	succeeds
	host_is_clean
	# gone already, and somebody else's there
	start_container
	on_host umount -l "$B/rootfs"
	on_host mount -t tmpfs theirs "$B/rootfs"
	rt delete --force "$ID"
	succeeds
	[ "$(mounts_below_root)" -eq 1 ]
	on_host umount "$B/rootfs"
	host_is_clean
}

@test "without mounts there is none" {
	edit '.mounts = []'
	inside 'echo plain'
	prints plain
	host_is_clean
}

@test "what needs a mount namespace says so" {
	edit '.linux.maskedPaths = ["/proc/kcore"]'
	rt run -b "$B" "$ID"
	fails_like "config.json:*: linux.maskedPaths: needs a mount namespace in linux.namespaces"
	edit '.linux.maskedPaths = [] | .linux.rootfsPropagation = "slave"'
	rt run -b "$B" "$ID"
	fails_like "config.json:*: linux.rootfsPropagation: needs a mount namespace in linux.namespaces"
}
