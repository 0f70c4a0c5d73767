#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.md: process.

bats_require_minimum_version 1.5.0

load helpers

setup() { conformance_setup; }
teardown() { conformance_teardown; }

@test "cwd is the working directory" {
	edit '.process.cwd = "/usr/bin"'
	inside 'pwd; readlink /proc/self/cwd'
	prints $'/usr/bin\n/usr/bin'
}

@test "cwd is missing" { process_refused . 'del(.process.cwd)'; }
@test "cwd is empty" { process_refused . '.process.cwd = ""'; }
@test "cwd is relative" { process_refused . '.process.cwd = "tmp"'; }
@test "cwd is a file" { process_refused . '.process.cwd = "/etc/passwd"'; }

@test "args is missing" { process_refused . 'del(.process.args)'; }
@test "args is empty" { process_refused . '.process.args = []'; }

@test "args[0] is searched for in PATH, as execvp does" {
	mkdir "$B/rootfs/first" "$B/rootfs/second"
	printf '#!/bin/sh\necho first\n' >"$B/rootfs/first/tool"
	printf '#!/bin/sh\necho second\n' >"$B/rootfs/second/tool"
	chmod +x "$B/rootfs/second/tool"
	edit '.process.env[0] = "PATH=/nowhere:/first:/second:/bin" | .process.args = ["tool"]'
	rt run --bundle "$B" "$ID"
	prints second
	chmod +x "$B/rootfs/first/tool"
	rt run --bundle "$B" "$ID"
	prints first
	edit '.process.args = ["/second/tool"]'
	rt run --bundle "$B" "$ID"
	prints second
}

@test "args are passed on as they are" {
	edit '.process.args = ["sh", "-c", "for a; do echo \"[$a]\"; done", "x", "a b", "", "*", "é"]'
	rt run --bundle "$B" "$ID"
	prints $'[a b]\n[]\n[*]\n[é]'
}

@test "env is the environment" {
	edit '.process.env += ["A=b c", "EMPTY=", "EQ=a=b"]'
	set_args cat /proc/self/environ
	export LEAKED=yes
	rt run --bundle "$B" "$ID"
	unset LEAKED
	succeeds
	[[ "$output" == *"A=b c"*"EMPTY="*"EQ=a=b"* ]]
	[[ "$output" != *LEAKED* ]]
}

@test "user: ids, groups, umask" {
	edit '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 6], umask: 63}'
	inside 'grep -E "^(Uid|Gid|Groups):" /proc/self/status | tr -s "\t " " "; umask'
	succeeds
	[ "${lines[0]}" = "Uid: 1000 1000 1000 1000" ]
	[ "${lines[1]}" = "Gid: 1001 1001 1001 1001" ]
	[[ "${lines[2]}" == *"5 6"* ]]
	[ "${lines[3]}" = 0077 ]
}

@test "user.uid is missing" {
	process_refused . 'del(.process.user.uid)'
}

@test "user.gid is missing" {
	process_refused . 'del(.process.user.gid)'
}

@test "user.additionalGids holds a name" { process_refused '.process.user.additionalGids = [5]' '.process.user.additionalGids = ["tty"]'; }

@test "user: without additionalGids there are none of the caller's" {
	inside 'grep ^Groups: /proc/self/status | tr -s "\t " " "'
	succeeds
	[ "${output// /}" = Groups: ] || [ "$output" = "Groups: 0 " ]
}

@test "rlimits: soft and hard limit are those of the config" {
	edit '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 111, hard: 222}, {type: "RLIMIT_CORE", soft: 0, hard: 0},
		{type: "RLIMIT_STACK", soft: 1048576, hard: 2097152}]'
	inside 'grep -E "open files|core file|stack size" /proc/self/limits | sed "s/  */ /g"'
	succeeds
	[[ "$output" == *"Max open files 111 222 "* ]]
	[[ "$output" == *"Max core file size 0 0 "* ]]
	[[ "$output" == *"Max stack size 1048576 2097152 "* ]]
}

@test "rlimits: every type that the kernel has" {
	local type all='[]'
	for type in AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK; do
		all="$(jq -c --arg t "RLIMIT_$type" '. + [$t]' <<<"$all")"
	done
	# with what the caller has already, which needs no privilege
	local none=18446744073709551615
	prlimit --noheadings --raw --output RESOURCE,SOFT,HARD >"$BATS_TEST_TMPDIR/limits"
	edit --rawfile l "$BATS_TEST_TMPDIR/limits" --argjson all "$all" '.process.rlimits = [$all[] as $t
		| $l | split("\n")[] | split(" ") | select("RLIMIT_" + .[0] == $t)
		| {type: $t, soft: .[1], hard: .[2]}]'
	# jq rounds numbers above 2^53: the infinite ones are put in as text
	sed -i -E "s/\"unlimited\"/$none/; s/\"(soft|hard)\": \"([0-9]+)\"/\"\1\": \2/" "$B/config.json"
	set_args() { sed -i 's/"sleep",/"cat",/; s/"1000"$/"\/proc\/self\/limits"/' "$B/config.json"; }
	set_args
	grep -c RLIMIT_ "$B/config.json"
	rt run --bundle "$B" "$ID"
	succeeds
	[ "$(sed 's/  */ /g' <<<"$output")" = "$(sed 's/  */ /g' /proc/self/limits)" ]
}

@test "rlimits: a type that does not exist" { process_refused '.process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0}]' '.process.rlimits[0].type = "RLIMIT_NONE"'; }
@test "rlimits: type is missing" { process_refused '.process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0}]' 'del(.process.rlimits[0].type)'; }
@test "rlimits: soft is missing" { process_refused '.process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0}]' 'del(.process.rlimits[0].soft)'; }
@test "rlimits: hard is missing" { process_refused '.process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0}]' 'del(.process.rlimits[0].hard)'; }
@test "rlimits: a type is there twice" { process_refused '.process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0}]' '.process.rlimits += [{type: "RLIMIT_CORE", soft: 0, hard: 5}]'; }
@test "rlimits: soft is above hard" { process_refused '.process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0}]' '.process.rlimits[0].soft = 5'; }

# The sets as /proc shows them: permitted, effective, bounding, ambient
sets() {
	inside 'grep -E "^Cap(Inh|Prm|Eff|Bnd|Amb):" /proc/self/status | tr -d "\t"'
	succeeds
}

@test "capabilities: each set by itself" {
	# CHOWN 1, KILL 0x20, NET_BIND_SERVICE 0x400
	edit '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
		permitted: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"], effective: ["CAP_KILL"],
		inheritable: ["CAP_NET_BIND_SERVICE"], ambient: ["CAP_NET_BIND_SERVICE"]} | .process.user = {uid: 1000, gid: 1000}'
	sets
	[ "${lines[0]}" = CapInh:0000000000000400 ]
	[ "${lines[3]}" = CapBnd:0000000000000421 ]
	[ "${lines[4]}" = CapAmb:0000000000000400 ]
	# execve of a program without file capabilities leaves a user the ambient ones
	[ "${lines[1]}" = CapPrm:0000000000000400 ]
	[ "${lines[2]}" = CapEff:0000000000000400 ]
}

@test "capabilities: root has those of the bounding set, none more" {
	edit '.process.capabilities = (["CAP_CHOWN", "CAP_KILL"] | {bounding: ., permitted: ., effective: .})'
	sets
	[ "${lines[0]}" = CapInh:0000000000000000 ]
	[ "${lines[1]}" = CapPrm:0000000000000021 ]
	[ "${lines[2]}" = CapEff:0000000000000021 ]
	[ "${lines[3]}" = CapBnd:0000000000000021 ]
	[ "${lines[4]}" = CapAmb:0000000000000000 ]
}

@test "capabilities: none" {
	edit '.process.capabilities = {}'
	sets
	[ "$(sed 's/.*://' <<<"$output" | sort -u)" = 0000000000000000 ]
}

@test "capabilities: one that nobody knows is warned of, and the container runs without it" {
	edit '.process.capabilities |= map_values(. + ["CAP_NO_SUCH_THING"])'
	set_args sh -c 'grep ^CapEff: /proc/self/status >/tmp/ran'
	rt_live --debug --log "$BATS_TEST_TMPDIR/log" run --bundle "$B" "$ID"
	succeeds
	grep -q 0000000020000420 "$RAN"
	grep -qi CAP_NO_SUCH_THING "$BATS_TEST_TMPDIR/log" "$BATS_TEST_TMPDIR/err"
}

@test "capabilities: one that cannot be granted is warned of, and the container runs without it" {
	! capsh --has-p=cap_sys_resource 2>/dev/null || skip "this caller has every capability"
	grep -q '^CapPrm:.*[fF]effffff$' /proc/self/status || skip "this caller has CAP_SYS_RESOURCE"
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_RESOURCE"])'
	set_args sh -c 'grep ^CapEff: /proc/self/status >/tmp/ran'
	rt_live --debug --log "$BATS_TEST_TMPDIR/log" run --bundle "$B" "$ID"
	succeeds
	grep -q 0000000020000420 "$RAN"
	grep -qi CAP_SYS_RESOURCE "$BATS_TEST_TMPDIR/log" "$BATS_TEST_TMPDIR/err"
}

@test "noNewPrivileges" {
	edit '.process.noNewPrivileges = true'
	inside 'grep ^NoNewPrivs: /proc/self/status | tr -d "\t"'
	prints NoNewPrivs:1
	edit '.process.noNewPrivileges = false'
	inside 'grep ^NoNewPrivs: /proc/self/status | tr -d "\t"'
	prints NoNewPrivs:0
}

@test "oomScoreAdj is set where it is asked for" {
	edit '.process.oomScoreAdj = 123'
	inside 'cat /proc/self/oom_score_adj'
	prints 123
}

@test "oomScoreAdj is the caller's where it is not asked for" {
	echo 77 >/proc/self/oom_score_adj
	inside 'cat /proc/self/oom_score_adj'
	prints 77
}

@test "scheduler" {
	needs chrt
	edit '.process.scheduler = {policy: "SCHED_BATCH", nice: 5}'
	create_container
	rt_live start "$ID"
	succeeds
	chrt --pid "$(pid_of "$ID")" | grep -q SCHED_BATCH
	[ "$(ps -o ni= -p "$(pid_of "$ID")" | tr -d ' ')" = 5 ]
}

@test "scheduler.policy is missing" {
	process_refused '.process.scheduler = {policy: "SCHED_BATCH"}' 'del(.process.scheduler.policy)'
}

@test "scheduler.policy does not exist" {
	process_refused '.process.scheduler = {policy: "SCHED_BATCH"}' '.process.scheduler.policy = "SCHED_NONE"'
}

@test "ioPriority" {
	needs ionice
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	create_container
	rt_live start "$ID"
	succeeds
	[ "$(ionice -p "$(pid_of "$ID")")" = "best-effort: prio 6" ]
}

@test "ioPriority.class is missing" {
	process_refused '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}' 'del(.process.ioPriority.class)'
}

@test "ioPriority.class does not exist" {
	process_refused '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}' '.process.ioPriority.class = "IOPRIO_CLASS_X"'
}

@test "ioPriority.priority is missing" {
	process_refused '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}' 'del(.process.ioPriority.priority)'
}

@test "terminal: false is the default, consoleSize is ignored then" {
	edit '.process.consoleSize = {height: 10, width: 20}'
	inside '[ ! -t 0 ] && [ ! -t 1 ] && [ ! -t 2 ] && echo none; [ -e /dev/console ] || echo none'
	prints $'none\nnone'
	edit '.process.terminal = false'
	inside '[ ! -t 0 ] && [ ! -t 1 ] && [ ! -t 2 ] && echo none'
	prints none
}

# A console socket and who listens on it; the terminal's output is in $BATS_TEST_TMPDIR/log
with_terminal() {
	needs "$PYTHON"
	cd "$BATS_TEST_TMPDIR"
	"$PYTHON" "$BATS_TEST_DIRNAME/../e2e/terminal.py" receive s log 3>&- >receiver.out 2>&1 &
	PIDS+=($!)
	until_true 5 test -S s
	edit '.process.terminal = true | .process.consoleSize = {height: 33, width: 77}'
}

@test "terminal: true gives the process a terminal of that size, and /dev/console" {
	with_terminal
	set_args sh -c '[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo streams; [ -c /dev/console ] && echo console
		stty size; echo done'
	create_container --console-socket "$BATS_TEST_TMPDIR/s"
	rt_live start "$ID"
	succeeds
	until_true 5 grep -q done log
	[ "$(tr -d '\r' <log)" = $'streams\nconsole\n33 77\ndone' ]
}

terminal_refused() {
	with_terminal
	edit "$1"
	rt_live create --bundle "$B" --pid-file "$PID_FILE" --console-socket "$BATS_TEST_TMPDIR/s" "$ID"
	fails
	nothing_is_left
}

@test "consoleSize.height is missing" { terminal_refused 'del(.process.consoleSize.height)'; }
@test "consoleSize.width is missing" { terminal_refused 'del(.process.consoleSize.width)'; }

@test "apparmorProfile" {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || skip "this host has no AppArmor"
	edit '.process.apparmorProfile = "unconfined"'
	inside 'cat /proc/self/attr/current'
	[[ "$output" == unconfined* ]]
}

@test "apparmorProfile: one that is not loaded is an error" { process_refused . '.process.apparmorProfile = "no-such-profile"'; }

@test "memoryPolicy: mode" {
	edit '.linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: "0"}'
	rt_live create --bundle "$B" "$ID"
	[ "$status" -eq 0 ] || skip "the runtime does not support linux.memoryPolicy: $output"
	rt_live start "$ID"
	succeeds
	[ -r "/proc/$(pid_of "$ID")/numa_maps" ] || skip "this kernel has no NUMA"
	until_true 5 grep -q interleave:0 "/proc/$(pid_of "$ID")/numa_maps" || skip "the runtime ignores linux.memoryPolicy"
}

@test "memoryPolicy.mode is missing" {
	process_refused '.linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: "0"}' 'del(.linux.memoryPolicy.mode)'
}

@test "memoryPolicy.mode does not exist" {
	process_refused '.linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: "0"}' '.linux.memoryPolicy.mode = "MPOL_NONE"'
}

