#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.process: seen from the inside.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_process.bats

bats_require_minimum_version 1.5.0

load helpers

setup() { container_setup; }
teardown() { container_teardown; }

@test "user, groups, umask" {
	inside 'id -u; id -g; id -G; umask'
	prints $'0\n0\n0\n0022'
	edit '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 6, 5], umask: 63}'
	inside 'id -u; id -g; grep Groups /proc/self/status; umask; touch /tmp/x 2>/dev/null; id -un'
	succeeds
	[ "${lines[0]} ${lines[1]}" = "1000 1001" ]
	[[ "${lines[2]}" == Groups:*"5 5 6"* ]]
	[ "${lines[3]}" = 0077 ]
	[ "${lines[4]}" = someone ]
}

@test "cwd: entered, made where missing, relative is an error" {
	edit '.process.cwd = "/home/someone"'
	inside pwd
	prints /home/someone
	edit '.process.cwd = "/made/for/this"'
	inside 'pwd; stat -c "%a %u" .'
	prints $'/made/for/this\n755 0'
	edit '.process.cwd = "/etc/passwd"'
	inside pwd
	fails_like "*config.json:*: process.cwd: *: not a directory"
	edit '.process.cwd = "tmp"'
	inside pwd
	fails_like "*config.json:*: process.cwd: *absolute*"
}

@test "a cwd that root may not enter, but the user may, and the other way round" {
	mkdir "$B/rootfs/theirs" "$B/rootfs/ours"
	chmod 0700 "$B/rootfs/theirs" "$B/rootfs/ours"
	chown 1000 "$B/rootfs/theirs"
	edit '.process.user = {uid: 1000, gid: 1000} | .process.cwd = "/theirs"'
	inside pwd
	prints /theirs
	edit '.process.cwd = "/ours"'
	inside 'echo in'
	prints in
}

@test "environment: exact, HOME from passwd" {
	edit '.process.env = ["PATH=/bin", "A=1", "EMPTY=", "A B=c d"]'
	set_args env
	rt run -b "$B" "$ID"
	prints $'PATH=/bin\nA=1\nEMPTY=\nA B=c d\nHOME=/root'
	edit '.process.user.uid = 1000'
	inside 'echo $HOME'
	prints /home/someone
	edit '.process.user.uid = 4242'
	inside 'echo $HOME'
	prints /
	edit '.process.env += ["HOME=/mine"]'
	inside 'echo $HOME'
	prints /mine
	rm "$B/rootfs/etc/passwd"
	edit '.process.env = ["PATH=/bin"]'
	inside 'echo $HOME'
	prints /
}

# It is looked up by descriptors.
@test "HOME from passwd, whatever the config's limit of descriptors" {
	edit '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 4, hard: 4 }]'
	inside 'echo $HOME'
	prints /root
	set_args sleep 1000
	start_container
	rt exec "$ID" sh -c 'echo $HOME'
	prints /root
}

@test "a hostile passwd" {
	rm "$B/rootfs/etc/passwd"
	mkfifo "$B/rootfs/etc/passwd"
	run timeout 20 "$RT" --root "$ROOT" run -b "$B" "$ID" <<<'echo $HOME'
	prints /
	rm "$B/rootfs/etc/passwd"
	{
		printf 'x%.0s' $(seq 5000)
		echo
		printf '%s\n' ':::::' '0:x:0' 'a:x:00x:0::/bad:' 'root:x:0:0:root:/good:/bin/sh'
	} >"$B/rootfs/etc/passwd"
	inside 'echo $HOME'
	prints /good
	ln -sf /proc/self/environ "$B/rootfs/etc/passwd"
	inside 'echo $HOME'
	prints /
}

@test "args: the search for the executable, word by word" {
	set_args no-such-program
	rt run -b "$B" "$ID"
	fails_like '*config.json:*: process.args: exec: "no-such-program": executable file not found in $PATH'
	set_args /no/such
	rt run -b "$B" "$ID"
	fails_like '*config.json:*: process.args: exec: "/no/such": no such file or directory'
	set_args /etc/passwd
	rt run -b "$B" "$ID"
	fails_like '*config.json:*: process.args: exec: "/etc/passwd": permission denied: its mode is 0644 and the owner 0:0; chmod a+x /etc/passwd'
	set_args /etc
	rt run -b "$B" "$ID"
	fails_like '*config.json:*: process.args: exec: "/etc": is a directory'
	set_args /etc/passwd/x
	rt run -b "$B" "$ID"
	[ "$status" -eq 1 ]
	set_args ""
	rt run -b "$B" "$ID"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	assert_nothing_left
}

@test "args: PATH is the container's, in its order" {
	mkdir "$B/rootfs/one" "$B/rootfs/two" "$B/rootfs/tmp/prog"
	printf '#!/bin/sh\necho two "$0" "$@"\n' >"$B/rootfs/two/prog"
	chmod +x "$B/rootfs/two/prog"
	echo not executable >"$B/rootfs/one/prog"
	edit '.process.env = ["PATH=/nowhere:/tmp:/one:/two:/bin"]'
	set_args prog "a b" c
	rt run -b "$B" "$ID"
	prints "two /two/prog a b c"
	chmod -x "$B/rootfs/two/prog"
	rt run -b "$B" "$ID"
	fails_like '*: exec: "prog": permission denied: its mode is 0644 and the owner 0:0; chmod a+x /one/prog'
	# no PATH: the usual places
	edit '.process.env = []'
	set_args echo default
	rt run -b "$B" "$ID"
	prints default
	# an empty entry is the working directory
	chmod +x "$B/rootfs/two/prog"
	edit '.process.env = ["PATH=:/bin"] | .process.cwd = "/two"'
	set_args prog
	rt run -b "$B" "$ID"
	prints "two prog"
}

@test "args: what is executable and still can't be executed" {
	printf 'not a program' >"$B/rootfs/bin/garbage"
	printf '#!/no/such/interpreter\n' >"$B/rootfs/bin/script"
	chmod +x "$B/rootfs/bin/garbage" "$B/rootfs/bin/script"
	set_args garbage
	rt run -b "$B" "$ID"
	fails_like 'exec /bin/garbage: exec format error: it is neither an ELF program nor a script with a #! line'
	set_args /bin/script
	rt run -b "$B" "$ID"
	fails_like 'exec /bin/script: no such file or directory: its interpreter /no/such/interpreter is missing in the container'
	assert_nothing_left
}

@test "rlimits" {
	edit '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200},
		{type: "RLIMIT_CORE", soft: 0, hard: 0}, {type: "RLIMIT_STACK", soft: 1048576, hard: 2097152}]'
	inside 'ulimit -n; ulimit -Hn; ulimit -c; ulimit -Hc; ulimit -s; ulimit -Hs'
	prints $'100\n200\n0\n0\n1024\n2048'
	edit '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 9, hard: 8}]'
	inside true
	fails_like "*config.json:*: process.rlimits?0?*"
	edit '.process.rlimits = [{type: "RLIMIT_NONE", soft: 8, hard: 8}]'
	inside true
	fails_like "*config.json:*: process.rlimits?0?.type: *"
}

caps() {
	awk '/^Cap/ { printf "%s%s ", substr($1, 4, 3), substr($2, 9) }' <<<"$output"
	echo
}

@test "capabilities: none, each of the five sets by itself" {
	edit 'del(.process.capabilities)'
	set_args cat /proc/self/status
	rt run -b "$B" "$ID"
	[ "$(caps)" = "Inh00000000 Prm00000000 Eff00000000 Bnd00000000 Amb00000000 " ]
	# a program of root's gets what is in the bounding set or inheritable: noNewPrivileges or not
	edit '.process.noNewPrivileges = false | .process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN"]}'
	rt run -b "$B" "$ID"
	[ "$(caps)" = "Inh00000000 Prm00000021 Eff00000021 Bnd00000021 Amb00000000 " ]
	edit '.process.capabilities = {inheritable: ["CAP_KILL"], permitted: ["CAP_KILL"]}'
	rt run -b "$B" "$ID"
	# capabilities(7): nothing outside of the bounding set can become inheritable
	fails_like "*config.json:*: process.capabilities: *: capset: operation not permitted"
	edit '.process.capabilities.bounding = ["CAP_KILL"]'
	rt run -b "$B" "$ID"
	[ "$(caps)" = "Inh00000020 Prm00000020 Eff00000020 Bnd00000020 Amb00000000 " ]
}

@test "capabilities: a user's come from the ambient set alone" {
	edit '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {bounding: ["CAP_KILL"],
		permitted: ["CAP_KILL"], effective: ["CAP_KILL"]}'
	set_args cat /proc/self/status
	rt run -b "$B" "$ID"
	[ "$(caps)" = "Inh00000000 Prm00000000 Eff00000000 Bnd00000020 Amb00000000 " ]
	edit '.process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN"], permitted: ["CAP_KILL", "CAP_CHOWN"],
		inheritable: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_KILL"], ambient: ["CAP_KILL"]}'
	rt run -b "$B" "$ID"
	[ "$(caps)" = "Inh00000021 Prm00000020 Eff00000020 Bnd00000021 Amb00000020 " ]
	# the bounding set is what the kernel has
	edit --argjson all "$("$RT" features | jq .linux.capabilities)" '.process.capabilities = {bounding: $all}'
	rt run -b "$B" "$ID"
	succeeds
	# spec: config.md#linux-process: one that nobody knows is a warning
	edit '.process.capabilities = {bounding: ["CAP_NONE"]}'
	rt --log l.json --log-format json --log-level warning run -b "$B" "$ID"
	succeeds
	[ "$(jq -r '.level + ": " + .msg' l.json)" = "warning: capability CAP_NONE cannot be granted: it is unknown" ]
	# and by default the log of a success is empty
	rt --log l2.json --log-format json run -b "$B" "$ID"
	[ ! -s l2.json ]
}

@test "capabilities that we do not hold are told of, not an error" {
	capsh --has-p=cap_sys_resource 2>/dev/null && skip "holds every capability"
	edit '.process.capabilities[] += ["CAP_SYS_RESOURCE"] | .process.args = ["sleep", "1000"]'
	create_container
	rt state "$ID"
	[[ "$(jq -r '.annotations["org.oci-rt.degraded"]' <<<"$output")" == "capability CAP_SYS_RESOURCE cannot be granted: the runtime does not hold it" ]]
}

@test "noNewPrivileges" {
	set_args grep NoNewPrivs /proc/self/status
	rt run -b "$B" "$ID"
	prints $'NoNewPrivs:\t1'
	edit '.process.noNewPrivileges = false'
	rt run -b "$B" "$ID"
	prints $'NoNewPrivs:\t0'
}

@test "oomScoreAdj" {
	edit '.process.oomScoreAdj = 321'
	set_args cat /proc/self/oom_score_adj
	rt run -b "$B" "$ID"
	prints 321
	edit '.process.oomScoreAdj = 1001'
	rt run -b "$B" "$ID"
	fails_like "*config.json:*: process.oomScoreAdj: *"
	edit 'del(.process.oomScoreAdj)'
	rt run -b "$B" "$ID"
	prints "$(cat /proc/self/oom_score_adj)"
}

@test "the process leads a session, has default signals, and no descriptor of ours" {
	set_args grep -E "^Sig(Blk|Ign)|^NS(pgid|sid)" /proc/self/status
	run bash -c 'trap "" PIPE INT USR1; exec "$@"' - "$RT" --root "$ROOT" run -b "$B" "$ID"
	succeeds
	[ "$output" = $'NSpgid:\t1\nNSsid:\t1\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000' ]
}

# wait(2): of children whose parent ignores SIGCHLD nobody is told the status. So does whoever wants no zombies.
@test "a caller that ignores SIGCHLD: the status of run, of exec and of a hook" {
	ignoring() {
		bash -c 'trap "" CHLD; exec "$@"' - "$RT" --root "$ROOT" "$@" </dev/null >out 2>&1 3>&- &
		PIDS=($!)
		until_true 1 is_gone $!
		status=0
		wait $! || status=$?
	}
	edit --arg mark "$BATS_TEST_TMPDIR/ran" \
		'.hooks.poststop = [{ path: "/bin/sh", args: ["sh", "-c", "(exit 3) || echo $? >" + $mark] }]'
	set_args sh -c 'exit 7'
	ignoring run -b "$B" "$ID"
	[ "$status" -eq 7 ]
	[ "$(cat out ran)" = 3 ]
	set_args sleep 1000
	start_container
	ignoring exec "$ID" sh -c 'exit 8'
	[ "$status" -eq 8 ]
}

# What the runtime opens would be taken for them: its state directory was given to the container's user.
@test "closed standard descriptors are /dev/null, for the container as well" {
	local closed
	edit '.process.user = { uid: 1000, gid: 1000 }'
	set_args sh -c '(for i in 0 1 2; do readlink /proc/1/fd/$i; done; ls /proc/1/fd | wc -l) >/seen; true'
	touch "$B/rootfs/seen" && chmod 0666 "$B/rootfs/seen"
	for closed in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		echo "closed: $closed"
		eval 'sh -c "exec \"\$@\" '"$closed"'" - "$RT" --root "$ROOT" run -b "$B" "$ID" </dev/null >/dev/null 2>/dev/null 3>&-'
		cat "$B/rootfs/seen"
		[ "$(cat "$B/rootfs/seen")" = $'/dev/null\n/dev/null\n/dev/null\n3' ]
	done
	[ -z "$(find "$ROOT" -user 1000)" ]
}

@test "a session keyring for which there is no quota: what to raise" {
	needs strace
	set_args true
	run strace -f -o strace.out -e inject=keyctl:error=EDQUOT "$RT" --root "$ROOT" run -b "$B" "$ID"
	grep -q INJECTED strace.out
	[ "$status" -eq 1 ]
	[[ "$output" == *"the user's quota of keys is used up; raise kernel.keys.maxkeys or use --no-new-keyring"* ]]
}

@test "a session keyring of its own" {
	set_args sh -c 'cat /proc/keys | grep -c _ses'
	edit 'del(.linux.maskedPaths)'
	[ -r /proc/keys ] || skip "this kernel has no keyrings"
	rt run -b "$B" "$ID"
	[ "$output" -ge 1 ]
}
