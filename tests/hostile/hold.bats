#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Images, hooks and running containers that misbehave: no hang, no growth, one line where it fails, and
# nothing left. There is no one defence to take out here.
# Run: OCI_RT=build/oci-rt bats tests/hostile/hold.bats

bats_require_minimum_version 1.5.0

load ../e2e/helpers

setup() { container_setup; }
teardown() { container_teardown; }

# limited COMMAND...: no hang, and no more memory than a runtime needs (sanitizers take terabytes)
limited() {
	local memory=unlimited
	[ -n "${ASAN_OPTIONS:-}" ] || memory=262144
	status=0
	# a file: what is left in the container would hold a pipe
	# shellcheck disable=SC2016
	timeout -s KILL 20 bash -c 'ulimit -v "$0"; exec "$@"' "$memory" "$@" </dev/null >limited 2>&1 3>&- ||
		status=$?
	output="$(tr -d '\0' <limited)"
	mapfile -t lines <limited
	echo "status $status, output: ${output:0:2000}"
	[ "$status" -ne 137 ]
}

# run_as USER: what HOME the container's program gets
home_of() {
	edit --argjson uid "$1" '.process.user.uid = $uid | .process.env |= map(select(startswith("HOME=") | not))'
	set_args sh -c 'echo "$HOME"'
	limited "$RT" --root "$ROOT" run -b "$B" "$ID"
}

@test "/etc/passwd: huge, a line without end, no newline, NUL, a directory, a device, a socket" {
	local passwd="$B/rootfs/etc/passwd" kind
	# where the entry comes after more than anybody reads
	{ yes x:x:5:5::/x:/bin/sh | head -c 4M; echo someone:x:1000:1000::/late:/bin/sh; } >"$passwd"
	home_of 1000
	[ "$output" = / ]
	{ head -c 300K /dev/zero | tr '\0' a; echo; echo someone:x:1000:1000::/home/someone:/bin/sh; } >"$passwd"
	home_of 1000
	[ "$output" = /home/someone ]
	printf 'someone:x:1000:1000::/home/someone:/bin/sh' >"$passwd"
	home_of 1000
	[[ "$output" == / || "$output" == /home/someone ]]
	printf 'a\0b:x:1000:1000::/one\0two:/bin/sh\nx:x:1000\n:::\n\n' >"$passwd"
	home_of 1000
	[ "$output" = / ]
	# numbers that only look like the user's
	printf '%s\n' a:x:4294968296:0::/over:/ a:x:01000x:0::/x:/ a:x:-0:0::/minus:/ a:x:+1000:0::/plus:/ >"$passwd"
	home_of 1000
	[ "$output" = / ]
	home_of 0
	[ "$output" = / ]
	printf '%s\n' "a:x:1000:0::$(head -c 5000 /dev/zero | tr '\0' h):/" >"$passwd"
	home_of 1000
	[ "$status" -eq 0 ]
	for kind in mkdir mkfifo "ln -s /dev/zero" "ln -s passwd" "ln -s /proc/kmsg" "ln -s /dev/tty"; do
		rm -rf "$passwd"
		$kind "$passwd"
		home_of 1000
		[ "$output" = / ]
	done
	rm "$passwd"
	"$PYTHON" -c 'import os, socket; os.chdir(os.path.dirname(os.sys.argv[1])); socket.socket(socket.AF_UNIX).bind("passwd")' "$passwd"
	home_of 1000
	[ "$output" = / ]
}

@test "/etc/group is never read: a FIFO, and entries that want to give groups" {
	rm "$B/rootfs/etc/group"
	mkfifo "$B/rootfs/etc/group"
	edit '.process.user = {uid: 1000, gid: 1000}'
	# no `id`, which reads it
	set_args sh -c 'grep Groups /proc/self/status'
	limited "$RT" --root "$ROOT" run -b "$B" "$ID"
	[[ "$output" != *[0-9]* ]]
	rm "$B/rootfs/etc/group"
	echo 'root:x:0:someone' >"$B/rootfs/etc/group"
	set_args sh -c 'grep Groups /proc/self/status'
	limited "$RT" --root "$ROOT" run -b "$B" "$ID"
	[[ "$output" != *[0-9]* ]]
}

@test "links: a cycle, 41 after each other, a target of 4095 bytes" {
	local i r="$B/rootfs" long
	ln -s b "$r/a"
	ln -s a "$r/b"
	for i in $(seq 60); do ln -s "l$((i + 1))" "$r/l$i"; done
	long="$(printf '%0.s./' {1..2040})"
	ln -s "${long}x" "$r/long"
	set_args true
	for i in /a/x /b /l1/x /long/long/long/x; do
		edit --arg to "$i" '.mounts = (.mounts[0:7] + [{destination: $to, type: "tmpfs", source: "x"}])'
		limited "$RT" --root "$ROOT" run -b "$B" "$ID"
		[ "$status" -le 1 ]
		[ "${#lines[@]}" -le 1 ]
		assert_nothing_left
	done
	edit '.mounts = .mounts[0:7] | .linux.maskedPaths = ["/a", "/l1", "/long"] | .linux.readonlyPaths = ["/a"]'
	limited "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$status" -eq 1 ]
	edit '.linux.maskedPaths = [] | .linux.readonlyPaths = [] | .process.cwd = "/a/x"'
	limited "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$status" -eq 1 ]
	edit '.process.cwd = "/" | .process.args = ["/a"]'
	limited "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$status" -eq 1 ]
}

# FIFOs, sockets and devices where a file or a directory is expected.
make_node() {
	rm -rf "$2"
	case "$1" in
	fifo) mkfifo "$2" ;;
	socket) "$PYTHON" -c 'import os, socket; p = os.sys.argv[1]; os.chdir(os.path.dirname(p)); socket.socket(socket.AF_UNIX).bind(os.path.basename(p))' "$2" ;;
	device) mknod "$2" c 1 5 ;;
	esac
}

@test "a FIFO, socket or device where a directory is expected: an error, no hang" {
	local kind place
	set_args true
	for kind in fifo socket device; do
		for place in proc dev sys etc/sub; do
			rm -rf "$B/rootfs"
			cp -a "$(rootfs_template)" "$B/rootfs"
			make_node $kind "$B/rootfs/$place"
			edit '.mounts = (.mounts[0:7] + [{destination: "/etc/sub", type: "tmpfs", source: "x"}])'
			limited "$RT" --root "$ROOT" run -b "$B" "$ID"
			[ "$status" -eq 1 ]
			[ "${#lines[@]}" -eq 1 ]
			assert_nothing_left
		done
	done
}

@test "a FIFO, socket or device as the program, its interpreter, a mask, a bind source and target" {
	local kind r="$B/rootfs"
	for kind in fifo socket device; do
		make_node $kind "$r/node"
		chmod 0755 "$r/node"
		set_args /node
		limited "$RT" --root "$ROOT" run -b "$B" "$ID"
		[ "$status" -eq 1 ]
		printf '#!/node\n' >"$r/script"
		chmod 0755 "$r/script"
		set_args /script
		limited "$RT" --root "$ROOT" run -b "$B" "$ID"
		[ "$status" -eq 1 ]
		# masked: reads as nothing, and at once
		edit '.linux.maskedPaths = ["/node"] | .linux.readonlyPaths = ["/node"]'
		set_args cat /node
		limited "$RT" --root "$ROOT" run -b "$B" "$ID"
		prints ""
		edit --arg from "$r/node" '.linux.maskedPaths = [] | .linux.readonlyPaths = []
			| .mounts += [{destination: "/node", source: "/etc/hostname", options: ["bind"]},
			{destination: "/bound", source: $from, options: ["bind"]}]'
		set_args sh -c 'test -f /node && test -e /bound'
		limited "$RT" --root "$ROOT" run -b "$B" "$ID"
		[ "$status" -eq 0 ]
		edit '.mounts |= map(select(.destination != "/node" and .destination != "/bound"))'
	done
}

hook() {
	printf '#!/bin/sh\n%s\n' "$1" >hook
	chmod +x hook
	edit --arg hook "$PWD/hook" --arg when "$2" --argjson timeout "${3:-null}" \
		'.hooks = {($when): [{path: $hook} + (if $timeout then {timeout: $timeout} else {} end)]}'
}

@test "hooks that hang, also with what they start: ended at their timeout" {
	local when
	set_args true
	for when in prestart createRuntime createContainer startContainer; do
		hook 'trap "" TERM INT; sleep 1000 & wait; sleep 1000' $when 1
		# in the container's root for the last
		cp hook "$B/rootfs/hook"
		[ $when != startContainer ] || edit '.hooks.startContainer[0].path = "/hook"'
		# not `run`: what the hook leaves behind holds its pipe
		status=0
		timeout -s KILL 20 "$RT" --root "$ROOT" run -b "$B" "$ID" </dev/null >out 2>err 3>&- ||
			status=$?
		end_sleepers
		echo "$when: $status $(cat err)"
		[ "$status" -eq 1 ]
		grep -q "hook.*time" err
		until_true 2 no_state
	done
}

no_state() {
	[ -z "$(ls -A "$ROOT")" ]
}

# What a hook has put into the background on the host is the hook's: these are of this test's hooks.
end_sleepers() {
	local dir
	for dir in /proc/[0-9]*; do
		[ "$(tr '\0' ' ' <"$dir/cmdline" 2>/dev/null)" = "sleep 1000 " ] || continue
		[ "$(readlink "$dir/cwd")" = "$B/rootfs" ] || [ "$(readlink "$dir/cwd")" = "$B" ] ||
			[ "$(readlink "$dir/cwd")" = "$PWD" ] || continue
		kill -KILL "${dir#/proc/}" 2>/dev/null || true
	done
}

@test "hooks that read nothing, close everything, print megabytes or lines without end" {
	set_args true
	# a state that is longer than a pipe holds
	edit '.annotations = ([range(3000) | {key: "a.b\(.)", value: ("v" * 100)}] | from_entries)'
	hook 'exec <&- >&- 2>&-; exit 0' createRuntime
	limited "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$status" -eq 0 ]
	hook 'exit 0' createContainer
	limited "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$status" -eq 0 ]
	hook 'head -c 8000000 /dev/zero | tr "\0" e >&2; exit 3' createRuntime
	run timeout -s KILL 20 bash -c '"$@" 2>&1 | tail -c 3000' sh "$RT" --root "$ROOT" run -b "$B" "$ID"
	[[ "${lines[-1]}" == *"createRuntime hook"* ]]
	assert_nothing_left
}

@test "a hook that kills the container's init: an error, nothing left" {
	set_args true
	hook 'kill -KILL "$(sed "s/.*\"pid\": *\([0-9]*\).*/\1/")"' createRuntime
	limited "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	assert_nothing_left
}

@test "a hook that calls the runtime on its own container: no deadlock" {
	set_args true
	hook "timeout 3 $RT --root $ROOT state $ID; timeout 3 $RT --root $ROOT kill $ID KILL; exit 0" createRuntime
	limited "$RT" --root "$ROOT" run -b "$B" "$ID"
	assert_nothing_left
}

@test "a fork bomb: kill, update, exec, pause and delete end all the same" {
	edit '.linux.resources.pids = {limit: 200}'
	set_args sh -c 'trap "" TERM HUP INT; b() { b & b & wait; }; b; sleep 1000'
	start_container
	sleep 0.5
	limited "$RT" --root "$ROOT" exec "$ID" true
	limited "$RT" --root "$ROOT" update --pids-limit 150 "$ID"
	limited "$RT" --root "$ROOT" pause "$ID"
	[ "$status" -eq 0 ]
	limited "$RT" --root "$ROOT" resume "$ID"
	limited "$RT" --root "$ROOT" ps "$ID"
	limited "$RT" --root "$ROOT" delete --force "$ID"
	[ "$status" -eq 0 ]
	assert_nothing_left
}

@test "a fork bomb without a PID namespace: delete --force ends all of it" {
	edit '.linux.namespaces |= map(select(.type != "pid")) | .linux.resources.pids = {limit: 100}'
	set_args sh -c 'trap "" TERM HUP INT; b() { b & b & wait; }; b; sleep 1000'
	start_container
	sleep 0.3
	limited "$RT" --root "$ROOT" delete --force "$ID"
	[ "$status" -eq 0 ]
	assert_nothing_left
}

@test "a container that kills all that comes: exec fails or works, and never hangs" {
	local i
	set_args sh -c 'while :; do for p in /proc/[0-9]*; do p=${p#/proc/}; [ $p = 1 ] || kill -KILL $p; done; done 2>/dev/null'
	start_container
	for i in 1 2 3 4 5 6; do
		limited "$RT" --root "$ROOT" exec -d "$ID" sleep 1000
		[ "$status" -eq 0 ] || [ "$status" -eq 255 ]
	done
	limited "$RT" --root "$ROOT" delete --force "$ID"
	[ "$status" -eq 0 ]
	assert_nothing_left
}

@test "a container that replaces its own /proc, /bin and /dev while exec runs" {
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	set_args sh -c 'cp /bin/busybox /; mkdir /t; /busybox mount -t tmpfs x /proc; /busybox mount -t tmpfs x /dev
		/busybox mkdir -p /proc/self/fd /proc/self/attr /proc/1; : >/proc/self/setgroups; /busybox mkfifo /dev/null /dev/ptmx
		/busybox mkfifo /etc/passwd2; /busybox mv /etc/passwd2 /etc/passwd; /busybox touch /ready; exec /busybox sleep 1000'
	start_container
	until_true 3 test -e "$B/rootfs/ready"
	edit '.process.env |= map(select(startswith("HOME=") | not))'
	limited "$RT" --root "$ROOT" exec -u 1000:1000 "$ID" /busybox echo "done"
	[ "$output" = "done" ]
	limited "$RT" --root "$ROOT" exec -t "$ID" /busybox true
	[ "$status" -eq 255 ]
	limited "$RT" --root "$ROOT" ps "$ID"
	[ "$status" -eq 0 ]
}

@test "a container that moves and exchanges its directories while mounts are added" {
	mkdir -p "$B/rootfs/race/m" "$B/rootfs/race/other"
	ln -s / "$B/rootfs/race/l"
	set_args sh -c 'cd /race; while :; do mv m x && mv l m && mv x l; done 2>/dev/null'
	start_container
	local i
	mkdir source
	for i in $(seq 40); do
		limited "$RT" --root "$ROOT" mounts add "$ID" "$PWD/source" /race/m/in
		[ "$status" -le 1 ]
	done
	[ ! -e /in ]
}

@test "a state directory that holds what is no state: FIFO, huge, links, a directory" {
	local kind
	set_args sleep 1000
	for kind in "mkfifo" "mkdir" "ln -s /dev/zero" "ln -s state.json" "truncate -s 1T"; do
		mkdir -m 0700 "$ROOT/$ID"
		$kind "$ROOT/$ID/state.json"
		limited "$RT" --root "$ROOT" state "$ID"
		[ "$status" -eq 1 ]
		limited "$RT" --root "$ROOT" list
		limited "$RT" --root "$ROOT" kill "$ID" KILL
		[ "$status" -eq 1 ]
		rm -rf "${ROOT:?}/$ID"
	done
}
