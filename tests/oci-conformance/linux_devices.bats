#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md: devices; runtime-linux.md: the links in /dev.

bats_require_minimum_version 1.5.0

load helpers

setup() { conformance_setup; }
teardown() { conformance_teardown; }

@test "the default devices are there" {
	inside 'for d in null zero full random urandom tty; do stat -L -c "%n %F %t:%T" /dev/$d; done'
	prints '/dev/null character special file 1:3
/dev/zero character special file 1:5
/dev/full character special file 1:7
/dev/random character special file 1:8
/dev/urandom character special file 1:9
/dev/tty character special file 5:0'
}

@test "the default devices work" {
	inside 'echo gone >/dev/null; head -c 3 /dev/zero | od -An -tx1; head -c 8 /dev/urandom | wc -c
		echo full 2>&1 >/dev/full || echo no space'
	succeeds
	[ "${lines[0]}" = " 00 00 00" ]
	[ "${lines[1]}" -eq 8 ]
	[ "${lines[-1]}" = "no space" ]
}

@test "/dev/ptmx is that of the container's /dev/pts" {
	inside 'if [ -L /dev/ptmx ]; then readlink /dev/ptmx; else stat -c %t:%T /dev/ptmx; fi
		stat -L -c %t:%T /dev/ptmx /dev/pts/ptmx'
	succeeds
	[[ "${lines[0]}" =~ ^(/dev/)?pts/ptmx$|^5:2$ ]]
	[ "${lines[1]}" = 5:2 ]
	[ "${lines[2]}" = 5:2 ]
}

@test "the links to the process's descriptors are there" {
	inside 'for l in fd stdin stdout stderr; do readlink /dev/$l; done; echo through >/dev/stdout'
	prints $'/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\nthrough'
}

@test "devices: type, numbers, mode and owner are those of the config" {
	edit '.linux.devices = [
		{path: "/dev/test-c", type: "c", major: 10, minor: 229, fileMode: 438, uid: 5, gid: 6},
		{path: "/dev/test-u", type: "u", major: 1, minor: 7, fileMode: 384, uid: 0, gid: 0},
		{path: "/dev/test-b", type: "b", major: 7, minor: 250, fileMode: 432, uid: 0, gid: 7},
		{path: "/dev/test-p", type: "p", fileMode: 420, uid: 8, gid: 9}]'
	inside 'stat -c "%n %F %t:%T %a %u:%g" /dev/test-c /dev/test-u /dev/test-b; stat -c "%n %F %a %u:%g" /dev/test-p'
	prints '/dev/test-c character special file a:e5 666 5:6
/dev/test-u character special file 1:7 600 0:0
/dev/test-b block special file 7:fa 660 0:7
/dev/test-p fifo 644 8:9'
}

@test "devices: a path outside of /dev" {
	edit '.linux.devices = [{path: "/made/for/null", type: "c", major: 1, minor: 3, fileMode: 438, uid: 0, gid: 0}]'
	inside 'stat -c %t:%T /made/for/null; echo x >/made/for/null && echo written'
	prints $'1:3\nwritten'
}

DEVICE='.linux.devices = [{path: "/dev/test", type: "c", major: 1, minor: 3}]'

@test "devices: type is missing" { refused "$DEVICE" 'del(.linux.devices[0].type)'; }
@test "devices: type does not exist" { refused "$DEVICE" '.linux.devices[0].type = "x"'; }
@test "devices: path is missing" { refused "$DEVICE" 'del(.linux.devices[0].path)'; }
@test "devices: major is missing" { refused "$DEVICE" 'del(.linux.devices[0].major)'; }
@test "devices: minor is missing" { refused "$DEVICE" 'del(.linux.devices[0].minor)'; }

@test "devices: a p needs no numbers" {
	edit '.linux.devices = [{path: "/dev/test", type: "p"}]'
	inside '[ -p /dev/test ] && echo fifo'
	prints fifo
}

@test "devices: another file is there already: a file" {
	echo data >"$B/rootfs/test"
	refused . '.linux.devices = [{path: "/test", type: "c", major: 1, minor: 3}]'
	[ "$(cat "$B/rootfs/test")" = data ]
}

@test "devices: another file is there already: a device of other numbers" {
	mknod "$B/rootfs/test" c 1 5
	refused . '.linux.devices = [{path: "/test", type: "c", major: 1, minor: 3}]'
}
