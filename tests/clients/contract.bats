#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What clients rely on and no test of a single command looks at: docs/clients/contract.md names all of it, row by row.
# Run as root: OCI_RT=build/oci-rt bats tests/clients/contract.bats

bats_require_minimum_version 1.5.0

load ../e2e/helpers

setup() {
	container_setup
	set_args sleep 1000
	LOG="$BATS_TEST_TMPDIR/log.json"
}

teardown() {
	container_teardown
}

process_document() {
	jq '.process | .args = $ARGS.positional' "$B/config.json" --args -- "$@" >"$B/process.json"
}

@test "Podman's exec: log, pid file, process, detached, a descriptor passed; its create with every option" {
	local conmon=("$RT" --root "$ROOT" --log-format=json "--log=$LOG")
	bare PATH=/usr/bin:/bin "${conmon[@]}" create --bundle "$B" --pid-file "$B/pidfile" --no-pivot --no-new-keyring \
		--preserve-fds 0 "$ID"
	succeeds
	bare PATH=/usr/bin:/bin XDG_RUNTIME_DIR= "$RT" --root "$ROOT" start "$ID"
	succeeds
	process_document sh -c 'cat <&3 >/said; sleep 1000'
	echo passed >three
	status=0
	env -i PATH=/usr/bin:/bin bash -c 'exec 3<three; exec "$@"' - "${conmon[@]}" exec --pid-file "$B/exec.pid" \
		--process "$B/process.json" --detach --preserve-fds 1 "$ID" </dev/null >"$B/out" 2>&1 || status=$?
	output="$(cat "$B/out")"
	succeeds
	[[ "$(cat "$B/exec.pid")" =~ ^[0-9]+$ ]]
	said() { [ "$(cat "$B/rootfs/said" 2>/dev/null)" = passed ]; }
	until_true 5 said
	[ ! -s "$LOG" ]
	bare XDG_RUNTIME_DIR= "$RT" --root "$ROOT" kill "$ID" 15
	succeeds
}

@test "Podman's exec that fails: no pid file, one object in the log, the same line on standard error" {
	start_container
	process_document no-such-program
	bare PATH=/usr/bin:/bin "$RT" --root "$ROOT" --log-format=json "--log=$LOG" exec --pid-file "$B/exec.pid" \
		--process "$B/process.json" --detach "$ID"
	[ "$status" -eq 255 ]
	[ ! -e "$B/exec.pid" ]
	jq -es 'length == 1 and .[0].level == "error"' "$LOG"
	[ "$(jq -r .msg "$LOG")" = "$(cat "$BATS_TEST_TMPDIR/err")" ]
	[[ "$output" == *"executable file not found in"* ]]
}

@test "Podman's update, from a file; delete --force after a create that failed" {
	bare "$RT" --root "$ROOT" create --bundle "$B/nowhere" --pid-file "$B/pidfile" "$ID"
	[ "$status" -eq 1 ]
	bare XDG_RUNTIME_DIR= "$RT" --root "$ROOT" delete --force "$ID"
	prints ""
	start_container
	echo '{"pids": {"limit": 77}}' >"$B/resources"
	bare PATH=/usr/bin:/bin XDG_RUNTIME_DIR= "$RT" --root "$ROOT" update "--resources=$B/resources" "$ID"
	succeeds
	find /sys/fs/cgroup -path "*$ID*/pids.max" -exec cat {} + | grep -qx 77
}

@test "--no-new-keyring: no session keyring is made; without it there is one, named after the container" {
	[ -r /proc/keys ] || skip "needs /proc/keys"
	local option
	# root sees its keyrings there, whoever made them
	edit '.linux.maskedPaths = []'
	set_args sh -c 'grep -c "_ses\.$E2E:" /proc/keys'
	for option in "--no-new-keyring 0" " 1"; do
		rt run ${option% *} -b "$B" "$ID"
		[ "$output" = "${option##* }" ]
	done
}

@test "ps: JSON is the numbers, a table is the host's ps without the others" {
	set_args sh -c 'sleep 999 & wait'
	start_container
	two() { [ "$("$RT" --root "$ROOT" ps -f json "$ID" | jq length)" -eq 2 ]; }
	until_true 5 two
	rt ps --format json "$ID"
	[[ "$output" =~ ^\[[0-9]+,[0-9]+\]$ ]]
	rt ps -f table "$ID" -o pid,comm
	succeeds
	[[ "${lines[0]}" =~ ^\ *PID\ COMMAND$ ]]
	[ "${#lines[@]}" -eq 3 ]
	[ "$(awk 'NR > 1 { print $2 }' <<<"$output" | sort | xargs)" = "sh sleep" ]
}

@test "go-runc's events with an interval: a line at once, and its end with the container's" {
	start_container
	timeout 20 "$RT" --root "$ROOT" --log "$LOG" --log-format json events --interval=5s "$ID" >"$B/events" 3>&- &
	local events=$!
	until_true 5 grep -q '"type":"stats"' "$B/events"
	bare "$RT" --root "$ROOT" delete --force "$ID"
	succeeds
	wait "$events"
	jq -es --arg id "$ID" 'all(.id == $id)' "$B/events"
	[ ! -s "$LOG" ]
}

@test "probes: the first line of --version, a list of nothing" {
	bare "$RT" --version
	succeeds
	[[ "$(head -n 1 "$BATS_TEST_TMPDIR/out")" =~ ^oci-rt\ version\ [0-9] ]]
	[ ! -s "$BATS_TEST_TMPDIR/err" ]
	mkdir -m 0700 "$B/none"
	bare "$RT" --root "$B/none" list -f json
	succeeds
	[ "$(jq -c . "$BATS_TEST_TMPDIR/out")" = "[]" ]
}

@test "state: the fields, the types, the time; pid 0 when stopped" {
	edit '.annotations = {"a.b": "c"}'
	create_container
	jq -e --arg id "$ID" --arg b "$B" '.id == $id and .bundle == $b and .rootfs == ($b + "/rootfs") and .status == "created"
		and (.ociVersion | test("^1\\.")) and .pid > 0 and .annotations["a.b"] == "c" and .owner == "root"
		and (.created | sub("\\.[0-9]+"; "") | fromdateiso8601 > 0)' <("$RT" --root "$ROOT" state "$ID")
	rt kill "$ID" KILL
	until_true 5 has_status "$ID" stopped
	[ "$(pid_of "$ID")" = 0 ]
}

# notified COMMAND...: under a service manager's socket; what arrives there is in the file messages
notified() {
	"$PYTHON" - "$@" <<-'EOF'
		import os, socket, subprocess, sys
		manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		manager.bind('notify')
		manager.settimeout(20)
		child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL,
		                         env={'PATH': '/usr/bin:/bin', 'NOTIFY_SOCKET': os.path.abspath('notify')})
		try:
		    got = manager.recv(4096).decode()
		    print(got.replace('\n', ' ').strip().replace(f'MAINPID={child.pid}', 'MAINPID=run'))
		finally:
		    status = child.wait(20)
		sys.exit(status)
	EOF
}

@test "run in a service of type notify: the container's READY=1 arrives, and nothing else that it says" {
	# a container's libc, statically linked, is all that the image has: the sender is made here
	needs gcc
	cat >"$B/send.c" <<-'EOF'
		#include <stdlib.h>
		#include <string.h>
		#include <sys/socket.h>
		#include <sys/un.h>
		int main(int argc, char **argv)
		{
			struct sockaddr_un a = { .sun_family = AF_UNIX };
			if (argc < 2 || !getenv("NOTIFY_SOCKET"))
				return 2;
			strncpy(a.sun_path, getenv("NOTIFY_SOCKET"), sizeof a.sun_path - 1);
			int s = socket(AF_UNIX, SOCK_DGRAM, 0);
			return sendto(s, argv[1], strlen(argv[1]), 0, (void *)&a, sizeof a) < 0;
		}
	EOF
	gcc -static -w -o "$B/rootfs/bin/send" "$B/send.c" || skip "no static C library"
	set_args sh -c 'send "$1" && exit 5' - $'STATUS=mine\nMAINPID=1\nREADY=1\n'
	run notified "$RT" --root "$ROOT" run -b "$B" "$ID"
	echo "status $status, output: $output"
	[ "$status" -eq 5 ]
	[[ "$output" == *READY=1* ]]
	[[ "$output" == *MAINPID=* ]]
	[[ "$output" != *MAINPID=1\ * ]]
	[[ "$output" != *STATUS=* ]]
}
