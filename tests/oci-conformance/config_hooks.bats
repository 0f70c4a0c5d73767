#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.md: hooks; what runtime.md says of them.

bats_require_minimum_version 1.5.0

load helpers

setup() { conformance_setup; }
teardown() { conformance_teardown; }

CREATE_HOOKS=(prestart createRuntime createContainer)
# the container's side of $LOG: what the hooks within write
INSIDE=/tmp/hooks.log

inside_log() {
	cat "$B/rootfs$INSIDE"
}

# All six kinds, each writing its name to $LOG, and the program its own.
all_hooks() {
	local kind
	for kind in prestart createRuntime createContainer poststart poststop; do
		hook "$kind" "echo $kind >>$LOG"
	done
	# hooks of the container's namespace and the program see the log through a mount
	touch "$LOG"
	edit --arg l "$LOG" '.mounts += [{destination: "/log", source: $l, options: ["bind"]}]'
	hook startContainer "echo startContainer >>/log"
	set_args sh -c 'echo program >>/log; exec sleep 1000'
}

@test "the six kinds are called in the order of the lifecycle, each in its operation" {
	all_hooks
	create_container
	[ "$(tr '\n' ' ' <"$LOG")" = "prestart createRuntime createContainer " ]
	rt_live start "$ID"
	succeeds
	[ "$(tail -n 1 "$LOG")" = poststart ] || until_true 2 grep -q program "$LOG"
	until_true 2 grep -q program "$LOG"
	[ "$(sed -n '4p' "$LOG")" = startContainer ]
	[ "$(sed -n '5,6p' "$LOG" | sort | tr '\n' ' ')" = "poststart program " ]
	rt kill "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	[ "$(grep -c . "$LOG")" -eq 6 ]
	rt delete "$ID"
	succeeds
	[ "$(sed -n '7p' "$LOG")" = poststop ]
	[ "$(grep -c . "$LOG")" -eq 7 ]
}

@test "hooks of one kind are called in the listed order" {
	local kind n
	for kind in "${CREATE_HOOKS[@]}" poststart poststop; do
		for n in 1 2 3 4; do
			hook "$kind" "echo $kind$n >>$LOG"
		done
	done
	for n in 1 2 3 4; do
		hook startContainer "echo $n >>$INSIDE"
	done
	start_container
	delete_by_force
	for kind in "${CREATE_HOOKS[@]}" poststart poststop; do
		echo "$kind"
		[ "$(grep "^$kind" "$LOG" | tr -d '\n')" = "${kind}1${kind}2${kind}3${kind}4" ]
	done
	[ "$(inside_log | tr -d '\n')" = 1234 ]
}

@test "args and env of a hook are those of the config" {
	edit --arg l "$LOG" '.hooks.createRuntime = [{path: "/bin/sh",
		args: ["name", "-c", "echo \"$0|$1|$A|$HOME|\" >" + $l, "a b", "c"], env: ["A=x y", "PATH=/bin:/usr/bin"]}]'
	HOME=/leaked create_container
	[ "$(cat "$LOG")" = "a b|c|x y||" ]
}

state_is_passed() {
	local kind file status
	for kind in prestart:creating,created createRuntime:creating,created createContainer:creating,created \
		startContainer:creating,created poststart:running poststop:stopped; do
		[ "$1" = all ] || [ "$1" = "${kind%:*}" ] || continue
		status="${kind#*:}" kind="${kind%:*}"
		file="$BATS_TEST_TMPDIR/state.$kind"
		[ "$kind" != startContainer ] || file="$B/rootfs/tmp/state"
		holds --arg id "$ID" --arg b "$B" --arg s "$status" '(.ociVersion | type == "string") and .id == $id
			and .bundle == $b and (.status | IN($s | split(",")[]))
			and .annotations["org.example"] == "a"' "$file" || {
			echo "$kind: $(cat "$file")"
			return 1
		}
	done
}

# With hooks of every kind that keep their standard input.
keep_states() {
	local kind
	edit '.annotations = {"org.example": "a"}'
	for kind in "${CREATE_HOOKS[@]}" poststart poststop; do
		hook "$kind" "cat >$BATS_TEST_TMPDIR/state.$kind"
	done
	hook startContainer "cat >/tmp/state"
	start_container
	PID="$(pid_of "$ID")"
	delete_by_force
}

@test "hooks get the state on standard input" {
	keep_states
	local kind file
	for kind in "${CREATE_HOOKS[@]}" poststart poststop; do
		file="$BATS_TEST_TMPDIR/state.$kind"
		echo "$kind: $(cat "$file")"
		holds --arg id "$ID" --arg b "$B" '(.ociVersion | type == "string") and .id == $id and .bundle == $b
			and (.status | type == "string") and .annotations["org.example"] == "a"' "$file"
	done
	holds --arg id "$ID" '.id == $id' "$B/rootfs/tmp/state"
}

@test "hooks get the status of their time" {
	keep_states
	state_is_passed all
}

@test "hooks get the pid: the host's for hooks of the runtime namespace" {
	keep_states
	local kind
	for kind in prestart createRuntime poststart; do
		echo "$kind"
		[ "$(jq .pid "$BATS_TEST_TMPDIR/state.$kind")" = "$PID" ]
	done
}

@test "hooks get the pid: the container's for hooks of the container namespace" {
	keep_states
	[ "$(jq .pid "$B/rootfs/tmp/state")" = 1 ]
}

# Where hooks run: kinds of the runtime namespace in ours, the others in the container's.
where() {
	hook "$1" "readlink /proc/self/ns/mnt >>$2; readlink /proc/self/ns/uts >>$2"
}

runs_on_host() {
	where "$1" "$LOG"
	start_container
	delete_by_force
	[ "$(cat "$LOG")" = "$(ns_of self mnt; ns_of self uts)" ]
}

@test "prestart hooks run in the runtime namespace" { runs_on_host prestart; }
@test "createRuntime hooks run in the runtime namespace" { runs_on_host createRuntime; }
@test "poststart hooks run in the runtime namespace" { runs_on_host poststart; }
@test "poststop hooks run in the runtime namespace" { runs_on_host poststop; }

@test "createContainer hooks run in the container namespace" {
	where createContainer "$LOG"
	create_container
	local pid
	pid="$(pid_of "$ID")"
	[ "$(cat "$LOG")" = "$(ns_of "$pid" mnt; ns_of "$pid" uts)" ]
}

@test "startContainer hooks run in the container namespace" {
	edit --arg l "$INSIDE" '.hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c",
		"readlink /proc/self/ns/mnt >>" + $l + "; readlink /proc/self/ns/uts >>" + $l + "; ls / >>" + $l]}]'
	start_container
	local pid
	pid="$(pid_of "$ID")"
	[ "$(inside_log | head -n 2)" = "$(ns_of "$pid" mnt; ns_of "$pid" uts)" ]
	[ "$(inside_log | tail -n +3)" = "$(ls "$B/rootfs")" ]
}

# A program that only the host has, or only the container.
host_program() {
	HOST_HOOK="$BATS_TEST_TMPDIR/only-on-host"
	printf '#!/bin/sh\necho "$0" >>%s\n' "$LOG" >"$HOST_HOOK"
	chmod +x "$HOST_HOOK"
	edit --arg k "$1" --arg p "$HOST_HOOK" '.hooks[$k] = [{path: $p}]'
}

resolves_on_host() {
	host_program "$1"
	start_container
	delete_by_force
	[ "$(cat "$LOG")" = "$HOST_HOOK" ]
}

@test "the path of prestart hooks is the runtime's" { resolves_on_host prestart; }
@test "the path of createRuntime hooks is the runtime's" { resolves_on_host createRuntime; }
@test "the path of createContainer hooks is the runtime's" { resolves_on_host createContainer; }
@test "the path of poststart hooks is the runtime's" { resolves_on_host poststart; }
@test "the path of poststop hooks is the runtime's" { resolves_on_host poststop; }

@test "the path of startContainer hooks is the container's" {
	printf '#!/bin/sh\necho "$0" >>%s\n' "$INSIDE" >"$B/rootfs/usr/bin/only-in-container"
	chmod +x "$B/rootfs/usr/bin/only-in-container"
	edit '.hooks.startContainer = [{path: "/usr/bin/only-in-container"}]'
	start_container
	[ "$(inside_log)" = /usr/bin/only-in-container ]
	delete_by_force
	host_program startContainer
	edit '.process.args = ["touch", "/tmp/ran"]'
	rt_live create --bundle "$B" "$ID"
	if [ "$status" -eq 0 ]; then
		rt_live start "$ID"
	fi
	fails
	[ ! -e "$RAN" ]
}

# At the time of these hooks the environment is there, and the old root still is.
before_pivot() {
	hook "$1" "pid=\$(sed 's/.*\"pid\": *\\([0-9]*\\).*/\\1/' | tail -n 1)
		readlink /proc/\$pid/ns/mnt /proc/\$pid/ns/uts /proc/\$pid/ns/pid >>$LOG
		if [ -e /proc/\$pid/root$B/config.json ]; then echo before; else echo after; fi >>$LOG"
	create_container
	local pid
	pid="$(pid_of "$ID")"
	cat "$LOG"
	[ "$(head -n 3 "$LOG")" = "$(ns_of "$pid" mnt; ns_of "$pid" uts; ns_of "$pid" pid)" ]
	[ "$(sed -n 4p "$LOG")" = before ]
}

@test "prestart hooks are called when the namespaces are made, before the root is changed" { before_pivot prestart; }
@test "createRuntime hooks are called when the namespaces are made, before the root is changed" { before_pivot createRuntime; }

@test "createContainer hooks are called when the mounts are made, before the root is changed" {
	hook createContainer "if [ -e $B/config.json ]; then echo before; else echo after; fi >>$LOG
		grep -c ' $B/rootfs/proc ' /proc/self/mountinfo >>$LOG"
	create_container
	[ "$(cat "$LOG")" = $'before\n1' ]
}

@test "createContainer hooks are called after createRuntime hooks, and these after prestart" {
	hook createContainer "echo 3 >>$LOG"
	hook createRuntime "echo 2 >>$LOG"
	hook prestart "echo 1 >>$LOG"
	create_container
	[ "$(tr -d '\n' <"$LOG")" = 123 ]
}

@test "startContainer hooks are called by start, before the program" {
	hook startContainer "echo hook >>$INSIDE"
	set_args sh -c "echo program >>$INSIDE; exec sleep 1000"
	create_container
	sleep 0.1
	[ ! -e "$B/rootfs$INSIDE" ]
	rt_live start "$ID"
	succeeds
	until_true 5 grep -q program "$B/rootfs$INSIDE"
	[ "$(inside_log | tr '\n' ' ')" = "hook program " ]
}

@test "poststart hooks are called after the program is executed, before start returns" {
	hook poststart "pid=\$(sed 's/.*\"pid\": *\\([0-9]*\\).*/\\1/' | tail -n 1)
		tr '\\0' ' ' </proc/\$pid/cmdline >>$LOG; sleep 0.3; echo end >>$LOG"
	set_args sleep 1234
	create_container
	[ ! -e "$LOG" ]
	rt_live start "$ID"
	succeeds
	[ "$(cat "$LOG")" = "sleep 1234 end" ]
}

@test "poststop hooks are called when the container is deleted, before delete returns" {
	# an ended process may be a zombie still, when whoever adopted it is slow
	hook poststop "grep -q '^State:.[^ZX]' /proc/\$(cat $PID_FILE)/status 2>/dev/null && echo alive >>$LOG
		find /sys/fs/cgroup -name $ID >>$LOG; sleep 0.3; echo end >>$LOG"
	create_container
	[ ! -e "$LOG" ]
	rt kill "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	[ ! -e "$LOG" ]
	rt delete "$ID"
	succeeds
	[ "$(cat "$LOG")" = end ]
}

failing_create_hook() {
	set_args sh -c 'echo ran >/tmp/ran'
	hook "$1" "echo called >>$LOG; exit 7"
	hook "$1" "echo next >>$LOG"
	hook poststop "echo poststop >>$LOG"
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	fails
	nothing_is_left
	[ ! -e "$RAN" ]
	not grep -q next "$LOG"
	[ "$(head -n 1 "$LOG")" = called ]
	# step 13 follows step 12
	[ "$(tail -n 1 "$LOG")" = poststop ]
}

@test "a failing prestart hook: an error, the container is gone, poststop hooks ran" { failing_create_hook prestart; }
@test "a failing createRuntime hook: an error, the container is gone, poststop hooks ran" { failing_create_hook createRuntime; }
@test "a failing createContainer hook: an error, the container is gone, poststop hooks ran" { failing_create_hook createContainer; }

failing_hook_is_error() {
	hook "$1" "exit 7"
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	fails
	nothing_is_left
}

@test "a failing prestart hook is an error of create" { failing_hook_is_error prestart; }
@test "a failing createRuntime hook is an error of create" { failing_hook_is_error createRuntime; }
@test "a failing createContainer hook is an error of create" { failing_hook_is_error createContainer; }

# After a failing start the container is stopped, and destroyed as delete would.
failing_start_hook() {
	hook poststop "echo poststop >>$LOG"
	create_container
	rt_live start "$ID"
	fails
	until_true 5 no_marked_process
	if exists "$ID"; then
		has_status "$ID" stopped
		rt delete "$ID"
		succeeds
	fi
	rm -f "$PID_FILE"
	nothing_is_left
	[ "$(cat "$LOG")" = poststop ]
}

@test "a failing startContainer hook: an error, the program never runs, the container is stopped" {
	set_args sh -c 'echo ran >/tmp/ran'
	hook startContainer "exit 7"
	failing_start_hook
	[ ! -e "$RAN" ]
}

@test "a failing poststart hook: an error, the container is stopped" {
	hook poststart "exit 7"
	failing_start_hook
}

@test "a failing poststop hook is a warning: the rest runs, and the container is gone" {
	hook poststop "echo first >>$LOG; exit 7"
	hook poststop "echo second >>$LOG"
	create_container
	rt kill "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	rt delete "$ID"
	succeeds
	[ "$(tr '\n' ' ' <"$LOG")" = "first second " ]
	rm -f "$PID_FILE"
	nothing_is_left
}

@test "a hook's timeout ends it, and is a failure" {
	edit --arg s "$(command -v sleep)" '.hooks.createRuntime = [{path: $s, args: ["sleep", "20"], timeout: 1}]'
	local begin=$SECONDS
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	fails
	[ $((SECONDS - begin)) -lt 15 ]
	nothing_is_left
}

@test "a hook that is not there is a failure" {
	refused '.hooks.createRuntime = [{path: "/bin/true"}]' '.hooks.createRuntime[0].path = "/no/such/program"'
}

@test "prestart: path is missing" { refused '.hooks.prestart = [{path: "/bin/true"}]' 'del(.hooks.prestart[0].path)'; }
@test "prestart: path is relative" { refused '.hooks.prestart = [{path: "/bin/true"}]' '.hooks.prestart[0].path = "bin/true"'; }
@test "prestart: timeout is zero" { refused '.hooks.prestart = [{path: "/bin/true", timeout: 1}]' '.hooks.prestart[0].timeout = 0'; }
@test "prestart: timeout is negative" { refused '.hooks.prestart = [{path: "/bin/true", timeout: 1}]' '.hooks.prestart[0].timeout = -1'; }
@test "createRuntime: path is missing" { refused '.hooks.createRuntime = [{path: "/bin/true"}]' 'del(.hooks.createRuntime[0].path)'; }
@test "createRuntime: path is relative" { refused '.hooks.createRuntime = [{path: "/bin/true"}]' '.hooks.createRuntime[0].path = "bin/true"'; }
@test "createRuntime: timeout is zero" { refused '.hooks.createRuntime = [{path: "/bin/true", timeout: 1}]' '.hooks.createRuntime[0].timeout = 0'; }
@test "createRuntime: timeout is negative" { refused '.hooks.createRuntime = [{path: "/bin/true", timeout: 1}]' '.hooks.createRuntime[0].timeout = -1'; }
