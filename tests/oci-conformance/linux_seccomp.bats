#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md: seccomp, and the agent that is asked.

bats_require_minimum_version 1.5.0

load helpers

setup() {
	conformance_setup
	grep -q ^Seccomp: /proc/self/status || skip "this kernel has no seccomp"
}
teardown() { conformance_teardown; }

# A filter for mkdir: the rest is allowed.
RULES='.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
	syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]}'

@test "a filter is there, and EPERM is the default error" {
	edit "$RULES"
	inside 'mkdir /tmp/x || true; grep ^Seccomp: /proc/self/status | tr -d "\t"'
	succeeds
	[[ "$output" == *"not permitted"* ]]
	[ "${lines[-1]}" = Seccomp:2 ]
	[ ! -e "$B/rootfs/tmp/x" ]
}

@test "without a filter there is none" {
	inside 'grep ^Seccomp: /proc/self/status | tr -d "\t"'
	prints Seccomp:0
}

@test "errnoRet is the error" {
	edit "$RULES"' | .linux.seccomp.syscalls[0].errnoRet = 28'
	inside 'mkdir /tmp/x || true'
	[[ "$output" == *"No space left on device"* ]]
}

@test "defaultErrnoRet is the error of the default" {
	# all that a busybox and most runtimes need between the filter and execve, but mkdir
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 28, syscalls: [{names: ["execve",
		"execveat", "exit_group", "exit", "write", "brk", "arch_prctl", "mmap", "munmap", "mprotect",
		"set_tid_address", "set_robust_list", "rseq", "prlimit64", "getrlimit", "readlink", "getrandom",
		"newfstatat", "fstat", "stat", "getuid", "getgid", "geteuid", "getegid", "prctl", "rt_sigaction", "uname", "readlinkat",
		"ioctl", "close", "openat", "open", "read", "fcntl", "fchdir", "chdir", "getcwd", "getdents64", "capset", "capget",
		"setresuid", "setresgid", "setgroups", "setuid", "setgid", "futex", "rt_sigprocmask", "rt_sigreturn", "nanosleep",
		"epoll_pwait", "epoll_ctl", "sigaltstack", "gettid", "getpid", "tgkill", "madvise", "sched_yield", "umask",
		"close_range", "lseek", "poll", "dup2", "dup3", "sched_getaffinity", "clock_gettime"], action: "SCMP_ACT_ALLOW"}]}'
	set_args true
	rt run --bundle "$B" "$ID"
	[ "$status" -eq 0 ] || skip "the runtime needs calls that this test does not list: $output"
	set_args mkdir /tmp/x
	rt run --bundle "$B" "$ID"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"No space left on device"* ]]
}

@test "arguments are compared" {
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["kill"], action: "SCMP_ACT_ERRNO",
		errnoRet: 95, args: [{index: 1, value: 10, op: "SCMP_CMP_EQ"}]}]}'
	inside 'kill -10 $$; kill -0 $$ && echo allowed'
	[[ "${lines[0]}" == *"not supported"* ]]
	[ "${lines[1]}" = allowed ]
}

@test "defaultAction is missing" { refused "$RULES" 'del(.linux.seccomp.defaultAction)'; }
@test "defaultAction does not exist" { refused "$RULES" '.linux.seccomp.defaultAction = "SCMP_ACT_NONE"'; }
@test "defaultErrnoRet with an action that has no error" { refused "$RULES" '.linux.seccomp.defaultErrnoRet = 1'; }
@test "syscalls: names is missing" { refused "$RULES" 'del(.linux.seccomp.syscalls[0].names)'; }
@test "syscalls: names is empty" { refused "$RULES" '.linux.seccomp.syscalls[0].names = []'; }
@test "syscalls: action is missing" { refused "$RULES" 'del(.linux.seccomp.syscalls[0].action)'; }
@test "syscalls: action does not exist" { refused "$RULES" '.linux.seccomp.syscalls[0].action = "SCMP_ACT_NONE"'; }
@test "syscalls: errnoRet with an action that has no error" { refused "$RULES" '.linux.seccomp.syscalls[0] |= (.action = "SCMP_ACT_LOG" | .errnoRet = 5)'; }
@test "an architecture that does not exist" { refused "$RULES" '.linux.seccomp.architectures = ["SCMP_ARCH_PDP11"]'; }
@test "a flag that does not exist" { refused "$RULES" '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_NONE"]'; }

ARGS="$RULES"' | .linux.seccomp.syscalls[0].args = [{index: 0, value: 1, op: "SCMP_CMP_EQ"}]'

@test "args: index is missing" { refused "$ARGS" 'del(.linux.seccomp.syscalls[0].args[0].index)'; }
@test "args: index is too large" { refused "$ARGS" '.linux.seccomp.syscalls[0].args[0].index = 6'; }
@test "args: value is missing" { refused "$ARGS" 'del(.linux.seccomp.syscalls[0].args[0].value)'; }
@test "args: op is missing" { refused "$ARGS" 'del(.linux.seccomp.syscalls[0].args[0].op)'; }
@test "args: op does not exist" { refused "$ARGS" '.linux.seccomp.syscalls[0].args[0].op = "SCMP_CMP_X"'; }

# An agent on $SOCKET; what it received is in $AGENT_LOG
agent() {
	needs "$PYTHON"
	SOCKET="$BATS_TEST_TMPDIR/agent"
	AGENT_LOG="$BATS_TEST_TMPDIR/agent.log"
	"$PYTHON" "$BATS_TEST_DIRNAME/seccomp_agent.py" "$SOCKET" "$AGENT_LOG" >agent.out 2>&1 3>&- &
	PIDS+=($!)
	until_true 5 test -S "$SOCKET"
	edit --arg s "$SOCKET" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $s,
		listenerMetadata: "some data", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY"}]}
		| .annotations = {"org.example": "a"}'
}

# A container whose mkdir is answered by the agent, with EEXIST.
asked_container() {
	agent
	set_args sh -c 'mkdir /tmp/x 2>/tmp/ran; exec sleep 1000'
	rt_live create --bundle "$B" "$ID"
	if [ "$status" -ne 0 ]; then
		[[ "$output" != *"support"* ]] || skip "the runtime does not support listenerPath: $output"
		false
	fi
	rt_live start "$ID"
	succeeds
	until_true 5 test -s "$AGENT_LOG"
}

@test "the agent is asked, and its answer counts" {
	asked_container
	until_true 5 grep -q "File exists" "$RAN"
}

@test "the agent gets one state, whose connection is closed after it" {
	asked_container
	sleep 0.2
	[ "$(grep -c . "$AGENT_LOG")" -eq 1 ]
	holds '.closed and (.text | fromjson | type == "object")' "$AGENT_LOG"
}

@test "the state says what it is about" {
	asked_container
	cat "$AGENT_LOG"
	holds --arg id "$ID" --arg b "$B" --argjson pid "$(pid_of "$ID")" '.text | fromjson
		| (.ociVersion | test("^[0-9]+\\.[0-9]+\\.[0-9]+")) and .pid == $pid and .metadata == "some data"
		and .state.id == $id and .state.bundle == $b and .state.pid == $pid and (.state.status | type == "string")
		and (.state.ociVersion | type == "string") and .state.annotations["org.example"] == "a"' "$AGENT_LOG"
}

@test "the descriptor comes with the first message, and has its name" {
	asked_container
	holds '.first >= 1 and .later == 0 and (.text | fromjson | .fds | index("seccompFd") != null)' "$AGENT_LOG"
	holds '.first == (.text | fromjson | .fds | length)' "$AGENT_LOG"
}

@test "each container has a connection of its own" {
	asked_container
	delete_by_force
	create_container
	rt_live start "$ID"
	succeeds
	until_true 5 eval '[ "$(grep -c . "$AGENT_LOG")" -eq 2 ]'
	[ "$(jq -s 'map(.closed) | all' "$AGENT_LOG")" = true ]
}

@test "listenerPath: a socket that nobody listens on" {
	agent
	rt_live create --bundle "$B" "$ID"
	[ "$status" -eq 0 ] || [[ "$output" != *"support"* ]] || skip "the runtime does not support listenerPath"
	rt delete --force "$ID"
	process_refused . '.linux.seccomp.listenerPath = "/no/such/socket"'
}

@test "listenerPath: a socket of datagrams" {
	agent
	rt_live create --bundle "$B" "$ID"
	[ "$status" -eq 0 ] || [[ "$output" != *"support"* ]] || skip "the runtime does not support listenerPath"
	rt delete --force "$ID"
	"$PYTHON" -c 'import socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("datagrams")
time.sleep(60)' 3>&- &
	PIDS+=($!)
	until_true 5 test -S datagrams
	export DATAGRAMS="$BATS_TEST_TMPDIR/datagrams"
	process_refused . '.linux.seccomp.listenerPath = env.DATAGRAMS'
}

@test "listenerPath is ignored where SCMP_ACT_NOTIFY is not used" {
	edit "$RULES"' | .linux.seccomp.listenerPath = "/no/such/socket"'
	rt_live create --bundle "$B" "$ID"
	[ "$status" -eq 0 ] || [[ "$output" != *"support"* ]] || skip "the runtime does not support listenerPath"
	has_status "$ID" created
}

@test "listenerMetadata without listenerPath" { refused "$RULES" '.linux.seccomp.listenerMetadata = "x"'; }
