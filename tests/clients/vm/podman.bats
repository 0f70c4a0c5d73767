#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Podman 5 with systemd and cgroup v2, as root and as alice: what podman.bats of the directory above cannot have.

bats_require_minimum_version 1.5.0

load ../../e2e/helpers
load clients

setup_file() {
	needs_vm
	use_runtime_in_podman
}

setup() {
	needs_vm
	C="c$BATS_TEST_NUMBER"
	cd "$BATS_TEST_TMPDIR"
}

# Each call of Podman's costs seconds under emulation: a test that passes has removed what it made.
teardown() {
	[ -z "${BATS_TEST_COMPLETED:-}" ] || return 0
	podman rm -fa -t 0 >/dev/null 2>&1 || true
	podman pod rm -fa -t 0 >/dev/null 2>&1 || true
}

p() {
	client podman "$@"
}

# A container without network, which costs seconds under emulation.
pr() {
	p run --rm --network none "$@"
}

@test "run: limits, read back inside and from the unit" {
	pr --memory 64m --memory-reservation 32m --pids-limit 50 --cpus 0.5 --cpuset-cpus 0 --cpu-shares 512 bb sh -c \
		'cd /sys/fs/cgroup; cat memory.max memory.low pids.max cpu.max cpuset.cpus; cat /proc/self/cgroup'
	[ "$status" -eq 0 ]
	[[ "$output" == $'67108864\n33554432\n50\n50000 100000\n0\n0::/' ]]
}

@test "a life: exec, exec -it, logs, pause, update, stats, restart, stop, kill, rm" {
	p run -d --name "$C" --network none --memory 64m bb sh -c \
		'echo out; echo err >&2; trap "exit 9" TERM; sleep 1000 & wait'
	[ "$status" -eq 0 ]
	local id="${lines[-1]}"
	p inspect --format '{{.OCIRuntime}} {{.HostConfig.CgroupManager}}' "$C"
	succeeds_with "$RUNTIME systemd"
	p exec -e A=1 -w /tmp --user 1000:1000 "$C" sh -c 'id -u; id -g; echo $A; pwd; cat /proc/self/cgroup'
	succeeds_with $'1000\n1000\n1\n/tmp\n0::/'
	p exec "$C" no-such-program
	[ "$status" -eq 127 ]
	p exec "$C" /etc/passwd
	[ "$status" -eq 126 ]
	on_terminal 'hello\n' podman exec -it "$C" sh -c 'tty; read a; echo got $a; exit 4'
	[ "$status" -eq 4 ]
	[[ "$output" == *"/dev/pts/"* && "$output" == *"got hello"* ]]
	p logs "$C"
	[[ "$output" == *out* && "$output" == *err* ]]
	p pause "$C"
	[ "$status" -eq 0 ]
	p inspect --format '{{.State.Status}}' "$C"
	succeeds_with paused
	p unpause "$C"
	[ "$status" -eq 0 ]
	p update --memory 80m --pids-limit 60 "$C"
	[ "$status" -eq 0 ]
	p exec "$C" cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max
	succeeds_with $'83886080\n60'
	[ "$(unit_control show -p MemoryMax --value "libpod-$id.scope")" = 83886080 ]
	p stats --no-stream --format '{{.MemUsage}} {{.PIDs}}' "$C"
	[[ "$output" == *"83.89MB 2" || "$output" == *"83.89MB 1" ]]
	p top "$C" pid comm
	[[ "$output" == *sh* ]]
	p stop -t 10 "$C"
	[ "$status" -eq 0 ]
	p inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$C"
	succeeds_with "exited 9"
	p start "$C"
	[ "$status" -eq 0 ]
	p kill "$C"
	[ "$status" -eq 0 ]
	p wait "$C"
	succeeds_with 137
	p rm "$C"
	[ "$status" -eq 0 ]
	[ -z "$(unit_control list-units --all --plain --no-legend "libpod-$id.scope")" ]
}

@test "run -it: a terminal of its size" {
	on_terminal 'hello\n' podman run -it --rm --network none bb sh -c 'tty; stty size; read a; echo got $a; exit 3'
	[ "$status" -eq 3 ]
	[[ "$output" == *"/dev/pts/0"* && "$output" == *"31 71"* && "$output" == *"got hello"* ]]
}

@test "exit codes of run; --log-format=json tells them apart" {
	pr bb no-such-program
	[ "$status" -eq 127 ]
	pr bb /etc/passwd
	[ "$status" -eq 126 ]
	pr bb sh -c 'kill -9 $$; exit 7'
	[ "$status" -eq 7 ]
}

@test "pods: namespaces shared, a cgroup of their own" {
	p pod create --name pod --network none --share net,ipc,uts,pid --hostname inpod
	[ "$status" -eq 0 ]
	p run -d --pod pod --name "$C" bb sleep 1234
	[ "$status" -eq 0 ]
	p run --rm --pod pod bb sh -c 'hostname; ps -o args | grep -c "[s]leep 1234"'
	succeeds_with $'inpod\n1'
	p pod pause pod
	[ "$status" -eq 0 ]
	p pod unpause pod
	p pod stop -t 0 pod
	[ "$status" -eq 0 ]
	p pod rm pod
	[ "$status" -eq 0 ]
}

@test "--userns: keep-id, auto, nomap, a map of its own" {
	if is_root; then
		grep -q '^containers:' /etc/subuid || {
			echo containers:300000:65536 >>/etc/subuid
			echo containers:300000:65536 >>/etc/subgid
		}
		pr --userns auto:size=2000 bb sh -c 'tr -s " " </proc/self/uid_map; id -u'
		[ "$status" -eq 0 ]
		[[ "$output" == " 0 "*" 2000"$'\n0' ]]
	else
		pr --userns keep-id bb sh -c 'id -u; touch /tmp/x && stat -c %u:%g /tmp/x'
		succeeds_with $'1000\n1000:1000'
		pr --userns keep-id:uid=33,gid=44 bb sh -c 'id -u; id -g'
		succeeds_with $'33\n44'
		pr --userns nomap bb id -u
		succeeds_with 0
	fi
	pr --uidmap 0:1:1000 --gidmap 0:1:1000 bb sh -c 'id -u; tr -s " " </proc/self/uid_map'
	succeeds_with $'0\n 0 1 1000'
}

@test "--cgroups: disabled, split, no-conmon" {
	pr --cgroups disabled bb echo no cgroup
	succeeds_with "no cgroup"
	local as_service=(systemd-run --pipe --wait --collect --quiet -p Delegate=yes)
	is_root || as_service+=(--user)
	client "${as_service[@]}" podman run --rm --network none --cgroups split --memory 64m bb \
		cat /proc/self/cgroup /sys/fs/cgroup/memory.max
	succeeds_with $'0::/\n67108864'
	pr --cgroups no-conmon bb true
	[ "$status" -eq 0 ]
}

@test "--cgroup-manager cgroupfs" {
	p --cgroup-manager cgroupfs run --rm --network none --memory 64m bb cat /sys/fs/cgroup/memory.max
	succeeds_with 67108864
	! is_root || "$BATS_TEST_DIRNAME/../remove-libpod-parent"
}

@test "--cgroupns host, --pid host, --ipc host, --uts host" {
	pr --cgroupns host --pid host --uts host --ipc host bb sh -c 'cat /proc/self/cgroup; hostname; test -d /proc/2'
	[ "$status" -eq 0 ]
	[[ "$output" == *"libpod-"*$'\n'"$(hostname)" ]]
}

@test "--read-only, --tmpfs, --shm-size, --privileged, --device, capabilities" {
	pr --read-only --tmpfs /t:rw,size=64k,mode=1777 --shm-size 1m bb sh -c \
		'touch /x; touch /t/x && stat -c %a /t; df -k /t /dev/shm | awk "NR > 1 { print \$2 }"'
	[[ "$output" == *"Read-only file system"*$'1777\n64\n1024' ]]
	pr --privileged bb sh -c 'grep CapEff /proc/self/status; grep Seccomp: /proc/self/status; mount -t tmpfs x /mnt 2>&1 || mkdir /m && mount -t tmpfs x /m'
	[ "$status" -eq 0 ]
	[[ "$output" == *$'Seccomp:\t0'* ]]
	pr --device /dev/fuse --device /dev/net/tun:/dev/some bb sh -c 'ls /dev/fuse /dev/some'
	succeeds_with $'/dev/fuse\n/dev/some'
	pr --cap-drop all --cap-add chown,net_raw bb grep CapEff /proc/self/status
	[[ "$output" == *0000000000002001 ]]
}

@test "AppArmor: Podman's own profile" {
	is_root || skip "Podman gives a user no profile"
	pr bb cat /proc/self/attr/current
	[[ "$output" == "containers-default-"*" (enforce)" ]]
}

@test "volumes: :z, :U, :O, named, idmap, ro, glob of propagation" {
	mkdir v o
	echo content >v/file
	echo under >o/file
	chmod 0755 "$BATS_TEST_TMPDIR" v o
	pr -v "$PWD/v:/v:z,ro" bb sh -c 'cat /v/file; touch /v/x'
	[ "$status" -eq 1 ]
	[[ "$output" == content*"Read-only file system" ]]
	pr -v "$PWD/o:/o:O" bb sh -c 'cat /o/file; echo over >/o/file; cat /o/file'
	succeeds_with $'under\nover'
	[ "$(cat o/file)" = under ]
	pr -v vol:/data bb sh -c 'echo kept >/data/f'
	pr -v vol:/data:ro,noexec,nosuid bb sh -c 'cat /data/f; grep " /data " /proc/self/mounts | cut -d" " -f4 | cut -d, -f1-4'
	[ "$status" -eq 0 ]
	[[ "$output" == kept$'\n'ro,*noexec* ]]
	p volume rm vol
	mkdir u
	pr --user 1000 -v "$PWD/u:/u:U" bb sh -c 'touch /u/x; stat -c %u /u'
	succeeds_with 1000
	if is_root; then
		mkdir i
		pr --uidmap 0:200000:1000 --gidmap 0:200000:1000 -v "$PWD/i:/i:idmap" bb sh -c 'touch /i/x; stat -c %u /i/x'
		succeeds_with 0
		[ "$(stat -c %u i/x)" = 0 ]
	else
		podman unshare chown 0:0 u
	fi
}

@test "--init, --preserve-fds, --systemd=always" {
	pr --init bb sh -c 'cat /proc/1/comm; exit 6'
	[ "$status" -eq 6 ]
	[[ "$output" == catatonit || "$output" == podman-init ]]
	client bash -c 'exec 3<<<"from three" && podman run --rm --network none --preserve-fds 1 bb cat /proc/self/fd/3'
	succeeds_with "from three"
	pr --systemd=always bb sh -c 'grep -c cgroup2 /proc/self/mounts; mkdir /sys/fs/cgroup/sub && rmdir /sys/fs/cgroup/sub && echo writable; stat -fc %T /run; echo $container'
	succeeds_with $'1\nwritable\ntmpfs\npodman'
}

@test "health check" {
	p run -d --name "$C" --network none --health-cmd 'test -e /healthy' --health-interval disable bb sleep 1000
	[ "$status" -eq 0 ]
	p healthcheck run "$C"
	[ "$status" -eq 1 ]
	p exec "$C" touch /healthy
	p healthcheck run "$C"
	[ "$status" -eq 0 ]
	p rm -f -t 0 "$C"
	[ "$status" -eq 0 ]
}

@test "build: RUN as root and as a user, and a step that fails" {
	printf '%s\n' 'FROM localhost/bb' 'RUN id -u >/who && mkdir -m 1777 /w' 'USER someone' \
		'RUN id -u >/w/who' \
		'CMD cat /who /w/who' >Containerfile
	p build -q --network none -t built .
	[ "$status" -eq 0 ]
	pr built
	succeeds_with $'0\n1000'
	printf '%s\n' 'FROM localhost/bb' 'RUN exit 42' >Containerfile
	p build --network none .
	[ "$status" -eq 42 ]
	p rmi -f built
}

@test "kube play, and down" {
	printf '%s\n' 'apiVersion: v1' 'kind: Pod' 'metadata:' '  name: kube' 'spec:' '  hostNetwork: true' \
		'  containers:' '  - name: c' '    image: localhost/bb' '    imagePullPolicy: Never' \
		'    command: [sh, -c, "trap exit TERM; sleep 1000 & wait"]' '    resources: { limits: { memory: 64Mi } }' \
		'    securityContext: { runAsUser: 1000, readOnlyRootFilesystem: true }' >pod.yaml
	p kube play pod.yaml
	[ "$status" -eq 0 ]
	p exec kube-c sh -c 'id -u; cat /sys/fs/cgroup/memory.max; touch /x'
	[[ "$output" == $'1000\n67108864\n'*"Read-only file system" ]]
	p kube down pod.yaml
	[ "$status" -eq 0 ]
}
