#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the specification leaves open and images and clients are used to.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_habits.bats

bats_require_minimum_version 1.5.0

load helpers

setup() { container_setup; }
teardown() { container_teardown; }

@test "a variable that is set twice is there once, with its last value" {
	edit '.process.env = ["A=1", "PATH=/bin", "AB=2", "A=", "A=3"]'
	set_args sh -c 'env | grep ^A | sort'
	rt run -b "$B" "$ID"
	prints $'A=3\nAB=2'
}

@test "an empty HOME is looked up, another is kept" {
	edit '.process.env += ["HOME="]'
	inside 'echo $HOME'
	prints /root
	edit '.process.env += ["HOME=/elsewhere"]'
	inside 'echo $HOME'
	prints /elsewhere
}

@test "a path that is masked twice is masked once" {
	edit '.linux.maskedPaths = ["/mnt", "/mnt"] | .linux.readonlyPaths = ["/tmp", "/tmp"]'
	inside 'grep -c " /mnt " /proc/self/mountinfo; grep -c " /tmp " /proc/self/mountinfo'
	prints $'1\n1'
}

@test "a tmpfs without mode= takes the mode of the directory it lies on" {
	chmod 0710 "$B/rootfs/mnt"
	edit '.mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["ro"]},
		{destination: "/new", type: "tmpfs", source: "tmpfs"},
		{destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["mode=0700"]}]'
	inside 'stat -c %a /mnt /new /tmp'
	prints $'710\n1777\n700'
}

@test "a read-only /dev is filled before it becomes read-only" {
	edit '.mounts |= map(if .destination == "/dev" then .options += ["ro"] else . end)'
	inside 'echo >/dev/null && test -c /dev/pts/ptmx && test -L /dev/fd && touch /dev/x'
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"Read-only file system"* ]]
}

@test "a namespace that is joined may be the one we are in" {
	edit '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)
		+ [{type: "time", path: "/proc/self/ns/time"}]'
	inside 'readlink /proc/self/ns/net'
	prints "$(readlink /proc/self/ns/net)"
}

@test "CAP_DAC_OVERRIDE counts for the search of the executable" {
	mkdir -m 0700 "$B/rootfs/private"
	mv "$B/rootfs/bin/busybox" "$B/rootfs/private/"
	ln -s /private/busybox "$B/rootfs/bin/busybox"
	set_args true
	edit '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
	rt run -b "$B" "$ID"
	fails_like 'config.json:*: process.args: exec: "true": permission denied: it lies below a directory that this user may not enter'
	edit '.process.capabilities = ({} | .bounding = ["CAP_DAC_OVERRIDE"]
		| .effective = .bounding | .permitted = .bounding | .inheritable = .bounding
		| .ambient = .bounding)'
	rt run -b "$B" "$ID"
	prints ""
}

@test "a user may open the pipe behind /dev/stdout anew" {
	edit '.process.user = {uid: 1000, gid: 1000}'
	inside 'echo out >/dev/stdout; echo err >/proc/self/fd/2; cat /dev/stdin' <<<in
	prints $'out\nerr\nin'
}

@test "the host's /dev/null stays whose it was" {
	local before
	before="$(stat -c '%u %g' /dev/null)"
	edit '.process.user = {uid: 1000, gid: 1000}'
	set_args true
	"$RT" --root "$ROOT" run -b "$B" "$ID" </dev/null >/dev/null 2>&1
	[ "$(stat -c '%u %g' /dev/null)" = "$before" ]
}
