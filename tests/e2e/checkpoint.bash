# SPDX-License-Identifier: Apache-2.0
# Sourced by the tests of checkpoint and restore, behind helpers.bash.
# shellcheck shell=bash

# For setup_file(). Where criu does not work (a kernel that is too new for it, no rights) tests are skipped.
criu_setup_file() {
	export CRIU_SKIP=
	if ! command -v criu >/dev/null; then
		CRIU_SKIP="needs the program criu"
	elif ! criu check >/dev/null 2>&1; then
		CRIU_SKIP="criu check fails on this machine"
	fi
	hold_perf_event
}

# For teardown_file().
criu_teardown_file() {
	[ -z "${PERF_PID:-}" ] || kill "$PERF_PID"
}

# criu restores with hardware breakpoints, which are perf events, and the kernel changes its own scheduler's code for
# the first event of a task and after the last one. QEMU's emulation of two processors does not always take that: the
# guest's kernel ends with "Oops: int3" in __schedule(). With an event that stays the code is changed once.
hold_perf_event() {
	export PERF_PID=
	[ -n "${OCI_RT_IN_VM:-}" ] || return 0
	# SYS_perf_event_open of x86-64, PERF_TYPE_SOFTWARE, PERF_ATTR_SIZE_VER0, PERF_COUNT_SW_DUMMY, on itself
	/usr/bin/python3 -c '
import ctypes, struct, sys, time
attributes = struct.pack("IIQ", 1, 64, 9) + bytes(48)
if ctypes.CDLL(None).syscall(298, attributes, 0, -1, -1, 0) < 0:
    sys.exit(1)
time.sleep(100000)' </dev/null >/dev/null 2>&1 3>&- &
	PERF_PID=$!
}

needs_criu() {
	[ -z "$CRIU_SKIP" ] || skip "$CRIU_SKIP"
}

# The container counts into a file of the host's.
set_counter() {
	mkdir -p "$BATS_TEST_TMPDIR/data"
	edit --arg s "$BATS_TEST_TMPDIR/data" '.mounts += [{ destination: "/data", type: "bind", source: $s,
		options: ["rbind", "rw"] }]'
	set_args sh -c "${1:-:}"'; n=0; while :; do n=$((n + 1)); echo $n >/data/n.new; mv /data/n.new /data/n; sleep 0.05; done'
}

count() {
	cat "$BATS_TEST_TMPDIR/data/n" 2>/dev/null || echo 0
}

has_counted_past() {
	[ "$(count)" -gt "$1" ]
}

start_counter() {
	start_container "$@"
	until_true 20 has_counted_past 2
}

checkpoint() {
	rt_live checkpoint --image-path "$IMG" --work-path "$IMG.work" "$@" "$ID"
}

restore() {
	rt_live restore --detach -b "$B" --image-path "$IMG" --work-path "$IMG.work" "$@" "$ID"
}

# It went on from where it was, not from the beginning.
goes_on() {
	local before
	before="$(count)"
	until_true 20 has_counted_past $((before + 2))
}

in_container() {
	rt exec "$ID" "$@"
}

is_deleted() {
	[ ! -e "$ROOT/$ID" ]
}
