#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Images that want out: links where directories are expected, nodes that are not what they seem.
# Nothing outside of the root filesystem is ever made or changed.
# Run: OCI_RT=build/oci-rt bats tests/hostile/images.bats

bats_require_minimum_version 1.5.0

load ../e2e/helpers

setup() {
	container_setup
	# what a link that is followed too far would reach
	mkdir outside
	echo original >outside/file
	OUT="$BATS_TEST_TMPDIR/outside"
}

teardown() {
	[ "$(ls -A outside)" = file ] && [ "$(cat outside/file)" = original ] || {
		echo "outside was changed: $(ls -lA outside)"
		false
	}
	container_teardown
}

replace_by_link() {
	rm -rf "$B/rootfs/$1"
	ln -s "$2" "$B/rootfs/$1"
}

@test "/proc is a link: an error that names it (CVE-2023-27561)" {
	local target
	for target in /tmp /etc/../tmp "$OUT" /proc/self; do
		replace_by_link proc "$target"
		set_args true
		rt run -b "$B" "$ID"
		fails_like "*config.json:*: mounts?0?: mount proc on /proc: proc must be mounted on ordinary directory; /proc is a symbolic link in the root filesystem"
		assert_nothing_left
	done
}

@test "/sys is a link: an error that names it" {
	replace_by_link sys /tmp
	set_args true
	rt run -b "$B" "$ID"
	fails_like "*config.json:*: mounts?5?: mount sysfs on /sys*: sysfs must be mounted on ordinary directory; /sys is a symbolic link in the root filesystem"
	assert_nothing_left
}

@test "/dev is a link: it is followed within the root" {
	replace_by_link dev "$OUT"
	inside 'ls -d '"$OUT"'/null /dev/null /dev/pts/ptmx; [ -c /dev/null ]'
	succeeds
	[ -d "$B/rootfs$OUT" ]
	replace_by_link dev ../../../../../../../../../"$OUT"
	rm -rf "${B:?}/rootfs/tmp"
	inside '[ -c /dev/null ] && echo within'
	prints within
}

@test "/dev without a mount on it is a link: nodes are made within the root" {
	replace_by_link dev "$OUT"
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
	inside '[ -c /dev/null ] && echo within'
	prints within
	[ -c "$B/rootfs$OUT/null" ]
}

@test "a device's name is a link or a file" {
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
	ln -s "$OUT/file" "$B/rootfs/dev/null"
	set_args true
	rt run -b "$B" "$ID"
	fails_like "*make the node /dev/null (c 1:3): the root filesystem has another file of that name"
	rm "$B/rootfs/dev/null"
	mknod "$B/rootfs/dev/null" c 1 5
	rt run -b "$B" "$ID"
	fails_like "*make the node /dev/null (c 1:3): the root filesystem has another file of that name"
	rm "$B/rootfs/dev/null"
	mknod "$B/rootfs/dev/null" c 1 3
	rt run -b "$B" "$ID"
	succeeds
	assert_nothing_left
}

@test "/dev/ptmx is a node of the host's: replaced" {
	edit '.mounts |= map(select(.destination != "/dev"))'
	mknod "$B/rootfs/dev/ptmx" c 5 2
	inside 'readlink /dev/ptmx'
	prints pts/ptmx
}

@test "/dev/console is a link (CVE-2025-52565)" {
	needs "$PYTHON"
	edit '.process.terminal = true | .mounts |= map(select(.destination != "/dev"))'
	ln -s "$OUT/file" "$B/rootfs/dev/console"
	set_args true
	run timeout 20 "$PYTHON" "$BATS_TEST_DIRNAME/../e2e/terminal.py" run 20x20 "" \
		"$RT" --root "$ROOT" run -b "$B" "$ID" 3>&-
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"process.terminal: /dev/console is a symbolic link in the root filesystem"* ]]
	assert_nothing_left
}

@test "/dev/pts is no devpts, or a link" {
	needs "$PYTHON"
	edit '.process.terminal = true | .mounts |= map(select(.type != "devpts"))'
	edit '.mounts += [{destination: "/dev/pts", type: "tmpfs", source: "x"}]'
	set_args true
	run timeout 20 "$PYTHON" "$BATS_TEST_DIRNAME/../e2e/terminal.py" run 20x20 "" \
		"$RT" --root "$ROOT" run -b "$B" "$ID" 3>&-
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"process.terminal: a terminal needs a devpts mount on /dev/pts in the config's mounts"* ]]
	assert_nothing_left
}

@test "cwd /proc/self/fd/N (CVE-2024-21626)" {
	local n
	for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		edit --arg n "$n" '.process.cwd = "/proc/self/fd/" + $n'
		inside 'ls; pwd'
		echo "$n: $status $output"
		# an error, or the root itself, which some of them are
		[ "$status" -ne 0 ] || [ "${lines[-1]}" = / ]
		[[ "$output" != *config.json$'\n'* && "$output" != *rootfs$'\n'* ]]
		assert_nothing_left
	done
	# by a link in the image
	ln -s /proc/self/fd/7 "$B/rootfs/link"
	ln -s /proc/self/fd/7/.. "$B/rootfs/link2"
	for n in link link2; do
		edit --arg n "$n" '.process.cwd = "/" + $n'
		run bash -c 'exec 7<"$0"; exec "$@"' "$OUT" "$RT" --root "$ROOT" run -b "$B" "$ID"
		[ "$status" -ne 0 ]
	done
}

@test "exec --cwd /proc/self/fd/N" {
	local n
	set_args sleep 1000
	start_container
	for n in 3 4 5 6 7 8 9 10 11 12; do
		rt exec --cwd /proc/self/fd/$n "$ID" sh -c 'pwd; ls'
		echo "$n: $status $output"
		[ "$status" -eq 255 ]
	done
}

@test "targets through links: made within the root (CVE-2024-45310)" {
	ln -s "$OUT" "$B/rootfs/abs"
	ln -s "../../../../../../..$OUT" "$B/rootfs/rel"
	ln -s loop "$B/rootfs/loop"
	ln -s /proc/1/root "$B/rootfs/magic"
	edit '.mounts += [{destination: "/abs/made/dir", type: "tmpfs", source: "x"},
		{destination: "/rel/made2", type: "tmpfs", source: "x"},
		{destination: "/abs/newfile", source: "/etc/hostname", options: ["bind"]}]'
	inside "ls -d $OUT/made/dir $OUT/made2 $OUT/newfile | wc -l"
	prints 3
	edit '.mounts += [{destination: "/loop/x", type: "tmpfs", source: "x"}]'
	inside true
	fails_like "*config.json:*: mounts?10?: *: too many levels of symbolic links"
	edit '.mounts[-1].destination = "/magic/tmp/e2e"'
	inside 'echo "$?"'
	[ ! -e /tmp/e2e ]
	assert_nothing_left
}

@test "an absolute link below the top begins at the root, a relative one where it stands" {
	mkdir -p "$B/rootfs/a/b"
	ln -s "$OUT" "$B/rootfs/a/b/abs"
	ln -s ../x "$B/rootfs/a/b/rel"
	edit '.mounts += [{destination: "/a/b/abs/deep", type: "tmpfs", source: "x"},
		{destination: "/a/b/rel/deep", type: "tmpfs", source: "x"}]'
	inside "ls -d $OUT/deep; ls -d /a/x/deep; ls /a /a/b"
	prints "$OUT/deep
/a/x/deep
/a:
b
x

/a/b:
abs
rel"
}

@test "cwd, masked and read-only paths through links stay within" {
	ln -s "$OUT" "$B/rootfs/abs"
	edit '.process.cwd = "/abs/cwd" | .linux.maskedPaths = ["/abs/file", "/abs"] | .linux.readonlyPaths = ["/abs/file"]'
	inside pwd
	[ -d "$B/rootfs$OUT/cwd" ]
}

@test "the target's .. do not lead out" {
	edit '.mounts += [{destination: "/../../../../../../../../../../e2e-out", type: "tmpfs", source: "x"}]'
	inside 'ls -d /e2e-out'
	[ ! -e /e2e-out ]
	[ ! -e "$B/e2e-out" ]
	mkdir "$B/rootfs/a"
	ln -s ../../../.. "$B/rootfs/a/up"
	edit '.mounts[-1].destination = "/a/up/e2e-out"'
	inside 'ls -d /e2e-out'
	prints /e2e-out
	[ ! -e /e2e-out ]
	[ ! -e "$B/e2e-out" ]
}

@test "tmpcopyup copies no link's target, and no node" {
	mkdir "$B/rootfs/m"
	ln -s "$OUT/file" "$B/rootfs/m/link"
	mknod "$B/rootfs/m/null" c 1 3
	mkfifo "$B/rootfs/m/fifo"
	ln -s "$OUT" "$B/rootfs/n"
	edit '.mounts += [{destination: "/m", type: "tmpfs", source: "x", options: ["tmpcopyup"]},
		{destination: "/n", type: "tmpfs", source: "x", options: ["tmpcopyup"]}]'
	set_args sh -c "ls /m; cat /m/link; ls $OUT"
	run timeout 20 "$RT" --root "$ROOT" run -b "$B" "$ID"
	[ "$output" = $'link\ncat: can\'t open \'/m/link\': No such file or directory' ]
}

@test "sysctls are not written to a fake /proc" {
	edit '.linux.sysctl = {"net.ipv4.ip_forward": "1"} | .mounts[0] = {destination: "/proc", type: "tmpfs", source: "x"}'
	mkdir -p "$B/rootfs/proc/sys/net/ipv4"
	: >"$B/rootfs/proc/sys/net/ipv4/ip_forward"
	set_args sleep 1000
	start_container
	[ "$(nsenter -t "$(pid_of "$ID")" -n cat /proc/sys/net/ipv4/ip_forward)" = 1 ]
	[ ! -s "$B/rootfs/proc/sys/net/ipv4/ip_forward" ]
}

@test "the runtime's binary cannot be written from the container (CVE-2019-5736)" {
	set_args sleep 1000
	edit '.process.capabilities[] += ["CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE"] | .process.noNewPrivileges = false'
	cp "$RT" mine
	local sum
	sum="$(sha256sum <mine)"
	# a program that is the runtime itself, through a link
	ln -s /proc/self/exe "$B/rootfs/bin/self"
	set_args /proc/self/exe
	run timeout 20 ./mine --root "$ROOT" run -b "$B" "$ID"
	[ "$(sha256sum <mine)" = "$sum" ]
	set_args sleep 1000
	./mine --root "$ROOT" create -b "$B" "$ID" </dev/null >/dev/null 3>&-
	# the init that waits is executed from where nobody can write
	run sh -c 'echo x >>"/proc/$0/exe"' "$(pid_of "$ID")"
	[ "$status" -ne 0 ]
	# "text file busy" would hold only as long as it runs
	"$PYTHON" -c 'import os, sys; exe = sys.argv[1]
sys.exit(not (os.statvfs(exe).f_flag & os.ST_RDONLY or "memfd:" in os.readlink(exe)))' \
		"/proc/$(pid_of "$ID")/exe"
	[ "$(sha256sum <mine)" = "$sum" ]
}

@test "the init that waits is not dumpable, or out of reach" {
	set_args sleep 1000
	start_container
	# what exec puts into the container is not traced by it: CVE-2016-9962
	rt exec "$ID" sh -c 'ls -l /proc/*/fd >/dev/null; echo ok'
	[ "${lines[-1]}" = ok ]
}
