#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What an error says beside the errno: the cause that was seen, and the command that mends it. Hosts that say no
# are made for real, and where the command can be carried out here, it is, and the container runs.

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
}

teardown() {
	container_teardown
}

# place KEY: where the value of the first property of this name is
place() {
	awk -v k="\"$1\": " '{ i = index($0, k); if (i) { print "config.json:" NR ":" i + length(k); exit } }' "$B/config.json"
}

# exec_fails PROGRAM LINE: as the container's program, and by exec
exec_fails() {
	set_args "$1"
	rt run -b "$B" "$ID"
	fails_with "$2"
}

# in_chroot COMMAND...: in a directory of a tmpfs, which is no mount point unless COMMAND makes it one
in_chroot() {
	run unshare -m bash -c 'mount -t tmpfs tmpfs /mnt && mkdir /mnt/in && cd /mnt/in
		for d in /bin /usr /lib /lib64 /etc /proc /sys /dev /tmp /run /work /root; do
			[ ! -d $d ] || { mkdir .$d && mount --rbind $d .$d; }
		done
		eval "$1" && shift && exec chroot . "$@"' - "$@" "$RT" --root "$ROOT" run -b "$B" "$ID"
}

@test "a chroot: what to do before it" {
	set_args echo hello
	in_chroot true
	fails_with "make all mounts slaves of the host's: mount: invalid argument: this process is in a chroot that is no mount point; mount --rbind its directory on itself before, or enter it by pivot_root, as bwrap and systemd-nspawn do"
	in_chroot 'mount --rbind . . && cd ../in'
	prints hello
}

@test "a read-only /run: where else the state can be" {
	set_args echo hello
	on_read_only_run() {
		run unshare -m sh -c 'mount -t tmpfs -o ro tmpfs /run && exec "$@"' - "$RT" "$@"
	}
	on_read_only_run run -b "$B" "$ID"
	fails_with "make state directory '/run/oci-rt': read-only file system; name another place with --root"
	on_read_only_run --root "$ROOT" run -b "$B" "$ID"
	prints hello
}

@test "no /proc" {
	run unshare -m sh -c 'umount -l /proc && exec "$@"' - "$RT" --root "$ROOT" run -b "$B" "$ID"
	echo "$output"
	[ "$status" -eq 1 ]
	# sanitizers miss it as well, and say so
	[ "$(grep -v -e '^==' <<<"$output")" = "no procfs is mounted on /proc; mount -t proc proc /proc" ]
}

@test "exec: a file that is empty, or of no kind" {
	install -m 0755 /dev/null "$B/rootfs/bin/empty"
	exec_fails /bin/empty "exec /bin/empty: exec format error: it is empty"
	printf 'echo no first line\n' >"$B/rootfs/bin/plain"
	chmod +x "$B/rootfs/bin/plain"
	exec_fails plain "exec /bin/plain: exec format error: it is neither an ELF program nor a script with a #! line"
	printf '#! \n' >"$B/rootfs/bin/nobody"
	chmod +x "$B/rootfs/bin/nobody"
	exec_fails nobody "exec /bin/nobody: exec format error: it has no interpreter in its #! line"
	printf '\177ELF' >"$B/rootfs/bin/short"
	chmod +x "$B/rootfs/bin/short"
	exec_fails short "exec /bin/short: exec format error: it is an ELF program that was cut off"
}

@test "exec: a script from another system" {
	printf '#!/bin/sh\r\necho hello\r\n' >"$B/rootfs/bin/crlf"
	chmod +x "$B/rootfs/bin/crlf"
	exec_fails crlf "exec /bin/crlf: no such file or directory: it has lines that end in CR LF, so its interpreter would be \"/bin/sh\\r\"; sed -i 's/\\r\$//' /bin/crlf"
	(cd "$B/rootfs" && sed -i 's/\r$//' bin/crlf)
	rt run -b "$B" "$ID"
	prints hello
}

@test "exec: an interpreter that is missing, of a script, of a script's, of a program" {
	printf '#!/opt/python -u\n' >"$B/rootfs/bin/script"
	printf '#!/bin/script\n' >"$B/rootfs/bin/outer"
	chmod +x "$B"/rootfs/bin/{script,outer}
	exec_fails script "exec /bin/script: no such file or directory: its interpreter /opt/python is missing in the container"
	exec_fails outer "exec /bin/outer: no such file or directory: its interpreter /opt/python is missing in the container"
	needs readelf
	local program=/usr/bin/env linker
	linker="$(readelf -l "$program" | sed -n 's/.*interpreter: \(.*\)]/\1/p')"
	[ -n "$linker" ] || skip "$program is static"
	cp -L "$program" "$B/rootfs/bin/dynamic"
	exec_fails dynamic "exec /bin/dynamic: no such file or directory: its dynamic linker $linker is missing in the container"
}

@test "exec: a program for another machine" {
	local other=183 name=aarch64
	[ "$(uname -m)" = x86_64 ] || skip "the test knows the header of x86_64"
	# e_machine is at 18
	cp "$B/rootfs/bin/busybox" "$B/rootfs/bin/foreign"
	printf '%b' "\\x$(printf %x "$other")\\x00" | dd of="$B/rootfs/bin/foreign" bs=1 seek=18 conv=notrunc status=none
	! compgen -G '/proc/sys/fs/binfmt_misc/*aarch64*' || skip "this host runs such programs"
	exec_fails foreign "exec /bin/foreign: exec format error: it is a program for $name, and this machine is x86_64; use an image for this machine, or install qemu-user-static"
}

@test "exec: rights of the file, of its interpreter, of its mount" {
	printf '#!/bin/sh\necho ran\n' >"$B/rootfs/bin/script"
	edit '.process.user.uid = 1000'
	chmod 0644 "$B/rootfs/bin/script"
	set_args /bin/script
	exec_fails /bin/script "$(place args): process.args: exec: \"/bin/script\": permission denied: its mode is 0644 and the owner 0:0; chmod a+x /bin/script"
	chmod a+x "$B/rootfs/bin/script"
	rt run -b "$B" "$ID"
	prints ran
	printf '#!/etc/passwd\n' >"$B/rootfs/bin/script"
	exec_fails /bin/script "exec /bin/script: permission denied: its interpreter /etc/passwd has the mode 0644 and the owner 0:0; chmod a+x /etc/passwd"
	printf '#!/etc\n' >"$B/rootfs/bin/script"
	exec_fails /bin/script "exec /bin/script: permission denied: its interpreter /etc is no regular file"
	mkdir -m 0700 "$B/rootfs/closed"
	printf '#!/closed/sh\n' >"$B/rootfs/bin/script"
	exec_fails /bin/script "exec /bin/script: permission denied: its interpreter /closed/sh lies below a directory that this user may not enter"
}

@test "exec: a mount with noexec" {
	mkdir "$BATS_TEST_TMPDIR/tools"
	printf '#!/bin/sh\necho ran\n' >"$BATS_TEST_TMPDIR/tools/tool"
	chmod +x "$BATS_TEST_TMPDIR/tools/tool"
	edit --arg s "$BATS_TEST_TMPDIR/tools" '.mounts += [{destination: "/mnt", source: $s, options: ["bind", "noexec"]}]'
	set_args /mnt/tool
	exec_fails /mnt/tool "$(place args): process.args: exec: \"/mnt/tool\": permission denied: it lies on a mount with the option noexec; mount that without it"
	edit '.mounts[-1].options = ["bind"]'
	rt run -b "$B" "$ID"
	prints ran
}

@test "start names the cause as well" {
	printf '#!/no/such\n' >"$B/rootfs/bin/script"
	chmod +x "$B/rootfs/bin/script"
	set_args script
	create_container
	rt start "$ID"
	fails_with "exec /bin/script: no such file or directory: its interpreter /no/such is missing in the container"
}

@test "exec into a container names the cause as well" {
	printf '#!/no/such\n' >"$B/rootfs/bin/script"
	chmod +x "$B/rootfs/bin/script"
	set_args sleep 1000
	start_container
	rt exec "$ID" script
	[ "$status" -eq 255 ]
	[ "$output" = "exec /bin/script: no such file or directory: its interpreter /no/such is missing in the container" ]
}
