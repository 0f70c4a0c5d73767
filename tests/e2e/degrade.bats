#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --degrade and org.oci-rt.degrade: what may be less than asked for, for an ordinary user.
# Run as root, which makes the user: OCI_RT=build/oci-rt bats tests/e2e/degrade.bats

bats_require_minimum_version 1.5.0

load helpers

setup_file() { user_setup_file || true; }
teardown_file() { user_teardown_file; }

setup() { user_container_setup --rootless; }

teardown() { user_container_teardown; }

# As urt, with at most 4096 open files.
few() {
	run as_user bash -c 'ulimit -n 4096; exec "$@"' - "$RT" --root "$ROOT" "$@"
}

degraded() {
	as_user "$RT" --root "$ROOT" state "$ID" | jq -r '.annotations["org.oci-rt.degraded"]'
}

@test "R12: rlimits: an error that names all three; degraded to what there is, also for exec" {
	set_args sh -c 'ulimit -Sn; ulimit -Hn'
	edit '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 99999, hard: 1048575}]'
	few run -b "$B" "$ID"
	fails_like "*config.json:*: process.rlimits?0?: set RLIMIT_NOFILE to 99999, at most 1048575: operation not permitted: the hard limit here is 4096, and more takes CAP_SYS_RESOURCE; ask for at most 4096, or give --degrade=rlimits to make do with it"
	few run --degrade=rlimits -b "$B" "$ID"
	prints $'4096\n4096'
	edit '.process.rlimits[0].soft = 100 | .annotations["org.oci-rt.degrade"] = "rlimits"'
	few run -b "$B" "$ID"
	prints $'100\n4096'
	few run --degrade=rlimits=require -b "$B" "$ID"
	fails_like "*: process.rlimits?0?: set RLIMIT_NOFILE to 100, at most 1048575: *"
	edit 'del(.annotations)'
	set_args sleep 1000
	as_user bash -c 'ulimit -n 4096; exec "$@"' - "$RT" --root "$ROOT" run -d --degrade=rlimits -b "$B" "$ID" \
		</dev/null >"$DIR/out" 2>&1
	[[ "$(degraded)" == *"process.rlimits[0]: RLIMIT_NOFILE is at most 4096 instead of 1048575, as for this process"* ]]
	few exec "$ID" sh -c 'ulimit -Sn; ulimit -Hn'
	prints $'100\n4096'
	# limits within our own need nothing
	edit '.process.rlimits[0] = {type: "RLIMIT_NOFILE", soft: 9, hard: 4096}'
	set_args sh -c 'ulimit -Sn; ulimit -Hn'
	few run -b "$B" "$ID-2"
	prints $'9\n4096'
}

@test "R12: oom-score: an error that names the flag; degraded to our own; left out" {
	local own
	own="$(as_user cat /proc/self/oom_score_adj)"
	set_args cat /proc/self/oom_score_adj
	edit '.process.oomScoreAdj = -1000'
	urt run -b "$B" "$ID"
	fails_like "*config.json:*: process.oomScoreAdj: set oom_score_adj to -1000: *permission denied: it is $own here, and less takes CAP_SYS_RESOURCE; ask for at least $own, or give --degrade=oom-score to make do with it"
	urt run --degrade=oom-score -b "$B" "$ID"
	prints "$own"
	urt run --degrade=oom-score=skip -b "$B" "$ID"
	prints "$own"
	edit '.process.oomScoreAdj = 900'
	urt run --degrade=oom-score -b "$B" "$ID"
	prints 900
}

@test "cgroup: required, or left out; a limit is an error all the same" {
	set_args true
	run as_user test -w /sys/fs/cgroup/cgroup.procs
	[ "$status" -ne 0 ]
	run unshare -m --propagation private bash -c "mount -o remount,bind,ro /sys/fs/cgroup
		for m in /sys/fs/cgroup/*; do ! mountpoint -q \$m || mount -o remount,bind,ro \$m; done
		$(declare -f as_user); TEST_USER=$TEST_USER USER_DIR=$USER_DIR
		as_user $RT --root $ROOT run --degrade=cgroup=require -b $B $ID"
	fails_like "*config.json:*: linux.cgroupsPath: a cgroup of its own is required (--degrade=cgroup=require): /sys/fs/cgroup is mounted read-only; let the outer container have a writable cgroup mount"
	urt run --degrade=cgroup=skip -b "$B" "$ID"
	prints ""
	urt plan --degrade=cgroup=skip -b "$B"
	[[ "$output" == *"degraded: the container has no cgroup of its own: cgroups are left out (--degrade=cgroup=skip)"* ]]
	edit '.linux.resources.pids.limit = 5'
	urt run --degrade=cgroup=skip -b "$B" "$ID"
	fails_like "*config.json:*: linux.resources.pids.limit: it cannot be set: cgroups are left out (--degrade=cgroup=skip); leave that out"
}

@test "root: a cgroup that is required, and one that is left out" {
	set_args true
	edit 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces -= [{type: "user"}]'
	run "$RT" --root "$DIR/roots" run --degrade=cgroup=skip -b "$B" "$ID"
	prints ""
	run "$RT" --root "$DIR/roots" plan --degrade=cgroup=skip -b "$B"
	[[ "$output" != *"  cgroup  "* ]]
	run "$RT" --root "$DIR/roots" --cgroup-manager=disabled run --degrade=cgroup=require -b "$B" "$ID"
	fails_like "*: linux.cgroupsPath: a cgroup of its own is required (--degrade=cgroup=require): cgroups are disabled (--cgroup-manager=disabled); leave that option out"
}

@test "R13: devices: those that the host has are bound, by number too; others are an error, or left out" {
	set_args sh -c 'for d in /dev/zero /dev/e2e-*; do [ ! -c $d ] || stat -c "%n %t:%T" $d; done'
	edit '.linux.devices = [{type: "c", path: "/dev/zero", major: 1, minor: 5}]'
	urt run -b "$B" "$ID"
	prints "/dev/zero 1:5"
	edit '.linux.devices += [{type: "c", path: "/dev/e2e-none", major: 10, minor: 4095}]'
	urt run -b "$B" "$ID"
	fails_like "*config.json:*: linux.devices?1?: this host has no device /dev/e2e-none (c 10:4095) to bind: load its module, or leave it out (--degrade=devices)"
	urt run --degrade=devices -b "$B" "$ID"
	prints "/dev/zero 1:5"
	urt plan --degrade=devices --format json -b "$B"
	[ "$(jq -r '.degraded[] | select(test("devices"))' <<<"$output")" = "linux.devices[1]: /dev/e2e-none is left out: this host does not have it" ]
	[ "$(jq -r .policy.devices <<<"$output")" = prefer ]
	[ "$(jq -r .policy.rlimits <<<"$output")" = require ]
	# the default ones stay
	urt run --degrade=devices=skip -b "$B" "$ID"
	prints "/dev/zero 1:5"
	urt plan --degrade=devices=skip -b "$B"
	[[ "$output" == *"degraded: linux.devices[1]: /dev/e2e-none is left out"* ]]
}

@test "R13: devices: one that the host has by another name is found by its number" {
	set_args sh -c 'stat -c "%n %t:%T" /dev/e2e-zero'
	edit '.linux.devices = [{type: "c", path: "/dev/e2e-zero", major: 1, minor: 5}]'
	# a /dev with links as udev makes them, wherever this test runs
	mkdir old
	run unshare -m --propagation private bash -c "set -e
		mount --rbind /dev old; mount -t tmpfs tmpfs /dev; mkdir /dev/char
		for n in null zero full random urandom tty; do touch /dev/\$n; mount --bind old/\$n /dev/\$n; done
		ln -s ../zero /dev/char/1:5
		$(declare -f as_user); TEST_USER='$TEST_USER' USER_DIR='$USER_DIR'
		as_user '$RT' --root '$ROOT' run -b '$B' '$ID'"
	prints "/dev/e2e-zero 1:5"
}

@test "R13: /dev/fuse and /dev/net/tun, where this host has them" {
	[ -c /dev/fuse ] || [ -c /dev/net/tun ] || skip "this host has neither"
	local expected=''
	edit '.linux.devices = []'
	if [ -c /dev/fuse ]; then
		edit '.linux.devices += [{type: "c", path: "/dev/fuse", major: 10, minor: 229}]'
		expected+="/dev/fuse a:e5"$'\n'
	fi
	if [ -c /dev/net/tun ]; then
		edit '.linux.devices += [{type: "c", path: "/dev/net/tun", major: 10, minor: 200}]'
		expected+="/dev/net/tun a:c8"$'\n'
	fi
	set_args sh -c 'for d in /dev/fuse /dev/net/tun; do [ ! -c $d ] || stat -c "%n %t:%T" $d; done'
	urt run -b "$B" "$ID"
	prints "${expected%$'\n'}"
}

@test "sysfs without a network namespace: the host's, read-only, and said; or an error" {
	edit '(.mounts[] | select(.destination == "/sys")) = {destination: "/sys", type: "sysfs", source: "sysfs",
		options: ["nosuid", "noexec", "nodev", "ro"]}'
	set_args sh -c 'grep " /sys " /proc/self/mountinfo | cut -d" " -f6 | grep -o "^ro" | tail -1; test -d /sys/class/net/lo && mkdir /sys/e2e'
	urt run -b "$B" "$ID"
	echo "$output"
	[[ "$output" == ro$'\n'"mkdir: can't create directory '/sys/e2e': Read-only file system" ]]
	urt plan -b "$B"
	[[ "$output" == *"degraded: mounts["?"]: /sys is the host's, read-only: a new sysfs shows a network namespace, and this container has the host's"* ]]
	urt run --degrade=sysfs=require -b "$B" "$ID"
	fails_like "*config.json:*: mounts?5?: mount sysfs on /sys *: operation not permitted: sysfs shows a network namespace, *"
	edit '.linux.namespaces += [{type: "network"}]'
	set_args sh -c 'ls /sys/class/net'
	urt run -b "$B" "$ID"
	prints lo
}

@test "tty-group: a config for root with one id; where the map is the config's, an error" {
	as_user rm "$B/config.json"
	as_user "$RT" spec -b "$B"
	edit '.process.terminal = false'
	set_args sh -c 'grep -c "^devpts.*gid=5" /proc/mounts; stat -c %g /dev/pts'
	urt run --idmap=single -b "$B" "$ID"
	[ "${output:0:1}" = 0 ]
	urt plan --idmap=single -b "$B"
	[[ "$output" == *"degraded: mounts[2].options: gid=5 is left out: the group is not mapped"* ]]
	[[ "$output" == *$'\npolicy: cgroup=prefer, devices=require, oom-score=require, rlimits=require, sysfs=prefer, tty-group=prefer' ]]
	urt run --idmap=single --degrade=tty-group=require -b "$B" "$ID"
	fails_like "*config.json:*: mounts?2?.options?5?: the group of gid=5 is not in linux.gidMappings; --degrade=tty-group leaves the option out"
}

@test "what is never left out is an error by name" {
	urt run --degrade=seccomp -b "$B" "$ID"
	fails_with "option '--degrade': seccomp: a security control is never left out"
	urt run --degrade=rlimits,memory=skip -b "$B" "$ID"
	fails_with "option '--degrade': memory: a limit that is asked for is never left out"
	urt run --degrade=all -b "$B" "$ID"
	fails_with "option '--degrade': expected cgroup, devices, oom-score, rlimits, sysfs, tty-group, found 'all'"
	edit '.annotations["org.oci-rt.degrade"] = "capabilities"'
	urt run -b "$B" "$ID"
	fails_like "*config.json:*: annotations.org.oci-rt.degrade: capabilities: a security control is never left out"
}
