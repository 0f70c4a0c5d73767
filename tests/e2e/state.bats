#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The verbs on a container that exists, on processes of the test's own.
# Run: OCI_RT=build/oci-rt bats tests/e2e/state.bats

bats_require_minimum_version 1.5.0

load helpers

setup() { common_setup; }
teardown() { common_teardown; }

@test "state" {
	fake c1
	rt state c1
	[ "$status" -eq 0 ]
	jq -e --argjson pid "$pid" '. == {ociVersion: "1.3.0", id: "c1", pid: $pid,
		status: "running", bundle: "/bundle", rootfs: "/bundle/rootfs",
		created: "2026-01-02T03:04:05.000000006Z", owner: "root",
		annotations: {"a.b": "c", "org.oci-rt.degraded": "no cgroup"}}' <<<"$output"
}

@test "a process that took the pid over is not the container" {
	fake c1
	write_state c1 "$pid" 1 false
	rt state c1
	jq -e '.status == "stopped" and .pid == 0' <<<"$output"
	rt kill c1 KILL
	fails_with "container not running"
	rt kill --all c1 KILL
	[ "$status" -eq 0 ]
	rt ps -f json c1
	[ "$output" = "[]" ]
	rt delete c1
	[ "$status" -eq 0 ]
	kill -0 "$pid"
}

@test "kill" {
	fake c1
	rt kill c1 0
	[ "$status" -eq 0 ]
	rt kill c1
	[ "$status" -eq 0 ]
	is_gone "$pid"
	rt state c1
	jq -e '.status == "stopped" and .pid == 0' <<<"$output"
	rt kill c1
	fails_with "container not running"
	rt kill c1 KILL
	fails_with "container not running"
	rt kill -a c1 0
	[ "$status" -eq 0 ]
}

@test "kill --all reaches all of a PID namespace" {
	fake_with_namespace c1
	local child
	child="$(pgrep -P "$pid")"
	# init ignores signals that it has no handler for; its child does not
	rt kill --all c1 TERM
	[ "$status" -eq 0 ]
	is_gone "$child"
	kill -0 "$pid"
	rt kill --all c1 KILL
	[ "$status" -eq 0 ]
	is_gone "$pid"
}

@test "ps" {
	fake_with_namespace c1
	local child
	child="$(pgrep -P "$pid")"
	rt ps -f json c1
	[ "$status" -eq 0 ]
	[ "$output" = "[$pid,$child]" ]
	rt ps c1
	[ "${#lines[@]}" -eq 3 ]
	[[ "${lines[0]}" =~ UID\ +PID\ +PPID ]]
	rt ps c1 -o pid,comm -e
	[ "${#lines[@]}" -eq 3 ]
	[[ "${lines[2]}" =~ ^\ *$child\ sleep$ ]]
	rt ps c1 -o comm -e
	fails_with "the output of ps has no column PID; with -o, name pid as well"
	rt ps c1 --frobnicate
	[ "$status" -eq 1 ]
	[[ "$output" == *"ps failed with status 1" ]]
	run env PATH=/nowhere "$RT" --root "$ROOT" ps c1
	fails_with "the program ps is missing on this host; use --format json"
}

@test "pause and resume need a cgroup and the right status" {
	fake c1
	rt pause c1
	fails_with "cannot pause container 'c1': it has no cgroup of its own"
	rt resume c1
	fails_with "container not paused"
	kill -KILL "$pid"
	is_gone "$pid"
	rt pause c1
	fails_with "container not running"
	rt resume c1
	fails_with "container not running"
	rt update --memory 1m c1
	fails_with "container not running"
}

@test "list" {
	fake c2
	fake c1
	write_state gone 0 0 true
	rt list
	[[ "${lines[1]}" =~ ^c1\ +$pid\ +running\ +/bundle\ +2026-01-02T03:04:05.000000006Z\ +root$ ]]
	[[ "${lines[2]}" == c2* ]]
	[[ "${lines[3]}" =~ ^gone\ +0\ +stopped\  ]]
	rt list -q
	[ "$output" = $'c1\nc2\ngone' ]
	rt list -f json
	[ "${#lines[@]}" -eq 1 ]
	jq -e 'map(.id) == ["c1", "c2", "gone"] and .[0].status == "running"' <<<"$output"
	[[ "$output" == '[{"ociVersion":"1.3.0","id":"c1","pid":'*',"status":"running","bundle":'* ]]
}

@test "list: a line for each, whatever a bundle is called" {
	fake c1
	sed -i 's#"/bundle"#"/bun\\n\\u001b[31mdle"#' "$ROOT/c1/state.json"
	rt list
	[ "${#lines[@]}" -eq 2 ]
	[[ "${lines[1]}" == c1*" /bun??[31mdle "* ]]
	rt list -f json
	[ "$(jq -r '.[0].bundle' <<<"$output")" = $'/bun\n\e[31mdle' ]
}

@test "list shows the rest when one state is damaged" {
	fake c1
	write_state c0 0 0 true
	: >"$ROOT/c0/state.json"
	run --separate-stderr "$RT" --root "$ROOT" list -q
	[ "$status" -eq 1 ]
	[ "$output" = c1 ]
	[[ "$stderr" == "c0/state.json:"*"damaged state, which \`delete --force\` removes: "* ]]
}

@test "list skips what is being made" {
	mkdir "$ROOT/.c1" "$ROOT/c2"
	rt list -q
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "delete wants a stopped container" {
	fake c1
	rt delete c1
	fails_with "cannot delete container 'c1' that is not stopped: running"
	kill -0 "$pid"
	kill -KILL "$pid"
	is_gone "$pid"
	rt delete c1
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ ! -e "$ROOT/c1" ]
	rt delete c1
	fails_with "container does not exist"
}

@test "delete --force kills and waits" {
	fake_with_namespace c1
	rt delete --force c1
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ ! -e "$ROOT/c1" ]
	# no wait here: the command waited
	[[ "$(awk '{ print $3 }' "/proc/$pid/stat" 2>/dev/null)" == [ZX]* || ! -e /proc/$pid ]]
}

@test "delete --force clears a damaged state, delete alone does not" {
	for damage in "" "{" '{"version":1}' '{"init_process_pid":1}'; do
		write_state c1 0 0 true
		printf '%s' "$damage" >"$ROOT/c1/state.json"
		rt state c1
		[ "$status" -eq 1 ]
		[[ "$output" == c1/state.json:*"damaged state, which \`delete --force\` removes: "* ]]
		rt delete c1
		[ "$status" -eq 1 ]
		[ -d "$ROOT/c1" ]
		touch "$ROOT/c1/.state.json.77"
		rt delete --force c1
		[ "$status" -eq 0 ]
		[ ! -e "$ROOT/c1" ]
	done
	mkdir "$ROOT/c1"
	rt delete c1
	fails_with "container does not exist"
	[ ! -e "$ROOT/c1" ]
}

@test "poststop hooks run after the container is gone, and don't fail delete" {
	cat >hook <<-SH
		#!/bin/sh
		env | grep -v '^PWD=\|^_=\|^SHLVL=\|^OLDPWD=' >>"$BATS_TEST_TMPDIR/env"
		cat >>"$BATS_TEST_TMPDIR/stdin"
		[ -e "$ROOT/c1" ] && echo exists >>"$BATS_TEST_TMPDIR/seen"
		exit \${1:-0}
	SH
	chmod +x hook
	local hook="$BATS_TEST_TMPDIR/hook"
	write_state c1 0 0 true '{"ociVersion":"1.3.0","root":{"path":"r"},"hooks":{"poststop":[
		{"path":"'"$hook"'","args":["hook","1"],"env":["A=1"]},
		{"path":"/nowhere/hook"},
		{"path":"/bin/sleep","args":["sleep","1000"],"timeout":1},
		{"path":"'"$hook"'","env":["A=2"]}]}}'
	run "$RT" --root "$ROOT" --log log.json --log-format json --log-level warning delete c1
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(cat env)" = $'A=1\nA=2' ]
	[ ! -e seen ]
	jq -se 'length == 2 and .[0] == {ociVersion: "1.3.0", id: "c1", status: "stopped",
		bundle: "/bundle", annotations: {"a.b": "c"}}' stdin
	[ "$(jq -r .level log.json)" = $'warning\nwarning\nwarning' ]
}

@test "kill --regex and delete --regex take every container that matches" {
	fake web-1
	local first=$pid
	fake web-2
	local second=$pid
	fake db-1
	rt kill --regex '^web-[0-9]+$' KILL
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	is_gone "$first"
	is_gone "$second"
	kill -0 "$pid"
	rt delete --regex 'web'
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	rt list -q
	[ "$output" = db-1 ]
	rt kill -r 'nothing' KILL
	[ "$status" -eq 0 ]
	rt delete -r '.'
	fails_with "container 'db-1': cannot delete container 'db-1' that is not stopped: running"
	rt kill -r '(' KILL
	# the C library's words: glibc's, musl's
	fails_like "option '--regex': \"(\": Unmatched ( *" ||
		fails_like "option '--regex': \"(\": Missing ')'"
}
