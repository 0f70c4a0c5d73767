#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The Kubernetes job: rootless Podman in a container of root's that has the default capabilities, the default masks
# and a read-only cgroup tree, and is not privileged. It builds an image and runs it.
# Run as root: OCI_RT=build/oci-rt bats tests/clients/nested.bats
# To see what others do: NESTED_RUNTIME=/usr/sbin/runc bats ... (the outer container stays oci-rt's)

bats_require_minimum_version 1.5.0

load ../e2e/helpers

# As Docker, containerd and CRI-O give them.
CAPABILITIES='["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW",
	"CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
	"CAP_KILL", "CAP_AUDIT_WRITE"]'
PODMAN='podman --runtime /opt/runtime --storage-driver vfs --cgroup-manager cgroupfs --events-backend file'

setup() {
	container_setup
	needs podman conmon newuidmap newgidmap setcap
	local root="$B/rootfs" dir
	# the host's programs, in a root of the pod's own
	rm -rf "$root"
	mkdir -p "$root"/{usr,etc/containers,var,home,proc,sys,dev,run,root,opt/bin,opt/context}
	mkdir -m 1777 "$root"/{tmp,var/tmp}
	for dir in bin sbin lib lib64; do
		[ ! -L "/$dir" ] || ln -s "usr/$dir" "$root/$dir"
	done
	cp /etc/ld.so.cache "$root/etc/"
	printf '%s\n' root:x:0:0::/root:/bin/sh build:x:1000:1000::/home/build:/bin/sh >"$root/etc/passwd"
	printf '%s\n' root:x:0: build:x:1000: >"$root/etc/group"
	echo build:100000:65536 | tee "$root/etc/subuid" >"$root/etc/subgid"
	echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$root/etc/containers/policy.json"
	install -d -o 1000 -g 1000 "$root"/{home/build,run/user/1000}
	install -m 0755 "${NESTED_RUNTIME:-$RT}" "$root/opt/runtime"
	# as the image podman/stable has them
	install -m 0755 /usr/bin/newuidmap /usr/bin/newgidmap "$root/opt/bin/"
	setcap cap_setuid+ep "$root/opt/bin/newuidmap"
	setcap cap_setgid+ep "$root/opt/bin/newgidmap"
	chmod 1777 "$(rootfs_template)/tmp"
	tar -C "$(rootfs_template)" -cf "$root/opt/image.tar" .
	cat >"$root/opt/context/Containerfile" <<-'FILE'
		FROM localhost/bb
		RUN echo one >/made && chown 1000:1000 /made
		USER someone
		RUN id -u >/tmp/who && cat /made
		CMD ["cat", "/made", "/tmp/who"]
	FILE
	edit --argjson caps "$CAPABILITIES" '.process.user = {uid: 1000, gid: 1000} | .process.cwd = "/home/build"
		| .process.capabilities = {bounding: $caps} | .process.noNewPrivileges = false | .process.rlimits = []
		| .process.env += ["PATH=/opt/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/home/build",
			"XDG_RUNTIME_DIR=/run/user/1000"]
		| .mounts += [{destination: "/usr", type: "bind", source: "/usr", options: ["rbind", "ro"]}]'
}

teardown() {
	container_teardown
}

# in_pod SCRIPT: by the pod's user; p is podman, and begins with the image
in_pod() {
	inside "p() { $PODMAN --log-level error \"\$@\" 2>&1; }
		p import -q /opt/image.tar localhost/bb >/dev/null || exit 99
		$1"
	echo "status $status, output: $output"
}

@test "the pod is what it is said to be" {
	inside 'id -u; cat /proc/self/uid_map | tr -s " "; grep CapBnd /proc/self/status | cut -f2
		touch /sys/fs/cgroup/x 2>&1 | sed "s/.*: //"; grep -c " /proc/acpi " /proc/self/mounts'
	prints $'1000\n 0 0 4294967295\n00000000a80425fb\nRead-only file system\n1'
}

@test "R1: an image with two RUN lines is built and run" {
	in_pod 'p build -q --isolation=oci --network=host --pid=host -t localhost/app /opt/context | tail -n 1 | wc -c
		p run --rm --network=host --pid=host localhost/app
		p run --rm --network=host --pid=host localhost/bb sh -c "exit 7"; echo $?'
	[ "$status" -eq 0 ]
	[ "$output" = $'65\none\n1000\n7' ]
}

# The indented lines of docs/ROOTLESS.md after the paragraph that ends with this file's name
documented() {
	awk -v name="/etc/containers/$1\`:" 'index($0, name) { on = 1; next }
		on && /^[^ ]/ { exit } on { sub(/^    /, ""); print }' "$BATS_TEST_DIRNAME/../../docs/ROOTLESS.md"
}

@test "R1: the files of docs/ROOTLESS.md, and no option" {
	local file
	for file in containers.conf storage.conf; do
		documented "$file" >"$B/rootfs/etc/containers/$file"
		grep -q '^\[' "$B/rootfs/etc/containers/$file"
	done
	printf '[engine.runtimes]\noci-rt = ["/opt/runtime"]\n' >>"$B/rootfs/etc/containers/containers.conf"
	edit '.process.env += ["BUILDAH_ISOLATION=oci"]'
	PODMAN=podman
	in_pod 'p build -q -t localhost/app /opt/context | tail -n 1 | wc -c; p run --rm localhost/app'
	[ "$status" -eq 0 ]
	[ "$output" = $'65\none\n1000' ]
}

@test "R1: a container's life: run -d, exec, logs, stop, rm" {
	in_pod 'p run -d --network=host --pid=host --name c1 localhost/bb sh -c "echo started; trap \"exit 3\" TERM; sleep 1000 & wait" | wc -c
		p exec c1 id -u
		p exec -u 1000 c1 id -u
		for i in $(seq 100); do p logs c1 | grep -q started && break; sleep 0.1; done
		p stop -t 10 c1
		p inspect -f "{{.State.ExitCode}}" c1
		p rm c1; p ps -aq'
	[ "$status" -eq 0 ]
	[ "$output" = $'65\n0\n1000\nc1\n3\nc1' ]
}

@test "R1: a network of its own: the masked sysfs is the pod's, read-only" {
	# the pod's /proc/sys is read-only, and Podman sets one there for each network
	in_pod 'printf "[containers]\ndefault_sysctls=[]\n" >/tmp/containers.conf
		export CONTAINERS_CONF=/tmp/containers.conf
		p run --rm --network=none --pid=host localhost/bb sh -c "ls /sys/class >/dev/null && ip -o link | wc -l"'
	prints 1
}

@test "R1: a sysctl where the pod's /proc/sys is mounted: the line names what to leave out, and then it runs" {
	in_pod 'p run --rm --network=none --pid=host localhost/bb echo ran'
	[[ "$output" == *"linux.sysctl.net.ipv4.ping_group_range: set sysctl net.ipv4.ping_group_range = 0 0: openat2: invalid cross-device link: an outer container has mounted /proc/sys, so that nobody writes there; leave this sysctl out (containers.conf: default_sysctls = []), or run the outer container with --security-opt unmask=ALL (Podman), --security-opt systempaths=unconfined (Docker), procMount: Unmasked (Kubernetes)" ]]
	edit '.linux.maskedPaths = [] | .linux.readonlyPaths = []'
	in_pod 'p run --rm --network=none --pid=host localhost/bb echo ran'
	prints ran
}

@test "R10: a PID namespace of its own where the pod's /proc is masked: both remedies of the line work" {
	local script='p run --rm --network=host localhost/bb echo ran' line
	in_pod "$script"
	line='*mounts?0?: mount proc on /proc (nosuid,noexec,nodev): fsmount: operation not permitted: the outer /proc is masked by the mount on /proc/acpi, and a new one would show what that hides; run the outer container with --security-opt unmask=ALL (Podman), --security-opt systempaths=unconfined (Docker), procMount: Unmasked (Kubernetes), or this one in the outer'"'"'s PID namespace with its /proc (podman --pid=host)*'
	[[ "$output" == $line ]]
	in_pod "${script/run/run --pid=host}"
	prints ran
	# procMount: Unmasked
	edit '.linux.maskedPaths = [] | .linux.readonlyPaths = []'
	in_pod "$script; p build -q --isolation=oci --network=host /opt/context >/dev/null && echo built"
	prints $'ran\nbuilt'
}

@test "R5: one id, because nobody has given the pod's user ranges" {
	: >"$B/rootfs/etc/subuid"
	: >"$B/rootfs/etc/subgid"
	printf 'FROM localhost/bb\nRUN echo one >/made\nRUN cat /made >/two\nCMD ["cat", "/two"]\n' >"$B/rootfs/opt/context/Containerfile"
	PODMAN+=' --storage-opt vfs.ignore_chown_errors=true'
	in_pod 'p build -q --isolation=oci --network=host --pid=host -t localhost/app /opt/context 2>&1 | tail -n 1 | wc -c
		p run --rm --network=host --pid=host localhost/app'
	[ "$status" -eq 0 ]
	[[ "$output" == *$'65\none' ]]
}

@test "R5: newuidmap is setuid root, which it remains, and the pod has no CAP_SYS_ADMIN; the command mends it" {
	! grep -q seteuid /usr/bin/newuidmap || skip "this host's newuidmap becomes its caller"
	rm "$B"/rootfs/opt/bin/new?idmap
	cp /usr/bin/newuidmap /usr/bin/newgidmap "$B/rootfs/opt/bin/"
	chmod 4755 "$B"/rootfs/opt/bin/new?idmap
	mkdir "$B/rootfs/opt/bundle" "$B/rootfs/opt/bundle/rootfs"
	tar -C "$B/rootfs/opt/bundle/rootfs" -xf "$B/rootfs/opt/image.tar"
	"$RT" spec -b "$B/rootfs/opt/bundle"
	edit_config "$B/rootfs/opt/bundle" '.process.args = ["echo", "ran"] | .process.terminal = false
		| .linux.namespaces -= [{type: "network"}, {type: "pid"}] | .linux.namespaces += [{type: "user"}]
		| .mounts |= map(select(.type == "devpts" or .type == "tmpfs"))
		| .mounts += [{destination: "/proc", type: "bind", source: "/proc", options: ["rbind"]}]'
	local prefix bundle='/opt/runtime run --idmap=subuid -b /opt/bundle c1 2>&1'
	chown -R 1000:1000 "$B/rootfs/opt/bundle"
	inside "$bundle"
	prefix="config.json:*: linux.uidMappings: --idmap=subuid: "
	fails_like "$prefix/opt/bin/newuidmap is setuid root and remains it, for which it needs CAP_SYS_ADMIN, which is not in the bounding set; as root: chmod u-s /opt/bin/newuidmap && setcap cap_setuid+ep /opt/bin/newuidmap"
	in_image "${output##*as root: }"
	inside "$bundle"
	fails_like "$prefix/opt/bin/newgidmap is setuid root and remains it, *; as root: chmod u-s /opt/bin/newgidmap && setcap cap_setgid+ep /opt/bin/newgidmap"
	in_image "${output##*as root: }"
	inside "$bundle"
	prints ran
}

# What a line tells root of the pod's image to do
in_image() {
	(cd "$B/rootfs" && sh -c "${1//\/opt\/bin\//opt/bin/}")
}

# What Docker's and containerd's default profiles (Kubernetes: RuntimeDefault) refuse without CAP_SYS_ADMIN
with_default_seccomp() {
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38},
		{names: ["clone"], action: "SCMP_ACT_ERRNO", errnoRet: 1,
			args: [{index: 0, value: 268435456, valueTwo: 268435456, op: "SCMP_CMP_MASKED_EQ"}]},
		{names: ["unshare", "setns", "mount", "umount2", "pivot_root"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}'
}

@test "R8: the pod's seccomp profile is RuntimeDefault: doctor names it, and without the profile all is well" {
	local check='/opt/runtime doctor --json | jq -r ".checks[] | select(.name == \"user\") | .works, .cause // empty"'
	with_default_seccomp
	inside "$check"
	prints $'no\na seccomp filter over this process refuses clone with CLONE_NEWUSER'
	edit 'del(.linux.seccomp)'
	inside "$check"
	prints yes
}
