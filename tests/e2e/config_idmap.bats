#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Mounts with mapped ids: what owners the container sees, and the refusals.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_idmap.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	# owners on disk: 100:211 and 101:222
	mkdir -p "$B/source/below"
	touch "$B/source/foo" "$B/source/bar"
	chown 100:211 "$B/source/foo"
	chown 101:222 "$B/source/bar"
}

teardown() {
	[ ! -e "$B/mounted" ] || umount -l "$B/source/below"
	container_teardown
}

# A user namespace like a client's: the image is its, and / is reachable for it.
user_namespace() {
	edit '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	chown -R 100000:100000 "$B/rootfs"
	local dir="$B"
	until [ "$dir" = / ]; do
		chmod go+x "$dir"
		dir="$(dirname "$dir")"
	done
}

# add_mount SOURCE DESTINATION OPTIONS [UID-MAPPINGS GID-MAPPINGS], the last three in JSON
add_mount() {
	edit --arg source "$1" --arg to "$2" --argjson options "$3" \
		--argjson uids "${4:-null}" --argjson gids "${5:-null}" '.mounts += [
		({source: $source, destination: $to, options: $options}
		+ if $uids then {uidMappings: $uids, gidMappings: $gids} else {} end)]'
}

# A file system below the source.
mount_below() {
	mount -t tmpfs below "$B/source/below"
	touch "$B/mounted" "$B/source/below/baz"
	chown 102:233 "$B/source/below/baz"
}

TO_0='[{"containerID": 100, "hostID": 0, "size": 2}]'
TO_1000='[{"containerID": 211, "hostID": 1000, "size": 20}]'

@test "without a user namespace: the mount's own map" {
	add_mount source /mnt/a '["bind", "idmap"]' "$TO_0" "$TO_1000"
	inside 'stat -c %n=%u=%g /mnt/a/foo /mnt/a/bar'
	prints $'/mnt/a/foo=0=1000\n/mnt/a/bar=1=1011'
}

@test "files are made with the ids behind the map" {
	add_mount source /mnt/a '["bind", "idmap"]' '[{"containerID": 100, "hostID": 0, "size": 1}]' \
		'[{"containerID": 211, "hostID": 0, "size": 1}]'
	chown 100:211 "$B/source"
	inside 'touch /mnt/a/new; stat -c %u=%g /mnt/a/new'
	prints 0=0
	[ "$(stat -c %u=%g "$B/source/new")" = 100=211 ]
}

@test "mappings alone are an idmap" {
	add_mount source /mnt/a '["bind"]' "$TO_0" "$TO_1000"
	inside 'stat -c %u=%g /mnt/a/foo'
	prints 0=1000
}

@test "with a user namespace: the mount's map leads to the host's ids" {
	user_namespace
	add_mount "$B/source" /mnt/a '["bind", "idmap"]' \
		'[{"containerID": 100, "hostID": 101000, "size": 2}]' \
		'[{"containerID": 211, "hostID": 102000, "size": 20}]'
	inside 'stat -c %u=%g /mnt/a/foo /mnt/a/bar'
	prints $'1000=2000\n1001=2011'
}

@test "with a user namespace and no mappings: the container's map" {
	user_namespace
	add_mount source /mnt/a '["bind", "idmap"]'
	inside 'stat -c %u=%g /mnt/a/foo'
	prints 100=211
}

@test "with a joined user namespace and no mappings: its map" {
	user_namespace
	unshare --user sleep 1000 3>&- &
	local holder=$!
	PIDS+=("$holder")
	until [ "$(readlink "/proc/$holder/ns/user")" != "$(readlink /proc/self/ns/user)" ]; do
		sleep 0.05
	done
	echo 0 100000 65536 >"/proc/$holder/uid_map"
	echo 0 100000 65536 >"/proc/$holder/gid_map"
	edit --arg path "/proc/$holder/ns/user" '.linux.namespaces |= map(
		if .type == "user" then .path = $path else . end)
		| del(.linux.uidMappings, .linux.gidMappings)'
	add_mount source /mnt/a '["bind", "idmap"]'
	inside 'stat -c %u=%g /mnt/a/foo'
	prints 100=211
}

@test "idmap is of one mount, ridmap of the tree" {
	mount_below
	add_mount source /mnt/one '["rbind", "idmap"]' "$TO_0" "$TO_1000"
	add_mount source /mnt/tree '["rbind", "ridmap"]' \
		'[{"containerID": 100, "hostID": 0, "size": 3}]' \
		'[{"containerID": 211, "hostID": 1000, "size": 30}]'
	inside 'stat -c %u=%g /mnt/one/foo /mnt/one/below/baz /mnt/tree/foo /mnt/tree/below/baz'
	prints $'0=1000\n102=233\n0=1000\n2=1022'
}

@test "a source inside the root filesystem" {
	mkdir "$B/rootfs/data"
	chown 100:211 "$B/rootfs/data"
	add_mount rootfs/data /mnt/a '["bind", "idmap"]' "$TO_0" "$TO_1000"
	inside 'stat -c %u=%g /mnt/a /data'
	prints $'0=1000\n100=211'
}

@test "a source that is one file" {
	add_mount source/foo /mnt/file '["bind", "idmap", "ro"]' "$TO_0" "$TO_1000"
	inside 'stat -c %u=%g /mnt/file'
	prints 0=1000
}

@test "many mounts share a map, and leave no descriptor in the container" {
	local i
	for i in 1 2 3 4 5 6 7 8; do
		add_mount source "/mnt/$i" '["bind", "idmap"]' "$TO_0" "$TO_1000"
	done
	[ "$("$RT" --root "$ROOT" plan -b "$B" | grep -c 'mount id maps')" -eq 1 ]
	inside 'stat -c %u=%g /mnt/8/foo; ls /proc/self/fd | wc -l'
	prints $'0=1000\n4'
}

@test "idmap without a map and without a user namespace is an error" {
	add_mount source /mnt/a '["bind", "idmap"]'
	rt run -b "$B" "$ID"
	fails_like "config.json:*: mounts\[[0-9]*\]: the option idmap needs uidMappings and gidMappings here, or a user namespace in linux.namespaces"
}

@test "a file system that does not support it is named" {
	add_mount /proc /mnt/a '["bind", "idmap"]' "$TO_0" "$TO_1000"
	rt run -b "$B" "$ID"
	fails_like "config.json:*: mounts\[[0-9]*\].source: map the ids of the bind source /proc: mount_setattr: a file system there does not support mapped ids"
}

@test "a file system of an outer user namespace is told" {
	add_mount source /mnt/a '["bind", "idmap"]' '[{"containerID": 100, "hostID": 0, "size": 1}]' \
		'[{"containerID": 211, "hostID": 0, "size": 1}]'
	run unshare --user --map-root-user --mount "$RT" --root "$ROOT" run -b "$B" "$ID"
	fails_like "config.json:*: map the ids of the bind source $B/source: mount_setattr: not permitted: its ids are mapped already, or its file system belongs to another user namespace than ours"
}
