#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# An ordinary user, without any privilege: one id, or the ranges of /etc/subuid.
# Run as root, which makes the user: OCI_RT=build/oci-rt bats tests/e2e/rootless.bats

bats_require_minimum_version 1.5.0

load helpers

setup_file() { user_setup_file || true; }
teardown_file() { user_teardown_file; }

setup() {
	user_container_setup --rootless
	set_args sleep 1000
}

teardown() { user_container_teardown; }

urt_live() {
	status=0
	as_user "$RT" --root "$ROOT" "$@" </dev/null >"$DIR/out" 2>"$DIR/err" || status=$?
	output="$(cat "$DIR/out" "$DIR/err")"
}

state_is() {
	[ "$(as_user "$RT" --root "$ROOT" state "$ID" | jq -r .status)" = "$1" ]
}

# The map that a client with newuidmap writes: 0 is the user, 1 to 65536 the range.
with_ranges() {
	needs newuidmap newgidmap
	local u g
	read -r -a u < <(subid_of uid)
	read -r -a g < <(subid_of gid)
	edit --argjson u "${u[0]}" --argjson un "${u[1]}" --argjson g "${g[0]}" --argjson gn "${g[1]}" \
		--argjson me "$(id -u "$TEST_USER")" --argjson my "$(id -g "$TEST_USER")" '
		.linux.uidMappings = [{containerID: 0, hostID: $me, size: 1}, {containerID: 1, hostID: $u, size: $un}]
		| .linux.gidMappings = [{containerID: 0, hostID: $my, size: 1}, {containerID: 1, hostID: $g, size: $gn}]'
	"${@:-true}"
}

@test "one id: run" {
	set_args sh -c 'id -u; tr -s " " </proc/self/uid_map; cat /proc/self/setgroups; hostname; touch /made; ls -l /dev/null | cut -c1-10'
	urt run -b "$B" "$ID"
	prints $'0\n 0 '"$(id -u "$TEST_USER")"$' 1\ndeny\noci-rt\ncrw-rw-rw-'
	[ "$(stat -c %U "$B/rootfs/made")" = "$TEST_USER" ]
	set_args sh -c 'exit 42'
	urt run -b "$B" "$ID"
	[ "$status" -eq 42 ]
}

@test "one id: the verbs" {
	urt_live create -b "$B" --pid-file "$DIR/pid" "$ID"
	succeeds
	state_is created
	urt state "$ID"
	jq -e --arg u "$TEST_USER" --arg p "$(cat pid)" '.owner == $u and (.pid | tostring) == $p' <<<"$output"
	urt_live start "$ID"
	succeeds
	state_is running
	urt exec "$ID" hostname
	prints oci-rt
	urt exec "$ID" sh -c 'exit 9'
	[ "$status" -eq 9 ]
	urt exec -t "$ID" true </dev/null
	urt ps -f json "$ID"
	prints "[$(cat pid)]"
	urt list -q
	prints "$ID"
	urt start "$ID"
	fails_with "cannot start an already running container"
	urt kill "$ID" KILL
	succeeds
	until_true 5 state_is stopped
	urt delete "$ID"
	prints ""
}

@test "one id: delete --force ends every process" {
	set_args sh -c 'sleep 1000 & sleep 1000 & wait'
	urt_live run -d -b "$B" "$ID"
	succeeds
	until_true 5 eval '[ "$(as_user "$RT" --root "$ROOT" ps -f json "$ID" | jq length)" -eq 3 ]'
	urt delete --force "$ID"
	prints ""
	BATS_TEST_TMPDIR="$DIR" assert_nothing_left
}

@test "kill --all" {
	set_args sh -c 'trap "exit 3" TERM; sleep 1000 & echo up >/up; wait'
	urt_live run -d -b "$B" "$ID"
	until_true 5 test -e "$B/rootfs/up"
	urt kill --all "$ID" TERM
	succeeds
	until_true 5 state_is stopped
}

@test "ranges of /etc/subuid, by newuidmap" {
	with_ranges
	local u
	read -r -a u < <(subid_of uid)
	edit '.process.capabilities[] += ["CAP_CHOWN", "CAP_SETUID", "CAP_SETGID"]
		| .process.noNewPrivileges = false'
	set_args sh -c 'id -u; tr -s " " </proc/self/uid_map; touch /made && chown 7:8 /made && stat -c %u:%g /made'
	urt run -b "$B" "$ID"
	prints $'0\n 0 '"$(id -u "$TEST_USER")"$' 1\n 1 '"${u[*]}"$'\n7:8'
	[ "$(stat -c %u "$B/rootfs/made")" -eq $((${u[0]} + 6)) ]
	rm "$B/rootfs/made"
}

@test "ranges: another user, with groups; exec as a third" {
	with_ranges
	edit '.process.user = {uid: 1000, gid: 1000, additionalGids: [5, 6]}'
	urt_live run -d -b "$B" "$ID"
	succeeds
	urt exec "$ID" sh -c 'id -u; id -g; grep Groups /proc/self/status | tr -s "\t " " "'
	prints $'1000\n1000\nGroups: 5 6 '
	urt exec -u 7:8 "$ID" sh -c 'id -u; id -g'
	prints $'7\n8'
	urt exec -u 4000000 "$ID" id
	[ "$status" -eq 255 ]
	[ "${#lines[@]}" -eq 1 ]
	urt delete --force "$ID"
	prints ""
}

@test "R5: the helpers are missing" {
	with_ranges
	if [ -x /usr/bin/newuidmap ]; then
		# a view of the host without them
		run unshare -m sh -c 'for p in newuidmap newgidmap; do mount --bind /dev/null /usr/bin/$p; done
			exec "$@"' - bash -c "$(declare -f as_user); TEST_USER=$TEST_USER USER_DIR=$USER_DIR
			as_user env PATH=/nowhere $RT --root $ROOT run -b $B $ID"
		[ "$status" -eq 1 ]
		echo "$output"
		[[ "$output" == *"linux.uidMappings: newgidmap "* ]]
		[ "${#lines[@]}" -eq 1 ]
	fi
	cat >"$DIR/view" <<-'SH'
		mkdir /run/e2e-bin && mount -t tmpfs tmpfs /run/e2e-bin && cd /usr/bin || exit 99
		for p in *; do case $p in new?idmap) ;; *) ln -s "/run/e2e-old/$p" /run/e2e-bin/ ;; esac; done
		mkdir /run/e2e-old && mount --bind /usr/bin /run/e2e-old && mount --bind /run/e2e-bin /usr/bin
		exec "$@"
	SH
	run unshare -m sh "$DIR/view" bash -c "$(declare -f as_user); TEST_USER=$TEST_USER USER_DIR=$USER_DIR
		as_user $RT --root $ROOT run -b $B $ID"
	rmdir /run/e2e-bin /run/e2e-old
	fails_like "*config.json:*: linux.uidMappings: newgidmap, which maps the ranges of /etc/subuid and /etc/subgid, cannot be run: newgidmap is not installed; as root: apt-get install uidmap (elsewhere shadow-utils)"
}

@test "ranges that are not the user's" {
	with_ranges edit '.linux.uidMappings[1] = {containerID: 1, hostID: 1, size: 10}'
	urt run -b "$B" "$ID"
	fails_like "*config.json:*: linux.uidMappings: newuidmap failed: newuidmap: *"
	BATS_TEST_TMPDIR="$DIR" assert_nothing_left
}

@test "one id: more of them is an error that says why" {
	edit '.process.user.uid = 1'
	urt run -b "$B" "$ID"
	fails_like "*config.json:*: process.user.uid: uid 1 is not in linux.uidMappings"
	# Buildah's: what one has
	edit '.process.user = {uid: 0, gid: 0, additionalGids: [0]} | .process.args = ["echo", "ran"]'
	urt run -b "$B" "$ID"
	prints ran
	edit '.process.user = {uid: 0, gid: 0, additionalGids: [5]}'
	urt run -b "$B" "$ID"
	fails_like "*config.json:*: process.user.additionalGids: groups cannot be set: *"
}

@test "R9: a config without a user namespace, and --idmap=none: the command of the line mends it" {
	edit '.linux.namespaces -= [{type: "user"}] | del(.linux.uidMappings, .linux.gidMappings)'
	urt run --idmap=none -b "$B" "$ID"
	fails_like '*config.json:*: linux.namespaces: running without CAP_SYS_ADMIN needs a user namespace in this list; `oci-rt spec --rootless` writes a config that has one, and without --idmap=none one is added'
	local command="${output#*\`}"
	set_args echo ran
	urt run -b "$B" "$ID"
	prints ran
	mkdir b2
	mv "$B/rootfs" b2/
	chown -R "$TEST_USER:" b2
	command="${command%%\`*}"
	[ "$command" = "oci-rt spec --rootless" ]
	(cd b2 && as_user "$RT" ${command#oci-rt })
	edit_config b2 '.process.terminal = false | .process.args = ["echo", "ran"]'
	urt run --idmap=none -b b2 "$ID"
	prints ran
}

cgroup_is_ours() {
	# delegated, or the v2 hierarchy alone: other rules
	[ -d /sys/fs/cgroup/unified ] || [ -d /sys/fs/cgroup/memory ] || return 0
	return 1
}

@test "R2: no limits on cgroup v1 or hybrid: runs, and state says what is missing" {
	! cgroup_is_ours || skip "this host has cgroup v2 alone"
	urt_live run -d -b "$B" "$ID"
	succeeds
	urt state "$ID"
	[[ "$(jq -r '.annotations["org.oci-rt.degraded"]' <<<"$output")" == "the container has no cgroup of its own: cgroup v1 lets this user make no cgroup"* ]]
	urt pause "$ID"
	fails_with "cannot pause container '$ID': it has no cgroup of its own"
	urt update --memory 64m "$ID"
	fails_with "cannot update container '$ID': it has no cgroup of its own"
	[ -z "$(cgroups_of "$ID")" ]
}

@test "R2: limits on cgroup v1 or hybrid: an error with the limit, the cause and the remedy" {
	! cgroup_is_ours || skip "this host has cgroup v2 alone"
	edit '.linux.resources = {memory: {limit: 67108864}}'
	urt run -b "$B" "$ID"
	fails_like "*config.json:*: linux.resources.memory.limit: it cannot be set: cgroup v1 lets this user make no cgroup; boot with systemd.unified_cgroup_hierarchy=1, or give the user cgroup directories of its own"
	edit '.linux.resources = {pids: {limit: 5}}'
	urt run -b "$B" "$ID"
	fails_like "*config.json:*: linux.resources.pids.limit: it cannot be set: *"
}

@test "R1: /sys/fs/cgroup read-only: runs without limits, with them an error" {
	set_args echo ran
	run unshare -m sh -c 'mount -o remount,bind,ro /sys/fs/cgroup
		for m in /sys/fs/cgroup/*; do mountpoint -q $m && mount -o remount,bind,ro $m; done; exec "$@"' \
		- bash -c "$(declare -f as_user); TEST_USER=$TEST_USER USER_DIR=$USER_DIR
		as_user $RT --root $ROOT run -b $B $ID"
	prints ran
	edit '.linux.resources = {pids: {limit: 5}}'
	run unshare -m sh -c 'mount -o remount,bind,ro /sys/fs/cgroup
		for m in /sys/fs/cgroup/*; do mountpoint -q $m && mount -o remount,bind,ro $m; done; exec "$@"' \
		- bash -c "$(declare -f as_user); TEST_USER=$TEST_USER USER_DIR=$USER_DIR
		as_user $RT --root $ROOT run -b $B $ID"
	fails_like "*config.json:*: linux.resources.pids.limit: it cannot be set: /sys/fs/cgroup is mounted read-only; let the outer container have a writable cgroup mount"
}

@test "R8: user namespaces are used up" {
	set_args true
	# in a user namespace of its own, whose limit is nobody else's
	edit '.linux.uidMappings[0].hostID = 0 | .linux.gidMappings[0].hostID = 0'
	run as_user unshare -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' - \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == *"clone3: no space left on device"* ]]
}

@test "R11: root of a user namespace is not root" {
	set_args id -u
	run as_user unshare -r "$RT" --root "$ROOT" run -b "$B" "$ID"
	echo "$output"
	# the id that is 0 here maps to 0 there
	[ "$status" -eq 1 ]
	edit '.linux.uidMappings[0].hostID = 0 | .linux.gidMappings[0].hostID = 0'
	run as_user unshare -r "$RT" --root "$ROOT" run -b "$B" "$ID"
	prints 0
}

@test "R12: a hard limit above ours is an error that names it" {
	edit '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 99, hard: 1048575}]'
	run as_user bash -c 'ulimit -n 4096; exec "$@"' - "$RT" --root "$ROOT" run -b "$B" "$ID"
	fails_like "*config.json:*: process.rlimits?0?: set RLIMIT_NOFILE to 99, at most 1048575: operation not permitted: the hard limit here is 4096, and more takes CAP_SYS_RESOURCE; ask for at most 4096, or give --degrade=rlimits to make do with it"
}

@test "a terminal, and exec with one" {
	needs "$PYTHON"
	edit '.process.terminal = true'
	set_args sh -c 'tty; stty size; exit 5'
	run as_user timeout 20 "$PYTHON" "$(realpath "$BATS_TEST_DIRNAME")/terminal.py" run 31x71 "" \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$status" -eq 5 ]
	[ "${output//$'\r'/}" = $'/dev/pts/0\n31 71' ]
}

@test "the state is in XDG_RUNTIME_DIR, for the user alone" {
	run as_user "$RT" list -f json
	prints "[]"
	as_user "$RT" run -d -b "$B" "$ID" </dev/null >"$DIR/out" 2>&1
	[ -d "$USER_DIR/run/oci-rt/$ID" ]
	[ "$(stat -c '%a %U' "$USER_DIR/run/oci-rt")" = "1700 $TEST_USER" ]
	run as_user env -u HOME "$RT" exec "$ID" hostname
	prints oci-rt
	as_user "$RT" delete --force "$ID"
	rmdir "$USER_DIR/run/oci-rt"
	# somebody else's state is not taken
	mkdir -m 0755 "$DIR/roots"
	run as_user "$RT" --root "$DIR/roots" list
	[ "$status" -eq 1 ]
	[[ "$output" == "state directory '$DIR/roots' belongs to uid 0 and we are uid "* ]]
}

@test "XDG_RUNTIME_DIR is another user's, or is not there: what to do" {
	local uid
	uid="$(id -u "$TEST_USER")"
	local mend="permission denied: XDG_RUNTIME_DIR has to be a directory of uid $uid; unset it, or name another place with --root"
	mkdir -m 0700 "$DIR/of-root"
	run as_user env XDG_RUNTIME_DIR="$DIR/of-root" "$RT" run -b "$B" "$ID"
	fails_with "open state directory '$DIR/of-root/oci-rt': $mend"
	run as_user env XDG_RUNTIME_DIR=/nowhere "$RT" run -b "$B" "$ID"
	fails_with "make state directory '/nowhere/oci-rt': $mend"
	set_args echo hello
	run as_user env -u XDG_RUNTIME_DIR "$RT" run -b "$B" "$ID"
	prints hello
}

@test "two containers at once, and the second's death does not touch the first" {
	urt_live run -d -b "$B" "$ID"
	succeeds
	urt_live run -d -b "$B" "$ID-2"
	succeeds
	urt delete -f "$ID-2"
	prints ""
	state_is running
}

@test "one id: a second container in the first one's user namespace" {
	urt_live run -d -b "$B" "$ID"
	succeeds
	local pid
	pid="$(as_user "$RT" --root "$ROOT" state "$ID" | jq .pid)"
	cp "$B/config.json" saved
	edit --arg p "/proc/$pid/ns/user" 'del(.linux.uidMappings, .linux.gidMappings)
		| (.linux.namespaces[] | select(.type == "user")).path = $p'
	set_args sh -c 'id -u; readlink /proc/self/ns/user'
	urt run -b "$B" "$ID-2"
	prints $'0\n'"$(readlink "/proc/$pid/ns/user")"
}
