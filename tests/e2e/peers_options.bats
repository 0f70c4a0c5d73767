#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Options of the peers' that no other file carries out.

load helpers

setup() { container_setup; }
teardown() { container_teardown; }

parent_of_orphan() {
	ps -o ppid= -p "$(cat "$BATS_TEST_TMPDIR/orphan")" | tr -d ' '
}

# run_with_orphan [OPTION...]: $RUNNER is the foreground command, whose container has a process without a parent
run_with_orphan() {
	edit --arg d "$BATS_TEST_TMPDIR" '.linux.namespaces |= map(select(.type != "pid")) | .mounts += [
		{ destination: "/mnt", type: "bind", source: $d, options: ["bind"] }]'
	set_args sh -c 'sh -c "sleep 1000 & echo \$! >/mnt/orphan"; while :; do sleep 0.1; done'
	"$RT" --root "$ROOT" run "$@" -b "$B" "$ID" </dev/null >/dev/null 2>&1 3>&- &
	RUNNER=$!
	PIDS+=("$RUNNER")
	until_true 10 has_status "$ID" running
	until_true 10 test -s "$BATS_TEST_TMPDIR/orphan"
}

has_parent_outside() {
	local parent
	parent="$(parent_of_orphan)"
	[ -n "$parent" ] && ! grep -qzx "E2E=$ID" "/proc/$parent/environ"
}

@test "run adopts the container's orphans, and with --no-subreaper it does not" {
	run_with_orphan
	until_true 10 has_parent_outside
	[ "$(parent_of_orphan)" = "$RUNNER" ]
	rt delete --force "$ID"
	succeeds
	wait "$RUNNER" || true
	rm "$BATS_TEST_TMPDIR/orphan"
	edit '.mounts |= .[:-1]'
	run_with_orphan --no-subreaper
	until_true 10 has_parent_outside
	[ "$(parent_of_orphan)" != "$RUNNER" ]
}

@test "update --cpu-burst, --cpu-idle, and limits of one device by --resources" {
	local device
	set_args sleep 1000
	start_container
	rt update --cpu-period 100000 --cpu-quota 50000 --cpu-burst 20000 "$ID"
	succeeds
	[ "$(limit cpu.max.burst cpu/cpu.cfs_burst_us)" = 20000 ]
	rt update --cpu-idle 1 "$ID"
	succeeds
	[ "$(limit cpu.idle cpu/cpu.idle)" = 1 ]
	device="$(cat /sys/block/*/dev 2>/dev/null | head -1)"
	[ -n "$device" ] || skip "the rest needs a block device"
	jq -n --arg d "$device" '{ blockIO: { throttleReadBpsDevice: [{ major: ($d | split(":")[0] | tonumber),
		minor: ($d | split(":")[1] | tonumber), rate: 1048576 }] } }' >r.json
	rt update -r r.json "$ID"
	succeeds
	limit io.max blkio/blkio.throttle.read_bps_device | grep -E "^$device (rbps=)?1048576"
}
