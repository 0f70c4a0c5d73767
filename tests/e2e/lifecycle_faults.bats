#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The runtime killed at every system call, system calls that fail, and many containers at once.
# Run: OCI_RT=build/oci-rt bats tests/e2e/lifecycle_faults.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	needs strace
	set_args sleep 1000
}
teardown() { container_teardown; }

# Calls that change nothing that outlives the process: killed at one of them, it leaves what it leaves
# at the next one that does. E2E_ALL=1 walks over them too, in two minutes.
HARMLESS='^(access|arch_prctl|brk|close|faccessat2|fcntl|fstatfs|get[a-z]*|lseek|mmap|mprotect|munmap|newfstatat|poll|pread64|prlimit64|read|readlink|rseq|rt_sig[a-z]*|set_robust_list|set_tid_address|statfs|umask)\(|^openat2?\((.(?!O_CREAT))*$'

# trace VERB...: the calls of the runtime's own process to `calls`, as lines "NAME K" for the K-th of
# that name: strace counts each call by itself, also for inject=all.
trace() {
	strace -o strace.out "$RT" --root "$ROOT" "$@" </dev/null >out 2>err 3>&-
	# the first execve is strace's own doing, exit_group the end
	awk -F '(' '/^[a-z]/ { print $1, ++n[$1] "\t" $0 }' strace.out |
		sed '1d; /^exit_group /d' >all-calls
	while IFS=$'\t' read -r name call; do
		[ -z "$E2E_ALL" ] && grep -qP "$HARMLESS" <<<"$call" || echo "$name"
	done <all-calls >calls
	[ "$(wc -l <calls)" -ge 4 ]
}

# kill_at NAME K VERB...: kill the runtime, and no child of it, when it enters this call.
kill_at() {
	local at="$1:signal=SIGKILL:when=$2"
	shift 2
	status=0
	strace -o /dev/null -e inject="$at" "$RT" --root "$ROOT" "$@" </dev/null >out 2>err 3>&- ||
		status=$?
} 2>/dev/null

is_created_or_over() {
	has_status "$ID" created 2>/dev/null || no_processes_left
}

# Read from 4: everything in the loops is started with the standard descriptors alone.
@test "create killed at every system call" {
	local name k killed=0
	trace create -b "$B" "$ID"
	rt delete --force "$ID"
	while read -r name k <&4; do
		kill_at "$name" "$k" create -b "$B" "$ID" 4<&-
		[ "$status" -eq 0 ] || killed=$((killed + 1))
		echo "killed at $name $k: $status" >at
		until_true 2 is_created_or_over || { cat at; return 1; }
		"$RT" --root "$ROOT" delete --force "$ID" || { cat at; return 1; }
		assert_nothing_left || { cat at; return 1; }
	done 4<calls
	echo "$killed of $(wc -l <calls)"
	# few are made more often in one run than in another
	[ "$killed" -gt $(($(wc -l <calls) * 9 / 10)) ]
}

@test "start killed at every system call" {
	local name k killed=0
	create_container
	trace start "$ID"
	rt delete --force "$ID"
	while read -r name k <&4; do
		[ -d "$ROOT/$ID" ] || create_container 4<&-
		kill_at "$name" "$k" start "$ID" 4<&-
		[ "$status" -eq 0 ] || killed=$((killed + 1))
		# asked already: it runs, as if start had returned
		if ! has_status "$ID" created; then
			until_true 2 has_status "$ID" running
			rt delete --force "$ID"
			succeeds
			assert_nothing_left
		fi
	done 4<calls
	echo "$killed of $(wc -l <calls)"
	[ "$killed" -gt $(($(wc -l <calls) * 9 / 10)) ]
}

@test "delete --force killed at every system call" {
	local name k killed=0
	start_container
	trace delete --force "$ID"
	assert_nothing_left
	while read -r name k <&4; do
		[ -d "$ROOT/$ID" ] || start_container 4<&-
		kill_at "$name" "$k" delete --force "$ID" 4<&-
		[ "$status" -eq 0 ] || killed=$((killed + 1))
		# a second one ends what the first has begun
		"$RT" --root "$ROOT" delete --force "$ID"
		assert_nothing_left || { echo "killed at $name $k"; return 1; }
	done 4<calls
	echo "$killed of $(wc -l <calls)"
	[ "$killed" -gt $(($(wc -l <calls) * 9 / 10)) ]
}

# failing CALL [MOST]: the first, second, ... of these calls fails, as long as there is one; with E2E_ALL
# each of them.
failing() {
	local call="$1" most="${2:-6}" k=0
	[ -z "$E2E_ALL" ] || most=999
	echo "$call"
	while [ "$k" -lt "$most" ]; do
		k=$((k + 1))
		status=0
		timeout -s KILL 20 strace -f -o /dev/null -e inject="$call":error=EPERM:when="$k" \
			"$RT" --root "$ROOT" run -b "$B" "$ID" </dev/null >out 2>err 3>&- ||
			status=$?
		echo "$call $k: status $status $(cat err)"
		[ ! -s out ]
		assert_nothing_left
		[ "$status" -ne 0 ] || break
		[ "$status" -eq 1 ]
		# one line, which names the call in its words or the path that it was used on
		[ "$(wc -l <err)" -eq 1 ]
		grep -qi "$(what_names "$call").*operation not permitted\$" err
	done
	# the first at least has failed
	[ "$k" -gt 1 ] || [ "$status" -eq 1 ]
}

what_names() {
	case "$1" in
	prlimit64) echo ': setrlimit:' ;;
	execve) echo 'exec /' ;;
	mkdirat | renameat2) echo '^make \|: mkdir:\|: openat2:' ;;
	flock) echo '^\(make\|write\) state\|^lock container\|^status of container' ;;
	*) echo ": $1\((.*)\)\?:" ;;
	esac
}

@test "each mount call that fails: one line, exit 1, nothing left" {
	set_args true
	# the detached mounts, their attributes, their places
	failing open_tree
	failing move_mount
	failing fsopen
	failing fsconfig
	failing fsmount
	failing mount_setattr
	failing mount
	failing umount2
	failing pivot_root
}

@test "each call for identity that fails: one line, exit 1, nothing left" {
	set_args true
	edit '.process.user = {uid: 1000, gid: 1000, additionalGids: [7]}'
	failing clone3
	failing setsid
	failing sethostname
	failing capset
	failing setgroups
	failing setresgid
	failing setresuid
	# the sanitizers' own start-up needs it, and ends the process when it fails
	[ -n "${ASAN_OPTIONS:-}" ] || failing prlimit64 3
	failing prctl 5
	failing execve
	failing fchdir
	failing socketpair
}

@test "each call for files that fails: one line, exit 1, nothing left" {
	set_args true
	failing mknodat
	failing symlinkat
	failing mkdirat 3
	failing renameat2
	failing flock
}

@test "messages that can't be sent or received: no hang, nothing left" {
	set_args true
	local call k
	# two meetings at least
	edit '.hooks.createRuntime = [{path: "/bin/true"}]'
	for call in sendto recvfrom; do
		for k in 1 2 3; do
			status=0
			timeout -s KILL 20 strace -f -o /dev/null -e inject="$call":error=ENOBUFS:when="$k" \
				"$RT" --root "$ROOT" run -b "$B" "$ID" </dev/null >out 2>err 3>&- ||
				status=$?
			echo "$call $k: status $status $(cat err)"
			[ "$status" -eq 0 ] || [ "$status" -eq 1 ]
			[ "$(wc -l <err)" -le 1 ]
			[ "$status" -eq 0 ] || [ -s err ]
			assert_nothing_left
		done
	done
}

@test "a wrapper that answers openat2 with ENOSYS or EPERM changes nothing" {
	local error
	set_args sh -c 'echo hello; [ -c /dev/null ] && [ -d /sys/fs/cgroup ]'
	for error in ENOSYS EPERM; do
		run strace -f -o /dev/null -e inject=openat2:error="$error" \
			"$RT" --root "$ROOT" run -b "$B" "$ID"
		prints hello
	done
}

@test "init killed while it is set up" {
	local n status
	# init hangs in a hook; kill it there
	edit '.hooks.createContainer = [{path: "/bin/sleep", args: ["sleep", "1000"],
		env: ["E2E='"$ID"'"]}]'
	"$RT" --root "$ROOT" create -b "$B" "$ID" >out 2>err 3>&- &
	local rt_pid=$!
	until_true 5 eval 'pgrep -P "$(pgrep -P $rt_pid)" sleep'
	kill -KILL "$(pgrep -P "$rt_pid")"
	wait "$rt_pid" && false || [ "$?" -eq 1 ]
	[ "$(cat err)" = "the container's init died while it was set up" ]
	assert_nothing_left
}

@test "the runtime killed while init hangs: init does not live on" {
	edit '.hooks.createContainer = [{path: "/bin/sleep", args: ["sleep", "1000"],
		env: ["E2E='"$ID"'"]}]'
	"$RT" --root "$ROOT" create -b "$B" "$ID" >out 2>err 3>&- &
	local rt_pid=$!
	until_true 5 eval 'pgrep -P "$(pgrep -P $rt_pid)" sleep'
	kill -KILL "$rt_pid"
	until_true 2 no_processes_left
	rt delete --force "$ID"
	prints ""
	assert_nothing_left
}

@test "200 containers from 8 processes" {
	create_25() {
		local i
		for i in $(seq 25); do
			"$RT" --root "$ROOT" create -b "$B" "$ID-$1-$i" </dev/null >/dev/null ||
				echo "create $1-$i failed"
		done
	}
	delete_25() {
		local i
		for i in $(seq 25); do
			"$RT" --root "$ROOT" start "$ID-$1-$i" || echo "start $1-$i failed"
			"$RT" --root "$ROOT" delete --force "$ID-$1-$i" ||
				echo "delete $1-$i failed"
		done
	}
	local k
	for k in 1 2 3 4 5 6 7 8; do
		create_25 $k 3>&- &
	done >created 2>&1
	wait
	cat created
	[ ! -s created ]
	[ "$("$RT" --root "$ROOT" list -f json | jq 'map(select(.status == "created")) | length')" -eq 200 ]
	for k in 1 2 3 4 5 6 7 8; do
		delete_25 $k 3>&- &
	done >deleted 2>&1
	wait
	cat deleted
	[ ! -s deleted ]
	assert_nothing_left
}

@test "one id, wanted by 8 at once: one gets it" {
	local k
	for k in 1 2 3 4 5 6 7 8; do
		"$RT" --root "$ROOT" create -b "$B" "$ID" </dev/null >/dev/null 2>"err.$k" 3>&- &
	done
	wait
	[ "$(cat err.* | grep -cx "container with given ID already exists")" -eq 7 ]
	[ "$(cat err.* | wc -l)" -eq 7 ]
	has_status "$ID" created
}

@test "start of an init that is killed before it executes anything is a failure" {
	mkfifo "$B/rootfs/go"
	printf '#!/bin/sh\ncat /go >/dev/null\n' >"$B/rootfs/hook"
	chmod 755 "$B/rootfs/hook"
	edit '.hooks.startContainer = [{path: "/hook"}]'
	create_container
	"$RT" --root "$ROOT" start "$ID" >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- &
	local starter=$! init
	init="$(pid_of "$ID")"
	# the hook runs: it has opened the pipe
	timeout 5 sh -c 'exec 9>"$1"; kill -9 "$2"' - "$B/rootfs/go" "$init"
	status=0
	wait "$starter" || status=$?
	output="$(cat "$BATS_TEST_TMPDIR/out")"
	fails_like "*the container's init died before it executed the process"
}

# What the one who asks sees between two of its looks is another state than any of the container's.
@test "state of a created container that is killed or deleted meanwhile: never running" {
	local end
	for end in "kill $ID KILL" "delete --force $ID"; do
		create_container
		strace -o /dev/null -e inject=connect:delay_enter=700000 \
			"$RT" --root "$ROOT" state "$ID" >out 2>err 3>&- &
		sleep 0.3
		# shellcheck disable=SC2086 # words
		rt $end
		[ "$status" -eq 0 ]
		wait "$!"
		[ "$(jq -r .status out)" = stopped ]
		rt delete --force "$ID"
	done
}

@test "state while the container is made: never stopped" {
	strace -o /dev/null -e inject=clone3:delay_enter=400000 \
		"$RT" --root "$ROOT" create -b "$B" "$ID" </dev/null >created 2>&1 3>&- &
	sleep 0.2
	# reads that there is no process, and looks for one who makes it when all is done
	strace -o /dev/null -e inject=flock:delay_enter=800000 \
		"$RT" --root "$ROOT" state "$ID" >out 2>err 3>&-
	wait "$!"
	[ "$(jq -r .status out)" = created ]
	rt delete --force "$ID"
}
