#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# runtime.md: the lifecycle and its operations.

bats_require_minimum_version 1.5.0

load helpers

setup() { conformance_setup; }
teardown() { conformance_teardown; }

creates() {
	set_args sh -c 'echo ran >/tmp/ran; exec sleep 1000'
	create_container
}

ran() {
	[ -s "$RAN" ]
}

# The container's process has ended by itself: status stopped.
stopped_container() {
	set_args true
	create_container
	rt_live start "$ID"
	succeeds
	until_true 5 has_status "$ID" stopped
}

@test "create makes a container, with the environment of its config" {
	creates
	has_status "$ID" created
	local pid
	pid="$(pid_of "$ID")"
	[ "$(ns_of "$pid" uts)" != "$(ns_of self uts)" ]
	[ "$(ns_of "$pid" pid)" != "$(ns_of self pid)" ]
	[ "$(nsenter -t "$pid" -u hostname)" = conformance ]
}

@test "create does not run the program, start does" {
	creates
	sleep 0.2
	not ran
	rt_live start "$ID"
	succeeds
	until_true 5 ran
	has_status "$ID" running
}

@test "what is not the process's is applied before start" {
	edit '.root.readonly = true | .linux.sysctl = {"net.ipv4.ip_forward": "1"}
		| .mounts += [{destination: "/mnt", type: "tmpfs", source: "x", options: ["size=64k"]}]
		| .linux.maskedPaths = ["/proc/uptime"]'
	mkdir -p "$B/rootfs/mnt"
	create_container
	local pid
	pid="$(pid_of "$ID")"
	grep -q ' / ro' "/proc/$pid/mountinfo"
	grep -q ' /mnt .*size=64k' "/proc/$pid/mountinfo"
	grep -q ' /proc/uptime ' "/proc/$pid/mountinfo"
	[ "$(nsenter -t "$pid" -n cat /proc/sys/net/ipv4/ip_forward)" = 1 ]
}

@test "changes of config.json after create have no effect" {
	set_args sh -c 'echo before >/tmp/ran; hostname >>/tmp/ran; exec sleep 1000'
	edit '.annotations = {"org.example": "before"}'
	create_container
	set_args sh -c 'echo after >/tmp/ran'
	edit '.hostname = "after" | .annotations = {"org.example": "after"} | .process.cwd = "/tmp"'
	rt_live start "$ID"
	succeeds
	until_true 5 grep -qx conformance "$RAN"
	[ "$(cat "$RAN")" = $'before\nconformance' ]
	rt state "$ID"
	[ "$(jq -r '.annotations["org.example"]' <<<"$output")" = before ]
}

@test "config.json may be gone after create" {
	set_args sh -c 'echo ran >/tmp/ran'
	create_container
	rm "$B/config.json"
	rt_live start "$ID"
	succeeds
	until_true 5 ran
	until_true 5 has_status "$ID" stopped
	rt delete "$ID"
	succeeds
	not exists "$ID"
}

@test "create: an id that is taken is an error, and its container stays as it was" {
	creates
	local pid
	pid="$(pid_of "$ID")"
	rt_live create --bundle "$B" "$ID"
	fails
	[ "$(pid_of "$ID")" = "$pid" ]
	has_status "$ID" created
	rt_live start "$ID"
	succeeds
	until_true 5 ran
	rt_live create --bundle "$B" "$ID"
	fails
	[ "$(pid_of "$ID")" = "$pid" ]
	has_status "$ID" running
}

bad_id() {
	rt_live create --bundle "$B" --pid-file "$PID_FILE" -- "$1"
	fails
	[ ! -e "$PID_FILE" ]
	no_marked_process
}

@test "create: an empty id is an error" { bad_id ""; }
@test "create: an id with a slash is an error" { bad_id "a/b"; }
@test "create: an id that leads out of the state directory is an error" { bad_id "../$ID"; }
@test "create: the id .. is an error" { bad_id ".."; }

@test "create: no id is an error" {
	rt_live create --bundle "$B"
	fails
	no_marked_process
}

@test "create: a bundle that is not there is an error" {
	rt_live create --bundle "$BATS_TEST_TMPDIR/none" --pid-file "$PID_FILE" "$ID"
	fails
	nothing_is_left
}

@test "create: a config that cannot be applied is an error, and nothing is left" {
	refused . '.mounts += [{destination: "/mnt", source: "/no/such/source", options: ["bind"]}]'
}

@test "create that failed can be repeated with a right config" {
	local saved
	saved="$(cat "$B/config.json")"
	refused . '.mounts += [{destination: "/mnt", type: "no-such-filesystem", source: "x"}]'
	echo "$saved" >"$B/config.json"
	create_container
	has_status "$ID" created
}

@test "start: no id is an error" {
	rt_live start
	fails
}

@test "start: a container that does not exist is an error" {
	rt_live start "$ID"
	fails
}

@test "start: a running container is an error, and goes on" {
	creates
	rt_live start "$ID"
	succeeds
	until_true 5 ran
	local pid
	pid="$(pid_of "$ID")"
	rm "$RAN"
	rt_live start "$ID"
	fails
	sleep 0.1
	not ran
	[ "$(pid_of "$ID")" = "$pid" ]
	has_status "$ID" running
}

@test "start: a stopped container is an error, and stays stopped" {
	stopped_container
	rt_live start "$ID"
	fails
	has_status "$ID" stopped
}

@test "start: a config without process is an error, create accepts it" {
	edit 'del(.process)'
	rt_live create --bundle "$B" "$ID"
	succeeds
	rt_live start "$ID"
	fails
	rt delete --force "$ID"
	succeeds
	not exists "$ID"
}

@test "start: a program that is not there is an error" {
	set_args /no/such/program
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	if [ "$status" -eq 0 ]; then
		rt_live start "$ID"
	fi
	fails
}

@test "start runs the program as process says" {
	set_args sh -c 'echo "$0 $1 $X $PWD" >/tmp/ran' zero one
	edit '.process.env += ["X=y"] | .process.cwd = "/usr"'
	create_container
	rt_live start "$ID"
	succeeds
	until_true 5 ran
	[ "$(cat "$RAN")" = "zero one y /usr" ]
}

@test "kill: no id is an error" {
	rt_live kill
	fails
}

@test "kill: a container that does not exist is an error" {
	rt kill "$ID" KILL
	fails
}

@test "kill: a stopped container is an error, without effect" {
	stopped_container
	rt kill "$ID" KILL
	fails
	has_status "$ID" stopped
	rt kill "$ID" TERM
	fails
}

@test "kill sends the signal that is asked for" {
	set_args sh -c 'trap "echo usr1 >>/tmp/ran" USR1; trap "echo usr2 >>/tmp/ran" USR2
		trap "echo hup >>/tmp/ran" HUP; echo ready >/tmp/ran; while :; do sleep 0.05; done'
	create_container
	rt_live start "$ID"
	succeeds
	until_true 5 ran
	local signal
	for signal in USR1:usr1 12:usr2 SIGHUP:hup; do
		rt kill "$ID" "${signal%:*}"
		succeeds
		until_true 5 grep -q "${signal#*:}" "$RAN"
	done
	[ "$(cat "$RAN")" = $'ready\nusr1\nusr2\nhup' ]
	has_status "$ID" running
}

@test "kill reaches a container that is created" {
	creates
	rt kill "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	not ran
}

@test "kill: a signal that does not exist is an error" {
	creates
	rt kill "$ID" NOSUCHSIGNAL
	fails
	has_status "$ID" created
}

@test "delete: no id is an error" {
	rt_live delete
	fails
}

@test "delete: a container that does not exist is an error" {
	rt delete "$ID"
	fails
}

@test "delete: a running container is an error, and goes on" {
	creates
	rt_live start "$ID"
	succeeds
	until_true 5 ran
	rt delete "$ID"
	fails
	has_status "$ID" running
	kill -0 "$(pid_of "$ID")"
}

@test "delete: a created container is an error, and can still be started" {
	creates
	rt delete "$ID"
	fails
	has_status "$ID" created
	rt_live start "$ID"
	succeeds
	until_true 5 ran
}

@test "delete undoes what create made: state, cgroups, processes, mounts" {
	stopped_container
	rt delete "$ID"
	succeeds
	rm -f "$PID_FILE"
	nothing_is_left
	not grep -F "$B" /proc/self/mountinfo
	rt delete "$ID"
	fails
}

@test "delete --force ends the process, and nothing of the container is left" {
	edit '.mounts += [{destination: "/mnt", type: "tmpfs", source: "x"}]'
	creates
	rt_live start "$ID"
	succeeds
	until_true 5 ran
	delete_by_force
	nothing_is_left
	not grep -F "$B" /proc/self/mountinfo
}

@test "delete keeps what create did not make: bundle, bound files, joined namespaces, cgroups" {
	mkdir "$BATS_TEST_TMPDIR/mine"
	echo kept >"$BATS_TEST_TMPDIR/mine/file"
	unshare --uts sleep 1000 3>&- &
	PIDS+=("$!")
	until_true 5 eval '[ "$(ns_of "${PIDS[0]}" uts)" != "$(ns_of self uts)" ]'
	local controller cgroup=''
	controller="$(v1_controller pids)"
	[ -n "$controller" ] || controller="$(unified)"
	if [ -n "$controller" ]; then
		cgroup="$controller/$ID-parent"
		mkdir "$cgroup"
		edit --arg p "/$ID-parent/child" '.linux.cgroupsPath = $p'
	fi
	edit --arg d "$BATS_TEST_TMPDIR/mine" --arg ns "/proc/${PIDS[0]}/ns/uts" '
		.mounts += [{destination: "/mnt", source: $d, options: ["rbind"]}]
		| .linux.namespaces |= map(if .type == "uts" then .path = $ns else . end) | del(.hostname)'
	stopped_container
	rt delete "$ID"
	succeeds
	[ "$(cat "$BATS_TEST_TMPDIR/mine/file")" = kept ]
	[ -f "$B/config.json" ]
	[ -x "$B/rootfs/bin/busybox" ]
	kill -0 "${PIDS[0]}"
	[ -z "$cgroup" ] || [ -d "$cgroup" ]
}

@test "an id can be used again after delete" {
	creates
	delete_by_force
	create_container
	has_status "$ID" created
}

@test "the operations work for whoever created the container, from anywhere" {
	creates
	cd /
	has_status "$ID" created
	rt_live start "$ID"
	succeeds
	until_true 5 ran
	rt kill "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	rt delete "$ID"
	succeeds
}

@test "two containers live side by side under their ids" {
	creates
	make_bundle "$BATS_TEST_TMPDIR/b2"
	jq --arg id "$ID" '.process.env[1] = "E2E=" + $id | .linux.cgroupsPath = "/" + $id + "-2"' \
		"$BATS_TEST_TMPDIR/b2/config.json" >"$BATS_TEST_TMPDIR/new"
	mv "$BATS_TEST_TMPDIR/new" "$BATS_TEST_TMPDIR/b2/config.json"
	rt_live create --bundle "$BATS_TEST_TMPDIR/b2" "$OTHER"
	succeeds
	[ "$(pid_of "$ID")" != "$(pid_of "$OTHER")" ]
	rt delete --force "$OTHER"
	succeeds
	has_status "$ID" created
	kill -0 "$(pid_of "$ID")"
}

@test "only the three standard descriptors are open" {
	exec 7</dev/null
	inside 'ls /proc/self/fd'
	exec 7<&-
	succeeds
	# ls itself has one for the directory
	[ "$output" = $'0\n1\n2\n3' ]
}
