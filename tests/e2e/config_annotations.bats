#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Annotations that change what the runtime does: those of crun that have no file of their own here.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_annotations.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	set_args sleep 1000
}
teardown() { container_teardown; }

annotate() {
	edit --arg k "$1" --arg v "$2" '.annotations[$k] = $v'
}

hook() {
	edit --arg kind "$1" --arg path "${2:-/bin/sh}" '.hooks[$kind] += [{path: $path,
		args: ["sh", "-c", "echo \($kind); echo \($kind) failing >&2"]}]'
}

@test "hooks' output: all six kinds, appended, stdout and stderr apart" {
	local kind
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		hook $kind
	done
	annotate run.oci.hooks.stdout "$BATS_TEST_TMPDIR/out.log"
	annotate run.oci.hooks.stderr "$BATS_TEST_TMPDIR/err.log"
	echo before >out.log
	create_container
	rt start "$ID"
	prints ""
	rt delete --force "$ID"
	prints ""
	[ "$(tr '\n' ' ' <out.log)" = "before prestart createRuntime createContainer startContainer poststart poststop " ]
	[ "$(wc -l <err.log)" -eq 6 ] && ! grep -qv failing err.log
	# a container that is made and run at once
	rm out.log
	set_args true
	rt run -b "$B" "$ID"
	prints ""
	[ "$(wc -l <out.log)" -eq 6 ]
	[ "$(stat -c %a out.log)" = 644 ]
}

@test "hooks' output: the container does not get the files" {
	hook startContainer
	annotate run.oci.hooks.stdout "$BATS_TEST_TMPDIR/out.log"
	start_container
	[ "$(ls "/proc/$(pid_of "$ID")/fd")" = $'0\n1\n2' ]
	[ "$(cat out.log)" = startContainer ]
}

@test "hooks' output: a file that can't be is an error before anything runs" {
	hook createRuntime
	annotate run.oci.hooks.stdout "$BATS_TEST_TMPDIR/nowhere/out.log"
	rt create -b "$B" "$ID"
	fails_like "*append the hooks' output to $BATS_TEST_TMPDIR/nowhere/out.log: open: no such file or directory"
	assert_nothing_left
	annotate run.oci.hooks.stdout out.log
	rt create -b "$B" "$ID"
	fails_like "config.json:*: annotations.run.oci.hooks.stdout: 'out.log' is not an absolute path"
}

@test "the caller's supplementary groups are kept, by create and by exec" {
	needs setpriv
	edit '.process.user.additionalGids = [7]'
	inside 'grep Groups: /proc/self/status'
	prints $'Groups:\t7 '
	annotate run.oci.keep_original_groups 1
	run setpriv --groups 0,4242,4243 "$RT" --root "$ROOT" run -b "$B" "$ID"
	prints $'Groups:\t0 4242 4243 '
	set_args sleep 1000
	start_container
	run setpriv --groups 4244 "$RT" --root "$ROOT" exec "$ID" grep Groups: /proc/self/status
	prints $'Groups:\t4244 '
	# what was left out is told
	rt state "$ID"
	jq -e '.annotations["org.oci-rt.degraded"] | contains("additionalGids")' <<<"$output"
	annotate run.oci.keep_original_groups no
	rt create -b "$B" "$ID-2"
	fails_like "config.json:*: annotations.run.oci.keep_original_groups: expected 1, found 'no'"
}

# A view of this machine with cgroup v2 alone; the same directory for each command.
v2_view() {
	local v2=/sys/fs/cgroup
	[ "$(stat -fc %T $v2)" = cgroup2fs ] || v2=/sys/fs/cgroup/unified
	[ "$(stat -fc %T $v2)" = cgroup2fs ] || skip "needs a cgroup v2 hierarchy"
	printf '#!/bin/sh\nexec unshare -m --propagation private sh -c '\''mount --bind %s /sys/fs/cgroup && exec "$@"'\'' - %q "$@"\n' \
		"$v2" "$RT" >"$BATS_TEST_TMPDIR/rt-v2"
	chmod +x "$BATS_TEST_TMPDIR/rt-v2"
	RT="$BATS_TEST_TMPDIR/rt-v2"
	V2="$v2"
}

own_cgroup() {
	sed -n 's/^0:://p' "/proc/$1/cgroup"
}

@test "a delegated cgroup: the container is in it, the namespace's root is above it" {
	v2_view
	annotate run.oci.delegate-cgroup payload
	edit '.linux.namespaces += [{type: "cgroup"}] | .linux.namespaces |= unique | .linux.resources = {}'
	set_args sh -c 'cat /proc/self/cgroup >/tmp/own; exec sleep 1000'
	start_container
	until_true 5 test -s "$B/rootfs/tmp/own"
	[ "$(sed -n 's/^0:://p' "$B/rootfs/tmp/own")" = /payload ]
	[ "$(own_cgroup "$(pid_of "$ID")")" = "/$ID/payload" ]
	# what controllers there are can be used in it
	[ "$(cat "$V2/$ID/payload/cgroup.controllers")" = "$(cat "$V2/$ID/cgroup.controllers")" ]
	rt exec "$ID" cat /proc/self/cgroup
	[[ "$output" == *"0::/payload"* ]]
	rt pause "$ID" && has_status "$ID" paused && rt resume "$ID"
	rt delete --force "$ID"
	succeeds
	[ ! -e "$V2/$ID" ]
}

@test "a delegated cgroup belongs to the container's root" {
	v2_view
	annotate run.oci.delegate-cgroup payload
	edit '.linux.namespaces = ([.linux.namespaces[], {type: "cgroup"}, {type: "user"}] | unique)
		| .linux.uidMappings = [{containerID: 0, hostID: 70000, size: 65536}]
		| .linux.gidMappings = [{containerID: 0, hostID: 71000, size: 65536}] | .linux.resources = {}
		| .mounts |= map(select(.type != "sysfs"))
		| .mounts |= map(if .type == "cgroup" then .destination = "/mnt" | .options -= ["ro"] else . end)'
	chown -R 70000:71000 "$B/rootfs"
	chmod 0755 "$B" "$BATS_TEST_TMPDIR"
	# it makes a cgroup of its own there, and not above it
	set_args sh -c 'mkdir /mnt/payload/x && echo $$ >/mnt/payload/x/cgroup.procs && echo moved
		echo 0 >/mnt/cgroup.max.depth || echo refused'
	rt run -b "$B" "$ID"
	echo "$output"
	[[ "$output" == *moved* ]]
	[[ "$output" == *refused ]]
}

@test "a delegated cgroup is not for v1" {
	[ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ] || skip "needs cgroup v1"
	annotate run.oci.delegate-cgroup payload
	rt create -b "$B" "$ID"
	fails_like "config.json:*: annotations.run.oci.delegate-cgroup: needs cgroup v2: *"
	annotate run.oci.delegate-cgroup ../other
	rt create -b "$B" "$ID"
	fails_like "config.json:*: annotations.run.oci.delegate-cgroup: '../other' is not the name of a cgroup"
}
