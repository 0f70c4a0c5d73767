#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --trace FILE: Chrome's trace format.
# Run: OCI_RT=build/oci-rt bats tests/e2e/trace.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
}
teardown() { container_teardown; }

# spans THREAD: the names of an actor's, by their begin
spans() {
	jq -r --argjson t "$1" '[.traceEvents[] | select(.ph == "X" and .tid == $t)] | sort_by(.ts)[].name' "$TRACE"
}

@test "run: the steps of host and init, in their order" {
	TRACE="$BATS_TEST_TMPDIR/trace.json"
	run "$RT" --root "$ROOT" --trace "$TRACE" run -b "$B" t1
	[ "$status" -eq 0 ]
	[ "$(jq -r '.traceEvents[] | select(.name == "thread_name") | .args.name' "$TRACE" | xargs)" = "host stager init" ]
	spans 1 | grep -x run
	spans 1 | grep -x "read the config"
	spans 1 | grep -x "fork init"
	spans 3 | grep -x "change root"
	[ "$(spans 3 | tail -n 1)" = execute ]
	# init's spans lie within the command's; no time is negative
	jq -e '[.traceEvents[] | select(.ph == "X")] | (.[] | select(.name == "run")) as $all
		| all(.[]; .dur >= 0 and .ts + .dur <= $all.ts + $all.dur + 10000)' "$TRACE"
}

@test "every command takes it, a failing one too" {
	TRACE="$BATS_TEST_TMPDIR/trace.json"
	rt --trace "$TRACE" list
	[ "$status" -eq 0 ]
	[ "$(spans 1)" = list ]
	rt --trace "$TRACE" state nobody
	[ "$status" -eq 1 ]
	[ "$(spans 1)" = state ]
}

@test "a file that cannot be made is told before anything is done" {
	rt --trace "$BATS_TEST_TMPDIR/no/file" run -b "$B" t2
	fails_with "trace file '$BATS_TEST_TMPDIR/no/file': no such file or directory"
	[ ! -e "$ROOT/t2" ]
}
