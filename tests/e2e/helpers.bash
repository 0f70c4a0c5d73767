# SPDX-License-Identifier: Apache-2.0
# Containers that need no `create`: a process of the test and a state that names it.

RT="${OCI_RT:-build/oci-rt}"
RT="$(realpath "$RT")"

common_setup() {
	ROOT="$BATS_TEST_TMPDIR/root"
	mkdir -m 0700 "$ROOT"
	PIDS=()
	cd "$BATS_TEST_TMPDIR" || return 1
}

common_teardown() {
	for pid in "${PIDS[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	wait 2>/dev/null || true
}

# The command under test, on this test's state directory.
rt() {
	run "$RT" --root "$ROOT" "$@"
}

fails_with() {
	echo "status $status, output: $output"
	[ "$status" -eq 1 ] && [ "$output" = "$1" ]
}

# Field 22 of proc_pid_stat(5); the names of our processes have no blanks.
start_time() {
	awk '{ print $22 }' "/proc/$1/stat"
}

# write_state ID PID START_TIME OWN_PID_NAMESPACE [CONFIG]
write_state() {
	mkdir -p -m 0700 "$ROOT/$1"
	local empty='{"ociVersion":"1.3.0"}'
	printf '%s' "${5:-$empty}" >"$ROOT/$1/config.json"
	cat >"$ROOT/$1/state.json" <<-JSON
		{"version":1,"container":{"id":"$1","bundle":"/bundle","rootfs":"/bundle/rootfs",
		"created":"2026-01-02T03:04:05.000000006Z","ownerUid":0,"pid":$2,"startTime":$3,
		"ownPidNamespace":$4,"cgroup":{"manager":"disabled"},
		"annotations":{"a.b":"c"},"degraded":["no cgroup"]}}
	JSON
}

# A running container without a cgroup: fake ID [CONFIG]; its process is in $pid.
fake() {
	sleep 1000 3>&- &
	pid=$!
	PIDS+=("$pid")
	write_state "$1" "$pid" "$(start_time "$pid")" false "$2"
}

# The same with a PID namespace of its own that holds two processes.
fake_with_namespace() {
	local own=()
	[ "$(id -u)" -eq 0 ] || own=(--user --map-root-user)
	unshare "${own[@]}" --pid --fork --kill-child sh -c 'sleep 1000 & exec sleep 1001' 3>&- &
	local parent=$!
	PIDS+=("$parent")
	until pid="$(pgrep -P "$parent")" && pgrep -P "$pid" >/dev/null &&
		[ "$(cat "/proc/$pid/comm")" = sleep ]; do
		sleep 0.05
	done
	write_state "$1" "$pid" "$(start_time "$pid")" true
}

is_gone() {
	local i
	for ((i = 0; i < 100; i++)); do
		case "$(awk '{ print $3 }' "/proc/$1/stat" 2>/dev/null)" in
		'' | Z | X) return 0 ;;
		esac
		sleep 0.05
	done
	return 1
}
