#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command lines of each client, word for word, with the environment and the descriptors that it gives, and the words
# that it looks for in what we say. The clients themselves are in the other files here, and in vm/.
# Run as root: OCI_RT=build/oci-rt bats tests/clients/command_lines.bats

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

status_of() {
	"$RT" --root "$ROOT" state "$ID" | jq -r .status
}

@test "containerd: go-runc's lines from create to delete" {
	local go=("$RT" --root "$ROOT" --log "$LOG" --log-format json)
	bare PATH=/usr/bin:/bin "${go[@]}" create --bundle "$B" --pid-file "$B/init.pid" "$ID"
	succeeds
	[[ "$(cat "$B/init.pid")" =~ ^[0-9]+$ ]]
	[ "$(wc -l <"$B/init.pid")" -eq 0 ] # no newline
	bare PATH=/usr/bin:/bin "${go[@]}" start "$ID"
	succeeds
	jq '.process | .args = ["sleep", "999"]' "$B/config.json" >"$B/process.json"
	bare PATH=/usr/bin:/bin "${go[@]}" exec --process "$B/process.json" --detach --pid-file "$B/exec.pid" "$ID"
	succeeds
	bare PATH=/usr/bin:/bin "${go[@]}" ps --format json "$ID"
	succeeds
	[ "$(jq 'length' "$BATS_TEST_TMPDIR/out")" -eq 2 ]
	bare PATH=/usr/bin:/bin "${go[@]}" events --stats "$ID"
	succeeds
	jq -e --arg id "$ID" '.type == "stats" and .id == $id and (.data | has("pids"))' "$BATS_TEST_TMPDIR/out"
	bare PATH=/usr/bin:/bin "${go[@]}" kill "$(<"$B/exec.pid")" 9
	[ "$status" -eq 1 ]
	[[ "$(jq -rs 'last.msg' "$LOG")" == *"does not exist"* ]] # NotFound
	bare PATH=/usr/bin:/bin "${go[@]}" kill --all "$ID" 9
	succeeds
	wait_for_stop
	bare PATH=/usr/bin:/bin "${go[@]}" delete "$ID"
	succeeds
	bare PATH=/usr/bin:/bin "${go[@]}" state "$ID"
	[ "$status" -eq 1 ]
	[[ "$(jq -rs 'last | select(.level == "error").msg' "$LOG")" == *"does not exist"* ]]
	[ "$(jq -rs 'all(.[]; has("level") and has("msg") and (.time | fromdateiso8601? // false | . != false))' "$LOG")" = true ]
}

@test "containerd: update takes its resources from standard input" {
	rt_live run -d -b "$B" "$ID"
	succeeds
	run bash -c 'echo "{}" | "$@"' - "$RT" --root "$ROOT" --log "$LOG" --log-format json update --resources=- "$ID"
	succeeds
}

@test "containerd, Docker: features with nothing else, and no HOME" {
	bare "$RT" features
	succeeds
	[ ! -s "$BATS_TEST_TMPDIR/err" ]
	jq -e '.ociVersionMax == "1.3.0" and (.mountOptions | index("rro"))' "$BATS_TEST_TMPDIR/out"
}

@test "BuildKit: run with --keep, exec, kill, delete" {
	local go=("$RT" --root "$ROOT" --log "$LOG" --log-format json) i
	env -i PATH=/usr/bin:/bin "${go[@]}" run --bundle "$B" --keep "$ID" </dev/null >/dev/null 2>&1 3>&- &
	PIDS+=($!)
	for ((i = 0; i < 100; i++)); do
		[ "$(status_of 2>/dev/null)" != running ] || break
		sleep 0.05
	done
	jq '.process | .args = ["true"]' "$B/config.json" >"$B/process.json"
	bare PATH=/usr/bin:/bin "${go[@]}" exec --process "$B/process.json" --pid-file "$B/exec.pid" "$ID"
	succeeds
	bare PATH=/usr/bin:/bin "${go[@]}" kill "$ID" 9
	succeeds
	wait "${PIDS[-1]}" || [ $? -eq 137 ]
	[ "$(status_of)" = stopped ]
	bare PATH=/usr/bin:/bin "${go[@]}" delete "$ID"
	succeeds
}

@test "CRI-O: conmon's create, then start, exec on pipes, pause, resume, update, kill with a name, delete" {
	local crio=("$RT" "--root=$ROOT")
	bare PATH=/usr/bin:/bin "${crio[@]}" create --bundle "$B" --pid-file "$B/pidfile" "$ID"
	succeeds
	crio=("$RT" --root "$ROOT")
	bare PATH=/usr/bin:/bin "${crio[@]}" start "$ID"
	succeeds
	jq '.process | .args = ["sh", "-c", "cat; echo error >&2; exit 3"]' "$B/config.json" >"$B/process.json"
	status=0
	echo text | env -i PATH=/usr/bin:/bin "${crio[@]}" exec --process "$B/process.json" "$ID" \
		>"$B/out" 2>"$B/err" 3>&- || status=$?
	[ "$status" -eq 3 ]
	[ "$(cat "$B/out")" = text ]
	[ "$(cat "$B/err")" = error ]
	bare PATH=/usr/bin:/bin "${crio[@]}" pause "$ID"
	succeeds
	[ "$(status_of)" = paused ]
	bare PATH=/usr/bin:/bin "${crio[@]}" resume "$ID"
	succeeds
	run bash -c 'echo "{}" | "$@"' - "${crio[@]}" update --resources - "$ID"
	succeeds
	bare PATH=/usr/bin:/bin "${crio[@]}" kill "$ID" KILL
	succeeds
	wait_for_stop
	bare PATH=/usr/bin:/bin "${crio[@]}" kill "$ID" KILL
	[ "$status" -eq 1 ]
	# case-sensitive, and any of these is NotFound
	[[ "$output" =~ (no such process|container not running|invalid process) ]]
	bare PATH=/usr/bin:/bin "${crio[@]}" delete --force "$ID"
	succeeds
}

wait_for_stop() {
	local i
	for ((i = 0; i < 100; i++)); do
		[ "$(status_of)" != stopped ] || return 0
		sleep 0.05
	done
	return 1
}

@test "Podman: kill, pause, resume and delete with XDG_RUNTIME_DIR alone, empty as root" {
	local conmon=("$RT" --root "$ROOT" --log-format=json "--log=$LOG")
	bare PATH=/usr/bin:/bin "${conmon[@]}" create --bundle "$B" --pid-file "$B/pidfile" "$ID"
	succeeds
	[ ! -s "$LOG" ] # Podman takes what is in it for an error
	bare PATH=/usr/bin:/bin XDG_RUNTIME_DIR= "$RT" --root "$ROOT" start "$ID"
	succeeds
	for command in pause resume; do
		bare XDG_RUNTIME_DIR= "$RT" --root "$ROOT" "$command" "$ID"
		succeeds
	done
	bare XDG_RUNTIME_DIR= "$RT" --root "$ROOT" kill --all "$ID" 9
	succeeds
	bare XDG_RUNTIME_DIR= "$RT" --root "$ROOT" delete --force "$ID"
	succeeds
	bare XDG_RUNTIME_DIR= "$RT" --root "$ROOT" delete --force "$ID" # after a failed create
	succeeds
}

@test "Podman: a failed create is one object in the log, and says no such file where that is the cause" {
	set_args /no/such/program
	bare PATH=/usr/bin:/bin "$RT" --root "$ROOT" --log-format=json "--log=$LOG" create --bundle "$B" --pid-file "$B/pidfile" "$ID"
	[ "$status" -eq 1 ]
	jq -es 'length == 1 and .[0].level == "error"' "$LOG" # the whole file, as one object
	[[ "$(jq -r .msg "$LOG")" =~ (executable file not found in|no such file or directory) ]]
	[ "$(jq -r .msg "$LOG")" = "$(cat "$BATS_TEST_TMPDIR/err")" ]
	[ ! -e "$B/pidfile" ]
	not "$RT" --root "$ROOT" state "$ID"
}

@test "Docker: the words for 126 and 127, in small letters" {
	local tried
	printf 'no program' >"$B/rootfs/plain"
	chmod 644 "$B/rootfs/plain"
	for tried in "/plain:permission denied" "/bin:(is a directory|permission denied)" \
		"/no/such:no such file or directory" "nosuch:executable file not found" "/plain/x:not a directory"; do
		set_args "${tried%%:*}"
		rt run -b "$B" "$ID"
		echo "$tried, status $status: $output"
		[ "$status" -eq 1 ]
		[[ "$output" =~ ${tried#*:} ]]
	done
}

@test "Buildah: its own pipes are not the container's" {
	inside 'ls /proc/self/fd'
	exec 8</dev/null 9>/dev/null 15</dev/null
	rt run -b "$B" "$ID"
	exec 8<&- 9>&- 15<&-
	succeeds
	# 0 to 2, and ls' own
	[ "$(echo "$output" | xargs)" = "0 1 2 3" ]
}

@test "Buildah: create, start, state until it has stopped, kill without a signal, delete" {
	bare PATH=/usr/bin:/bin "$RT" --root "$ROOT" create --bundle "$B" --pid-file "$B/pid" --no-pivot "$ID"
	succeeds
	bare PATH=/usr/bin:/bin "$RT" --root "$ROOT" start "$ID"
	succeeds
	bare PATH=/usr/bin:/bin "$RT" --root "$ROOT" kill "$ID" SIGKILL
	succeeds
	wait_for_stop
	jq -e '.pid == 0 and .status == "stopped"' <("$RT" --root "$ROOT" state "$ID")
	bare PATH=/usr/bin:/bin "$RT" --root "$ROOT" delete "$ID"
	succeeds
}

@test "no process of ours remains after create: the container's parent is the client" {
	# a subreaper, as conmon is; what it reaps is init itself
	run python3 - "$RT" "$ROOT" "$B" "$ID" <<'EOF'
import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
rt, root, bundle, cid = sys.argv[1:]
call = lambda *a: subprocess.run([rt, '--root', root, *a], check=True, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL)
call('create', '--bundle', bundle, '--pid-file', bundle + '/pid', cid)
pid = int(open(bundle + '/pid').read())
children = open(f'/proc/self/task/{os.getpid()}/children').read().split()
assert children == [str(pid)], (children, pid)
call('start', cid)
call('kill', cid, '9')
assert os.waitpid(pid, 0)[1] == 9
call('delete', cid)
EOF
	succeeds
}

@test "Nomad, shims: single-dash long options" {
	bare PATH=/usr/bin:/bin "$RT" -root "$ROOT" -log "$LOG" -log-format json create -bundle "$B" -pid-file "$B/pid" "$ID"
	succeeds
	bare PATH=/usr/bin:/bin "$RT" -root "$ROOT" delete -force "$ID"
	succeeds
}
