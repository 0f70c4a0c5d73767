#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What an ordinary user reads where the host says no: the whole line, with the cause that was seen and the command
# that mends it. The hosts are made for real, in namespaces of their own; a command that can be carried out there is,
# and the container runs.

bats_require_minimum_version 1.5.0

load helpers

setup_file() { user_setup_file newuidmap newgidmap unshare || true; }
teardown_file() { user_teardown_file; }

setup() {
	user_container_setup --rootless
	set_args echo ran
}

teardown() { user_container_teardown; }

# on HOST-SCRIPT [COMMAND...]: the container, or the command, by the user, on a host that a script of root makes in
# a mount namespace of its own. What it prints and leaves is as by `run`.
on() {
	local script="$1"
	shift
	[ $# -gt 0 ] || set -- "$RT" --root "$ROOT" run -b "$B" "$ID"
	# a test beside this one may show the host its container's mounts; the kernel looks for one that is whole
	run unshare -m bash -c "$(declare -f as_user); TEST_USER=$TEST_USER USER_DIR=$USER_DIR
		findmnt -rno TARGET -t proc,sysfs | grep -vx -e /proc -e /sys | xargs -r umount -l
		$script"$'\n''as_user "$@"' - "$@"
}

# place KEY: where the value of the first property of this name is
place() {
	awk -v k="\"$1\": " '{ i = index($0, k); if (i) { print "config.json:" NR ":" i + length(k); exit } }' "$B/config.json"
}

# The same of the mount on a place: of its element.
place_of_mount() {
	local line
	line="$(grep -n "\"destination\": \"$1\"" "$B/config.json" | cut -d: -f1)"
	echo "config.json:$((line - 1)):5"
}

# place_of KEY: of the first element of that array
place_of() {
	awk -v k="\"$1\": " 'at { match($0, /[^ ]/); print "config.json:" NR ":" RSTART; exit } index($0, k) { at = 1 }' "$B/config.json"
}

urun() {
	run as_user "$RT" --root "$ROOT" run -b "$B" "$ID"
}

with_ranges() {
	local u g
	read -r -a u < <(subid_of uid)
	read -r -a g < <(subid_of gid)
	edit --argjson u "${u[0]}" --argjson g "${g[0]}" --argjson me "$(id -u "$TEST_USER")" --argjson my "$(id -g "$TEST_USER")" '
		.linux.uidMappings = [{containerID: 0, hostID: $me, size: 1}, {containerID: 1, hostID: $u, size: 100}]
		| .linux.gidMappings = [{containerID: 0, hostID: $my, size: 1}, {containerID: 1, hostID: $g, size: 100}]'
}

# An id map for a user namespace in which this user is root.
as_inner_root() {
	edit '.linux.uidMappings[0].hostID = 0 | .linux.gidMappings[0].hostID = 0'
}

@test "R8: user.max_user_namespaces is 0, and the command mends it" {
	as_inner_root
	run as_user unshare -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' - \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	fails_with "$(place namespaces): linux.namespaces: fork init into new namespaces: pid, mount, ipc, uts, user: clone3: no space left on device: user.max_user_namespaces is 0; as root: sysctl -w user.max_user_namespaces=15000"
	local mend="${output##*as root: }"
	[[ "$mend" == "sysctl -w user."* ]]
	run as_user unshare -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && '"$mend"' >/dev/null && exec "$@"' - \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	prints ran
}

@test "R8: another kind of namespace is used up" {
	as_inner_root
	run as_user unshare -r sh -c 'echo 0 >/proc/sys/user/max_uts_namespaces && exec "$@"' - \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	fails_with "$(place namespaces): linux.namespaces: fork init into new namespaces: pid, mount, ipc, uts, user: clone3: no space left on device: user.max_uts_namespaces is 0; as root: sysctl -w user.max_uts_namespaces=15000"
}

@test "R8: as many namespaces as are allowed are in use" {
	as_inner_root
	run as_user unshare -r unshare -r sh -c 'exec "$@"' - "$RT" --root "$ROOT" run -b "$B" "$ID"
	prints ran
	run as_user unshare -r sh -c 'echo 1 >/proc/sys/user/max_user_namespaces && exec unshare -r "$@"' - \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	fails_with "$(place namespaces): linux.namespaces: fork init into new namespaces: pid, mount, ipc, uts, user: clone3: no space left on device: as many namespaces are in use as user.max_*_namespaces of this or an outer user namespace lets, or they are nested 32 deep; on the host, as root: sysctl -w user.max_user_namespaces=65535"
}

@test "R8: a seccomp filter refuses user namespaces" {
	needs "$PYTHON"
	cp "$BATS_TEST_DIRNAME/filter.py" "$DIR/filter.py"
	local fix="allow clone, clone3, unshare, setns and mount in the outer container's profile (--security-opt seccomp=unconfined does)"
	run as_user "$PYTHON" "$DIR/filter.py" newuser "$RT" --root "$ROOT" run -b "$B" "$ID"
	fails_with "$(place namespaces): linux.namespaces: fork init into new namespaces: pid, mount, ipc, uts, user: clone3: operation not permitted: a seccomp filter over this process refuses clone with CLONE_NEWUSER; $fix"
	run as_user "$PYTHON" "$DIR/filter.py" clone3 "$RT" --root "$ROOT" run -b "$B" "$ID"
	fails_with "$(place namespaces): linux.namespaces: fork init into new namespaces: pid, mount, ipc, uts, user: clone3: operation not permitted: a seccomp filter over this process refuses clone3; $fix"
}

@test "R8: a chroot" {
	local root="$DIR/chroot" d
	mkdir "$root"
	run unshare -m bash -c "mount -t tmpfs tmpfs $root && mkdir $root/in && cd $root/in
		for d in /bin /usr /lib /lib64 /etc /proc /sys /dev /tmp /run; do
			[ ! -d \$d ] || { mkdir .\$d && mount --rbind \$d .\$d; }
		done
		exec chroot . setpriv --reuid $(id -u "$TEST_USER") --regid $(id -g "$TEST_USER") --clear-groups \
			--inh-caps=-all $RT --root $ROOT run -b $B $ID"
	rmdir "$root"
	fails_with "$(place namespaces): linux.namespaces: fork init into new namespaces: pid, mount, ipc, uts, user: clone3: operation not permitted: this process is in a chroot, where the kernel makes no user namespaces; enter that root by pivot_root, as bwrap and systemd-nspawn do"
}

@test "R5: newuidmap without its setuid bit, and the command mends it" {
	with_ranges
	local poor='mkdir -p /run/oci-rt-e2e && cp /usr/bin/new?idmap /run/oci-rt-e2e/ && chmod 0755 /run/oci-rt-e2e/*
		for p in newuidmap newgidmap; do mount --bind /run/oci-rt-e2e/$p /usr/bin/$p; done; mount -o remount,suid /run 2>/dev/null || true
		mount --bind /run/oci-rt-e2e /run/oci-rt-e2e'
	on "mount -t tmpfs -o mode=755 tmpfs /run && $poor"
	fails_with "$(place uidMappings): linux.uidMappings: newgidmap failed: newgidmap: write to gid_map failed: Operation not permitted: /usr/bin/newgidmap is neither setuid root nor has it file capabilities; as root: chown root /usr/bin/newgidmap && chmod u+s /usr/bin/newgidmap"
	local mend="${output##*as root: }"
	on "mount -t tmpfs -o mode=755 tmpfs /run && $poor && $mend && ${mend//newgidmap/newuidmap}"
	prints ran
}

@test "R5: newuidmap on a mount with nosuid, and the command mends it" {
	with_ranges
	local poor='mount --bind /usr /usr && mount -o remount,bind,nosuid /usr'
	on "$poor"
	fails_with "$(place uidMappings): linux.uidMappings: newgidmap failed: newgidmap: write to gid_map failed: Operation not permitted: /usr/bin/newgidmap lies on a mount with nosuid; as root: mount -o remount,bind,suid /usr"
	on "$poor && ${output##*as root: }"
	prints ran
}

@test "R5: no_new_privs" {
	with_ranges
	run as_user setpriv --no-new-privs "$RT" --root "$ROOT" run -b "$B" "$ID"
	fails_with "$(place uidMappings): linux.uidMappings: newgidmap failed: newgidmap: write to gid_map failed: Operation not permitted: no_new_privs is set here, so /usr/bin/newgidmap gets no rights; start this process without it: NoNewPrivileges=no of its service, allowPrivilegeEscalation: true of its pod"
}

@test "R5: no range in /etc/subuid, and the command mends it" {
	with_ranges
	local poor="mkdir /run/oci-rt-etc && grep -v ^$TEST_USER: /etc/subgid >/run/oci-rt-etc/subgid
		mount --bind /run/oci-rt-etc/subgid /etc/subgid"
	on "mount -t tmpfs -o mode=755 tmpfs /run; $poor"
	fails_like "$(place uidMappings): linux.uidMappings: newgidmap failed: newgidmap: gid range ?*) -> ?*) not allowed: $TEST_USER has no range in /etc/subgid; as root: usermod --add-subgids *-* $TEST_USER"
	[[ "$output" =~ 'usermod --add-subgids '([0-9]+)-([0-9]+)' ' ]]
	[ "$((BASH_REMATCH[2] - BASH_REMATCH[1]))" -eq 65535 ]
	# nobody's yet
	run awk -F: -v u="$TEST_USER" -v f="${BASH_REMATCH[1]}" '$1 != u && $2 + $3 > f { print }' /etc/subgid
	prints ""
}

@test "R11: ids that the outer user namespace does not have" {
	run as_user unshare -r "$RT" --root "$ROOT" run -b "$B" "$ID"
	fails_with "$(place uidMappings): linux.uidMappings: map ids directly; uids 0:$(id -u "$TEST_USER"):1; gids 0:$(id -g "$TEST_USER"):1: gid_map: operation not permitted: the user namespace that this process is in has no gids $(id -g "$TEST_USER") to $(id -g "$TEST_USER"), but 0 to 0; map ids as they are called in here (/proc/self/uid_map)"
	as_inner_root
	run as_user unshare -r "$RT" --root "$ROOT" run -b "$B" "$ID"
	prints ran
}

@test "a bind mount without what is locked on its source" {
	mkdir locked
	edit --arg s "$DIR/locked" '.mounts += [{destination: "/mnt", type: "bind", source: $s, options: ["bind", "suid"]}]'
	on "mount -t tmpfs -o nosuid,mode=755 tmpfs $DIR/locked"
	fails_with "$(place_of_mount /mnt): mounts[$(jq '.mounts | length - 1' "$B/config.json")]: bind $DIR/locked on /mnt (bind,suid): mount_setattr: operation not permitted: the mount on $DIR/locked has nosuid, which a user namespace may not take away; add the option nosuid"
	edit '.mounts[-1].options = ["bind", "nosuid"]'
	on "mount -t tmpfs -o nosuid,mode=755 tmpfs $DIR/locked"
	prints ran
}

@test "R10: the outer /proc is masked" {
	on 'mount -t tmpfs tmpfs /proc/acpi 2>/dev/null || mount -t tmpfs tmpfs /proc/scsi 2>/dev/null || mount -t tmpfs tmpfs /proc/fs'
	fails_like "$(place_of_mount /proc): mounts?0?: mount proc on /proc: fsmount: operation not permitted: the outer /proc is masked by the mount on /proc/*, and a new one would show what that hides; run the outer container with --security-opt unmask=ALL (Podman), --security-opt systempaths=unconfined (Docker), procMount: Unmasked (Kubernetes), or this one in the outer's PID namespace with its /proc (podman --pid=host)"
	# what is mounted where the kernel keeps a place for it hides nothing
	[ ! -d /proc/sys/fs/binfmt_misc ] || {
		on 'mount -t tmpfs tmpfs /proc/sys/fs/binfmt_misc'
		prints ran
	}
}

@test "R10: proc of a PID namespace that is not the container's" {
	edit '.linux.namespaces -= [{type: "pid"}]'
	urun
	fails_with "$(place_of_mount /proc): mounts[0]: mount proc on /proc: fsconfig: operation not permitted: proc shows a PID namespace, and this container has that of the host; add {\"type\":\"pid\"} to linux.namespaces, or bind the host's"
	edit '.linux.namespaces += [{type: "pid"}]'
	urun
	prints ran
}

# The mount of /sys as podman and others write it.
with_sysfs() {
	edit '.mounts |= map(if .destination == "/sys" then {destination: "/sys", type: "sysfs", source: "sysfs",
		options: ["nosuid", "noexec", "nodev", "ro"]} else . end)'
}

@test "R10: sysfs without a network namespace is the host's, read-only, and state says so" {
	with_sysfs
	set_args sh -c 'ls -d /sys/kernel; grep -c " /sys ro,nosuid,nodev,noexec" /proc/self/mountinfo; mkdir /sys/fs/cgroup/x 2>&1'
	urun
	[[ "$output" == $'/sys/kernel\n1\n'* ]]
	[[ "$output" == *"Read-only file system"* ]] || [[ "$output" == *"Permission denied"* ]]
	set_args sleep 1000
	as_user "$RT" --root "$ROOT" run -d -b "$B" "$ID" </dev/null >"$DIR/out" 2>&1
	run as_user "$RT" --root "$ROOT" state "$ID"
	local degraded
	degraded="$(jq -r '.annotations["org.oci-rt.degraded"]' <<<"$output")"
	echo "$degraded"
	as_user "$RT" --root "$ROOT" delete --force "$ID"
	[[ "$degraded" == *"/sys is the host's, read-only: a new sysfs shows a network namespace, and this container has the host's"* ]]
}

@test "R10: a masked sysfs" {
	with_sysfs
	edit '.linux.namespaces += [{type: "network"}]'
	set_args awk '$5 == "/sys" { print $4, $9 }' /proc/self/mountinfo
	urun
	prints "/ sysfs"
	on 'mount -t tmpfs tmpfs /sys/power 2>/dev/null || mount -t tmpfs tmpfs /sys/kernel/mm; mount -t tmpfs tmpfs /sys/module' \
		"$RT" --root "$ROOT" plan -b "$B"
	[[ "$output" == *"bind the host's /sys on /sys, read-only"* ]]
	[[ "$output" == *"/sys is the host's, read-only: the sysfs here is masked by the mount on /sys/"* ]]
	set_args sh -c 'ls /sys/module; ls /sys/kernel >/dev/null && echo there'
	on 'mount -t tmpfs tmpfs /sys/module'
	prints there
}

@test "mqueue of an IPC namespace that is not the container's" {
	edit '.linux.namespaces -= [{type: "ipc"}]'
	urun
	fails_with "$(place_of_mount /dev/mqueue): mounts[$(jq '[.mounts[].destination] | index("/dev/mqueue")' "$B/config.json")]: mount mqueue on /dev/mqueue (nosuid,noexec,nodev): fsconfig: operation not permitted: mqueue shows an IPC namespace, and this container has that of the host; add {\"type\":\"ipc\"} to linux.namespaces, or bind the host's"
}

@test "a file system that the kernel does not know, and one that wants a device" {
	edit '.mounts += [{destination: "/mnt", type: "nosuchfs", source: "none"}]'
	urun
	fails_with "$(place_of_mount /mnt): mounts[$(jq '.mounts | length - 1' "$B/config.json")]: mount nosuchfs on /mnt: fsopen: no such device: the kernel has no file system nosuchfs loaded; as root: modprobe nosuchfs"
	grep -qP '^\text4$' /proc/filesystems || skip "no ext4 here"
	edit '.mounts[-1].type = "ext4" | .mounts[-1].source = "/dev/null"'
	urun
	fails_like "$(place_of_mount /mnt): mounts?*?: mount ext4 on /mnt: fsconfig: operation not permitted: ext4 needs a block device, and no user namespace may mount one; mount it on the host and bind it"
}

@test "a bind source below a directory that is closed to the user" {
	mkdir -m 0700 closed closed/in
	edit --arg s "$DIR/closed/in" '.mounts += [{destination: "/mnt", type: "bind", source: $s, options: ["bind"]}]'
	urun
	fails_with "$(place_of_mount /mnt): mounts[$(jq '.mounts | length - 1' "$B/config.json")]: bind $DIR/closed/in on /mnt (bind): open_tree: permission denied: uid $(id -u "$TEST_USER") may not pass through $DIR/closed; chmod o+x $DIR/closed, or bind from another place"
	chmod o+x "$DIR/closed"
	urun
	[ "$status" -eq 0 ]
}

@test "a bind mount that would uncover what lies over a part of it" {
	mkdir -p shown/part
	chown -R "$TEST_USER:" shown
	edit --arg s "$DIR/shown" '.mounts += [{destination: "/mnt", type: "bind", source: $s, options: ["bind"]}]'
	on "mount -t tmpfs tmpfs $DIR/shown/part"
	fails_with "$(place_of_mount /mnt): mounts[$(jq '.mounts | length - 1' "$B/config.json")]: bind $DIR/shown on /mnt (bind): open_tree: invalid argument: a user namespace cannot take it without the mount on $DIR/shown/part, which may hide something; use the option rbind"
	edit '.mounts[-1].options = ["rbind"]'
	on "mount -t tmpfs tmpfs $DIR/shown/part"
	prints ran
}

@test "R12: a hard limit above ours: what is held, and the option that makes do with it" {
	edit '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 99, hard: 8192}]'
	run as_user bash -c 'ulimit -n 4096; exec "$@"' - "$RT" --root "$ROOT" run -b "$B" "$ID"
	fails_with "$(place_of rlimits): process.rlimits[0]: set RLIMIT_NOFILE to 99, at most 8192: operation not permitted: the hard limit here is 4096, and more takes CAP_SYS_RESOURCE; ask for at most 4096, or give --degrade=rlimits to make do with it"
	edit '.process.rlimits[0].hard = 4096'
	run as_user bash -c 'ulimit -n 4096; exec "$@"' - "$RT" --root "$ROOT" run -b "$B" "$ID"
	prints ran
}

@test "R12: oom_score_adj below ours" {
	edit '.process.oomScoreAdj = -500'
	urun
	fails_with "$(place oomScoreAdj): process.oomScoreAdj: set oom_score_adj to -500: oom_score_adj: permission denied: it is $(cat /proc/self/oom_score_adj) here, and less takes CAP_SYS_RESOURCE; ask for at least $(cat /proc/self/oom_score_adj), or give --degrade=oom-score to make do with it"
	edit ".process.oomScoreAdj = $(cat /proc/self/oom_score_adj)"
	urun
	prints ran
}

# A v2 cgroup that root has given to the user, and the cgroup of this test in it.
delegate() {
	local mount
	mount="$(findmnt -n -t cgroup2 -o TARGET | head -n 1)"
	[ -n "$mount" ] && [ -w "$mount" ] || skip "no cgroup v2 hierarchy that root may write"
	OURS="$mount/oci-rt-e2e-$$-$BATS_TEST_NUMBER"
	mkdir "$OURS" "$OURS/run"
	chown -R "$TEST_USER:" "$OURS"
}

# in_ours COMMAND...: by the user, in that cgroup
in_ours() {
	bash -c 'echo 0 >"$0/run/cgroup.procs" && exec "$@"' "$OURS" bash -c "$(declare -f as_user)
		TEST_USER=$TEST_USER USER_DIR=$USER_DIR"'; as_user "$@"' - "$@"
}

remove_ours() {
	find "$OURS" -depth -type d -exec rmdir {} +
}

@test "R15: exec into a container whose cgroup is out of reach works, and the debug log says so" {
	delegate
	set_args sleep 1000
	in_ours "$RT" --root "$ROOT" run -d -b "$B" "$ID" </dev/null >"$DIR/out" 2>&1
	cat "$DIR/out"
	[ -d "$OURS/$ID" ]
	# from outside: the way would lead over a cgroup of root's
	run as_user "$RT" --root "$ROOT" --debug exec "$ID" sh -c 'echo entered >&2'
	echo "$output"
	local code="$status" said="$output" entered
	run in_ours "$RT" --root "$ROOT" --debug exec "$ID" sh -c 'echo entered >&2'
	entered="$output"
	as_user "$RT" --root "$ROOT" delete --force "$ID"
	remove_ours
	[ "$code" -eq 0 ]
	[[ "$said" == *entered* ]]
	[[ "$said" == *"exec: the container's cgroup is not ours to enter: the process stays in that of this command"* ]]
	[[ "$entered" == *entered* ]]
	[[ "$entered" != *"not ours to enter"* ]]
}

@test "R3: a cgroup that a process of this user may not be moved to" {
	delegate
	edit --arg p "/${OURS##*/}/$ID" '.linux.cgroupsPath = $p'
	urun
	local code="$status" said="$output" mount="${OURS%/*}" own
	own="$mount$(sed -n 's/^0:://p' /proc/self/cgroup)"
	run in_ours "$RT" --root "$ROOT" run -b "$B" "$ID"
	local there="$output"
	remove_ours
	echo "$said"
	[ "$code" -eq 1 ]
	[[ "$said" == *": permission denied: to come from ${own%/} to $OURS/$ID takes write access to cgroup.procs in $mount, which belongs to uid 0; start it in a cgroup that is delegated to this user" ]]
	[ "$there" = ran ]
}
