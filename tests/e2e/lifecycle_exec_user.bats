#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec by an ordinary user into a container that is only created. Run as root, which makes the user:
# OCI_RT=build/oci-rt bats tests/e2e/lifecycle_exec_user.bats

bats_require_minimum_version 1.5.0

load helpers

setup_file() { user_setup_file newuidmap newgidmap || true; }
teardown_file() { user_teardown_file; }

setup() {
	user_container_setup --rootless --idmap subuid
	set_args sleep 1000
}

teardown() { user_container_teardown; }

# create, by the user; the container holds no pipe of `run`
created() {
	as_user "$RT" --root "$ROOT" create -b "$B" "$ID" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/err"
}

@test "the container's root: exec works before start as after it" {
	created
	urt exec "$ID" hostname
	prints oci-rt
	urt start "$ID"
	succeeds
	urt exec "$ID" hostname
	prints oci-rt
}

# Found by tests/faults/races.py. The kernel's answer is "permission denied", which clients take for that of the program.
@test "another user: exec before start says that it is too early, and works after it" {
	edit '.process.user = { uid: 1000, gid: 1000 }'
	created
	urt exec "$ID" hostname
	echo "status $status, output: $output"
	[ "$status" -eq 255 ]
	[ "$output" = "the container has to be started first: until then its process, which has become another user, shows its namespaces to root alone" ]
	is_status created
	urt start "$ID"
	succeeds
	urt exec "$ID" hostname
	prints oci-rt
}

is_status() {
	[ "$(as_user "$RT" --root "$ROOT" state "$ID" | jq -r .status)" = "$1" ]
}

# Found by tests/faults/races.py, too. The status is "running" then; the program is what is not there yet.
@test "another user: exec beside a start that goes on waits for the program" {
	edit '.process.user = { uid: 1000, gid: 1000 } |
		.hooks.startContainer = [ { path: "/bin/sh", args: ["sh", "-c", "sleep 0.5"] } ]'
	created
	as_user "$RT" --root "$ROOT" start "$ID" &
	local start=$!
	until_true 3 is_status running
	urt exec "$ID" hostname
	prints oci-rt
	wait "$start"
}
