#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Docker: as root with the system's daemon; as alice with a rootless one of her own, inside RootlessKit's namespaces.
# RUNTIME is the daemon's default runtime, and BuildKit's.

bats_require_minimum_version 1.5.0

load ../../e2e/helpers
load clients

daemon_json() {
	printf '{"runtimes": {"tested": {"path": "%s"}}, "default-runtime": "tested", "live-restore": %s}\n' \
		"$RUNTIME_PATH" "$1"
}

has_daemon() {
	docker info >/dev/null 2>&1
}

setup_file() {
	needs_vm
	if is_root; then
		mkdir -p /etc/docker /run/systemd/system/docker.service.d
		daemon_json true >/etc/docker/daemon.json
		printf '%s\n' '[Service]' "Environment=DOCKER_BUILDKIT_RUNC_COMMAND=$RUNTIME_PATH" \
			>/run/systemd/system/docker.service.d/tests.conf
		systemctl daemon-reload
		systemctl start docker
	else
		# live-restore is not for rootless
		mkdir -p "$HOME/.config/docker"
		daemon_json false >"$HOME/.config/docker/daemon.json"
		systemd-run --user --unit docker --quiet -p Delegate=yes -p KillMode=mixed \
			-E "DOCKER_BUILDKIT_RUNC_COMMAND=$RUNTIME_PATH" -E DOCKERD_ROOTLESS_ROOTLESSKIT_NET=slirp4netns \
			-E PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/share/docker.io/contrib/dockerd-rootless.sh
		export DOCKER_HOST="unix://$XDG_RUNTIME_DIR/docker.sock"
	fi
	until_true 90 has_daemon
	docker import "$IMAGE_TAR" bb 3>&- >/dev/null
}

teardown_file() {
	docker rm -f $(docker ps -aq) >/dev/null 2>&1 || true
	if is_root; then
		systemctl stop docker.socket docker.service containerd.service
		umount /run/docker/netns/default || true # left by Docker itself
	else
		systemctl --user stop docker.service
	fi
}

setup() {
	needs_vm
	C="c$BATS_TEST_NUMBER"
	cd "$BATS_TEST_TMPDIR"
}

# A test that passes has removed what it made: a call costs a second and more under emulation.
teardown() {
	[ -n "${BATS_TEST_COMPLETED:-}" ] || docker rm -f "$C" >/dev/null 2>&1 || true
}

d() {
	client docker "$@"
}

dr() {
	d run --rm --network none "$@"
}

@test "the daemon's default runtime; systemd's cgroups" {
	d info --format '{{.DefaultRuntime}} {{.CgroupDriver}} {{.CgroupVersion}}'
	succeeds_with "tested systemd 2"
}

@test "run: limits, read back inside" {
	dr --memory 64m --memory-reservation 32m --pids-limit 50 --cpus 0.5 --cpuset-cpus 0 bb sh -c \
		'cd /sys/fs/cgroup; cat memory.max memory.low pids.max cpu.max cpuset.cpus; cat /proc/self/cgroup'
	succeeds_with $'67108864\n33554432\n50\n50000 100000\n0\n0::/'
}

@test "exit codes: the program's, 126, 127" {
	dr --runtime tested bb sh -c 'exit 42'
	[ "$status" -eq 42 ]
	dr bb no-such-program
	[ "$status" -eq 127 ]
	dr bb /etc/passwd
	[ "$status" -eq 126 ]
}

@test "R14, R15: a life: exec, exec -it, logs, pause, update, stats, top, restart, stop with its signal, kill" {
	d run -d --name "$C" --network none --memory 64m --stop-signal USR1 bb sh -c \
		'echo out; echo err >&2; trap "exit 9" USR1; sleep 1000 & wait'
	[ "$status" -eq 0 ]
	d exec -e A=1 -w /tmp --user 1000:1000 "$C" sh -c 'id -u; id -g; echo $A; pwd; cat /proc/self/cgroup'
	succeeds_with $'1000\n1000\n1\n/tmp\n0::/'
	d exec "$C" no-such-program
	[[ "$status" -eq 126 || "$status" -eq 127 ]] # which, is Docker's version
	[[ "$output" == *"executable file"*"not found"* ]]
	d exec "$C" sh -c 'exit 7'
	[ "$status" -eq 7 ]
	on_terminal 'hello\n' docker exec -it "$C" sh -c 'tty; read a; echo got $a; exit 4'
	[ "$status" -eq 4 ]
	[[ "$output" == *"/dev/pts/"* && "$output" == *"got hello"* ]]
	d logs "$C"
	[[ "$output" == *out* && "$output" == *err* ]]
	d pause "$C"
	[ "$status" -eq 0 ]
	d inspect --format '{{.State.Status}}' "$C"
	succeeds_with paused
	d unpause "$C"
	[ "$status" -eq 0 ]
	d update --memory 80m --memory-swap -1 --pids-limit 60 "$C"
	[ "$status" -eq 0 ]
	d exec "$C" cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max
	succeeds_with $'83886080\n60'
	d stats --no-stream --format '{{.MemUsage}}' "$C"
	[[ "$output" == *"/ 80MiB" ]]
	d top "$C" -o pid,comm
	[[ "$output" == *sh* ]]
	d restart -t 5 "$C"
	[ "$status" -eq 0 ]
	d stop -t 10 "$C"
	d inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$C"
	succeeds_with "exited 9"
	d start "$C"
	[ "$status" -eq 0 ]
	d kill "$C"
	d wait "$C"
	succeeds_with 137
	d rm "$C"
	[ "$status" -eq 0 ]
}

@test "run -it" {
	on_terminal 'hello\n' docker run -it --rm --network none bb sh -c 'tty; read a; echo got $a; exit 3'
	[ "$status" -eq 3 ]
	[[ "$output" == *"/dev/pts/0"* && "$output" == *"got hello"* ]]
}

@test "--read-only, --tmpfs, --shm-size, --init, --user, --device, volumes, capabilities" {
	mkdir v
	echo content >v/file
	dr --read-only --tmpfs /t:rw,size=64k,mode=1777 --shm-size 1m --init -v "$PWD/v:/v:ro" --device /dev/fuse bb sh -c \
		'exec 2>&1; touch /x; touch /v/x; cat /v/file; stat -c %a /t; df -k /t /dev/shm | awk "NR > 1 { print \$2 }"
		cat /proc/1/comm; ls /dev/fuse'
	[ "$status" -eq 0 ]
	[[ "$output" == *"Read-only file system"*"Read-only file system"*$'content\n1777\n64\n1024\ndocker-init\n/dev/fuse' ]]
	dr --user 1000:1000 --cap-drop all --security-opt no-new-privileges bb sh -c \
		'id -u; grep -E "CapEff|NoNewPrivs|Seccomp:" /proc/self/status | tr -d "\t"'
	succeeds_with $'1000\nCapEff:0000000000000000\nNoNewPrivs:1\nSeccomp:2'
	dr --privileged bb sh -c 'mkdir /m && mount -t tmpfs x /m && grep Seccomp: /proc/self/status | tr -d "\t"'
	succeeds_with Seccomp:0
}

@test "another container's namespaces, the host's, and a network" {
	d run -d --name "$C" --ipc shareable bb sleep 1234
	[ "$status" -eq 0 ]
	d run --rm --pid "container:$C" --network "container:$C" --ipc "container:$C" bb sh -c \
		'ps -o args | grep -c "[s]leep 1234"; ip -o link | grep -c eth0'
	succeeds_with $'1\n1'
	d run --rm --network host --pid host --uts host bb hostname
	[ "$status" -eq 0 ]
	d rm -f "$C"
}

@test "AppArmor: Docker's own profile" {
	is_root || skip "a rootless daemon has no profile"
	dr bb cat /proc/self/attr/current
	succeeds_with "docker-default (enforce)"
}

@test "live-restore: a container outlives its daemon, which finds it again" {
	is_root || skip "rootless Docker has none"
	d run -d --name "$C" --network none bb sleep 1000
	d inspect --format '{{.State.Pid}}' "$C"
	local pid="$output"
	systemctl restart docker
	until_true 60 has_daemon
	d inspect --format '{{.State.Pid}}' "$C"
	succeeds_with "$pid"
	d exec "$C" echo alive
	succeeds_with alive
	d rm -f "$C"
	[ "$status" -eq 0 ]
}

@test "a container that runs out of memory is told so" {
	d run --name "$C" --network none --memory 16m --memory-swap 16m bb sh -c \
		'sleep 1; exec dd if=/dev/zero of=/dev/null bs=64M count=1'
	[ "$status" -eq 137 ]
	d inspect --format '{{.State.OOMKilled}}' "$C"
	succeeds_with true
	d rm "$C"
	[ "$status" -eq 0 ]
}

containerfile() {
	printf '%s\n' 'FROM bb' 'RUN id -u >/who && mkdir -m 1777 /w' 'USER someone' 'RUN id -u >/w/who' \
		'CMD cat /who /w/who' >Dockerfile
}

@test "build, the classic one" {
	containerfile
	DOCKER_BUILDKIT=0 d build -q --network none -t built .
	[ "$status" -eq 0 ]
	dr built
	succeeds_with $'0\n1000'
	d rmi -f built
}

@test "build, BuildKit" {
	containerfile
	DOCKER_BUILDKIT=1 d build --network none -t built .
	[ "$status" -eq 0 ]
	dr built
	succeeds_with $'0\n1000'
	printf '%s\n' 'FROM bb' 'RUN exit 42' >Dockerfile
	DOCKER_BUILDKIT=1 d build --network none .
	[[ "$output" == *"exit code: 42"* ]]
	d rmi -f built
}

@test "R14: compose: two services, one in the other's network; exec, restart, down" {
	needs docker-compose
	cat >compose.yaml <<-'FILE'
		name: project
		services:
		  one:
		    image: bb
		    runtime: tested
		    command: sleep 1000
		    networks: [net]
		    mem_limit: 64m
		    init: true
		  two:
		    image: bb
		    runtime: tested
		    command: sh -c 'ip -o link | grep -c eth0; exec sleep 1000'
		    network_mode: service:one
		    depends_on: [one]
		    read_only: true
		    stop_signal: SIGKILL
		networks:
		  net: { internal: true }
	FILE
	client docker-compose up -d --pull never
	[ "$status" -eq 0 ]
	client docker-compose exec -T one cat /sys/fs/cgroup/memory.max
	succeeds_with 67108864
	client docker-compose exec -T two sh -c 'touch /x 2>/dev/null || echo read-only; ip -o link | grep -c eth0'
	succeeds_with $'read-only\n1'
	client docker-compose restart -t 0 two
	[ "$status" -eq 0 ]
	d logs project-two-1
	succeeds_with $'1\n1'
	client docker-compose down -t 0
	[ "$status" -eq 0 ]
	d ps -aq
	succeeds_with ""
}
