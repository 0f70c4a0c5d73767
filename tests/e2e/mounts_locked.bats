#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Attributes that a user namespace of the client's has locked: Buildah's and Podman's, where the euid is 0.
# mount_namespaces(7): what came from a more privileged mount namespace may not be cleared.

bats_require_minimum_version 1.5.0

load helpers

setup() { container_setup; }
teardown() { container_teardown; }

@test "a read-only bind from a mount that is locked nosuid and nodev keeps these" {
	mkdir source
	edit --arg s "$PWD/source" '.mounts += [{ destination: "/v", type: "bind", source: $s,
		options: ["ro", "private", "rbind"] }] | .linux.namespaces |= map(select(.type != "cgroup" and .type != "network"))
		| .mounts |= map(select(.type != "cgroup" and .type != "sysfs" and .type != "mqueue" and .type != "devpts"))
		| del(.process.oomScoreAdj, .process.rlimits) | .linux.resources = {}'
	set_args sh -c 'grep " /v " /proc/self/mounts | cut -d" " -f4 | cut -d, -f1-3; touch /v/x'
	run unshare --mount sh -c 'mount -t tmpfs -o nosuid,nodev tmpfs source && exec "$@"' - \
		unshare --user --map-root-user --mount "$RT" --root "$ROOT" --cgroup-manager disabled run -b "$B" "$ID"
	echo "$output"
	[[ "$output" == *"ro,nosuid,nodev"*"Read-only file system"* ]]
}
