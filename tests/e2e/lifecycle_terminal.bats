#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Terminals: the console socket of clients, and the user's own terminal.
# Run: OCI_RT=build/oci-rt bats tests/e2e/lifecycle_terminal.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	needs "$PYTHON"
	edit '.process.terminal = true'
}
teardown() { container_teardown; }

# receive SOCKET LOG [INPUT]: in the background
receive() {
	"$PYTHON" "$BATS_TEST_DIRNAME/terminal.py" receive "$@" 3>&- >receiver.out 2>&1 &
	PIDS+=($!)
	until_true 5 test -S "$1"
}

# on_terminal SIZES INPUT COMMAND...: without carriage returns in $output
on_terminal() {
	run timeout 20 "$PYTHON" "$BATS_TEST_DIRNAME/terminal.py" run "$@" 3>&-
	output="${output//$'\r'/}"
	echo "status $status, output: $output"
}

@test "the console socket receives one descriptor, and is closed" {
	set_args sh -c 'tty; tty <&1; tty <&2; echo done'
	edit '.process.consoleSize = {height: 33, width: 77}'
	receive s log
	rt_live create -b "$B" --console-socket s "$ID"
	succeeds
	until_true 5 test -s log.json
	jq -e '.fds == 1 and .data > 0 and .data < 64 and .rest == 0 and .size == [33, 77]' log.json
	rt_live start "$ID"
	succeeds
	until_true 5 grep -q done log
	[ "$(tr -d '\r' <log)" = $'/dev/pts/0\n/dev/pts/0\n/dev/pts/0\ndone' ]
	until_true 5 has_status "$ID" stopped
	rt delete "$ID"
	succeeds
	assert_nothing_left
}

@test "/dev/console is the terminal, and it is the controlling one" {
	set_args sh -c 'stat -c %t:%T /dev/console /dev/pts/0; echo tty >/dev/tty
		echo console >/dev/console; ls -1 /dev/pts; cut -d" " -f4-8 /proc/1/stat'
	rt_live run -d -b "$B" --console-socket "$BATS_TEST_TMPDIR/none" "$ID"
	[ "$status" -eq 1 ]
	[[ "$output" == *": process.terminal: connect to $BATS_TEST_TMPDIR/none: connect: no such file or directory" ]]
	receive s log
	rt_live run -d -b "$B" --console-socket s "$ID"
	succeeds
	until_true 5 has_status "$ID" stopped
	cat log
	# ppid 0, its own group and session, a terminal, which it holds in the foreground
	[ "$(tr -d '\r' <log)" = $'88:0\n88:0\ntty\nconsole\n0\nptmx\n0 1 1 34816 1' ]
}

@test "a socket's path may be longer than sun_path" {
	local dir
	dir="$BATS_TEST_TMPDIR/$(printf '%0150d' 1)"
	mkdir "$dir"
	set_args echo hello
	receive "$dir/s" log
	rt_live run -d -b "$B" --console-socket "$dir/s" "$ID"
	succeeds
	until_true 5 grep -q hello log
}

@test "keys are signals" {
	set_args sh -c 'trap "echo interrupted; exit 0" INT; echo ready; while :; do sleep 0.02; done'
	receive s log '\x03'
	rt_live run -d -b "$B" --console-socket s "$ID"
	succeeds
	until_true 5 grep -q interrupted log
	until_true 5 has_status "$ID" stopped
}

@test "terminal and console socket belong together" {
	rt create -b "$B" "$ID"
	fails_like "*config.json:*: process.terminal: a detached container with a terminal needs --console-socket"
	rt run -d -b "$B" "$ID"
	fails_like "*config.json:*: process.terminal: a detached container with a terminal needs --console-socket"
	edit '.process.terminal = false'
	rt create -b "$B" --console-socket s "$ID"
	fails_like "*config.json:*: process.terminal: --console-socket needs it to be true"
	assert_nothing_left
}

@test "a terminal without a devpts" {
	edit '.mounts |= map(select(.type != "devpts"))'
	receive s log
	rt create -b "$B" --console-socket s "$ID"
	fails_like "*: process.terminal: a terminal needs a devpts mount on /dev/pts in the config's mounts"
	assert_nothing_left
}

@test "the slave belongs to the process's user" {
	edit '.process.user = {uid: 1000, gid: 1000}'
	set_args stat -c '%u %a' /dev/pts/0
	receive s log
	rt_live run -d -b "$B" --console-socket s "$ID"
	succeeds
	until_true 5 has_status "$ID" stopped
	[ "$(tr -d '\r' <log)" = "1000 620" ]
}

@test "run on the user's own terminal: size, input, exit code" {
	set_args sh -c 'stty size; echo ready; read line; echo "got $line"; exit 7'
	on_terminal 31x71 'hello\n' "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$status" -eq 7 ]
	[ "$output" = $'31 71\nready\nhello\ngot hello' ]
	assert_nothing_left
}

@test "run follows the size of the user's terminal" {
	set_args sh -c 'trap "stty size; exit 0" WINCH; echo ready; while :; do sleep 0.02; done'
	on_terminal 31x71,44x99 '' "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$output" = $'ready\n44 99' ]
}

@test "the user's terminal is restored" {
	set_args sh -c 'stty -echo raw; exit 3'
	on_terminal 31x71 '' sh -c 'a=$(stty -g); "$@"; echo $?; [ "$(stty -g)" = "$a" ] && echo same' \
		- "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$output" = $'3\nsame' ]
	# also when there was nothing to run
	set_args no-such-program
	on_terminal 31x71 '' sh -c 'a=$(stty -g); "$@"; echo $?; [ "$(stty -g)" = "$a" ] && echo same' \
		- "$RT" --root "$ROOT" run -b "$B" "$ID"
	[[ "$output" == *'exec: "no-such-program": executable file not found in $PATH'$'\n1\nsame' ]]
}

@test "much output is complete" {
	set_args sh -c 'i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i + 1)); done'
	on_terminal 31x71 '' "$RT" --root "$ROOT" run -b "$B" "$ID" >/dev/null
	[ "$(tail -n 1 <<<"$output")" = 19999 ]
	[ "$(wc -l <<<"$output")" -eq 20000 ]
}

@test "run with a terminal, on pipes" {
	set_args sh -c 'tty; read line; echo "got $line"'
	run bash -c 'echo hello | timeout 20 "$@"' - "$RT" --root "$ROOT" run -b "$B" "$ID"
	output="${output//$'\r'/}"
	succeeds
	# the echo may come before the first line
	[[ "$output" == *"/dev/pts/0"* && "$output" == *"got hello" ]]
}

# Who writes what it does not read stops reading as well: both waited for ever.
@test "a program that writes much before it reads its input, and an input that does not wait" {
	set_args sh -c 'stty raw -echo; echo ready; yes | head -c 1000000; head -c 300000 | wc -c'
	: >log
	{
		until_true 5 grep -q ready log
		head -c 300000 /dev/zero
	} | timeout -k 1 20 "$RT" --root "$ROOT" run -b "$B" "$ID" >log 2>err 3>&-
	[ "$(wc -c <log)" -eq 1000013 ]
	[ "$(tail -n 1 log)" = 300000 ]
}

@test "signals are passed on while nobody reads the output" {
	set_args sh -c 'trap "touch /stopped; exit 0" TERM; yes & wait'
	mkfifo stuck
	sleep 1000 <stuck 3>&- &
	PIDS=($!)
	"$RT" --root "$ROOT" run -b "$B" "$ID" </dev/null >stuck 2>err 3>&- &
	PIDS+=($!)
	until_true 5 has_status "$ID" running
	sleep 0.5
	kill -TERM "${PIDS[1]}"
	until_true 5 test -e "$B/rootfs/stopped"
	# what was written is not thrown away while there may be somebody who reads it
	kill "${PIDS[0]}"
	until_true 5 is_gone "${PIDS[1]}"
}

@test "exec with a terminal: the user's own, or a console socket" {
	edit '.process.terminal = false'
	set_args sleep 1000
	start_container
	on_terminal 31x71 'hello\n' "$RT" --root "$ROOT" exec -t "$ID" sh -c \
		'tty; stty size; echo ready; read line; echo "got $line"; exit 8'
	[ "$status" -eq 8 ]
	[ "$output" = $'/dev/pts/0\n31 71\nready\nhello\ngot hello' ]
	rt exec -t -d "$ID" true
	[ "$status" -eq 255 ]
	[ "$output" = "a detached container with a terminal needs --console-socket" ]
	receive s log
	rt_live exec -t -d --console-socket s --pid-file p "$ID" sh -c 'tty; sleep 1000'
	succeeds
	until_true 5 grep -q /dev/pts/ log
	kill -KILL "$(cat p)"
	echo '{"cwd": "/", "args": ["stty", "size"], "env": ["PATH=/bin"], "terminal": true,
		"consoleSize": {"height": 12, "width": 34}}' >p.json
	receive s2 log2
	rt_live exec -d --console-socket s2 -p p.json "$ID"
	succeeds
	until_true 5 grep -q "12 34" log2
}

@test "the receiver going away does not hang create" {
	"$PYTHON" -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("s"); s.listen(1)
c, _ = s.accept(); c.close(); s.close()' 3>&- &
	PIDS+=($!)
	until_true 5 test -S s
	run timeout 20 "$RT" --root "$ROOT" create -b "$B" --console-socket s "$ID"
	echo "$status $output"
	[ "$status" -ne 124 ]
	if [ "$status" -ne 0 ]; then
		assert_nothing_left
	fi
}
