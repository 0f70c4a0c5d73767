#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A container's life, verb by verb, as root. Hooks, exec, terminals and faults have their own files.
# Run: OCI_RT=build/oci-rt bats tests/e2e/lifecycle.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	set_args sleep 1000
}
teardown() { container_teardown; }

@test "run: the exit code is the container's" {
	local code
	for code in 0 1 42 255; do
		inside "exit $code"
		[ "$status" -eq "$code" ]
		[ -z "$output" ]
		assert_nothing_left
	done
}

@test "run: 128 + the signal that ended it" {
	# without a PID namespace: an init would be immune to its own signals
	edit '.linux.namespaces -= [{"type": "pid"}]'
	inside 'kill -TERM $$'
	[ "$status" -eq 143 ]
	inside 'kill -KILL $$'
	[ "$status" -eq 137 ]
	assert_nothing_left
}

@test "run: output, errors and input are passed through" {
	set_args sh -c 'read a; echo "out $a"; echo err >&2'
	run --separate-stderr "$RT" --root "$ROOT" run -b "$B" "$ID" <<<hello
	[ "$status" -eq 0 ] && [ "$output" = "out hello" ] && [ "$stderr" = err ]
}

@test "create does not run the program, start does" {
	set_args sh -c 'echo ran >/ran; exec sleep 1000'
	create_container
	[ -z "$output" ]
	has_status "$ID" created
	[ ! -e "$B/rootfs/ran" ]
	rt_live start "$ID"
	succeeds && [ -z "$output" ]
	until_true 5 test -e "$B/rootfs/ran"
	has_status "$ID" running
}

@test "state of a created container" {
	edit '.annotations = {"a.b/c": "d \"e\""}'
	create_container
	rt state "$ID"
	succeeds
	jq -e --arg id "$ID" --arg b "$B" '(.pid | type == "number" and . > 1)
		and (.created | test("^[0-9-]+T[0-9:]+\\.[0-9]{9}Z$"))
		and del(.pid, .created) == {ociVersion: "1.3.0", id: $id, status: "created",
			bundle: $b, rootfs: ($b + "/rootfs"), owner: "root",
			annotations: {"a.b/c": "d \"e\""}}' <<<"$output"
	[ "$(readlink "/proc/$(pid_of "$ID")/exe")" != /bin/busybox ]
}

@test "the config counts as it was at create" {
	create_container
	set_args sh -c 'exit 7'
	rt_live start "$ID"
	succeeds
	[ "$(tr '\0' ' ' <"/proc/$(pid_of "$ID")/cmdline")" = "sleep 1000 " ]
}

@test "created: what other verbs say" {
	create_container
	rt create -b "$B" "$ID"
	fails_with "container with given ID already exists"
	rt run -b "$B" "$ID"
	fails_with "container with given ID already exists"
	rt delete "$ID"
	fails_with "cannot delete container '$ID' that is not stopped: created"
	rt resume "$ID"
	fails_with "container not paused"
	has_status "$ID" created
	rt kill "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	rt delete "$ID"
	prints ""
	assert_nothing_left
}

@test "running: what other verbs say" {
	start_container
	rt start "$ID"
	fails_with "cannot start an already running container"
	rt create -b "$B" "$ID"
	fails_with "container with given ID already exists"
	rt delete "$ID"
	fails_with "cannot delete container '$ID' that is not stopped: running"
	rt resume "$ID"
	fails_with "container not paused"
	has_status "$ID" running
}

@test "stopped: what other verbs say" {
	start_container
	rt kill "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	[ "$(pid_of "$ID")" -eq 0 ]
	rt start "$ID"
	fails_with "cannot start a container that has stopped"
	rt kill "$ID"
	fails_with "container not running"
	rt pause "$ID"
	fails_with "container not running"
	rt resume "$ID"
	fails_with "container not running"
	rt update --pids-limit 7 "$ID"
	fails_with "container not running"
	rt exec "$ID" true
	[ "$status" -eq 255 ]
	[ "$output" = "cannot exec in a stopped container: container not running" ]
	rt ps -f json "$ID"
	prints "[]"
	rt create -b "$B" "$ID"
	fails_with "container with given ID already exists"
	rt delete "$ID"
	prints ""
	rt delete "$ID"
	fails_with "container does not exist"
	assert_nothing_left
}

@test "paused: what other verbs say" {
	start_container
	rt pause "$ID"
	prints ""
	has_status "$ID" paused
	rt pause "$ID"
	fails_with "container already paused"
	rt start "$ID"
	fails_with "cannot start a container that is paused"
	rt exec "$ID" true
	[ "$status" -eq 255 ]
	[ "$output" = "cannot exec in a paused container (use --ignore-paused to override)" ]
	rt delete "$ID"
	fails_with "cannot delete container '$ID' that is not stopped: paused"
	rt resume "$ID"
	prints ""
	has_status "$ID" running
}

@test "a paused container stands still, and resumes" {
	set_args sh -c 'while :; do echo x >>/ticks; sleep 0.01; done'
	start_container
	until_true 5 test -s "$B/rootfs/ticks"
	rt pause "$ID"
	succeeds
	local before
	before="$(wc -l <"$B/rootfs/ticks")"
	sleep 0.2
	[ "$(wc -l <"$B/rootfs/ticks")" -eq "$before" ]
	rt resume "$ID"
	succeeds
	sleep 0.2
	[ "$(wc -l <"$B/rootfs/ticks")" -gt "$before" ]
}

@test "SIGKILL and delete --force reach a paused container" {
	start_container
	rt pause "$ID"
	succeeds
	rt kill "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	rt delete "$ID"
	succeeds
	start_container
	rt pause "$ID"
	succeeds
	rt delete --force "$ID"
	prints ""
	assert_nothing_left
}

@test "a config without process: create yes, start no, delete" {
	edit 'del(.process)'
	create_container
	has_status "$ID" created
	rt start "$ID"
	fails_with "process: required to start a container"
	rt run -b "$B" "$ID-2"
	fails_like "config.json:1:1: process: required to run a container"
	rt delete --force "$ID"
	prints ""
	assert_nothing_left
}

@test "kill: by name, by number, default TERM" {
	set_args sh -c 'trap "echo usr1 >>/got" USR1; trap "echo usr2 >>/got" USR2
		trap "echo term >>/got; exit 3" TERM; echo up >/up; while :; do sleep 0.02; done'
	start_container
	until_true 5 test -e "$B/rootfs/up"
	rt kill "$ID" SIGUSR1
	succeeds
	until_true 5 grep -qx usr1 "$B/rootfs/got"
	rt kill "$ID" 12
	succeeds
	until_true 5 grep -qx usr2 "$B/rootfs/got"
	rt kill "$ID"
	succeeds
	until_true 5 has_status "$ID" stopped
	[ "$(cat "$B/rootfs/got")" = $'usr1\nusr2\nterm' ]
}

@test "kill --all reaches what init left, without a PID namespace too" {
	edit '.linux.namespaces -= [{"type": "pid"}]'
	set_args sh -c 'sleep 1000 & sleep 1000 & echo up >/up; wait'
	start_container
	until_true 5 test -e "$B/rootfs/up"
	rt ps -f json "$ID"
	[ "$(jq length <<<"$output")" -eq 3 ]
	rt kill --all "$ID" KILL
	succeeds
	until_true 5 no_processes_left
	rt delete "$ID"
	succeeds
	assert_nothing_left
}

@test "delete --force ends everything" {
	edit '.linux.namespaces -= [{"type": "pid"}]'
	set_args sh -c 'sleep 1000 & echo up >/up; exit 0'
	start_container
	until_true 5 test -e "$B/rootfs/up"
	until_true 5 has_status "$ID" stopped
	rt delete --force "$ID"
	prints ""
	no_processes_left
	assert_nothing_left
}

@test "pid file: digits alone, and gone after a failed create" {
	create_container --pid-file "$BATS_TEST_TMPDIR/pid"
	[ "$(wc -c <pid)" -eq "$(($(wc -l <pid) + $(pid_of "$ID" | tr -d '\n' | wc -c)))" ]
	grep -Exq '[0-9]+' pid
	[ "$(wc -l <pid)" -eq 0 ]
	[ "$(cat pid)" = "$(pid_of "$ID")" ]
	rm pid
	set_args no-such-program
	rt create -b "$B" --pid-file pid "$ID-2"
	[ "$status" -eq 1 ]
	[ ! -e pid ]
	# the last thing create does: its failure takes everything back
	rt create -b "$B" --pid-file nowhere/pid "$ID-3"
	[ "$status" -eq 1 ]
	rt list -q
	prints "$ID"
}

# What is no regular file was replaced by one: as root, /dev/null or /dev/stdout for the whole machine.
@test "a pid file that is a device, a pipe or a link is written into, and stays" {
	mknod null c 1 3
	ln -s target link
	mkfifo pipe
	local name
	for name in null link pipe; do
		[ "$name" != pipe ] || { cat pipe >from-pipe & }
		"$RT" --root "$ROOT" run --pid-file "$name" -b "$B" "$ID" </dev/null >out 2>err 3>&- &
		PIDS=($!)
		until_true 5 has_status "$ID" running
		pid_of "$ID" | tr -d '\n' >pid
		rt delete --force "$ID"
		succeeds
		set_args no-such-program
		rt create --pid-file "$name" -b "$B" "$ID"
		[ "$status" -eq 1 ]
		set_args sleep 1000
		case "$name" in
		null) [ -c null ] ;;
		link) [ -L link ] && cmp pid target && rm target ;;
		pipe) [ -p pipe ] && cmp pid from-pipe ;;
		esac
	done
	# as the kernel's protected_symlinks: not through somebody else's
	chown -h 1000 link
	rt create --pid-file link -b "$B" "$ID"
	fails_with "write the pid to $BATS_TEST_TMPDIR/link: write: too many levels of symbolic links"
	[ ! -e target ]
}

@test "a pid file that can't be written takes the container back" {
	rt create -b "$B" --pid-file "$BATS_TEST_TMPDIR/nowhere/pid" "$ID"
	fails_with "write the pid to $BATS_TEST_TMPDIR/nowhere/pid: write: no such file or directory"
	assert_nothing_left
}

@test "relative paths: bundle, pid file, log, config, root" {
	rt_live --log l.json --log-format json create -b b --pid-file p "$ID"
	succeeds
	[ "$(cat p)" = "$(pid_of "$ID")" ]
	rt delete --force "$ID"
	succeeds
	(
		cd b
		mv config.json other.json
		set -e
		rt_live create --pid-file ../p2 -f other.json "$ID"
		succeeds
		[ "$(pid_of "$ID")" = "$(cat ../p2)" ]
	)
	[ "$("$RT" --root root state "$ID" | jq -r .bundle)" = "$B" ]
	mv b/other.json b/config.json
}

@test "--root of 150 characters" {
	local long
	long="$BATS_TEST_TMPDIR/$(printf '%0150d' 7)"
	edit '.hostname = "long"'
	"$RT" --root "$long" create -b "$B" "$ID" </dev/null >out 2>&1 3>&-
	[ "$("$RT" --root "$long" state "$ID" | jq -r .status)" = created ]
	"$RT" --root "$long" start "$ID"
	[ "$("$RT" --root "$long" state "$ID" | jq -r .status)" = running ]
	[ "$("$RT" --root "$long" exec "$ID" hostname)" = long ]
	"$RT" --root "$long" delete --force "$ID"
	[ -z "$(ls -A "$long")" ]
}

@test "list shows what state says" {
	start_container
	rt_live create -b "$B" "$ID-2"
	succeeds
	rt list -f json
	succeeds
	jq -e --arg id "$ID" --argjson pid "$(pid_of "$ID")" 'map({id, status})
		== [{id: $id, status: "running"}, {id: ($id + "-2"), status: "created"}]
		and .[0].pid == $pid' <<<"$output"
	rt list -q
	prints "$ID"$'\n'"$ID-2"
}

@test "ps" {
	set_args sh -c 'sleep 1001 & sleep 1002; :'
	start_container
	until_true 5 eval '[ "$("$RT" --root "$ROOT" ps -f json "$ID" | jq length)" -eq 3 ]'
	rt ps "$ID" -o args
	[ "$status" -eq 1 ]
	rt ps "$ID" -o pid,args -e
	succeeds
	[ "${#lines[@]}" -eq 4 ]
	[[ "$output" == *"sleep 1001"* && "$output" == *"sleep 1002"* ]]
}

@test "run --detach returns, the container stays" {
	rt_live run -d --pid-file p -b "$B" "$ID"
	prints ""
	has_status "$ID" running
	[ "$(cat p)" = "$(pid_of "$ID")" ]
	# nobody of ours waits for it
	[ -z "$(pgrep -f -- "--root $ROOT")" ]
}

@test "run --detach tells of a program that can't be executed" {
	set_args /no/such/program
	rt run -d -b "$B" "$ID"
	fails_like '*exec: "/no/such/program": no such file or directory'
	assert_nothing_left
}

@test "run --keep keeps the stopped container" {
	set_args sh -c 'exit 4'
	rt run --keep -b "$B" "$ID"
	[ "$status" -eq 4 ]
	has_status "$ID" stopped
	rt delete "$ID"
	prints ""
	assert_nothing_left
}

@test "run forwards signals" {
	set_args sh -c 'trap "echo hup >>/got" HUP; trap "exit 9" TERM; echo up >/up
		while :; do sleep 0.02; done'
	"$RT" --root "$ROOT" run -b "$B" "$ID" 3>&- &
	local rt_pid=$!
	until_true 5 test -e "$B/rootfs/up"
	kill -HUP "$rt_pid"
	until_true 5 grep -qx hup "$B/rootfs/got"
	kill -TERM "$rt_pid"
	wait "$rt_pid" && false || [ "$?" -eq 9 ]
	assert_nothing_left
}

@test "deleted by another command while run waits" {
	"$RT" --root "$ROOT" run -b "$B" "$ID" >said 2>&1 3>&- &
	local rt_pid=$!
	until_true 5 eval 'has_status "$ID" running 2>/dev/null'
	rt delete --force "$ID"
	succeeds
	wait "$rt_pid" && false || [ "$?" -eq 137 ]
	[ ! -s said ]
	assert_nothing_left
}

@test "descriptors that leak into us do not reach the container" {
	set_args sh -c 'ls /proc/self/fd; readlink /proc/self/fd/9'
	echo secret >secret
	# 3 is that of `ls` itself, on the directory it reads
	run bash -c 'exec 3<&-; exec 9<secret 12<secret; exec "$@"' - "$RT" --root "$ROOT" run -b "$B" "$ID"
	echo "$output"
	[ "$output" = $'0\n1\n2\n3' ]
	set_args sh -c 'cd /proc/self/fd/9 && ls'
	run bash -c 'exec 3<&-; exec 9</; exec "$@"' - "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$status" -ne 0 ]
}

@test "--preserve-fds" {
	set_args sh -c 'cat <&3; cat <&4; ls /proc/self/fd | tr "\n" " "; echo "$LISTEN_FDS"'
	echo three >f3
	echo four >f4
	run bash -c 'exec 3<f3 4<f4 5<f4; exec "$@"' - \
		"$RT" --root "$ROOT" run --preserve-fds 2 -b "$B" "$ID"
	prints $'three\nfour\n0 1 2 3 4 5 '
	run bash -c 'exec 3<f3 4<&-; exec "$@"' - \
		"$RT" --root "$ROOT" run --preserve-fds 2 -b "$B" "$ID"
	fails_with "--preserve-fds: file descriptor 4 is not open"
	assert_nothing_left
}

@test "LISTEN_FDS, with --preserve-fds after them" {
	set_args sh -c 'cat <&3; cat <&4; echo "$LISTEN_FDS $LISTEN_PID"; [ ! -e /proc/self/fd/5 ]'
	echo three >f3
	echo four >f4
	run bash -c 'exec 3<f3 4<f4 5<f4; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"' - \
		"$RT" --root "$ROOT" run --preserve-fds 1 -b "$B" "$ID"
	prints $'three\nfour\n1 1'
	# conmon passes LISTEN_PID on as it is: any number will do, anything else will not
	set_args sh -c 'echo "$LISTEN_FDS-$LISTEN_PID"; [ ! -e /proc/self/fd/4 ]'
	run bash -c 'exec 3<f3; export LISTEN_FDS=1 LISTEN_PID=77777; exec "$@"' - \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	prints 1-1
	run bash -c 'exec 3<f3; export LISTEN_FDS=1 LISTEN_PID=me; exec "$@"' - \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	prints -
	# left over from a service that was started by a socket
	run bash -c 'export LISTEN_FDS=1 LISTEN_PID=77777; exec "$@"' - "$RT" --root "$ROOT" run -b "$B" "$ID" 3>&-
	fails_with "LISTEN_FDS=1 in the environment: file descriptor 3 is not open; unset it"
	run "$RT" --root "$ROOT" run --preserve-fds 1 -b "$B" "$ID" 3>&-
	fails_with "--preserve-fds: file descriptor 3 is not open"
}

@test "nothing of our environment reaches the container" {
	edit '.process.env = ["PATH=/bin", "A=1"]'
	set_args sh -c 'tr "\0" "\n" </proc/1/environ; :'
	run env SECRET=1 _OCI_STARTPIPE=3 "$RT" --root "$ROOT" run -b "$B" "$ID"
	prints $'PATH=/bin\nA=1\nHOME=/root'
}

@test "--no-pivot" {
	set_args sh -c 'ls -d /bin; grep " / " /proc/self/mountinfo | wc -l; echo x >/made'
	rt run --no-pivot -b "$B" "$ID"
	succeeds
	[ "${lines[0]}" = /bin ]
	[ -e "$B/rootfs/made" ]
	assert_nothing_left
}

@test "two containers share namespaces by path" {
	edit '.hostname = "first"'
	start_container
	local pid
	pid="$(pid_of "$ID")"
	make_bundle second
	edit_config second --arg p "/proc/$pid/ns/" 'del(.hostname)
		| .linux.namespaces = [{type: "mount"}, {type: "pid", path: ($p + "pid")},
			{type: "network", path: ($p + "net")}, {type: "ipc", path: ($p + "ipc")},
			{type: "uts", path: ($p + "uts")}]
		| .process.args = ["sh", "-c",
			"hostname; readlink /proc/self/ns/net; readlink /proc/self/ns/ipc; ps -o args"]'
	rt run -b second "$ID-2"
	succeeds
	[ "${lines[0]}" = first ]
	[ "${lines[1]}" = "$(readlink "/proc/$pid/ns/net")" ]
	[ "${lines[2]}" = "$(readlink "/proc/$pid/ns/ipc")" ]
	[[ "$output" == *"sleep 1000"* ]]
	has_status "$ID" running
}

@test "namespace paths that are none, or of another type" {
	edit '(.linux.namespaces[] | select(.type == "network")).path = "/nowhere"'
	rt run -b "$B" "$ID"
	fails_like "*: linux.namespaces?1?: open the network namespace /nowhere: open: no such file or directory"
	edit '(.linux.namespaces[] | select(.type == "network")).path = "/etc/passwd"'
	rt run -b "$B" "$ID"
	fails_like "*: linux.namespaces?1?: /etc/passwd is not a namespace"
	edit '(.linux.namespaces[] | select(.type == "network")).path = "/proc/self/ns/ipc"'
	rt run -b "$B" "$ID"
	fails_like "*: linux.namespaces?1?: /proc/self/ns/ipc is a namespace of another type"
	assert_nothing_left
}

@test "bundle errors" {
	rt create -b nowhere "$ID"
	fails_with "bundle nowhere: no such file or directory"
	mkdir empty
	rt create -b empty "$ID"
	fails_with "empty/config.json: no such file or directory"
	edit '.root.path = "nowhere"'
	rt create -b b "$ID"
	fails_like "config.json:*: root.path: open the rootfs $B/nowhere: open: no such file or directory"
	echo '{' >b/config.json
	rt create -b b "$ID"
	fails_like "config.json:*"
	assert_nothing_left
}

@test "orphans of the container do not keep run from returning" {
	edit '.linux.namespaces -= [{"type": "pid"}]'
	inside 'sleep 1000 & exit 6'
	[ "$status" -eq 6 ]
	assert_nothing_left
}

# as process 1 of its namespace it would be hit by no signal that it does not handle
@test "a created container ends by the signals that end a process, and starts as if they were none" {
	local signal
	for signal in TERM INT HUP QUIT; do
		create_container
		rt kill "$ID" "$signal"
		succeeds
		until_true 5 has_status "$ID" stopped
		rt delete "$ID"
		succeeds
	done
	set_args sh -c 'grep SigCgt /proc/1/status >/tmp/caught; exec sleep 1000'
	start_container
	until_true 5 test -s "$B/rootfs/tmp/caught"
	# nothing that the shell has not asked for itself
	[ $((0x$(awk '{ print $2 }' "$B/rootfs/tmp/caught") & 0x4001)) -eq 0 ]
}
