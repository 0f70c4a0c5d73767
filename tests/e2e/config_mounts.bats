#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.mounts, root, masked and read-only paths, propagation, devices: seen from the inside.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_mounts.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	mkdir -p src/sub
	echo file >src/file
	S="$BATS_TEST_TMPDIR/src"
}
teardown() { container_teardown; }

# add_mount JSON: $s is the source directory
add_mount() {
	edit --arg s "$S" ".mounts += [$1]"
}

# A host whose mounts are all shared, as systemd leaves them; with peers of its own, and none of the
# machine's, should something go wrong.
like_a_shared_host() {
	unshare -m --propagation private sh -c 'mount --make-rshared / && exec "$@"' - "$@"
}

# The options of the mount on PATH, as mountinfo has them: of the mount; of the file system.
MOUNTED='mounted() { awk -v p="$1" "\$5 == p { o = \$6; f = \$NF; t = \$(NF - 2) } END { print t, o, f }" /proc/self/mountinfo; };'

# has_options OPTION...: the last line of output holds each as a word; !OPTION: does not
has_options() {
	local want words
	words=" $(tail -n 1 <<<"$output" | tr ',' ' ') "
	for want in "$@"; do
		case "$want" in
		!*) [[ "$words" != *" ${want#!} "* ]] ;;
		*) [[ "$words" == *" $want "* ]] ;;
		esac || {
			echo "$want: in $words"
			return 1
		}
	done
}

@test "bind: a directory, a file, relative to the bundle, missing targets are made" {
	add_mount '{destination: "/a/b/c", source: $s, type: "bind"}'
	add_mount '{destination: "/x/file", source: ($s + "/file"), options: ["bind"]}'
	mkdir "$B/inner"
	add_mount '{destination: "/rel", source: "inner", options: ["rbind", "rw"]}'
	inside 'cat /a/b/c/file /x/file; echo new >/a/b/c/new; echo in >/rel/in; stat -c %a /a /a/b /a/b/c'
	succeeds
	[ "${lines[0]} ${lines[1]}" = "file file" ]
	[ "$(cat src/new)" = new ]
	[ "$(cat "$B/inner/in")" = in ]
	[ -f "$B/rootfs/x/file" ]
	[ ! -s "$B/rootfs/x/file" ]
	assert_nothing_left
}

@test "a mount point's name may hold anything; its line of the plan stays one" {
	edit '.mounts += [{ destination: "/a\nb\u001b[31m", type: "tmpfs", source: "t" }]'
	set_args sh -c 'printf %s /a*b* | od -An -c | tr -d " \n"'
	rt run -b "$B" "$ID"
	echo "$output"
	[ "$output" = '/a\nb033[31m' ]
	rt plan -b "$B"
	[[ "$output" == *"/a?b?[31m"* ]]
	not grep -q $'\e' <<<"$output"
}

@test "bind is one mount, rbind the tree" {
	add_mount '{destination: "/one", source: "/sub", options: ["bind"]}'
	add_mount '{destination: "/tree", source: "/sub", options: ["rbind"]}'
	edit --arg s "$S" '(.mounts[] | select(.source == "/sub")).source = $s'
	set_args sh -c 'ls /one/sub /tree/sub'
	run unshare -m sh -c 'mount -t tmpfs tmpfs "$1/sub" && touch "$1/sub/seen" && shift && exec "$@"' \
		- "$S" "$RT" --root "$ROOT" run -b "$B" "$ID"
	prints $'/one/sub:\n\n/tree/sub:\nseen'
}

@test "bind: attributes" {
	add_mount '{destination: "/m", source: $s, options: ["bind", "ro", "nosuid", "nodev", "noexec", "noatime"]}'
	inside "$MOUNTED mounted /m; touch /m/x"
	[ "$status" -eq 1 ]
	[[ "$output" == *"Read-only file system" ]]
	output="${lines[0]}"
	has_options ro nosuid nodev noexec noatime
	edit '.mounts[-1].options = ["bind", "strictatime", "rw", "suid", "nosymfollow"]'
	ln -s file src/link
	inside "cat /m/link; $MOUNTED mounted /m"
	succeeds
	has_options rw nosymfollow '!noatime' '!relatime' '!nosuid'
	[[ "${lines[0]}" == *"symbolic"* ]]
}

@test "bind: recursive attributes reach what is mounted below, others do not" {
	local how
	for how in rro ro; do
		edit '.mounts |= map(select(.destination != "/m"))'
		add_mount '{destination: "/m", source: $s, options: ["rbind", "'$how'"]}'
		set_args sh -c 'touch /m/x; touch /m/sub/x; ls /m /m/sub'
		run unshare -m sh -c 'mount -t tmpfs tmpfs "$1/sub" && shift && exec "$@"' \
			- "$S" "$RT" --root "$ROOT" run -b "$B" "$ID"
		echo "$how: $output"
		[ ! -e src/x ]
		[[ "$output" == *"touch: /m/x: Read-only file system"* ]]
		if [ "$how" = rro ]; then
			[[ "$output" == *"touch: /m/sub/x: Read-only file system"* ]]
		else
			[[ "$output" == *$'/m/sub:\nx' ]]
		fi
	done
}

@test "copy-symlink: a link is made again, anything else is mounted" {
	local user
	ln -s /etc/passwd src/absolute
	ln -s no/where src/dangling
	add_mount '{destination: "/new/deep/a", source: ($s + "/absolute"), options: ["bind", "copy-symlink"]}'
	add_mount '{destination: "/d", source: ($s + "/dangling"), options: ["rbind", "copy-symlink", "ro"]}'
	add_mount '{destination: "/f", source: ($s + "/file"), options: ["bind", "copy-symlink", "ro"]}'
	inside 'readlink /new/deep/a; readlink /d; echo x >>/f'
	[ "${lines[0]}" = /etc/passwd ]
	[ "${lines[1]}" = no/where ]
	[[ "${lines[2]}" == *"Read-only file system" ]]
	# a second container on the same root file system, and one in a user namespace of its own
	inside 'readlink /d'
	prints no/where
	rm -r "$B/rootfs/new" "$B/rootfs/d"
	chmod 0755 "$B" "$BATS_TEST_TMPDIR"
	chown -R 70000:70000 "$B/rootfs"
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 70000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	inside 'readlink /new/deep/a; readlink /d'
	prints $'/etc/passwd\nno/where'
}

@test "copy-symlink: what is there stays, and no link leads out of the root" {
	ln -s /etc/passwd src/link
	add_mount '{destination: "/tmp/m", source: ($s + "/link"), options: ["bind", "copy-symlink"]}'
	ln -s elsewhere "$B/rootfs/tmp/m"
	inside true
	fails_like "config.json:*: mounts?7?: bind $S/link on /tmp/m *: /tmp/m is there already, and is no symbolic link to /etc/passwd"
	[ "$(readlink "$B/rootfs/tmp/m")" = elsewhere ]
	rm "$B/rootfs/tmp/m"
	mkdir "$B/rootfs/tmp/m"
	inside true
	[ "$status" -eq 1 ]
	[[ "$output" == *"is there already"* ]]
	# the parent is a link of the image to a directory of the host
	mkdir outside
	ln -s "$BATS_TEST_TMPDIR/outside" "$B/rootfs/way"
	edit '.mounts[-1].destination = "/way/m"'
	inside true
	[ -z "$(ls outside)" ]
}

@test "bind errors: no source, a source that is not there, a file on a directory" {
	add_mount '{destination: "/m", options: ["bind"]}'
	rt run -b "$B" "$ID"
	fails_like "*config.json:*: mounts?7?: a bind mount needs a source"
	edit '.mounts[-1].source = "/no/where"'
	rt run -b "$B" "$ID"
	fails_like "*config.json:*: mounts?7?: bind /no/where on /m (bind): open_tree: no such file or directory"
	edit --arg s "$S" '.mounts[-1] = {destination: "/m", source: ($s + "/file"), options: ["bind"]}'
	mkdir "$B/rootfs/m"
	rt run -b "$B" "$ID"
	fails_like "*config.json:*: mounts?7?: bind $S/file on /m (bind): move_mount: *"
	assert_nothing_left
}

@test "a target that is a symlink stays in the root" {
	ln -s /target "$B/rootfs/abs"
	ln -s ../../../../target2 "$B/rootfs/rel"
	add_mount '{destination: "/abs/x", source: $s, options: ["bind"]}'
	add_mount '{destination: "/rel", source: $s, options: ["bind"]}'
	inside 'cat /target/x/file /target2/file'
	prints $'file\nfile'
	[ ! -e /target ]
	[ ! -e /target2 ]
	[ -d "$B/rootfs/target/x" ]
}

@test "tmpfs with options" {
	add_mount '{destination: "/m", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev",
		"noexec", "size=64k", "mode=1770", "uid=7", "gid=8"]}'
	inside "stat -c '%a %u %g' /m; dd if=/dev/zero of=/m/x bs=1k count=100 2>&1 | tail -n 1; $MOUNTED mounted /m"
	succeeds
	[ "${lines[0]}" = "1770 7 8" ]
	[[ "${lines[1]}" == *"No space left on device" || "$output" == *"65536 bytes"* || "$output" == *"64"* ]]
	has_options tmpfs rw nosuid nodev noexec size=64k mode=1770 uid=7 gid=8
	edit '.mounts[-1].options = ["ro"]'
	inside "touch /m/x; $MOUNTED mounted /m"
	[[ "${lines[0]}" == *"Read-only file system" ]]
}

@test "a bad option of a file system is named" {
	add_mount '{destination: "/m", type: "tmpfs", source: "tmpfs", options: ["size=many"]}'
	rt run -b "$B" "$ID"
	fails_like "*config.json:*: mounts?7?: mount tmpfs on /m (size=many): *size*"
	edit '.mounts[-1].options = ["frobnicate"]'
	rt run -b "$B" "$ID"
	fails_like "*config.json:*: mounts?7?: mount tmpfs on /m (frobnicate): *frobnicate*"
	edit '.mounts[-1] = {destination: "/m", type: "nosuchfs", source: "x"}'
	rt run -b "$B" "$ID"
	fails_like "*config.json:*: mounts?7?: mount nosuchfs on /m: fsopen: no such device: the kernel has no file system nosuchfs loaded; as root: modprobe nosuchfs"
	edit '.mounts[-1] = {destination: "/m", source: "x"}'
	rt run -b "$B" "$ID"
	fails_like "*config.json:*: mounts?7?: needs a type, or the option bind"
	assert_nothing_left
}

@test "tmpcopyup" {
	mkdir -p "$B/rootfs/m/dir"
	echo content >"$B/rootfs/m/dir/file"
	ln -s dir/file "$B/rootfs/m/link"
	chown 5:6 "$B/rootfs/m/dir/file"
	chmod 2751 "$B/rootfs/m"
	chmod 4646 "$B/rootfs/m/dir/file"
	chown 7:8 "$B/rootfs/m/dir"
	chmod 2715 "$B/rootfs/m/dir"
	add_mount '{destination: "/m", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"]}'
	inside "cat /m/link; stat -c '%a %u %g' /m/dir/file /m /m/dir; readlink /m/link; echo changed >/m/dir/file; $MOUNTED mounted /m"
	succeeds
	[ "${lines[0]}" = content ]
	[ "${lines[1]}" = "4646 5 6" ]
	[[ "${lines[2]}" == 2751* ]]
	[ "${lines[3]}" = "2715 7 8" ]
	[ "${lines[4]}" = dir/file ]
	has_options tmpfs
	[ "$(cat "$B/rootfs/m/dir/file")" = content ]
	edit '.mounts[-1].type = "proc"'
	rt run -b "$B" "$ID"
	fails_like "*mounts?7?: tmpcopyup needs the type tmpfs, not proc"
}

# A stack of directories that is as deep as the image likes.
@test "tmpcopyup ends where an image is deeper than anybody needs" {
	mkdir -p "$B/rootfs/m/$(printf 'd/%.0s' {1..60})"
	add_mount '{destination: "/m", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"]}'
	inside 'find /m -type d | wc -l'
	prints 61
	mkdir -p "$B/rootfs/m/$(printf 'd/%.0s' {1..80})"
	rt run -b "$B" "$ID"
	fails_like "*mounts?7?: *copying up: file name too long*"
	assert_nothing_left
}

@test "a tmpfs has the mode of the directory that it hides, unless told otherwise" {
	mkdir "$B/rootfs/m"
	chmod 2751 "$B/rootfs/m"
	add_mount '{destination: "/m", type: "tmpfs", source: "tmpfs", options: ["ro"]}'
	add_mount '{destination: "/made", type: "tmpfs", source: "tmpfs"}'
	inside "stat -c %a /m /made; $MOUNTED mounted /m"
	[ "${lines[0]} ${lines[1]}" = "2751 1777" ]
	has_options ro
	edit '.mounts[-2].options = ["mode=755", "uid=5", "tmpcopyup"] | .mounts[-1] += {destination: "/made2", options: ["tmpcopyup"]}'
	touch "$B/rootfs/m/file"
	inside "stat -c '%a %u' /m /made2; ls /m"
	prints $'755 5\n1777 0\nfile'
}

@test "tmpcopyup with ro" {
	mkdir "$B/rootfs/m"
	echo content >"$B/rootfs/m/file"
	add_mount '{destination: "/m", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup", "ro"]}'
	inside "cat /m/file; touch /m/x"
	echo "$output"
	[ "${lines[0]}" = content ]
	[[ "${lines[1]}" == *"Read-only file system" ]]
}

@test "remount changes what is there" {
	add_mount '{destination: "/m", source: $s, options: ["bind"]}'
	add_mount '{destination: "/m", source: "none", options: ["remount", "bind", "ro", "noexec"]}'
	inside "cat /m/file; $MOUNTED mounted /m"
	succeeds
	[ "${lines[0]}" = file ]
	has_options ro noexec
}

@test "propagation options" {
	local how
	for how in shared private slave unbindable; do
		edit '.mounts |= map(select(.destination != "/m"))'
		add_mount '{destination: "/m", type: "tmpfs", source: "tmpfs", options: ["'$how'"]}'
		inside 'awk "\$5 == \"/m\" { print \$7 }" /proc/self/mountinfo'
		succeeds
		case "$how" in
		shared) [[ "$output" == shared:* ]] ;;
		unbindable) [ "$output" = unbindable ] ;;
		# a slave of nobody is private
		*) [ "$output" = - ] ;;
		esac
	done
}

@test "rootfsPropagation, and nothing leaks to the host" {
	local how
	edit '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
	for how in "" private slave shared unbindable; do
		if [ -n "$how" ]; then
			edit --arg h "$how" '.linux.rootfsPropagation = $h'
		fi
		set_args sh -c 'awk "\$5 == \"/\" { print \$7 }" /proc/self/mountinfo
			mkdir -p /m; mount -t tmpfs leak /m && grep -c "tmpfs leak" /proc/self/mountinfo'
		# not the whole table: what is unlinked elsewhere on the machine leaves it, too
		run like_a_shared_host sh -c 'mounts() { awk "\$5 ~ \"^/(proc|sys|dev)\"" /proc/self/mountinfo |
				wc -l; grep -c "leak\|$0" /proc/self/mountinfo; }
			echo $(mounts); "$@"; echo $(mounts)' "$B" "$RT" --root "$ROOT" run -b "$B" "$ID"
		echo "$how: $output"
		[ "${#lines[@]}" -eq 4 ]
		[ "${lines[2]}" = 1 ]
		# what the host has it keeps, and it gets no more
		[ "${lines[0]}" = "${lines[3]}" ]
		case "$how" in
		"" | slave) [[ "${lines[1]}" == master:* ]] ;;
		shared) [[ "${lines[1]}" == shared:* ]] ;;
		private) [ "${lines[1]}" = - ] ;;
		unbindable) [ "${lines[1]}" = unbindable ] ;;
		esac
	done
}

@test "rootfsPropagation slave: mounts of the host come in" {
	edit '.linux.rootfsPropagation = "rslave"'
	add_mount '{destination: "/m", source: $s, options: ["rbind", "rslave"]}'
	set_args sh -c 'echo up >/m/up; until [ -e /m/sub/seen ]; do sleep 0.02; done; echo seen'
	run like_a_shared_host timeout 20 sh -c '"$@" & until [ -e "$0/up" ]; do sleep 0.02; done
		mount -t tmpfs tmpfs "$0/sub"; touch "$0/sub/seen"; wait' "$S" \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	prints seen
}

@test "a shared bind with rootfsPropagation shared reaches the host" {
	edit '.linux.rootfsPropagation = "rshared" | .process.capabilities[] += ["CAP_SYS_ADMIN"]'
	add_mount '{destination: "/m", source: $s, options: ["rbind", "rshared"]}'
	set_args sh -c 'mount -t tmpfs asked /m/sub'
	# a mount of its own: that which holds the rootfs is not shared with the container
	run like_a_shared_host sh -c 'mount -t tmpfs tmpfs "$0"; mkdir "$0/sub"
		"$@"; grep -c " - tmpfs asked" /proc/self/mountinfo' "$S" \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	prints 1
}

@test "root.readonly" {
	edit '.root.readonly = true'
	inside 'touch /x; touch /tmp/x; touch /dev/shm/x && echo writable'
	[ "$output" = $'touch: /x: Read-only file system\ntouch: /tmp/x: Read-only file system\nwritable' ]
}

@test "masked paths: files, directories, what is not there" {
	mkdir "$B/rootfs/secret"
	echo secret | tee "$B/rootfs/secret/file" >"$B/rootfs/file"
	edit '.linux.maskedPaths = ["/secret", "/file", "/nowhere", "/bin/busybox/nowhere", "/proc/keys", "/proc/acpi/nowhere"]'
	inside 'ls /secret; cat /file /proc/keys; stat -c %t:%T /file; echo x >/file && touch /secret/x'
	[ "$status" -eq 1 ]
	[ "$output" = $'1:3\ntouch: /secret/x: Read-only file system' ]
	[ "$(cat "$B/rootfs/file")" = secret ]
	[ ! -e "$B/rootfs/nowhere" ]
	edit '.linux.maskedPaths = ["relative"]'
	rt run -b "$B" "$ID"
	fails_like "*linux.maskedPaths?0?: *absolute*"
}

@test "masked directories: one empty tmpfs for all, whatever the propagation" {
	local how
	mkdir "$B"/rootfs/{one,two,three}
	echo secret | tee "$B"/rootfs/{one,two,three}/file >/dev/null
	edit '.linux.maskedPaths = ["/one", "/two", "/three"]'
	for how in private slave shared unbindable; do
		edit --arg how "$how" '.linux.rootfsPropagation = $how'
		inside 'ls /one /two /three; touch /one/x /two/x /three/x; stat -c %d /one /two /three | sort -u | wc -l'
		[ "$(grep -c 'Read-only file system' <<<"$output")" -eq 3 ]
		not grep -x file <<<"$output"
		echo "$how: $output"
		[ "${lines[-1]}" -eq 1 ]
	done
	# and no descriptor of it stays, which process.cwd could name
	create_container
	readlink "/proc/$(pid_of "$ID")/fd/"* >"$BATS_TEST_TMPDIR/fds"
	not grep -E '/(one|two|three)' "$BATS_TEST_TMPDIR/fds"
}

@test "masked and read-only paths behind symlinks are those in the root" {
	mkdir "$B/rootfs/target"
	echo secret >"$B/rootfs/target/file"
	ln -s /target "$B/rootfs/link"
	edit '.linux.maskedPaths = ["/link/file"] | .linux.readonlyPaths = ["/link"]'
	inside 'cat /target/file; touch /target/x'
	[ "$output" = "touch: /target/x: Read-only file system" ]
}

@test "read-only paths: with what is mounted below" {
	mkdir -p "$B/rootfs/ro/sub"
	add_mount '{destination: "/ro/sub", type: "tmpfs", source: "tmpfs"}'
	edit '.linux.readonlyPaths = ["/ro", "/proc/sys", "/nowhere"]'
	inside 'touch /ro/x; touch /ro/sub/x; echo 1 >/proc/sys/kernel/msgmax'
	[ "$status" -eq 1 ]
	[ "$output" = $'touch: /ro/x: Read-only file system\ntouch: /ro/sub/x: Read-only file system\nsh: can\'t create /proc/sys/kernel/msgmax: Read-only file system' ]
	[ ! -e "$B/rootfs/nowhere" ]
}

@test "default devices and links" {
	edit 'del(.linux.resources)'
	inside 'for d in null zero full random urandom tty; do stat -c "%n %t:%T %a %u" /dev/$d; done
		for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done; [ -d /dev/pts ]; echo x >/dev/null'
	prints "/dev/null 1:3 666 0
/dev/zero 1:5 666 0
/dev/full 1:7 666 0
/dev/random 1:8 666 0
/dev/urandom 1:9 666 0
/dev/tty 5:0 666 0
/proc/self/fd
/proc/self/fd/0
/proc/self/fd/1
/proc/self/fd/2
pts/ptmx"
}

@test "linux.devices: types, mode, owner" {
	edit '.linux.devices = [{path: "/dev/c", type: "c", major: 10, minor: 229, fileMode: 416, uid: 3, gid: 4},
		{path: "/dev/sub/b", type: "b", major: 7, minor: 300}, {path: "/dev/p", type: "p", fileMode: 384},
		{path: "/fifo", type: "p"}, {path: "/dev/u", type: "u", major: 1, minor: 3}]'
	inside 'for d in c sub/b p u; do stat -c "%n %F %t:%T %a %u:%g" /dev/$d; done; stat -c "%F" /fifo'
	prints "/dev/c character special file a:e5 640 3:4
/dev/sub/b block special file 7:12c 666 0:0
/dev/p fifo 0:0 600 0:0
/dev/u character special file 1:3 666 0:0
fifo"
}

@test "device rules hold" {
	edit '.linux.devices = [{path: "/dev/denied", type: "c", major: 10, minor: 229}]
		| .linux.resources.devices = [{allow: false, access: "rwm"}]'
	inside 'cat /dev/denied; head -c 2 /dev/zero | wc -c'
	[[ "${lines[0]}" == *"Operation not permitted" ]]
	[ "${lines[1]}" = 2 ]
}

@test "cgroup mount: v1 and hybrid, the container's own part, read-only" {
	[ -d /sys/fs/cgroup/memory ] || skip "this host has no cgroup v1"
	inside "ls /sys/fs/cgroup | tr '\n' ' '; cat /sys/fs/cgroup/memory/cgroup.procs; mkdir /sys/fs/cgroup/memory/x; $MOUNTED mounted /sys/fs/cgroup/memory"
	succeeds
	[[ "$output" == *memory*"unified"* ]]
	[[ "$output" == *"Read-only file system"* ]]
	has_options cgroup ro nosuid nodev noexec
	edit '.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)'
	inside "mkdir /sys/fs/cgroup/memory/x && rmdir /sys/fs/cgroup/memory/x && echo writable"
	prints writable
	assert_nothing_left
}

@test "cgroup mount: v2" {
	edit '.linux.namespaces |= map(select(.type != "cgroup")) + [{type: "cgroup"}]'
	set_args sh -c 'cat /proc/self/cgroup | tail -n 1; cat /sys/fs/cgroup/cgroup.type; mkdir /sys/fs/cgroup/x'
	# a view with v2 alone
	run unshare -m sh -c 'umount -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"' - \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	echo "$output"
	[ "${lines[0]}" = "0::/" ]
	[ "${lines[1]}" = domain ]
	[[ "${lines[2]}" == *"Read-only file system" ]]
	assert_nothing_left
}

# CVE-2023-25809: without a cgroup namespace a user namespace may not mount cgroups anew
@test "cgroup mount: v2, for a user namespace: the container's own part, read-only" {
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0,
		hostID: 0, size: 1000}] | .linux.gidMappings = .linux.uidMappings'
	set_args sh -c "$MOUNTED"' mkdir /sys/fs/cgroup/x; cat /sys/fs/cgroup/cgroup.type
		mounted /sys/fs/cgroup'
	run unshare -m sh -c 'umount -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"' - \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	echo "$output"
	[[ "${lines[0]}" == *"Read-only file system" ]]
	# the root of the hierarchy has no type
	[ "${lines[1]}" = domain ]
	has_options cgroup2 ro nosuid nodev noexec
}

@test "mounts come in the order of the config" {
	mkdir other
	echo other >other/file
	add_mount '{destination: "/m", source: $s, options: ["bind"]}'
	add_mount '{destination: "/m", source: ($s + "/../other"), options: ["bind"]}'
	inside 'cat /m/file'
	prints other
}
