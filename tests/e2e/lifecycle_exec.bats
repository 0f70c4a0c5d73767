#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec: one more process in a container that runs.
# Run: OCI_RT=build/oci-rt bats tests/e2e/lifecycle_exec.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	set_args sleep 1000
}
teardown() { container_teardown; }

caps_of() {
	awk '/^Cap(Inh|Prm|Eff|Bnd|Amb)/ { printf "%s ", substr($2, 9) }'
}

@test "exec runs in the container, with its exit codes" {
	start_container
	rt exec "$ID" hostname
	prints oci-rt
	rt exec "$ID" sh -c 'exit 42'
	[ "$status" -eq 42 ]
	rt exec "$ID" sh -c 'kill -TERM $$'
	[ "$status" -eq 143 ]
	rt exec "$ID" -- echo -n a b
	prints "a b"
	run bash -c 'echo in | "$@"' - "$RT" --root "$ROOT" exec "$ID" cat
	prints in
}

@test "exec into a container that is only created" {
	create_container
	rt exec "$ID" hostname
	prints oci-rt
	has_status "$ID" created
}

@test "exec joins every namespace and the cgroups" {
	start_container
	local pid ns
	pid="$(pid_of "$ID")"
	rt exec "$ID" sh -c 'for n in /proc/self/ns/*; do readlink $n; done; cat /proc/self/cgroup'
	succeeds
	for ns in cgroup ipc mnt net pid uts user time; do
		[[ "$output" == *"$(readlink "/proc/$pid/ns/$ns")"* ]]
	done
	rt_live exec -d --pid-file p "$ID" sleep 1000
	succeeds
	[ "$(sort "/proc/$(cat p)/cgroup")" = "$(sort "/proc/$pid/cgroup")" ]
	grep -q "/$ID\$" "/proc/$(cat p)/cgroup"
}

@test "the process is that of the config, with the command's changes" {
	edit '.process.env += ["A=1"] | .process.cwd = "/tmp" | .process.user.umask = 63
		| .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 88}]
		| .process.oomScoreAdj = 500'
	start_container
	rt exec "$ID" sh -c 'echo $A $B; pwd; umask; ulimit -n; ulimit -H -n; echo $HOME'
	prints $'1\n/tmp\n0077\n77\n88\n/root'
	rt exec -e A=2 --env B=3 --cwd /etc "$ID" sh -c 'echo $A $B; pwd'
	prints $'2 3\n/etc'
	rt exec --cwd /nowhere "$ID" true
	[ "$status" -eq 255 ]
	[ "$output" = "enter /nowhere: chdir: no such file or directory" ]
}

@test "the user, numbers only" {
	start_container
	rt exec -u 1000 "$ID" sh -c 'id -u; id -g; echo $HOME'
	prints $'1000\n0\n/home/someone'
	rt exec --user 1000:1001 -g 7 -g 8 "$ID" sh -c 'id -u; id -g; id -G'
	prints $'1000\n1001\n1001 7 8'
	local bad
	for bad in someone 0x0 -1 1000:x "" : 4294967295 "1 " 99999999999; do
		rt exec -u "$bad" "$ID" id
		[ "$status" -eq 1 ]
		[ "$output" = "option '-u': expected UID[:GID], found '$bad'" ]
	done
}

@test "capabilities: the config's, and --cap adds; the inheritable set stays empty" {
	edit '.process.noNewPrivileges = false'
	start_container
	rt exec "$ID" cat /proc/self/status
	[ "$(caps_of <<<"$output")" = "00000000 20000420 20000420 20000420 00000000 " ]
	rt exec --cap CAP_SYS_PTRACE "$ID" cat /proc/self/status
	[ "$(caps_of <<<"$output")" = "00000000 20080420 20080420 20080420 00000000 " ]
	rt exec -u 1000 "$ID" cat /proc/self/status
	[ "$(caps_of <<<"$output")" = "00000000 00000000 00000000 20000420 00000000 " ]
	rt exec "$ID" grep NoNewPrivs /proc/self/status
	prints $'NoNewPrivs:\t0'
	rt exec --no-new-privs "$ID" grep NoNewPrivs /proc/self/status
	prints $'NoNewPrivs:\t1'
}

@test "a process document" {
	start_container
	cat >p.json <<-'JSON'
		{"cwd": "/etc", "args": ["sh", "-c", "id; pwd; echo $A; umask; ulimit -n; echo $HOME; exit 9"],
		 "env": ["PATH=/bin", "A=doc"], "user": {"uid": 1000, "gid": 5, "umask": 18,
		 "additionalGids": [9]}, "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 55, "hard": 55}]}
	JSON
	rt exec --process p.json "$ID"
	echo "$output"
	[ "$status" -eq 9 ]
	[ "$output" = $'uid=1000(someone) gid=5 groups=9\n/etc\ndoc\n0022\n55\n/home/someone' ]
	echo '{"cwd": "/", "args": ["hostname"]}' >p.json
	rt exec -p p.json "$ID"
	prints oci-rt
	echo '{"cwd": "/", "args": []}' >p.json
	rt exec -p p.json "$ID"
	[ "$status" -eq 255 ]
	[[ "$output" == "p.json:"*"args: "* ]]
	echo '{"cwd": "x", "args": ["a"]}' >p.json
	rt exec -p p.json "$ID"
	[ "$status" -eq 255 ]
	[[ "$output" == "p.json:1:9: cwd: "* ]]
	rt exec -p nowhere.json "$ID"
	[ "$status" -eq 255 ]
	[ "$output" = "nowhere.json: no such file or directory" ]
}

@test "255 and one line, when nothing was started" {
	start_container
	rt exec --pid-file p "$ID" no-such-program
	[ "$status" -eq 255 ]
	[ "$output" = 'exec: "no-such-program": executable file not found in $PATH' ]
	[ ! -e p ]
	rt exec --pid-file p "$ID" /no/such
	[ "$status" -eq 255 ]
	[ "$output" = 'exec: "/no/such": no such file or directory' ]
	rt exec --pid-file p "$ID" /etc/passwd
	[ "$status" -eq 255 ]
	[ "$output" = 'exec: "/etc/passwd": permission denied: its mode is 0644 and the owner 0:0; chmod a+x /etc/passwd' ]
	rt exec -d --pid-file p "$ID" /etc
	[ "$status" -eq 255 ]
	[ "$output" = 'exec: "/etc": is a directory' ]
	printf 'not a program' >"$B/rootfs/bin/garbage"
	chmod +x "$B/rootfs/bin/garbage"
	rt exec --pid-file p "$ID" garbage
	[ "$status" -eq 255 ]
	[ "$output" = 'exec /bin/garbage: exec format error: it is neither an ELF program nor a script with a #! line' ]
	[ ! -e p ]
}

@test "--detach and --pid-file" {
	start_container
	rt_live exec --detach --pid-file p "$ID" sleep 1000
	prints ""
	grep -Exq '[0-9]+' p && [ "$(wc -l <p)" -eq 0 ]
	[ "$(tr '\0' ' ' <"/proc/$(cat p)/cmdline")" = "sleep 1000 " ]
	rt ps -f json "$ID"
	[ "$(jq -c sort <<<"$output")" = "$(jq -cn '[$ARGS.positional[] | tonumber] | sort' \
		--args "$(pid_of "$ID")" "$(cat p)")" ]
	# nobody of ours waits for it
	[ -z "$(pgrep -f -- "--root $ROOT")" ]
	rt exec --detach "$ID" sh -c 'exit 3'
	prints ""
}

@test "--preserve-fds, and no other descriptor" {
	start_container
	echo three >f3
	run bash -c 'exec 3<f3 4<f3 9<f3; exec "$@"' - "$RT" --root "$ROOT" \
		exec --preserve-fds 1 "$ID" sh -c 'cat <&3; ls /proc/self/fd | tr "\n" " "'
	prints $'three\n0 1 2 3 4 '
	run bash -c 'exec 3<&-; exec "$@"' - "$RT" --root "$ROOT" exec --preserve-fds 1 "$ID" true
	[ "$status" -eq 255 ]
	[ "$output" = "--preserve-fds: file descriptor 3 is not open" ]
}

@test "--ignore-paused joins and runs when resumed" {
	start_container
	rt pause "$ID"
	succeeds
	"$RT" --root "$ROOT" exec --ignore-paused "$ID" echo resumed >out 2>&1 3>&- &
	local rt_pid=$!
	sleep 0.3
	[ ! -s out ]
	rt resume "$ID"
	succeeds
	wait "$rt_pid"
	[ "$(cat out)" = resumed ]
}

@test "the seccomp filter is that of the container" {
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir",
		"mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 95}]}'
	start_container
	rt exec "$ID" mkdir /x
	[ "$status" -eq 1 ]
	[ "$output" = "mkdir: can't create directory '/x': Operation not supported" ]
}

@test "--cgroup: a sub-cgroup that exists" {
	start_container
	local dir file
	rt exec --cgroup sub "$ID" true
	[ "$status" -eq 255 ]
	rt exec --cgroup ../../.. "$ID" true
	[ "$status" -eq 255 ]
	while read -r dir; do
		mkdir "$dir/sub"
		# v1: an empty cpuset takes no process
		[ ! -e "$dir/cpuset.cpus" ] || for file in cpuset.cpus cpuset.mems; do
			cat "$dir/$file" >"$dir/sub/$file"
		done
	done < <(cgroups_of "$ID")
	rt exec --cgroup sub "$ID" cat /proc/self/cgroup
	succeeds
	[ "$(grep -vc "/$ID/sub\$" <<<"$output")" -eq 0 ]
	rt delete --force "$ID"
	succeeds
	assert_nothing_left
}

@test "signals of a foreground exec reach its process" {
	start_container
	"$RT" --root "$ROOT" exec "$ID" sh -c 'trap "exit 5" TERM; echo up >/up
		while :; do sleep 0.02; done' 3>&- &
	local rt_pid=$!
	until_true 5 test -e "$B/rootfs/up"
	kill -TERM "$rt_pid"
	wait "$rt_pid" && false || [ "$?" -eq 5 ]
	has_status "$ID" running
}

@test "a killed exec leaves the container as it is" {
	start_container
	"$RT" --root "$ROOT" exec "$ID" sleep 1000 3>&- &
	local rt_pid=$!
	until_true 5 eval '[ "$("$RT" --root "$ROOT" ps -f json "$ID" | jq length)" -eq 2 ]'
	rt kill "$ID" KILL
	succeeds
	wait "$rt_pid" && false || [ "$?" -eq 137 ]
	rt delete "$ID"
	succeeds
	assert_nothing_left
}

@test "many at once" {
	start_container
	local i pids=()
	for i in 1 2 3 4 5 6 7 8; do
		"$RT" --root "$ROOT" exec "$ID" sh -c "exit $i" 3>&- &
		pids+=($!)
	done
	for i in 1 2 3 4 5 6 7 8; do
		wait "${pids[i - 1]}" && false || [ "$?" -eq "$i" ]
	done
	rt ps -f json "$ID"
	[ "$(jq length <<<"$output")" -eq 1 ]
}

@test "exec into a container that shares the host's namespaces" {
	edit '.linux.namespaces = [{type: "mount"}] | del(.hostname) | .mounts |= map(select(
		.type != "sysfs" and .type != "cgroup"))'
	start_container
	rt exec "$ID" sh -c 'cat /proc/self/comm; readlink /proc/self/ns/pid'
	prints "cat"$'\n'"$(readlink /proc/self/ns/pid)"
	edit '.linux.namespaces = [] | .mounts = [] | del(.linux.maskedPaths, .linux.readonlyPaths)'
	rt delete --force "$ID"
	start_container
	rt exec "$ID" ls /
	succeeds
	[[ "$output" == bin$'\n'dev$'\n'* ]]
}

@test "the process document comes from a pipe, too" {
	start_container
	rt exec --process <(echo '{"args":["echo","piped"],"cwd":"/"}') "$ID"
	prints piped
	mkfifo fifo
	echo '{"args":["echo","late"],"cwd":"/"}' >fifo 3>&- &
	rt exec --process fifo "$ID"
	prints late
	rt run -b "$B" -f <(jq '.process.args = ["echo", "config"]' "$B/config.json") "$ID-2"
	prints config
}

@test "exec --cap makes a capability ambient where the config lets it be inherited" {
	edit '.process.capabilities |= (.bounding = ["CAP_KILL", "CAP_CHOWN", "CAP_SYSLOG"]
		| .permitted = ["CAP_KILL"] | .effective = [] | .ambient = []
		| .inheritable = ["CAP_SYSLOG"])'
	start_container
	rt exec --cap CAP_SYSLOG --cap CAP_CHOWN -u 1000 "$ID" grep CapAmb /proc/self/status
	prints "CapAmb:	0000000400000000"
}
