#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# oci-rt doctor: on this host, and as an ordinary user on hosts that are made poor for real.

bats_require_minimum_version 1.5.0

load helpers

setup_file() { user_setup_file newuidmap unshare || true; }
teardown_file() { user_teardown_file; }

setup() {
	needs jq
	cd "$BATS_TEST_TMPDIR"
	before="$(traces)"
}

# What it could leave: cgroups of its name, mounts, processes, files in the usual places.
traces() {
	find /sys/fs/cgroup -name 'oci-rt-doctor-*' 2>/dev/null
	pgrep -f 'oci-rt [d]octor' || true
	wc -l </proc/self/mountinfo
	ls -A /run/oci-rt "/run/user/$(id -u)/oci-rt" 2>/dev/null || true
}

leaves_nothing() {
	[ "$(traces)" = "$before" ]
}

# check NAME FIELD: of the last JSON output
check() {
	jq -r --arg n "$1" ".checks[] | select(.name == \$n) | .$2 | if . == null then \"\" else . end" <<<"$output"
}

is_user_test() {
	user_setup
	RT="$USER_DIR/oci-rt"
}

# on HOST-SCRIPT OPTION...: doctor of the user, on a host that root's script makes in a mount namespace
on() {
	local script="$1"
	shift
	run unshare -m bash -c "$(declare -f as_user); TEST_USER=$TEST_USER USER_DIR=$USER_DIR
		$script"$'\n''as_user "$@"' - "$RT" doctor "$@"
}

@test "text: a line for each check, at most 80 columns, a verdict; nothing is left" {
	run "$RT" doctor
	echo "$output"
	[ "$status" -le 1 ]
	[[ "${lines[0]}" == "oci-rt "*", Linux $(uname -r), $(uname -m), uid $(id -u)" ]]
	[ -z "$(awk 'length > 80' <<<"$output")" ]
	[[ "$output" != *$'\033'* ]]
	if [ "$status" -eq 0 ]; then
		[ "${lines[-1]}" = "This machine has what a container without limits needs." ]
	else
		[[ "${lines[-1]}" == "This machine lacks what a container without limits needs: "* ]]
	fi
	leaves_nothing
}

@test "json: the same, and every check was tried" {
	run "$RT" doctor --json
	[ "$status" -le 1 ]
	jq -e --argjson u "$(id -u)" '.uid == $u and (.works | type) == "boolean" and (.checks | length) > 30' <<<"$output"
	[ "$(jq -r .works <<<"$output")" = "$([ "$status" -eq 0 ] && echo true || echo false)" ]
	jq -e '[.checks[] | select((.works | IN("yes", "no", "skipped") | not) or (.group | length) == 0)] == []' <<<"$output"
	# what lacks something says what, and what skips says why
	jq -e '[.checks[] | select(.works == "no" and (.cause // "") == "")] == []' <<<"$output"
	jq -e '[.checks[] | select(.works == "skipped" and (.detail // "") == "")] == []' <<<"$output"
	leaves_nothing
}

@test "it says yes to what can be done here" {
	needs_root
	run "$RT" doctor --json
	[ "$status" -eq 0 ]
	local ns
	for ns in mount ipc uts pid; do
		[ "$(check "$ns" works)" = yes ]
	done
	[ "$(check 'mount API' works)" = yes ]
	[ "$(check proc works)" = yes ]
	[ "$(check overlay works)" = "$(grep -q overlay /proc/filesystems && echo yes || echo no)" ]
	[ "$(check criu works)" = "$(criu check >/dev/null 2>&1 && echo yes || echo no)" ]
}

@test "no procfs: no container, and the command mends it" {
	needs_root
	run unshare -m sh -c 'umount -lR /proc && "$1" doctor' - "$RT"
	[ "$status" -eq 1 ]
	[[ "$output" == *$'NO  host\'s proc\n      /proc is not a procfs\n      so: no container\n      do: as root: mount -t proc proc /proc'* ]]
	run unshare -m sh -c 'umount -lR /proc && mount -t proc proc /proc && "$1" doctor' - "$RT"
	[ "$status" -eq 0 ]
}

@test "colours on a terminal, unless NO_COLOR is set" {
	needs script
	run script -qec "TERM=xterm NO_COLOR= '$RT' doctor" /dev/null
	[[ "$output" == *$'\033[32mok'* ]]
	run script -qec "TERM=xterm NO_COLOR=1 '$RT' doctor" /dev/null
	[[ "$output" == *"  ok  "* ]]
	[[ "$output" != *$'\033'* ]]
}

@test "no state directory is needed or made" {
	run "$RT" --root /nowhere/at/all doctor
	[ "$status" -le 1 ]
	[ ! -e /nowhere ]
	run env -i "$RT" doctor
	[ "$status" -le 1 ]
}

@test "it answers in time" {
	local start end
	"$RT" doctor >/dev/null || true
	start="$(date +%s%N)"
	"$RT" doctor >/dev/null || true
	end="$(date +%s%N)"
	echo "$(((end - start) / 1000000)) ms"
	# 100 ms on an idle machine: ten times that on a busy one, with sanitizers
	[ $(((end - start) / 1000000)) -lt 1000 ]
}

@test "options that are wrong" {
	run "$RT" doctor --for nobody
	fails_with "--for nobody: expected podman, docker, containerd or the directory of a bundle"
	run "$RT" doctor here
	[ "$status" -eq 1 ]
}

@test "user: this host" {
	is_user_test
	run as_user "$RT" doctor --json
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(jq .rootless <<<"$output")" = true ]
	[ "$(check user works)" = yes ]
	[ "$(check 'own id' works)" = yes ]
	[ "$(check ranges detail)" = "$(subid_of uid | cut -d' ' -f2), by newuidmap" ]
	leaves_nothing
}

@test "user: no user namespaces: nothing works, and the command mends it" {
	is_user_test
	local poor='echo 0 >/proc/sys/user/max_user_namespaces'
	run as_user unshare -r sh -c "$poor; exec \"\$@\"" - "$RT" doctor --json
	echo "$output"
	# root of an outer user namespace needs none of its own
	[ "$(check user cause)" = "user.max_user_namespaces is 0" ]
	[ "$(check user remedy)" = "as root: sysctl -w user.max_user_namespaces=15000" ]
	run as_user unshare -r sh -c "$poor; sysctl -w user.max_user_namespaces=15000 >&2; exec \"\$@\"" - "$RT" doctor --json
	output="${output#*=*[0-9]}"
	[ "$(check user works)" = yes ]
}

@test "user: a seccomp filter refuses user namespaces: exit 1, the rest is not tried" {
	is_user_test
	needs "$PYTHON"
	cp "$BATS_TEST_DIRNAME/filter.py" "$USER_DIR/filter.py"
	run as_user "$PYTHON" "$USER_DIR/filter.py" newuser "$RT" doctor --json
	[ "$status" -eq 1 ]
	[ "$(check user cause)" = "a seccomp filter over this process refuses clone with CLONE_NEWUSER" ]
	[ "$(check mount works)" = skipped ]
	[ "$(check mount detail)" = "no user namespace" ]
	[ "$(check pidfd works)" = yes ]
	run as_user "$PYTHON" "$USER_DIR/filter.py" newuser "$RT" doctor
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "This machine lacks what a container without limits needs: user" ]
}

@test "root of an outer container without CAP_SYS_ADMIN needs user namespaces" {
	needs_root
	run setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$RT" doctor --json
	[ "$status" -eq 0 ]
	[ "$(check user needed)" = true ]
	[ "$(check 'own id' works)" = yes ]
	[ "$(check proc works)" = yes ]
	[ "$(check 'mapped ids' works)" = skipped ]
}

@test "user: newuidmap and the ranges" {
	is_user_test
	run as_user setpriv --no-new-privs "$RT" doctor --json
	[ "$status" -eq 0 ]
	[ "$(check ranges works)" = no ]
	[[ "$(check ranges cause)" == "no_new_privs is set here, so /usr/bin/newgidmap gets no rights" ]]
	run as_user setpriv --no-new-privs "$RT" doctor --for podman
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "This machine lacks what podman needs: ranges" ]
	on 'mount --bind /usr /usr && mount -o remount,bind,nosuid /usr' --json
	[ "$(check ranges remedy)" = "as root: mount -o remount,bind,suid /usr" ]
	on "mount -t tmpfs -o mode=755 tmpfs /run; grep -v ^$TEST_USER: /etc/subuid >/run/subuid; mount --bind /run/subuid /etc/subuid" --json
	[ "$(check ranges cause)" = "$TEST_USER has no range in /etc/subuid" ]
	leaves_nothing
}

@test "user: a masked /proc" {
	is_user_test
	on 'mount -t tmpfs tmpfs /proc/fs' --json
	[ "$status" -eq 1 ]
	[[ "$(check proc cause)" == "the outer /proc is masked by the mount on /proc/fs, "* ]]
	[[ "$(check proc remedy)" == *"unmask=ALL"* ]]
}

@test "user: cgroups that cannot be written" {
	is_user_test
	on 'mount -o remount,bind,ro /sys/fs/cgroup
		for m in /sys/fs/cgroup/*; do mountpoint -q $m && mount -o remount,bind,ro $m; done' --json
	[ "$status" -eq 0 ]
	[ "$(check 'own cgroup' cause)" = "/sys/fs/cgroup is mounted read-only" ]
	[ "$(check 'own cgroup' remedy)" = "let the outer container have a writable cgroup mount" ]
}

@test "a program that never answers ends with its time" {
	is_user_test
	printf '#!/bin/sh\nexec sleep 1000\n' >"$USER_DIR/slow"
	chmod 0755 "$USER_DIR/slow"
	local start=$SECONDS
	on "for p in newuidmap newgidmap; do mount --bind $USER_DIR/slow /usr/bin/\$p; done" --json
	[ $((SECONDS - start)) -lt 10 ]
	[ "$(check ranges works)" = no ]
	[ -z "$(pgrep -u "$TEST_USER")" ]
}

@test "for a bundle: what its plan needs, or the line that it is refused with" {
	is_user_test
	local b="$USER_DIR/b"
	mkdir "$b" "$b/rootfs"
	chown -R "$TEST_USER:" "$b"
	as_user "$RT" spec --rootless -b "$b"
	run as_user "$RT" doctor --for "$b"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "This machine has what $b needs." ]
	run as_user "$RT" doctor --for "$b" --json
	[ "$(check network needed)" = false ]
	[ "$(check uts needed)" = true ]
	[ "$(check ranges needed)" = false ]
	edit_config "$b" '.process.user.uid = 7'
	run as_user "$RT" doctor --for "$b"
	[ "$status" -eq 1 ]
	[[ "${lines[-1]}" == "config.json:"*": process.user.uid: uid 7 is not in linux.uidMappings" ]]
	run as_user "$RT" doctor --for "$b" --json
	[[ "$(jq -r .error <<<"$output")" == "config.json:"*": process.user.uid: uid 7 is not in linux.uidMappings" ]]
	[ "$(jq -r .works <<<"$output")" = false ]
	# what the same bundle then says
	run as_user "$RT" --root "$USER_DIR/r" run -b "$b" c1
	[[ "$output" == "config.json:"*": process.user.uid: uid 7 is not in linux.uidMappings" ]]
}
