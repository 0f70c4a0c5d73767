#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.md: root, hostname, domainname, annotations, unknown properties, invalid values.

bats_require_minimum_version 1.5.0

load helpers

setup() { conformance_setup; }
teardown() { conformance_teardown; }

@test "root is missing" { refused . 'del(.root)'; }
@test "root.path is missing" { refused . 'del(.root.path)'; }
@test "root.path does not exist" { refused . '.root.path = "no-such-directory"'; }
@test "root.path is a file" { refused . '.root.path = "config.json"'; }

@test "root.path is relative to the bundle, or absolute" {
	inside 'echo in'
	prints in
	edit --arg p "$B/rootfs" '.root.path = $p'
	inside 'echo in'
	prints in
	mv "$B/rootfs" "$B/other"
	edit '.root.path = "other"'
	inside 'echo in'
	prints in
}

@test "root.readonly: true makes the root read-only, with what is on it" {
	edit '.root.readonly = true'
	inside 'touch /x || echo no; touch /usr/x || echo no; touch /dev/shm/x && echo yes
		grep " / " /proc/self/mountinfo | tail -n 1 | cut -d" " -f6'
	succeeds
	[[ "$output" == *Read-only* ]]
	[ "$(grep -cx no <<<"$output")" -eq 2 ]
	[ "$(grep -cx yes <<<"$output")" -eq 1 ]
	[[ "$(tail -n 1 <<<"$output")" == ro* ]]
}

@test "root.readonly: false, and the default, leave it writable" {
	inside 'touch /x && echo yes'
	prints yes
	edit '.root.readonly = false'
	inside 'touch /y && echo yes'
	prints yes
}

@test "hostname is what the container sees, and not the host" {
	local before
	before="$(hostname)"
	inside 'hostname; cat /proc/sys/kernel/hostname'
	prints $'conformance\nconformance'
	[ "$(hostname)" = "$before" ]
}

@test "domainname is what the container sees, and not the host" {
	local before
	before="$(cat /proc/sys/kernel/domainname)"
	edit '.domainname = "example.test"'
	inside 'cat /proc/sys/kernel/domainname'
	prints example.test
	[ "$(cat /proc/sys/kernel/domainname)" = "$before" ]
}

state_of() {
	rt state "$ID"
	succeeds
}

@test "annotations are in the state as they were given" {
	edit '.annotations = {"org.example.a": "b", "org.example.empty": "", "x": "{\"y\": [1]}"}'
	create_container
	state_of
	[ "$(jq -cS '[.annotations["org.example.a", "org.example.empty", "x"]]' <<<"$output")" = \
		'["b","","{\"y\": [1]}"]' ]
}

@test "annotations of the image are in the state as they were given" {
	edit '.annotations = {"org.opencontainers.image.os": "linux", "org.opencontainers.image.os.version": "1",
		"org.opencontainers.image.os.features": "a,b", "org.opencontainers.image.architecture": "amd64",
		"org.opencontainers.image.variant": "v2", "org.opencontainers.image.author": "someone",
		"org.opencontainers.image.created": "2026-01-02T03:04:05Z",
		"org.opencontainers.image.stopSignal": "SIGUSR1"}'
	create_container
	state_of
	[ "$(jq -cS '.annotations | with_entries(select(.key | startswith("org.opencontainers.image")))' \
		<<<"$output")" = "$(jq -cS .annotations "$B/config.json")" ]
}

@test "annotations that nobody knows are no error" {
	edit '.annotations = {"com.example.unknown": "x", "org.opencontainers.unknown": "y"}'
	inside 'echo in'
	prints in
}

@test "annotations are a list" { refused . '.annotations = ["a", "b"]'; }
@test "annotations: a key is empty" {
	refused . '.annotations = {"": "x"}'
}

@test "annotations: a value is a number" {
	refused . '.annotations = {"a": 1}'
}

@test "annotations: a value is an object" {
	refused . '.annotations = {"a": {}}'
}

@test "unknown properties are ignored, wherever they are" {
	edit '.unknown = 1 | .process.unknown = {} | .root.unknown = [] | .mounts[0].unknown = true
		| .linux.unknown = "x" | .linux.namespaces[0].unknown = 2 | .process.user.unknown = 3
		| .linux.resources = {unknown: 1} | .hooks = {unknown: "x"}'
	inside 'echo in'
	prints in
}

@test "invalid: hostname is a number" { refused . '.hostname = 5'; }
@test "invalid: mounts is an object" {
	refused . '.mounts = {}'
}

@test "invalid: a mount's options are a string" { refused . '.mounts[0].options = "ro"'; }
@test "invalid: process.args is a string" { process_refused . '.process.args = "sh"'; }
@test "invalid: process.user.uid is negative" { process_refused . '.process.user.uid = -1'; }
@test "invalid: process.user.uid is too large" { process_refused . '.process.user.uid = 4294967296'; }
@test "invalid: process.terminal is a string" { process_refused . '.process.terminal = "yes"'; }
@test "invalid: linux is a list" { refused . '.linux = []'; }
@test "invalid: a filesystem type that is none" { refused . '.mounts += [{destination: "/mnt", type: "nofs", source: "x"}]'; }
@test "invalid: rootfsPropagation" { refused '.linux.rootfsPropagation = "private"' '.linux.rootfsPropagation = "sideways"'; }
@test "invalid: cgroupsPath is a number" { refused . '.linux.cgroupsPath = 7'; }
@test "invalid: a sysctl that is not the container's" {
	refused . '.linux.sysctl = {"kernel.panic": "7"}'
}

@test "invalid: a sysctl that does not exist" {
	refused . '.linux.sysctl = {"net.no.such": "1"}'
}

@test "invalid: personality.domain" {
	process_refused '.linux.personality = {domain: "LINUX"}' '.linux.personality.domain = "BSD"'
}

@test "personality.domain is missing" {
	process_refused '.linux.personality = {domain: "LINUX"}' 'del(.linux.personality.domain)'
}

@test "personality: a 32-bit machine" {
	[ "$(uname -m)" = x86_64 ] || skip "needs an x86_64 machine"
	edit '.linux.personality = {domain: "LINUX32"}'
	inside 'uname -m'
	prints i686
}

@test "sysctls are the container's" {
	local before
	before="$(cat /proc/sys/net/ipv4/ip_forward)"
	edit '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shmmni": "1234"}'
	inside 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni'
	prints $'1\n1234'
	[ "$(cat /proc/sys/net/ipv4/ip_forward)" = "$before" ]
}
