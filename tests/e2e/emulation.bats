#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --emulate-ids: a container that has one id, and whose programs want others.
# Run as root, which makes the user: OCI_RT=build/oci-rt bats tests/e2e/emulation.bats

bats_require_minimum_version 1.5.0

load helpers

setup_file() { user_setup_file || true; }
teardown_file() { user_teardown_file; }

setup() {
	# made here: the user sees a copy of the runtime only
	IMAGES="$(dirname "$RT")/images"
	[[ "$BATS_TEST_DESCRIPTION" != *Debian* ]] || ROOTFS=none
	user_container_setup --rootless
	edit '.process.capabilities[] = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
		"CAP_SETUID", "CAP_SETGID", "CAP_SETFCAP", "CAP_MKNOD", "CAP_KILL"]'
}

teardown() {
	# the agent's process, not the shell around it
	[ -z "$USER_DIR" ] || pgrep -f -- "$DIR/agent.sock" | xargs -r kill
	user_container_teardown
}

emulated() {
	set_args sh -c "$1"
	urt run --emulate-ids -b "$B" "$ID"
}

plain() {
	set_args sh -c "$1"
	urt run -b "$B" "$ID"
}

@test "R6: chown -R, su, devices: they succeed, and change nothing" {
	touch "$B/rootfs/tmp/f"
	chown -R "$TEST_USER:" "$B/rootfs"
	local script='chown -R someone:someone /home /tmp &&
		chown -h 5:6 /tmp/f && stat -c %u:%g /tmp/f && su someone -c "id -u" &&
		mknod /tmp/n c 1 3 && test ! -e /tmp/n && mknod /tmp/b b 1 3 && mknod /tmp/p p && test -p /tmp/p &&
		echo done'
	emulated "$script"
	prints $'0:0\n0\ndone'
	# what it is for
	plain 'chown 5:6 /tmp/f'
	[ "$status" -eq 1 ]
	plain 'su someone -c "id -u"'
	[ "$status" -eq 1 ]
	plain 'mknod /tmp/n c 1 3'
	[ "$status" -eq 1 ]
}

@test "with and without no_new_privs; the annotation says the same" {
	edit '.process.noNewPrivileges = false'
	emulated 'chown 5 /tmp && grep NoNewPrivs /proc/self/status | tr -s "\t" " "; grep CapEff /proc/self/status | cut -f2'
	prints $'NoNewPrivs: 0\n00000000880000fb'
	edit '.process.noNewPrivileges = true | .annotations["org.oci-rt.emulate-ids"] = "true"'
	plain 'chown 5 /tmp && echo done'
	prints done
	edit '.annotations["org.oci-rt.emulate-ids"] = "false"'
	plain 'chown 5 /tmp && echo done'
	[ "$status" -eq 1 ]
	edit '.annotations["org.oci-rt.emulate-ids"] = "1"'
	plain true
	fails_like "*config.json:*: annotations.org.oci-rt.emulate-ids: expected true or false, found '1'"
}

@test "exec has it too; state and plan list it" {
	set_args sleep 1000
	as_user "$RT" --root "$ROOT" run -d --emulate-ids -b "$B" "$ID" </dev/null >"$DIR/out" 2>&1
	urt exec "$ID" sh -c 'chown 5 /tmp && echo done'
	prints done
	urt state "$ID"
	[[ "$(jq -r '.annotations["org.oci-rt.emulated"]' <<<"$output")" == "chown, fchown, lchown, fchownat succeed and change nothing; setuid, "*"; mknod, mknodat of devices succeed and make nothing; apt does not change its user: "* ]]
	urt plan --emulate-ids -b "$B"
	[[ "$output" == *$'\nemulated: chown, fchown, lchown, fchownat succeed and change nothing\n'* ]]
	urt plan --emulate-ids --format json -b "$B"
	[ "$(jq '.emulated | length' <<<"$output")" -eq 4 ]
	urt plan --format json -b "$B"
	[ "$(jq '.emulated | length' <<<"$output")" -eq 0 ]
	urt delete --force "$ID"
	as_user "$RT" --root "$ROOT" run -d -b "$B" "$ID" </dev/null >"$DIR/out" 2>&1
	urt exec "$ID" sh -c 'chown 5 /tmp && echo done'
	[ "$status" -eq 1 ]
	urt state "$ID"
	[ "$(jq -r '.annotations["org.oci-rt.emulated"]' <<<"$output")" = null ]
}

@test "what the config's own filter refuses stays refused" {
	"$RT" features | jq -e .linux.seccomp.enabled || skip "built without seccomp"
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["chown", "fchownat", "lchown", "fchown"], action: "SCMP_ACT_ERRNO", errnoRet: 1},
		{names: ["mknod", "mknodat"], action: "SCMP_ACT_ERRNO", errnoRet: 13}]}'
	emulated 'chown 5 /tmp'
	[ "$status" -eq 1 ]
	[[ "$output" == *"peration not permitted"* ]]
	emulated 'mknod /tmp/n c 1 3'
	[ "$status" -eq 1 ]
	[[ "$output" == *"ermission denied"* ]]
	emulated 'mknod /tmp/n p'
	[ "$status" -eq 1 ]
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["setgroups", "setgid", "setresgid", "setuid", "setresuid"], action: "SCMP_ACT_KILL_PROCESS"}]}'
	emulated 'su someone -c true; echo $?'
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = 159 ]
	set_args sleep 1000
	as_user "$RT" --root "$ROOT" run -d --emulate-ids -b "$B" "$ID" </dev/null >"$DIR/out" 2>&1
	urt exec "$ID" su someone -c true
	[ "$status" -eq 159 ]
}

@test "a startContainer hook has it too" {
	edit '.hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "chown 5 /tmp && echo hooked >/tmp/hooked"]}]'
	emulated 'cat /tmp/hooked'
	prints hooked
}

@test "system calls of other architectures that the kernel takes" {
	needs cc
	[ "$(uname -m)" = x86_64 ] || skip "x86_64 has three of them"
	cat >"$DIR/calls.c" <<-'C'
		#include <stdio.h>
		static long call(int is_i386, long nr, long a, long b, long c)
		{
			long r;
			if (is_i386)
				asm volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
			else
				asm volatile("syscall" : "=a"(r) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
			return r;
		}
		int main(void)
		{
			printf("%ld %ld %ld %ld\n", call(0, 105, 77, 0, 0), call(1, 213, 77, 0, 0),
				call(1, 23, 77, 0, 0), call(0, 0x40000000 | 105, 77, 0, 0));
			return 0;
		}
	C
	cc -static -o "$B/rootfs/bin/calls" "$DIR/calls.c" || skip "needs a static libc"
	set_args calls
	urt run --emulate-ids -b "$B" "$ID"
	prints "0 0 0 0"
	urt run -b "$B" "$ID"
	[[ "$output" == "-22 -22 -22 -"* ]] || [[ "$output" == "-22 -38 -38 -"* ]]
}

@test "more than one id, or none of its own: refused by name" {
	needs newuidmap newgidmap
	local u
	read -r -a u < <(subid_of uid)
	urt run --emulate-ids --idmap=subuid -b "$B" "$ID"
	fails_like "*config.json:*: linux.uidMappings: --emulate-ids is for a container with one id: this one has more, which need no emulation; leave it out, or add --idmap=single"
	edit --argjson u "${u[0]}" '.linux.uidMappings += [{containerID: 1, hostID: $u, size: 1}]'
	urt run --emulate-ids -b "$B" "$ID"
	fails_like "*config.json:*: linux.uidMappings: --emulate-ids is for a container with one id: *"
	set_args sh -c 'chown 7 /tmp && wc -l </proc/self/uid_map'
	urt run --emulate-ids --idmap=single -b "$B" "$ID"
	prints 1
	# without a map of the config's it takes one id on every host
	edit 'del(.linux.uidMappings, .linux.gidMappings)'
	urt run --emulate-ids -b "$B" "$ID"
	prints 1
	edit '.linux.namespaces -= [{type: "user"}]'
	run "$RT" --root "$DIR/roots" run --emulate-ids -b "$B" "$ID"
	fails_like "*config.json:*: linux.namespaces: --emulate-ids is for a container with one id: this one has no user namespace; --idmap=single gives it one"
}

# Made once for a build directory, by whoever has the network: debian_image prints the archive's name.
debian_image() {
	local suite file
	suite="$(. /etc/os-release && [ "$ID" = debian ] && echo "$VERSION_CODENAME" || echo bookworm)"
	file="$IMAGES/debian-$suite.tar"
	[ -f "$file" ] || {
		rm -rf "$file" "$file.new"
		mkdir -p "$IMAGES"
		timeout 240 mmdebstrap --format=tar --variant=apt --include=adduser "$suite" "$file.new" \
			</dev/null >"$DIR/mmdebstrap" 2>&1 3>&- || return 1
		mv "$file.new" "$file"
	}
	echo "$file"
}

# A package whose script wants a user: deb FILE
deb() {
	local dir="$DIR/deb"
	mkdir -p "$dir/DEBIAN" "$dir/usr/share/e2e-ids"
	echo text >"$dir/usr/share/e2e-ids/file"
	printf '%s\n' 'Package: e2e-ids' 'Version: 1' 'Architecture: all' \
		'Maintainer: nobody <nobody@example.org>' 'Description: a test' >"$dir/DEBIAN/control"
	cat >"$dir/DEBIAN/postinst" <<-'SH'
		#!/bin/sh
		set -e
		adduser --system --group --home /var/lib/e2e-ids e2e-ids
		grep -q ^e2e-more: /etc/passwd || useradd --system --create-home e2e-more
		chown -R e2e-ids:e2e-ids /var/lib/e2e-ids /usr/share/e2e-ids
		chgrp 42 /usr/share/e2e-ids/file
		install -o e2e-more -g e2e-more -m 4755 /bin/true /usr/share/e2e-ids/tool
		mknod /var/lib/e2e-ids/null c 1 3
	SH
	chmod 0755 "$dir/DEBIAN/postinst"
	dpkg-deb --root-owner-group -b "$dir" "$1" >/dev/null
}

@test "R6: Debian: apt-get install of a package whose script adds users and changes owners" {
	needs mmdebstrap dpkg-deb
	local image
	image="$(debian_image)" || skip "no Debian image can be made: $(tail -1 "$DIR/mmdebstrap")"
	deb "$DIR/e2e.deb"
	as_user mkdir "$B/rootfs"
	as_user tar -C "$B/rootfs" --exclude='./dev/*' -xf - <"$image"
	chmod 1777 "$B/rootfs/tmp"
	install -m 0644 "$DIR/e2e.deb" "$B/rootfs/tmp/e2e.deb"
	edit '.process.noNewPrivileges = false | .process.env += ["DEBIAN_FRONTEND=noninteractive"]'
	set_args apt-get install -y /tmp/e2e.deb
	# no helper is used, nor is there one
	run as_user env PATH=/nowhere "$RT" --root "$ROOT" run --emulate-ids -b "$B" "$ID"
	succeeds
	[[ "$output" == *"Setting up e2e-ids (1) ..."* ]]
	[ ! -s "$B/rootfs/etc/apt/apt.conf.d/99oci-rt" ]
	set_args sh -c 'dpkg-query -W -f "\${db:Status-Status}\n" e2e-ids; grep -c ^e2e- /etc/passwd; stat -c "%u %a" /usr/share/e2e-ids/tool; apt-config dump APT::Sandbox::User'
	urt run --emulate-ids -b "$B" "$ID"
	prints $'installed\n2\n0 4755\nAPT::Sandbox::User "root";'
	# the same by exec
	set_args sleep 1000
	as_user "$RT" --root "$ROOT" run -d --emulate-ids -b "$B" "$ID" </dev/null >"$DIR/out" 2>&1
	urt exec "$ID" sh -c 'apt-get purge -y e2e-ids && apt-get install -y /tmp/e2e.deb'
	succeeds
	urt delete --force "$ID"
	# what it is for
	set_args sh -c 'apt-get purge -y e2e-ids && apt-get install -y /tmp/e2e.deb'
	urt run -b "$B" "$ID"
	[ "$status" -ne 0 ]
}

@test "a filter with a listener, above the emulation: both hold; of both, the emulation answers" {
	needs "$PYTHON"
	"$RT" features | jq -e .linux.seccomp.enabled || skip "built without seccomp"
	local agent="$DIR/agent.sock"
	as_user "$PYTHON" - "$agent" "$DIR/log" <"$BATS_TEST_DIRNAME/agent.py" >"$DIR/agent" 2>&1 &
	until_true 5 test -S "$agent"
	edit --arg agent "$agent" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $agent,
		syscalls: [{names: ["mkdir", "mkdirat", "chown", "lchown", "fchownat"], action: "SCMP_ACT_NOTIFY"}]}'
	emulated 'chown 5 /tmp && echo changed; mkdir /tmp/x'
	echo "$output"
	[ "$output" = $'changed\nmkdir: can\'t create directory \'/tmp/x\': No medium found' ]
}
