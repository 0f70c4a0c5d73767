#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# checkpoint and restore by CRIU: what a container has is there again. Where criu does not work (a kernel that is too
# new for it, no rights) all tests but the last ones are skipped; the virtual machine has one that works.

load helpers
load checkpoint

setup_file() { criu_setup_file; }
teardown_file() { criu_teardown_file; }

setup() {
	container_setup
	IMG="$BATS_TEST_TMPDIR/img"
	NETNS=
}

teardown() {
	[ -z "$NETNS" ] || umount "$NETNS"
	container_teardown
}

listens() {
	ss -Hltn "sport = :$1" | grep -q .
}

# grows FILE SIZE
grows() {
	[ "$(stat -c %s "$1")" -gt "$2" ]
}

@test "a process goes on counting, and the container is gone in between" {
	needs_criu
	set_counter
	start_counter
	checkpoint
	succeeds
	is_deleted
	[ -z "$(cgroups_of "$ID")" ]
	no_processes_left
	local before
	before="$(count)"
	# what each is to CRIU, and its path
	[ "$(jq length "$IMG/descriptors.json")" -eq 6 ]
	restore --pid-file "$BATS_TEST_TMPDIR/pid"
	succeeds
	[ "$(status_of "$ID")" = running ]
	[ "$(cat "$BATS_TEST_TMPDIR/pid")" = "$(pid_of "$ID")" ]
	until_true 20 has_counted_past $((before + 2))
	rt kill "$ID" KILL
	until_true 10 has_status "$ID" stopped
	rt delete "$ID"
	succeeds
}

@test "what is mounted, and how, is the same" {
	needs_criu
	mkdir "$BATS_TEST_TMPDIR/ro"
	echo here >"$BATS_TEST_TMPDIR/file"
	edit --arg d "$BATS_TEST_TMPDIR" '.mounts += [
		{ destination: "/mnt/ro", type: "bind", source: ($d + "/ro"), options: ["bind", "ro", "nosuid"] },
		{ destination: "/mnt/file", type: "bind", source: ($d + "/file"), options: ["bind"] },
		{ destination: "/mnt/tmp", type: "tmpfs", source: "tmpfs", options: ["size=1m", "nodev"] }]'
	ln -s mnt "$B/rootfs/m"
	edit --arg d "$BATS_TEST_TMPDIR" '.mounts += [
		{ destination: "/m/linked", type: "bind", source: ($d + "/file"), options: ["bind"] }]'
	set_counter
	start_counter
	in_container sh -c 'echo kept >/mnt/tmp/a; echo root >/tmp/b'
	succeeds
	in_container sh -c 'cut -d" " -f4-6 /proc/self/mountinfo'
	local before="$output"
	checkpoint
	succeeds
	restore
	succeeds
	in_container cat /mnt/tmp/a /tmp/b /mnt/file /mnt/linked
	prints $'kept\nroot\nhere\nhere'
	in_container touch /mnt/ro/x
	[ "$status" -ne 0 ]
	in_container sh -c 'cut -d" " -f4-6 /proc/self/mountinfo'
	diff <(echo "$before" | sort) <(echo "$output" | sort)
	goes_on
}

@test "places of mounts that a fresh root has not are made, in bind mounts too" {
	needs_criu
	mkdir -p "$BATS_TEST_TMPDIR/outer"
	edit --arg d "$BATS_TEST_TMPDIR" '.mounts += [
		{ destination: "/new/outer", type: "bind", source: ($d + "/outer"), options: ["bind"] },
		{ destination: "/new/outer/inner", type: "tmpfs", source: "tmpfs" }]'
	set_counter
	start_counter
	checkpoint
	succeeds
	rm -rf "$B/rootfs" "$BATS_TEST_TMPDIR/outer/inner"
	cp -a "$(rootfs_template)" "$B/rootfs"
	restore
	succeeds
	in_container sh -c 'grep -c " /new/outer" /proc/self/mountinfo'
	prints 2
	goes_on
}

@test "relative sources of bind mounts are the bundle's, one within the other" {
	needs_criu
	mkdir "$B/outer" "$B/inner"
	edit '.mounts += [{ destination: "/new", type: "bind", source: "./outer", options: ["bind"] },
		{ destination: "/new/for/nested", type: "bind", source: "inner", options: ["bind"] }]'
	set_counter
	start_counter
	checkpoint
	succeeds
	# the place that create has made: restore makes it again
	rm -r "$B/outer/for"
	restore
	succeeds
	in_container sh -c 'grep -c " /new" /proc/self/mountinfo'
	prints 2
	goes_on
}

@test "a network device in a namespace that outlives the container is still there" {
	needs_criu
	NETNS="$BATS_TEST_TMPDIR/net"
	touch "$NETNS"
	unshare --net="$NETNS" true
	ip link add dummy8 type dummy || skip "the kernel has no dummy network device"
	edit --arg p "$NETNS" '(.linux.namespaces[] | select(.type == "network")).path = $p
		| .linux.netDevices = { dummy8: { name: "inside" } }'
	set_counter
	start_counter
	checkpoint
	succeeds
	restore
	succeeds
	in_container cat /sys/class/net/inside/operstate
	succeeds
	goes_on
}

@test "pipes and files of the caller are those of whoever restores" {
	needs_criu
	set_args sh -c 'n=0; while :; do n=$((n + 1)); echo "out $n"; echo "err $n" >&2; sleep 0.1; done'
	local out="$BATS_TEST_TMPDIR/out" n
	"$RT" --root "$ROOT" run -d -b "$B" "$ID" </dev/null > >(exec cat >"$out.1" 3>&-) 2>"$out.2" 3>&-
	until_true 10 grep -q 'out 3' "$out.1"
	until_true 10 grep -q 'err 3' "$out.2"
	checkpoint
	succeeds
	[[ "$(jq -r '.[1]' "$IMG/descriptors.json")" == pipe:* ]]
	[[ "$(jq -r '.[2]' "$IMG/descriptors.json")" == file* ]]
	"$RT" --root "$ROOT" restore -d -b "$B" --image-path "$IMG" "$ID" </dev/null > >(exec cat >"$out.3" 3>&-) \
		2>>"$out.2" 3>&-
	until_true 10 grep -q 'out' "$out.3"
	n="$(head -1 "$out.3" | cut -d' ' -f2)"
	[ "$n" -gt 3 ]
	until_true 10 grep -q "err $((n + 1))" "$out.2"
}

@test "a terminal goes to the console socket of whoever restores" {
	needs_criu
	needs python3
	edit '.process.terminal = true'
	set_args sh -c 'echo ready; while read -r line; do echo "got $line"; done'
	local log="$BATS_TEST_TMPDIR/log" name
	for name in one two; do
		$PYTHON "$BATS_TEST_DIRNAME/terminal.py" receive "$BATS_TEST_TMPDIR/$name" "$log.$name" "$name\\n" 3>&- &
		PIDS+=($!)
		until_true 10 test -S "$BATS_TEST_TMPDIR/$name"
	done
	start_container --console-socket "$BATS_TEST_TMPDIR/one"
	until_true 10 grep -q 'got one' "$log.one"
	checkpoint
	succeeds
	restore
	fails_like '*process.terminal: a detached container with a terminal needs --console-socket'
	restore --console-socket "$BATS_TEST_TMPDIR/two"
	succeeds
	until_true 10 test -s "$log.two.json"
	in_container sh -c 'echo ready >/dev/console'
	succeeds
	until_true 10 grep -q 'got two' "$log.two"
}

@test "--leave-running: the container goes on, and the image is one" {
	needs_criu
	# in memory: a file of the host's would be another one when the image is restored
	set_args sh -c 'n=0; while :; do n=$((n + 1)); echo $n >/dev/shm/n; sleep 0.05; done'
	count() { "$RT" --root "$ROOT" exec "$ID" cat /dev/shm/n || echo 0; }
	start_counter
	checkpoint --leave-running
	succeeds
	[ "$(status_of "$ID")" = running ]
	goes_on
	rt delete --force "$ID"
	succeeds
	restore
	succeeds
	goes_on
}

@test "--pre-dump, then what changed since: --parent-path" {
	needs_criu
	set_counter
	start_counter
	rt_live checkpoint --pre-dump --image-path "$BATS_TEST_TMPDIR/parent" "$ID"
	[ "$status" -eq 0 ] || [[ "$output" != *CONFIG_MEM_SOFT_DIRTY* ]] || skip "$output"
	succeeds
	goes_on
	checkpoint --parent-path ../parent
	succeeds
	[ "$(readlink "$IMG/parent")" = ../parent ]
	restore
	succeeds
	goes_on
}

@test "--page-server: the memory is sent, the image has the rest" {
	needs_criu
	set_counter
	start_counter
	mkdir server
	criu page-server --images-dir server --port 27001 --address 127.0.0.1 >/dev/null 2>&1 3>&- &
	local server=$!
	PIDS+=("$server")
	until_true 20 listens 27001
	checkpoint --page-server 127.0.0.1:27001
	succeeds
	wait "$server"
	not compgen -G "$IMG/pages-*.img"
	compgen -G "server/pages-*.img"
	mv server/* "$IMG/"
	restore
	succeeds
	goes_on
}

@test "--lazy-pages: the memory follows" {
	needs_criu
	set_counter
	start_counter
	mkfifo ready
	("$RT" --root "$ROOT" checkpoint --lazy-pages --page-server 127.0.0.1:27002 --status-fd 9 \
		--image-path "$IMG" "$ID" 9>ready >dump.out 2>&1 3>&-) &
	local dump=$!
	# a byte, and the end: nobody else has the descriptor
	[ "$(timeout 60 od -An -tu1 ready | tr -d ' ')" = 0 ]
	mkdir -p "$IMG.work"
	criu lazy-pages --page-server --address 127.0.0.1 --port 27002 --images-dir "$IMG" --work-dir "$IMG.work" \
		>/dev/null 2>&1 3>&- &
	local daemon=$!
	PIDS+=("$daemon")
	until_true 20 test -S "$IMG.work/lazy-pages.socket"
	# the name is the first container's until its last page has gone
	restored="$ID-lazy"
	status=0
	"$RT" --root "$ROOT" restore --lazy-pages -d -b "$B" --image-path "$IMG" --work-path "$IMG.work" "$restored" \
		</dev/null >restore.out 2>&1 3>&- || status=$?
	output="$(cat restore.out)"
	succeeds
	wait "$dump" || { cat dump.out; return 1; }
	wait "$daemon"
	goes_on
	is_deleted
}

@test "the cgroup has its limits again, and only the container's processes" {
	needs_criu
	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip "needs cgroup v2 alone"
	edit '.linux.resources = { memory: { limit: 67108864 }, pids: { limit: 50 }, cpu: { quota: 40000, period: 100000 } }'
	set_counter
	start_counter
	checkpoint
	succeeds
	restore
	succeeds
	local dir
	dir="/sys/fs/cgroup$(cut -d: -f3 "/proc/$(pid_of "$ID")/cgroup")"
	[ "$(cat "$dir/memory.max")" = 67108864 ]
	[ "$(cat "$dir/pids.max")" = 50 ]
	[ "$(cat "$dir/cpu.max")" = "40000 100000" ]
	[ "$(head -1 "$dir/cgroup.procs")" = "$(pid_of "$ID")" ]
	not grep -qx "$$" "$dir/cgroup.procs"
	[[ "$dir" == *"$ID"* ]]
	goes_on
	rt pause "$ID"
	succeeds
	rt resume "$ID"
	succeeds
}

@test "a cgroup of systemd's" {
	needs_criu
	[ -d /run/systemd/system ] || skip "needs systemd"
	edit --arg p "system.slice:oci-rt:$ID" '.linux.cgroupsPath = $p | .linux.resources = { pids: { limit: 44 } }'
	set_counter
	rt_live --systemd-cgroup create -b "$B" "$ID"
	succeeds
	rt_live start "$ID"
	succeeds
	until_true 20 has_counted_past 2
	checkpoint
	succeeds
	status=0
	"$RT" --root "$ROOT" --systemd-cgroup restore -d -b "$B" --image-path "$IMG" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- || status=$?
	output="$(cat "$BATS_TEST_TMPDIR/out")"
	succeeds
	[ "$(systemctl show -P ActiveState "oci-rt-$ID.scope")" = active ]
	grep -q "oci-rt-$ID.scope" "/proc/$(pid_of "$ID")/cgroup"
	[ "$(systemctl show -P TasksMax "oci-rt-$ID.scope")" = 44 ]
	goes_on
}

@test "a network namespace that the config names is joined again" {
	needs_criu
	NETNS="$BATS_TEST_TMPDIR/net"
	touch "$NETNS"
	unshare --net="$NETNS" true
	edit --arg p "$NETNS" '(.linux.namespaces[] | select(.type == "network")).path = $p'
	set_counter
	start_counter
	checkpoint
	succeeds
	umount "$NETNS"
	unshare --net="$NETNS" true
	restore
	succeeds
	[ "$(stat -L -c %i "/proc/$(pid_of "$ID")/ns/net")" = "$(stat -L -c %i "$NETNS")" ]
	goes_on
}

@test "connections over the loopback interface of its own network" {
	needs_criu
	mkdir -p "$BATS_TEST_TMPDIR/data"
	set_counter 'nc -l -p 7777 -e cat & sleep 0.3; (while :; do echo x; sleep 0.1; done) | nc 127.0.0.1 7777 >/data/echo & :'
	start_counter
	until_true 10 test -s "$BATS_TEST_TMPDIR/data/echo"
	local size
	checkpoint
	fails_like '*onnected TCP*'
	[ "$(status_of "$ID")" = running ]
	checkpoint --tcp-established
	succeeds
	size="$(stat -c %s "$BATS_TEST_TMPDIR/data/echo")"
	restore --tcp-established
	succeeds
	until_true 10 grows "$BATS_TEST_TMPDIR/data/echo" "$size"
}

@test "in the foreground: the exit status, and nothing is left" {
	needs_criu
	set_counter
	start_counter
	checkpoint
	succeeds
	"$RT" --root "$ROOT" restore -b "$B" --image-path "$IMG" "$ID" </dev/null \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	local foreground=$!
	until_true 30 has_status "$ID" running
	goes_on
	rt kill "$ID" KILL
	succeeds
	status=0
	wait "$foreground" || status=$?
	[ "$status" -eq 137 ]
	is_deleted
}

@test "hooks: before the processes are there, and when all is gone" {
	needs_criu
	cat >"$BATS_TEST_TMPDIR/hook" <<-'SH'
		#!/bin/sh
		echo "$1 $(jq -r '.status + " " + (if .pid > 0 then "pid" else "none" end)')" >>"$2"
	SH
	chmod 755 "$BATS_TEST_TMPDIR/hook"
	edit --arg h "$BATS_TEST_TMPDIR/hook" --arg l "$BATS_TEST_TMPDIR/log" '
		def hook(name): [{ path: $h, args: ["hook", name, $l], env: ["PATH=/usr/bin:/bin"] }];
		.hooks = { createRuntime: hook("createRuntime"), poststart: hook("poststart"), poststop: hook("poststop") }'
	set_counter
	start_counter
	checkpoint
	succeeds
	[ "$(tail -1 "$BATS_TEST_TMPDIR/log")" = "poststop stopped none" ]
	: >"$BATS_TEST_TMPDIR/log"
	restore
	succeeds
	[ "$(cat "$BATS_TEST_TMPDIR/log")" = "createRuntime created pid" ]
	goes_on
	rt delete --force "$ID"
	succeeds
	edit '.hooks.createRuntime = [{ path: "/bin/false" }]'
	restore
	fails_like "*createRuntime hook #0*"
	is_deleted
	no_processes_left
}

@test "a paused container is saved, and stays paused with --leave-running" {
	needs_criu
	set_counter
	start_counter
	rt pause "$ID"
	succeeds
	checkpoint --leave-running
	succeeds
	[ "$(status_of "$ID")" = paused ]
	rt resume "$ID"
	succeeds
	goes_on
}

@test "what criu does not like is told in one line, and the container goes on" {
	needs_criu
	set_counter
	start_counter
	# a mount that no config knows of
	mkdir "$BATS_TEST_TMPDIR/extra"
	jq -n --arg s "$BATS_TEST_TMPDIR/extra" '[{ destination: "/mnt", type: "bind", source: $s, options: ["bind"] }]' >m.json
	rt mounts add "$ID" m.json
	succeeds
	checkpoint
	fails_like "criu could not save the container: *mnt* ($IMG.work/dump.log)"
	[ "$(status_of "$ID")" = running ]
	goes_on
}

@test "a restore that fails leaves nothing" {
	needs_criu
	set_counter
	start_counter
	checkpoint
	succeeds
	rm "$IMG"/pagemap-1.img
	restore
	fails_like "criu could not restore the container: * ($IMG.work/restore.log)"
	is_deleted
	no_processes_left
	[ -z "$(cgroups_of "$ID")" ]
	restore --pid-file /nowhere/pid
	[ "$status" -eq 1 ]
	is_deleted
	no_processes_left
}

@test "the state that it takes, and the options" {
	set_args sleep 1000
	start_container
	rt checkpoint --parent-path /absolute "$ID"
	fails_with "option '--parent-path': must be relative to the image path"
	# whether criu works here or not
	rt checkpoint --image-path "$IMG" --parent-path ../nowhere "$ID"
	fails_with "option '--parent-path': ../nowhere: no such file or directory"
	rt checkpoint --page-server nonsense "$ID"
	fails_with "option '--page-server': expected ADDRESS:PORT, found 'nonsense'"
	rt checkpoint --status-fd 77 "$ID"
	fails_with "option '--status-fd' tells when '--lazy-pages' is ready, which is not given"
	rt checkpoint --lazy-pages --status-fd 77 "$ID"
	fails_with "option '--status-fd': 77 is not open"
	rt checkpoint --manage-cgroups-mode none "$ID"
	fails_with "option '--manage-cgroups-mode': expected one of soft, full, strict, ignore, found 'none'"
	rt checkpoint --empty-ns ipc "$ID"
	fails_with "option '--empty-ns': expected network, found 'ipc'"
	rt kill "$ID" KILL
	until_true 10 has_status "$ID" stopped
	rt checkpoint "$ID"
	fails_with "container not running"
	rt delete "$ID"
	create_container
	rt checkpoint "$ID"
	fails_with "cannot save container '$ID' in the state created: its process has not been started"
	rt checkpoint nobody
	fails_with "container does not exist"
	rt restore --lsm-mount-context
	[[ "$output" == *"requires an argument"* ]]
	rt restore -b "$B" --no-pivot "$ID-2"
	fails_like "*pivot_root*"
}

@test "--help tells by its status whether this host can do it" {
	local verb
	for verb in checkpoint restore; do
		rt "$verb" --help
		[[ "$output" == *"oci-rt $verb "* ]]
		[ "$status" -eq "$([ -z "$CRIU_SKIP" ]; echo $?)" ]
		run env PATH=/nowhere "$RT" "$verb" --help
		[ "$status" -eq 1 ]
		[[ "$output" == *"criu is not installed, which saves and restores processes; as root: apt-get install criu" ]]
	done
}

@test "Landlock's rules cannot be saved: a container that has them is refused" {
	set_args sleep 1000
	edit '.annotations["org.oci-rt.landlock"] = "{\"ruleset\": {\"handledAccessFS\": [\"make_dir\"]}}"'
	start_container
	rt checkpoint --image-path "$IMG" "$ID"
	fails_like "*annotations.org.oci-rt.landlock: CRIU does not save Landlock's rules: *"
	[ "$(status_of "$ID")" = running ]
}

@test "without criu: what is missing, and how to get it" {
	set_args sleep 1000
	start_container
	run env PATH=/nowhere "$RT" --root "$ROOT" checkpoint --image-path "$IMG" "$ID"
	fails_with "criu is not installed, which saves and restores processes; as root: apt-get install criu"
	[ "$(status_of "$ID")" = running ]
	[ ! -e "$IMG" ]
	mkdir "$IMG"
	run env PATH=/nowhere "$RT" --root "$ROOT" restore -b "$B" --image-path "$IMG" "$ID-2"
	fails_with "criu is not installed, which saves and restores processes; as root: apt-get install criu"
}
