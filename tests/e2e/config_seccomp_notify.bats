#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.seccomp with SCMP_ACT_NOTIFY: the listener reaches its agent, whatever the filter holds up.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_seccomp_notify.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	needs "$PYTHON"
	AGENT="$BATS_TEST_TMPDIR/agent.sock"
	notify '"mkdir", "mkdirat"'
}
teardown() { container_teardown; }

agent() {
	"$PYTHON" "$BATS_TEST_DIRNAME/agent.py" "$AGENT" "$BATS_TEST_TMPDIR/log" 3>&- >agent.out 2>&1 &
	PIDS+=($!)
	until_true 5 test -S "$AGENT"
}

# notify NAMES: these calls ask the agent
notify() {
	edit --arg agent "$AGENT" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $agent,
		listenerMetadata: "a note", syscalls: [{names: ['"$1"'], action: "SCMP_ACT_NOTIFY"}]}'
}

# logged LINE JQ-CONDITION
logged() {
	until_true 5 test -s log
	cat log
	sed -n "$1p" log | jq -e --arg id "$ID" --arg b "$B" "$2"
}

MKDIR_REFUSED="mkdir: can't create directory '/tmp/x': No medium found"

@test "run: the agent gets the container process state, and answers" {
	local nnp
	agent
	edit '.annotations = {"a.key": "a value"}'
	for nnp in true false; do
		edit --argjson n $nnp '.process.noNewPrivileges = $n'
		inside 'mkdir /tmp/x; echo went on'
		prints "$MKDIR_REFUSED"$'\nwent on'
	done
	logged 2 '.n == 1 and (.document | .ociVersion == "1.3.0" and .fds == ["seccompFd"]
		and .metadata == "a note" and (.pid | . > 1) and .pid == .state.pid and .state.id == $id
		and .state.bundle == $b and .state.status == "created" and .state.ociVersion == "1.3.0"
		and .state.annotations["a.key"] == "a value")'
	[ "$(wc -l <log)" -eq 2 ]
}

@test "an agent makes a device node for a container that may not" {
	agent
	notify '"mknod", "mknodat"'
	edit '.process.capabilities = {} | .process.noNewPrivileges = true'
	inside 'mknod /tmp/n c 1 3 && stat -c %t:%T /tmp/n; mknod /tmp/m c 1 4 || ls /tmp'
	prints $'1:3\nmknod: /tmp/m: Operation not permitted\nn'
}

@test "create tells the agent nothing, start does" {
	agent
	set_args sh -c 'mkdir /tmp/x 2>/tmp/said; sleep 1000'
	create_container
	[ ! -e log ]
	rt_live start "$ID"
	succeeds
	until_true 5 grep -q medium "$B/rootfs/tmp/said"
	logged 1 '.n == 1 and .document.pid == '"$(pid_of "$ID")"' and .document.state.status == "created"'
	# nobody but the agent has the listener, and the program has none of ours
	[ "$(ls "/proc/$(pid_of "$ID")/fd")" = $'0\n1\n2' ]
	# nor is the helper left
	[ "$(ls "/proc/$(pid_of "$ID")/task")" = "$(pid_of "$ID")" ]
}

@test "exec: its own listener, the container's state" {
	agent
	set_args sleep 1000
	start_container
	rt exec "$ID" sh -c 'mkdir /tmp/x; echo done'
	prints "$MKDIR_REFUSED"$'\ndone'
	logged 2 '.n == 1 and .document.state.status == "running" and .document.pid != .document.state.pid
		and .document.state.pid == '"$(pid_of "$ID")"
}

@test "every call that init could want may be in the filter" {
	local every='"execve", "execveat", "read", "open", "openat", "close", "fcntl", "sendmsg", "sendto",
		"sendmmsg", "recvmsg", "recvfrom", "futex", "sched_yield", "exit", "prctl", "close_range", "wait4",
		"clone", "clone3", "nanosleep", "poll"'
	agent
	notify "$every"
	inside 'echo reached'
	prints reached
	set_args sh -c 'sleep 1000'
	start_container
	rt exec "$ID" echo executed
	prints executed
	# execve itself was asked about
	[ -s log.calls ]
}

@test "a filter that refuses all but the program's own calls" {
	agent
	edit --arg agent "$AGENT" '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", listenerPath: $agent, syscalls: [
		{names: ["execve", "exit_group", "write", "brk", "arch_prctl", "mmap", "munmap", "mprotect",
		"set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink", "getrandom", "newfstatat", "fstat",
		"getuid", "prctl", "rt_sigaction", "uname", "readlinkat", "ioctl"], action: "SCMP_ACT_ALLOW"},
		{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY"}]}'
	set_args mkdir /tmp/x
	rt run -b "$B" "$ID"
	[ "$status" -eq 1 ]
	[ "$output" = "$MKDIR_REFUSED" ]
}

@test "no agent: an error that says so; at start the container stays created" {
	inside 'echo ran'
	fails_like "config.json:*: linux.seccomp.listenerPath: failed to connect with seccomp agent $AGENT: there is no such socket"
	create_container
	rt start "$ID"
	fails_like "*failed to connect with seccomp agent $AGENT: there is no such socket"
	[ "$(status_of "$ID")" = created ]
	"$PYTHON" -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' agent.sock
	rt start "$ID"
	fails_like "*failed to connect with seccomp agent $AGENT: nobody listens there"
	rm agent.sock
	agent
	set_args true
	rt_live start "$ID"
	succeeds
}

@test "an agent that hangs up: the program does not run" {
	"$PYTHON" -c 'import socket
s = socket.socket(socket.AF_UNIX); s.bind("agent.sock"); s.listen(1)
while True: s.accept()[0].close()' 3>&- &
	PIDS+=($!)
	until_true 5 test -S "$AGENT"
	local _
	# the hang-up may come after the document: then the listener is gone, and the calls with it
	for _ in 1 2 3 4 5; do
		inside 'mkdir /tmp/x || echo refused'
		echo "$status: $output"
		[[ "$output" == *"send the seccomp listener to the seccomp agent"* ]] ||
			[[ "$output" == *"Function not implemented"*refused ]]
	done
}

@test "a state document larger than the socket's buffer" {
	agent
	edit '.annotations = {"a.key": ("x" * 1000000)}'
	inside 'mkdir /tmp/x; echo done'
	prints "$MKDIR_REFUSED"$'\ndone'
	logged 1 '.n == 1 and .pieces > 1 and (.document.state.annotations["a.key"] | length == 1000000)' >/dev/null
}

@test "the receiver by annotation, and what cannot be" {
	agent
	edit --arg agent "$AGENT" 'del(.linux.seccomp.listenerPath, .linux.seccomp.listenerMetadata)
		| .annotations["run.oci.seccomp.receiver"] = $agent'
	inside 'mkdir /tmp/x; echo done'
	prints "$MKDIR_REFUSED"$'\ndone'
	logged 1 '.document | has("metadata") | not'
	edit '.annotations["run.oci.seccomp.receiver"] = "a.sock"'
	inside true
	fails_like "config.json:*: annotations.run.oci.seccomp.receiver: 'a.sock' is not an absolute path"
	edit 'del(.annotations)'
	inside true
	fails_like "*linux.seccomp*: required: SCMP_ACT_NOTIFY needs an agent that answers"
	edit '.linux.seccomp.listenerPath = "a.sock"'
	inside true
	fails_like "config.json:*: linux.seccomp.listenerPath: 'a.sock' is not an absolute path"
	notify '"write"'
	inside true
	fails_like "*: SCMP_ACT_NOTIFY cannot be used for the write syscall*"
	# without the action the path is ignored: spec
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/nobody"}'
	inside 'echo ran'
	prints ran
}

@test "one thread more than the container may have" {
	agent
	[ -d /sys/fs/cgroup/pids ] || grep -qw pids /sys/fs/cgroup/cgroup.controllers || skip "needs the pids controller"
	edit '.linux.resources = {pids: {limit: 1}}'
	inside true
	fails_like "*load the seccomp filter: *limit of processes allows none"
}

@test "a realtime policy on a single CPU: init lets its own helper run" {
	needs taskset chrt timeout
	local policy # (a v1 cpu cgroup gives realtime no time unless asked)
	chrt -f 1 true 2>/dev/null || skip "needs the right to realtime policies"
	agent
	for policy in '{policy: "SCHED_FIFO", priority: 5}' '{policy: "SCHED_RR", priority: 5}' \
		'{policy: "SCHED_DEADLINE", runtime: 1000000, deadline: 5000000, period: 5000000}'; do
		edit ".process.scheduler = $policy"
		set_args sh -c 'sleep 0.1; mkdir /tmp/x; echo done'
		if [[ "$policy" == *DEADLINE* ]]; then
			# sched(7): not with an affinity mask of its own
			set_args mkdir /tmp/x
			run timeout 20 "$RT" --root "$ROOT" --cgroup-manager disabled run -b "$B" "$ID"
			[ "$output" = "$MKDIR_REFUSED" ]
		else
			run timeout 20 taskset -c 0 "$RT" --root "$ROOT" --cgroup-manager disabled run -b "$B" "$ID"
			prints "$MKDIR_REFUSED"$'\ndone'
		fi
	done
	# and it has the policy in the end
	edit '.process.scheduler = {policy: "SCHED_FIFO", priority: 5}'
	set_args sleep 1000
	rt_live --cgroup-manager disabled create -b "$B" "$ID"
	succeeds
	rt_live start "$ID"
	succeeds
	[[ "$(chrt -p "$(pid_of "$ID")")" == *"SCHED_FIFO"*"priority: 5" ]]
	grep -q 'CapPrm:.*0$' "/proc/$(pid_of "$ID")/status"
}
