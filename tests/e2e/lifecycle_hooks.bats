#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hooks, six kinds: when, where, with what, and what a failing one does.
# Run: OCI_RT=build/oci-rt bats tests/e2e/lifecycle_hooks.bats

bats_require_minimum_version 1.5.0

load helpers

KINDS=(prestart createRuntime createContainer startContainer poststart poststop)

setup() {
	container_setup
	set_args sleep 1000
	mkdir log
	# writes what it is given to LOG/KIND.NAME; /log is the same directory inside
	cat >hook <<-'SH'
		#!/bin/sh
		kind=$1 log=$2
		cat >$log/stdin.$kind
		readlink /proc/self/ns/mnt >$log/mnt.$kind
		readlink /proc/self/ns/uts >$log/uts.$kind
		pwd >$log/cwd.$kind
		ls /proc/self/fd >$log/fd.$kind
		echo $kind >>$log/order
		exit ${3:-0}
	SH
	chmod +x hook
	cp hook "$B/rootfs/hook"
	edit --arg l "$BATS_TEST_TMPDIR/log" '.mounts += [{destination: "/log", source: $l,
		options: ["bind"]}]'
}
teardown() { container_teardown; }

# add_hook KIND [EXIT STATUS] [JSON]
add_hook() {
	local path="$BATS_TEST_TMPDIR/hook" log="$BATS_TEST_TMPDIR/log"
	[ "$1" != startContainer ] || path=/hook log=/log
	edit --arg k "$1" --arg p "$path" --arg l "$log" --arg s "${2:-0}" --argjson more "${3:-{\}}" \
		'.hooks[$k] += [{path: $p, args: ["hook", $k, $l, $s],
			env: ["PATH=/usr/bin:/bin"]} + $more]'
}

order() {
	tr '\n' ' ' <log/order
}

stdin_of() {
	jq -c 'del(.annotations)' "log/stdin.$1"
}

@test "the six kinds, in their order" {
	local kind
	for kind in "${KINDS[@]}"; do
		add_hook "$kind"
	done
	create_container
	[ "$(order)" = "prestart createRuntime createContainer " ]
	rt_live start "$ID"
	succeeds
	[ "$(order)" = "prestart createRuntime createContainer startContainer poststart " ]
	rt delete --force "$ID"
	prints ""
	[ "$(order)" = "prestart createRuntime createContainer startContainer poststart poststop " ]
	assert_nothing_left
}

@test "hooks of one kind run in their order" {
	edit --arg l "$BATS_TEST_TMPDIR/log/order" '.hooks.createRuntime = ["a", "b", "c"
		| {path: "/bin/sh", args: ["sh", "-c", "echo \(.) >>\($l)"]}]'
	create_container
	[ "$(order)" = "a b c " ]
}

@test "state on standard input" {
	local kind pid
	for kind in "${KINDS[@]}"; do
		add_hook "$kind"
	done
	edit '.annotations = {"a.b": "c"}'
	start_container
	pid="$(pid_of "$ID")"
	rt delete --force "$ID"
	succeeds
	for kind in "${KINDS[@]}"; do
		local status_then=created pid_then="$pid"
		case "$kind" in
		createContainer | startContainer) pid_then=1 ;; # as the container sees it
		poststart) status_then=running ;;
		poststop) status_then=stopped pid_then=null ;;
		esac
		echo "$kind: $(cat "log/stdin.$kind")"
		jq -e --arg id "$ID" --arg b "$B" --arg s "$status_then" --argjson p "$pid_then" \
			'.ociVersion == "1.3.0" and .id == $id and .bundle == $b and .status == $s
			and .pid == $p and .annotations == {"a.b": "c"}' "log/stdin.$kind"
	done
}

@test "namespaces, working directory, descriptors" {
	local kind here inner
	for kind in "${KINDS[@]}"; do
		add_hook "$kind"
	done
	here="$(readlink /proc/self/ns/mnt)"
	start_container
	inner="$(readlink "/proc/$(pid_of "$ID")/ns/mnt")"
	rt delete --force "$ID"
	succeeds
	for kind in prestart createRuntime poststart poststop; do
		[ "$(cat log/mnt.$kind)" = "$here" ]
	done
	for kind in createContainer startContainer; do
		[ "$(cat log/mnt.$kind)" = "$inner" ]
	done
	for kind in prestart createRuntime; do
		[ "$(cat log/cwd.$kind)" = "$B" ]
	done
	# standard descriptors alone, and that of ls itself
	for kind in "${KINDS[@]}"; do
		[ "$(tr '\n' ' ' <"log/fd.$kind")" = "0 1 2 3 " ]
	done
}

@test "createContainer hooks come before the change of root, after the mounts" {
	edit --arg l "$BATS_TEST_TMPDIR/log" '.hooks.createContainer = [{path: "/bin/sh",
		args: ["sh", "-c", "grep -c \"$1/rootfs/proc\" /proc/self/mountinfo >$0/mounts",
			$l, "'"$B"'"]}]'
	create_container
	[ "$(cat log/mounts)" -ge 1 ]
}

@test "the environment is the hook's own, and nothing else" {
	edit '.hooks.createRuntime = [{path: "/usr/bin/env", env: ["A=1", "B=2 3"]},
		{path: "/usr/bin/env"}]'
	create_container
	[ "$output" = $'A=1\nB=2 3' ]
}

@test "args[0] is what is given, and the path where nothing is" {
	cp "$(command -v busybox)" "$BATS_TEST_TMPDIR/echo"
	edit --arg p "$BATS_TEST_TMPDIR/echo" '.hooks.createRuntime = [
		{path: $p, args: ["echo", "given"]}, {path: $p}]'
	create_container
	[ "$output" = given ]
}

# what_is_left_of KIND VERB: a failing hook of this kind, told of by the verb
failing_create_hook() {
	add_hook "$1" 7
	add_hook poststop
	rt create -b "$B" --pid-file pid "$ID"
	fails_like "config.json:*:*: hooks.$1[[]0]: error running $1 hook #0: $BATS_TEST_TMPDIR/hook: exited with status 7"
	assert_nothing_left
	[ ! -e pid ]
	# spec: runtime.md#lifecycle: "continue the lifecycle at step 12", and 13 is poststop
	[ "$(order)" = "$1 poststop " ]
	[ "$(jq -c '[.id, .status, .pid]' log/stdin.poststop)" = "[\"$ID\",\"stopped\",null]" ]
}

@test "a failing prestart hook" { failing_create_hook prestart; }
@test "a failing createRuntime hook" { failing_create_hook createRuntime; }
@test "a failing createContainer hook" { failing_create_hook createContainer; }

@test "after a failing hook the next ones are not run" {
	add_hook createRuntime 1
	add_hook createContainer
	edit --arg p "$BATS_TEST_TMPDIR/log/second" '.hooks.createRuntime
		+= [{path: "/usr/bin/touch", args: ["touch", $p]}]'
	rt create -b "$B" "$ID"
	[ "$status" -eq 1 ]
	[ ! -e log/second ]
	[ "$(order)" = "createRuntime " ]
}

@test "a failing startContainer hook: start fails, the program never runs" {
	set_args sh -c 'echo ran >/log/ran'
	add_hook startContainer 7
	add_hook poststart
	add_hook poststop
	create_container
	rt start "$ID"
	fails_like "config.json:*:*: hooks.startContainer[[]0]: error running startContainer hook #0: /hook: exited with status 7"
	[ ! -e log/ran ]
	rt delete --force "$ID"
	succeeds
	[ "$(order)" = "startContainer poststop " ]
	assert_nothing_left
}

@test "a failing startContainer hook of run: nothing is left" {
	set_args sh -c 'echo ran >/log/ran'
	add_hook startContainer 7
	add_hook poststop
	rt run -b "$B" "$ID"
	fails_like "config.json:*:*: hooks.startContainer[[]0]: error running startContainer hook #0: /hook: exited with status 7"
	[ ! -e log/ran ]
	assert_nothing_left
	[ "$(order)" = "startContainer poststop " ]
}

@test "a failing poststart hook stops the container" {
	add_hook poststart 7
	add_hook poststop
	create_container
	rt start "$ID"
	fails_with "error running poststart hook #0: $BATS_TEST_TMPDIR/hook: exited with status 7"
	assert_nothing_left
	[ "$(order)" = "poststart poststop " ]
	rm log/order
	rt run -b "$B" "$ID"
	fails_with "error running poststart hook #0: $BATS_TEST_TMPDIR/hook: exited with status 7"
	assert_nothing_left
	[ "$(order)" = "poststart poststop " ]
}

@test "a failing poststop hook is a warning, the rest run" {
	add_hook poststop 7
	add_hook poststop
	start_container
	run "$RT" --root "$ROOT" --log l.json --log-format json --log-level warning delete -f "$ID"
	prints ""
	[ "$(order)" = "poststop poststop " ]
	[ "$(jq -r '.level + ": " + .msg' l.json)" = "warning: error running poststop hook #0: $BATS_TEST_TMPDIR/hook: exited with status 7" ]
	assert_nothing_left
}

@test "a hook's timeout" {
	local begin=$SECONDS kind
	for kind in prestart createRuntime createContainer; do
		edit --arg k "$kind" '.hooks = {($k): [{path: "/bin/sleep", args: ["sleep", "1000"],
			env: ["E2E='"$ID"'"], timeout: 1}]}'
		rt create -b "$B" "$ID"
		fails_like "*: hooks.$kind[[]0]: error running $kind hook #0: /bin/sleep: was killed after its timeout, in seconds 1"
		assert_nothing_left
	done
	[ $((SECONDS - begin)) -le 6 ]
	edit '.hooks = {createRuntime: [{path: "/bin/true", timeout: 0}]}'
	rt create -b "$B" "$ID"
	fails_like "*hooks.createRuntime[[]0].timeout: *"
}

@test "a timeout that is not reached" {
	add_hook createRuntime 0 '{"timeout": 30}'
	create_container
	[ "$(order)" = "createRuntime " ]
}

@test "hooks that can't be executed, or die of a signal" {
	edit '.hooks = {createRuntime: [{path: "/nowhere/hook"}]}'
	rt create -b "$B" "$ID"
	fails_like "*: error running createRuntime hook #0: /nowhere/hook: execve: no such file or directory"
	edit '.hooks = {createRuntime: [{path: "/etc/passwd"}]}'
	rt create -b "$B" "$ID"
	fails_like "*: error running createRuntime hook #0: /etc/passwd: execve: permission denied"
	edit '.hooks = {createContainer: [{path: "/bin/sh", args: ["sh", "-c", "kill -9 $$"]}]}'
	rt create -b "$B" "$ID"
	[ "$status" -eq 1 ]
	edit '.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "kill -9 $$"]}]}'
	rt create -b "$B" "$ID"
	fails_like "*: error running createRuntime hook #0: /bin/sh: was killed by signal 9 (killed)"
	edit '.hooks = {createRuntime: [{path: "hook"}]}'
	rt create -b "$B" "$ID"
	fails_like "*: hooks.createRuntime[[]0].path: *"
	assert_nothing_left
}

@test "a large state does not block a hook that never reads" {
	edit --arg big "$(printf '%0100000d' 0)" '.annotations = {big: $big}'
	edit '.hooks = {createRuntime: [{path: "/bin/true", timeout: 10}]}'
	create_container
}

@test "a createRuntime hook sets the network namespace up" {
	needs ip
	edit '.hooks = {createRuntime: [{path: "/bin/sh", env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
		args: ["sh", "-c", "pid=$(jq .pid); nsenter -t $pid -n ip link set lo mtu 1234"]}]}'
	inside 'cat /sys/class/net/lo/mtu'
	prints 1234
	[ "$(cat /sys/class/net/lo/mtu)" -ne 1234 ]
}
