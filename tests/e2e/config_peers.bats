#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What users of runc are used to and no specification says.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_peers.bats

bats_require_minimum_version 1.5.0

load helpers

setup() { container_setup; }
teardown() { container_teardown; }

@test "sources below the root are mounts of the same config, in its order" {
	mkdir -p src "$B/rootfs/final"
	echo inner >src/file
	edit '.mounts += [
		{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["mode=755"]},
		{destination: "/mnt/x", type: "bind", source: $src, options: ["bind"]},
		{destination: "/final", type: "bind", source: $mnt, options: ["rbind"]}
		]' --arg src "$PWD/src" --arg mnt "$B/rootfs/mnt"
	inside 'cat /final/x/file'
	prints inner
	edit '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1000}]
		| .linux.gidMappings = .linux.uidMappings'
	inside 'cat /final/x/file'
	prints inner
	edit '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}]
		| .linux.gidMappings = .linux.uidMappings | .mounts[-1].options = ["rbind", "ridmap"]
		| .mounts |= map(select(.type != "sysfs" and .type != "cgroup"))'
	chown -R 100000:100000 "$B/rootfs"
	chmod 0755 "$BATS_TEST_TMPDIR" "$B"
	inside 'cat /final/x/file; stat -c %u /final/x/file /mnt/x/file'
	prints $'inner\n0\n65534'
}

@test "a link in the image does not lead a source below the root to the host" {
	echo secret >secret
	ln -s "$PWD/secret" "$B/rootfs/link"
	touch "$B/rootfs/target"
	edit '.mounts += [{destination: "/target", type: "bind", source: $link, options: ["bind"]}]' \
		--arg link "$B/rootfs/link"
	inside 'cat /target'
	[ "$status" -ne 0 ]
	[[ "$output" != *secret$'\n'* ]]
	[[ "$output" == *"no such file or directory" ]]
}

@test "a destination that is written below the root's path" {
	mkdir src "$B/rootfs/dst"
	touch src/file
	edit '.mounts += [{destination: $dst, type: "bind", source: "../src", options: ["bind"]}]' \
		--arg dst "$B/rootfs/dst"
	inside 'ls /dst'
	prints file
}

@test "a tmpfs shows the mode of the directory below it in its options" {
	mkdir -m 0710 "$B/rootfs/tmpfs"
	edit '.mounts += [{destination: "/tmpfs", type: "tmpfs", source: "tmpfs"}]'
	inside 'stat -c %a /tmpfs; grep /tmpfs /proc/mounts'
	succeeds
	[ "${lines[0]}" = 710 ]
	[[ "${lines[1]}" == *mode=710* ]]
}

@test "startContainer hooks without an environment get the program's" {
	printf '#!/bin/sh -u\ntest "$ONE" = two && test "$HOME" = /root\n' >"$B/rootfs/hook.sh"
	chmod +x "$B/rootfs/hook.sh"
	edit '.process.env = ["ONE=two"] | .hooks = {startContainer: [{path: "/hook.sh"}]}'
	inside 'echo ran'
	prints ran
	edit '.hooks.startContainer[0].env = ["A=b"]'
	inside 'echo ran'
	[ "$status" -eq 1 ]
	[[ "$output" == *"error running startContainer hook #0: /hook.sh: exited with status "* ]]
}

@test "startContainer hooks are under the seccomp filter" {
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_KILL_PROCESS"}]}
		| .hooks = {startContainer: [{path: "/bin/mkdir", args: ["mkdir", "/made"]}]}'
	inside 'echo ran'
	[ "$status" -eq 1 ]
	[[ "$output" == *"/bin/mkdir: was killed by signal 31 (bad system call)" ]]
	[ ! -e "$B/rootfs/made" ]
}

@test "what a hook that failed has written to the terminal is not lost" {
	needs script
	edit '.process.terminal = true
		| .hooks = {startContainer: [{path: "/bin/sh", args: ["sh", "-c", "echo why >&2; exit 3"]}]}'
	run script -qec "'$RT' --root '$ROOT' run -b '$B' '$ID'" /dev/null </dev/null
	[[ "$output" == *why* ]]
	[[ "$output" == *"exited with status 3"* ]]
}

@test "an interpreter that is missing: the error names the file" {
	printf '#!/nowhere\n' >"$B/rootfs/run.sh"
	chmod +x "$B/rootfs/run.sh"
	set_args /run.sh
	rt run -b "$B" "$ID"
	fails_with "exec /run.sh: no such file or directory: its interpreter /nowhere is missing in the container"
}

@test "--no-pivot leaves no procfs behind that lets another be mounted" {
	set_args unshare -mrpf sh -c 'mount -t proc none /proc'
	edit '.process.capabilities |= with_entries(.value += ["CAP_SETFCAP"])'
	rt run --no-pivot -b "$B" "$ID"
	[ "$status" -ne 0 ]
	[[ "$output" == *"mount: permission denied"* ]]
	[ -d /proc/self ]
}

@test "a program runs on all CPUs of its cgroup, wherever the caller was let run" {
	needs taskset nproc
	[ "$(nproc --all)" -gt 1 ] || skip "needs two CPUs"
	local all
	all="$(grep Cpus_allowed_list /proc/self/status)"
	set_args grep Cpus_allowed_list /proc/self/status
	run taskset -c 0 "$RT" --root "$ROOT" run -b "$B" "$ID"
	prints "$all"
	set_args sleep 1000
	start_container
	run taskset -c 0 "$RT" --root "$ROOT" exec "$ID" grep Cpus_allowed_list /proc/self/status
	prints "$all"
}

@test "what waits for start holds nothing of the state directory or the cgroups open" {
	create_container
	run ls -l "/proc/$(pid_of "$ID")/fd"
	succeeds
	[[ "$output" != *"$ROOT"* && "$output" != *cgroup* ]]
	edit '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {monotonic: {secs: 1}}'
	rt delete -f "$ID"
	create_container
	run ls -l "/proc/$(pid_of "$ID")/fd"
	succeeds
	[[ "$output" != *"$ROOT"* && "$output" != *cgroup* ]]
}

@test "bind mounts: one attribute named, and those of the source are not inherited" {
	mkdir src "$B/rootfs/dst"
	mount -t tmpfs -o mode=755 tmpfs src
	mount --bind -o remount,noexec,nosuid,noatime src
	edit '.mounts += [{destination: "/dst", type: "bind", source: "../src", options: ["bind", "ro"]}]'
	inside 'grep " /dst " /proc/mounts'
	local with="$output"
	edit '.mounts[-1].options = ["bind", "rprivate"]'
	inside 'grep " /dst " /proc/mounts'
	umount src
	[[ "$with" == "tmpfs /dst tmpfs ro,noatime"* ]]
	[[ "$output" == "tmpfs /dst tmpfs rw,nosuid,noexec,noatime"* ]]
}

@test "an ambient capability that cannot be is told to who has named no log" {
	edit '.process.capabilities |= (.inheritable = ["CAP_KILL"] | .ambient = ["CAP_KILL", "CAP_CHOWN"]
		| .bounding += ["CAP_CHOWN"] | .permitted += ["CAP_CHOWN"])'
	inside 'grep CapAmb /proc/self/status'
	succeeds
	[[ "${lines[0]}" == *"level=warning msg=\"can't raise ambient capability CAP_CHOWN: "* ]]
	[ "${lines[1]}" = "CapAmb:	0000000000000020" ]
	rt --log log run -b "$B" "$ID"
	prints "CapAmb:	0000000000000020"
	[ ! -s log ]
}

@test "--debug tells the steps" {
	set_args true
	rt --debug run -b "$B" "$ID"
	succeeds
	[[ "$output" == *'level=debug msg="step '*', init, change root: change the root by pivot_root"'* ]]
	rt --debug --log log run -b "$B" "$ID"
	prints ""
	grep -q 'level=debug msg="step ' log
}

@test "exec --cgroup: controllers of v1, the container's own, none that is not there" {
	[ -d /sys/fs/cgroup/pids ] && [ -d /sys/fs/cgroup/memory ] || skip "needs cgroup v1"
	set_args sleep 1000
	start_container
	rt exec --cgroup / "$ID" cat /proc/self/cgroup
	succeeds
	local dir own="$output"
	rt exec "$ID" cat /proc/self/cgroup
	prints "$own"
	dir="$(cgroups_of "$ID" | grep /sys/fs/cgroup/memory/)"
	mkdir "$dir/sub"
	rt exec --cgroup memory:sub "$ID" cat /proc/self/cgroup
	succeeds
	[ "$(grep -c '/sub$' <<<"$output")" -eq 1 ]
	[[ "$output" == *:memory:*/sub* ]]
	rt exec --cgroup pids:nowhere "$ID" true
	[ "$status" -eq 255 ]
	[[ "$output" == *"adding pid "*"/nowhere: no such file or directory" ]]
	rt exec --cgroup what:/ "$ID" true
	[ "$status" -eq 255 ]
	[[ "$output" == "unknown controller in the sub-cgroup 'what:/'"* ]]
	rt exec --cgroup memory:.. "$ID" true
	[ "$status" -eq 255 ]
	[[ "$output" == "bad sub cgroup path 'memory:..'"* ]]
}

@test "exec stands beside an init that has left its cgroup for one below" {
	local v2=/sys/fs/cgroup
	[ -f "$v2/cgroup.controllers" ] || v2=/sys/fs/cgroup/unified
	local controller dir
	controller="$(awk '{ print $1 }' "$v2/cgroup.subtree_control")"
	[ -n "$controller" ] || skip "needs a controller of cgroup v2 that is passed on"
	set_args sleep 1000
	start_container
	dir="$(cgroups_of "$ID" | grep "$v2/")"
	mkdir "$dir/init.scope"
	pid_of "$ID" >"$dir/init.scope/cgroup.procs"
	echo "+$controller" >"$dir/cgroup.subtree_control" || skip "$controller cannot be had below"
	rt exec "$ID" cat /proc/self/cgroup
	succeeds
	[[ "$output" == *0::*/init.scope* ]]
	rt exec --cgroup / "$ID" true
	[ "$status" -eq 255 ]
	[[ "$output" == *"adding pid "*"evice or resource busy"* ]]
	rt delete -f "$ID"
	succeeds
}

@test "exec goes where init is when the container's first cgroup is gone" {
	local v2=/sys/fs/cgroup
	[ "$(stat -f -c %t "$v2")" = 63677270 ] || skip "needs cgroup v2 alone"
	mkdir "$v2/$ID-other"
	edit '.linux.namespaces |= map(select(.type != "cgroup"))'
	set_args sleep 1000
	start_container
	pid_of "$ID" >"$v2/$ID-other/cgroup.procs"
	rmdir "$v2/$ID"
	rt exec "$ID" cat /proc/self/cgroup
	succeeds
	[ "${lines[-1]}" = "0::/$ID-other" ] # a hybrid host has lines of v1 before it
	rt delete -f "$ID"
	succeeds
	until_true 5 rmdir "$v2/$ID-other"
}
