#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Situations of docs/ROOTLESS.md that root meets in an outer container, or whose remedy is root's to carry out. The
# others stand where their option is tested; `grep -rn '@test "R[0-9]' tests` finds them all.

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	set_args echo ran
}

teardown() {
	container_teardown
}

READ_ONLY='mount -o remount,bind,ro /sys/fs/cgroup
	for m in /sys/fs/cgroup/*; do mountpoint -q $m && mount -o remount,bind,ro $m; done'
WRITABLE='for m in /sys/fs/cgroup /sys/fs/cgroup/*; do mountpoint -q $m && mount -o remount,bind,rw $m; done'

# on HOST-SCRIPT ARGUMENT OF oci-rt...
on() {
	local script="$1"
	shift
	run unshare -m --propagation private bash -c "$script"$'\n''exec "$@"' - "$RT" --root "$ROOT" "$@"
}

@test "R1: root, read-only cgroups: the container's life by pidfd and PID namespace" {
	set_args sh -c 'trap "exit 3" TERM; sleep 1000 & echo up >/up; wait'
	edit '.linux.resources = {} | .root.readonly = false'
	unshare -m --propagation private bash -c "$READ_ONLY"$'\n''exec "$@"' - \
		"$RT" --root "$ROOT" run -d -b "$B" "$ID" </dev/null >out 2>&1 3>&-
	until_true 5 test -e "$B/rootfs/up"
	[ -z "$(cgroups_of "$ID")" ]
	on "$READ_ONLY" state "$ID"
	[[ "$(jq -r '.annotations["org.oci-rt.degraded"]' <<<"$output")" == *"the container has no cgroup of its own: /sys/fs/cgroup is mounted read-only"* ]]
	on "$READ_ONLY" exec "$ID" echo entered
	prints entered
	on "$READ_ONLY" ps -f json "$ID"
	[ "$(jq length <<<"$output")" -eq 2 ]
	on "$READ_ONLY" kill "$ID" TERM
	prints ""
	until_true 5 has_status "$ID" stopped
	on "$READ_ONLY" delete "$ID"
	prints ""
}

@test "R1: root, read-only cgroups, a limit: the line, and with a writable mount it holds" {
	edit '.linux.resources = {pids: {limit: 77}}'
	on "$READ_ONLY" run -b "$B" "$ID"
	fails_like "*config.json:*: linux.resources.pids.limit: it cannot be set: /sys/fs/cgroup is mounted read-only; let the outer container have a writable cgroup mount"
	on "$READ_ONLY
		$WRITABLE" run -b "$B" "$ID"
	prints ran
}

@test "R13: /dev/net/tun and /dev/fuse are missing: doctor says so" {
	on 'mount -t tmpfs -o mode=755 tmpfs /mnt; mkdir /mnt/dev; cd /dev
		for f in null zero full random urandom tty; do touch /mnt/dev/$f; mount --bind $f /mnt/dev/$f; done
		cd /; mount --rbind /mnt/dev /dev' doctor --json
	local checks
	checks="$(jq -r '.checks[] | select(.name | IN("/dev/fuse", "/dev/net/tun")) | .name, .works, .remedy' <<<"$output")"
	echo "$checks"
	[ "$checks" = $'/dev/net/tun\nno\nas root: modprobe tun; in a container: --device /dev/net/tun\n/dev/fuse\nno\nas root: modprobe fuse; in a container: --device /dev/fuse' ]
}
