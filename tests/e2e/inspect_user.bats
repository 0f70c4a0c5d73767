#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# inspect --security by an ordinary user, of a container of that user's. Run as root, which makes the
# user: OCI_RT=build/oci-rt bats tests/e2e/inspect_user.bats

bats_require_minimum_version 1.5.0

load helpers

setup_file() { user_setup_file || true; }
teardown_file() { user_teardown_file; }

setup() {
	user_container_setup --rootless
	edit '.root.readonly = true'
	set_args sleep 1000
	as_user "$RT" --root "$ROOT" run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
}

teardown() {
	[ -n "$USER_DIR" ] || return 0
	as_user "$RT" --root "$ROOT" delete --force "$ID"
	BATS_TEST_TMPDIR="$DIR" assert_nothing_left
}

@test "as asked for; a masked path opened again is found" {
	run as_user "$RT" --root "$ROOT" inspect --security "$ID"
	prints ""
	local pid
	pid="$(as_user "$RT" --root "$ROOT" state "$ID" | jq .pid)"
	nsenter -t "$pid" -m -p umount /proc/keys
	run as_user "$RT" --root "$ROOT" inspect --security "$ID"
	[ "$status" -eq 1 ]
	[[ "$output" == "linux.maskedPaths["*"]: /proc/keys is not masked" ]]
}

@test "another user's container: an error, no finding" {
	run setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
		"$RT" --root "$ROOT" inspect --security "$ID"
	[ "$status" -eq 2 ]
	[ "${#lines[@]}" -eq 1 ]
}
