#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The systemd cgroup manager of an ordinary user: the user's own manager, and never the system's.
# The commands come from a cgroup that is not the user's, so systemd has to move the processes.

bats_require_minimum_version 1.5.0

load helpers
load systemd

runtime_dir() {
	echo "/run/user/$(id -u "$TEST_USER")"
}

has_bus() {
	[ -S "$(runtime_dir)/bus" ] && as_user env XDG_RUNTIME_DIR="$(runtime_dir)" \
		systemctl --user is-system-running --wait | grep -qE 'running|degraded'
}

setup_file() {
	is_run_by_systemd || return 0
	user_setup_file loginctl || return 0
	loginctl enable-linger "$TEST_USER"
	until_true 60 has_bus
}

teardown_file() {
	[ -n "$USER_DIR" ] || return 0
	loginctl disable-linger "$TEST_USER"
	systemctl stop "user@$(id -u "$TEST_USER").service" "user-$(id -u "$TEST_USER").slice" || true
	user_teardown_file
}

setup() {
	needs_systemd
	user_container_setup --rootless
	UNIT="oci-rt-$ID.scope"
	OF_USER=(as_user env XDG_RUNTIME_DIR="$(runtime_dir)")
	TOP="/user.slice/user-$(id -u "$TEST_USER").slice/user@$(id -u "$TEST_USER").service"
	set_args sleep 1000
}

teardown() {
	[ -n "$UNIT" ] || return 0
	"${OF_USER[@]}" "$RT" --root "$ROOT" delete --force "$ID" || true
	[ ! -d "$ROOT" ] || BATS_TEST_TMPDIR="$DIR" assert_nothing_left
	no_unit "$UNIT"
}

urt() {
	run "${OF_USER[@]}" "$RT" --root "$ROOT" "$@"
}

urt_live() {
	status=0
	"${OF_USER[@]}" "$RT" --root "$ROOT" "$@" </dev/null >"$DIR/out" 2>"$DIR/err" || status=$?
	output="$(cat "$DIR/out" "$DIR/err")"
}

start_unit() {
	urt_live --systemd-cgroup create -b "$B" "$ID"
	succeeds
	urt_live start "$ID"
	succeeds
}

user_pid() {
	"${OF_USER[@]}" "$RT" --root "$ROOT" state "$ID" | jq -r .pid
}

@test "run: in a unit of the user's manager, and nothing is left of it" {
	set_args sh -c 'cat /proc/self/cgroup'
	urt --systemd-cgroup run -b "$B" "$ID"
	prints '0::/'
}

@test "create, exec, pause, update, delete; limits read back" {
	edit '.linux.resources = { memory: { limit: 67108864 }, pids: { limit: 55 } }'
	start_unit
	[ "$(cat "/proc/$(user_pid)/cgroup")" = "0::$TOP/user.slice/$UNIT" ]
	property_is "$UNIT" MemoryMax 67108864
	property_is "$UNIT" TasksMax 55
	[ "$(cat "/sys/fs/cgroup$TOP/user.slice/$UNIT/memory.max")" = 67108864 ]
	urt update --memory 100m "$ID"
	prints ''
	property_is "$UNIT" MemoryMax 104857600
	[ "$(cat "/sys/fs/cgroup$TOP/user.slice/$UNIT/memory.max")" = 104857600 ]
	urt pause "$ID"
	succeeds
	urt resume "$ID"
	succeeds
	urt delete --force "$ID"
	prints ''
	no_unit "$UNIT"
}

@test "R15: exec from a cgroup that is not the user's: systemd moves the process" {
	start_unit
	urt exec "$ID" cat /proc/self/cgroup
	prints '0::/'
	"${OF_USER[@]}" "$RT" --root "$ROOT" exec -d "$ID" sleep 2000
	[ "$(wc -l <"/sys/fs/cgroup$TOP/user.slice/$UNIT/cgroup.procs")" -eq 2 ]
}

@test "slice, property annotation and sub-cgroup" {
	edit --arg p "ocirt.slice:lab:$ID" '.linux.cgroupsPath = $p | .annotations = {
		"org.systemd.property.TimeoutStopSec": "7", "run.oci.systemd.subgroup": "container" }
		| .linux.resources.memory.limit = 67108864'
	UNIT="lab-$ID.scope"
	start_unit
	property_is "$UNIT" Slice ocirt.slice
	property_is "$UNIT" TimeoutStopUSec 7s
	[ "$(cat "/proc/$(user_pid)/cgroup")" = "0::$TOP/ocirt.slice/$UNIT/container" ]
	[ "$(cat "/sys/fs/cgroup$TOP/ocirt.slice/$UNIT/container/memory.max")" = 67108864 ]
}

@test "exec into a sub-cgroup of the unit, from a cgroup that is not the user's" {
	edit '.annotations = { "run.oci.systemd.subgroup": "container" }'
	start_unit
	"${OF_USER[@]}" "$RT" --root "$ROOT" exec -d "$ID" sleep 2000
	[ "$(wc -l <"/sys/fs/cgroup$TOP/user.slice/$UNIT/container/cgroup.procs")" -eq 2 ]
}

@test "exec --cgroup from a cgroup that is not the user's" {
	start_unit
	as_user mkdir "/sys/fs/cgroup$TOP/user.slice/$UNIT/sub"
	"${OF_USER[@]}" "$RT" --root "$ROOT" exec --cgroup sub -d "$ID" sleep 2000
	[ "$(wc -l <"/sys/fs/cgroup$TOP/user.slice/$UNIT/sub/cgroup.procs")" -eq 1 ]
}

@test "in a user namespace of the client's, where the euid is 0" {
	set_args sh -c 'cat /proc/self/cgroup'
	edit 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))'
	run "${OF_USER[@]}" unshare --user --map-root-user "$RT" --root "$ROOT" --systemd-cgroup \
		run -b "$B" "$ID"
	prints '0::/'
}

@test "R4: no bus: the system's is not asked; the cause and the remedy" {
	urt --systemd-cgroup plan -b "$B"
	succeeds
	run as_user "$RT" --root "$ROOT" --systemd-cgroup create -b "$B" "$ID"
	fails_like "*cannot reach this user's systemd on $USER_DIR/run/bus: there is no socket; \`loginctl enable-linger $TEST_USER\` starts the user's systemd, or use --cgroup-manager=cgroupfs"
	run as_user env XDG_RUNTIME_DIR= "$RT" --root "$ROOT" --systemd-cgroup create -b "$B" "$ID"
	fails_like "*XDG_RUNTIME_DIR is not set*loginctl enable-linger*"
}

@test "R4: no bus, but systemd's own socket" {
	install -d -m 0700 -o "$TEST_USER" -g "$TEST_USER" "$DIR/run" "$DIR/run/systemd"
	ln -s "$(runtime_dir)/systemd/private" "$DIR/run/systemd/private"
	set_args sh -c 'cat /proc/self/cgroup'
	run as_user env XDG_RUNTIME_DIR="$DIR/run" "$RT" --root "$ROOT" --systemd-cgroup run -b "$B" "$ID"
	prints '0::/'
}
