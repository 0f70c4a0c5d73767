#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mounts add, mounts remove: on a container that runs.
# Run: OCI_RT=build/oci-rt bats tests/e2e/mounts.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	mkdir -p "$B/source/below"
	echo from-the-host >"$B/source/file"
	set_args sleep 1000
}

teardown() { container_teardown; }

# mounts add|remove JSON
mounts() {
	printf '%s\n' "$2" >m.json
	rt mounts "$1" "$ID" m.json
	echo "$output"
}

exec_in() {
	run "$RT" --root "$ROOT" exec "$ID" sh -c "$1"
	echo "$output"
}

# What the container's mount namespace has below /mnt.
mounted() {
	awk '$5 ~ "^/mnt" { print $5 }' "/proc/$(pid_of "$ID")/mountinfo" | sort | xargs
}

@test "mounts come and go, their options hold" {
	start_container
	mounts add "{\"mounts\": [
		{\"destination\": \"/mnt/a\", \"source\": \"$B/source\", \"options\": [\"rbind\", \"ro\"]},
		{\"destination\": \"/mnt/a/below\", \"type\": \"tmpfs\", \"options\": [\"size=64k\", \"mode=700\"]},
		{\"destination\": \"/mnt/file\", \"source\": \"source/file\", \"options\": [\"bind\"]}]}"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(mounted)" = "/mnt/a /mnt/a/below /mnt/file" ]
	exec_in 'cat /mnt/a/file /mnt/file; touch /mnt/a/x; touch /mnt/a/below/y && stat -c %a /mnt/a/below'
	[ "${lines[0]}" = from-the-host ]
	[ "${lines[1]}" = from-the-host ]
	[[ "${lines[2]}" == *"Read-only file system" ]]
	[ "${lines[3]}" = 700 ]
	# the host has seen nothing of it
	not grep -q "$B/source" /proc/self/mountinfo
	mounts remove '[{"destination": "/mnt/a"}, {"destination": "/mnt/a/below"}, {"destination": "/mnt/file"}]'
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ -z "$(mounted)" ]
}

@test "remove looks at destinations only: the sources may have gone" {
	local both="[{\"destination\": \"/mnt/a\", \"source\": \"$B/source\", \"options\": [\"bind\"]}]"
	start_container
	mounts add "$both"
	[ "$status" -eq 0 ]
	mv "$B/source" "$B/gone"
	mounts remove "$both"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ -z "$(mounted)" ]
}

@test "proc is that of the container's processes" {
	start_container
	mounts add '[{"destination": "/mnt/proc", "type": "proc"}]'
	[ "$status" -eq 0 ]
	exec_in 'cat /mnt/proc/1/comm'
	[ "$output" = sleep ]
}

@test "all or none" {
	start_container
	mounts add "[{\"destination\": \"/mnt/a\", \"type\": \"tmpfs\"},
 {\"destination\": \"/mnt/b\", \"source\": \"/\", \"options\": [\"bind\"]},
 {\"destination\": \"/mnt/c\", \"type\": \"nosuchfs\"}]"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == "m.json:3:2: mounts[2]: mount nosuchfs on /mnt/c: "*"no such device" ]]
	[ -z "$(mounted)" ]
}

@test "what cannot be is refused in one line, with its place" {
	start_container
	mounts add '{}'
	fails_with "m.json:1:1: mounts: required property is missing"
	mounts add '[{"destination": "/mnt/x", "source": "/nowhere", "options": ["bind"]}]'
	fails_with "m.json:1:38: mounts[0].source: open the bind source /nowhere: open_tree: no such file or directory"
	mounts add '[{"destination": "/"}]'
	fails_with "m.json:1:2: mounts[0]: the container's root stays as it is"
	mounts add '[{"destination": "/mnt", "type": "cgroup2"}]'
	fails_with "m.json:1:2: mounts[0]: cgroups are mounted when the container is created only"
	mounts remove '[{"destination": "/mnt"}]'
	fails_with "m.json:1:2: mounts[0]: nothing is mounted on /mnt in the container"
	mounts remove '[{"destination": "/mnt/not/there"}]'
	fails_with "m.json:1:2: mounts[0]: unmount /mnt/not/there: umount2: no such file or directory"
	rt mounts change "$ID" m.json
	fails_with "expected 'add' or 'remove' after mounts, found 'change'"
	rt mounts add "$ID" no.json
	fails_with "no.json: no such file or directory"
	rt mounts add nobody m.json
	fails_with "container does not exist"
}

@test "a link of the container leads nowhere outside" {
	start_container
	exec_in "ln -s /../../../..$B/source /mnt/link && mkdir -p '/mnt' && ln -s /etc/passwd /mnt/file"
	mounts add '[{"destination": "/mnt/link/below", "type": "tmpfs"}]'
	[ "$status" -eq 0 ]
	not grep -q "$B/source" /proc/self/mountinfo
	grep -q " $B/source/below " "/proc/$(pid_of "$ID")/mountinfo"
	[ ! -e "$B/rootfs/$B/source/below/x" ]
	mounts add '[{"destination": "/mnt/link", "type": "tmpfs", "options": ["dest-nofollow"]}]'
	[ "$status" -eq 1 ]
}

@test "in a user namespace: the host's files, the container's ids with idmap" {
	edit '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	chown -R 100000:100000 "$B/rootfs"
	chown 100:211 "$B/source/file"
	local dir="$B"
	until [ "$dir" = / ]; do
		chmod go+x "$dir"
		dir="$(dirname "$dir")"
	done
	chmod 700 "$B/source"
	start_container
	mounts add "[{\"destination\": \"/mnt/a\", \"source\": \"$B/source\", \"options\": [\"bind\"]},
		{\"destination\": \"/mnt/b\", \"source\": \"$B/source\", \"options\": [\"bind\", \"idmap\"]}]"
	[ "$status" -eq 0 ]
	exec_in 'stat -c %u:%g /mnt/b/file; stat -c %u:%g /mnt/a'
	[ "${lines[0]}" = 100:211 ]
	[ "${lines[1]}" = 65534:65534 ]
	mounts remove '[{"destination": "/mnt/a"}, {"destination": "/mnt/b"}]'
	[ "$status" -eq 0 ]
	[ -z "$(mounted)" ]
}

@test "a container without a mount namespace, and one that has stopped" {
	edit '.linux.namespaces |= map(select(.type != "mount")) | .mounts = []
		| del(.linux.maskedPaths, .linux.readonlyPaths)'
	start_container
	mounts add '[{"destination": "/mnt/x", "type": "tmpfs"}]'
	fails_with "m.json:1:1: mounts: container '$ID' has no mount namespace of its own: its mounts cannot be told from the host's"
	kill -KILL "$(pid_of "$ID")"
	is_gone "$(pid_of "$ID")" || true
	until [ "$("$RT" --root "$ROOT" state "$ID" | jq -r .status)" = stopped ]; do sleep 0.05; done
	mounts add '[{"destination": "/mnt/x", "type": "tmpfs"}]'
	fails_with "cannot change mounts in a stopped container: container not running"
}
