#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Podman as the client, as root and as an ordinary user.
# Run as root: OCI_RT=build/oci-rt bats tests/clients/podman.bats
# To see what the tests are worth: PODMAN_RUNTIME=/usr/sbin/runc PODMAN_USERS=root bats ...

bats_require_minimum_version 1.5.0

load ../e2e/helpers

RUNTIME="${PODMAN_RUNTIME:-$RT}"
# the machine's hard limits may be lower than Podman's defaults, and not ours to raise
RUN=(--ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --network none)

setup_file() {
	user_setup_file podman conmon || return 0
	export PODMAN_USERS="${PODMAN_USERS:-root user}"
	install -d -m 0755 "$USER_DIR/bin"
	install -m 0755 "$(command -v "$RUNTIME")" "$USER_DIR/bin/"
	tar -C "$(rootfs_template)" -cf "$USER_DIR/image.tar" .
	chmod 0644 "$USER_DIR/image.tar"
	local who
	for who in $PODMAN_USERS; do
		podman_as import -q "$USER_DIR/image.tar" localhost/bb 3>&- >/dev/null
	done
}

teardown_file() {
	local who
	[ -n "$USER_DIR" ] || return 0
	for who in $PODMAN_USERS; do
		podman_as rm -fa -t 0 >/dev/null 2>&1 || true
		podman_as rmi -fa >/dev/null 2>&1 || true
	done
	# the user's namespace, which keeps its storage alive
	[ ! -e "$USER_DIR/run/libpod/tmp/pause.pid" ] ||
		kill -KILL "$(cat "$USER_DIR/run/libpod/tmp/pause.pid")"
	umount "$USER_DIR"/root/storage/overlay 2>/dev/null || true
	"$BATS_TEST_DIRNAME/remove-libpod-parent"
	user_teardown_file
}

setup() {
	user_setup
	cd "$USER_DIR/tests"
}

# podman_as ARGUMENT...: as $who, on a storage of the tests' own
podman_as() {
	local options=(--runtime "$USER_DIR/bin/$(basename "$RUNTIME")" --cgroup-manager cgroupfs
		--events-backend file --storage-driver overlay)
	case "$who" in
	root) env -u XDG_RUNTIME_DIR podman "${options[@]}" --root "$USER_DIR/root/storage" \
		--runroot "$USER_DIR/root/run" --tmpdir "$USER_DIR/root/tmp" "$@" ;;
	user) (cd "$USER_DIR/home" && as_user podman "${options[@]}" "$@") ;;
	esac
}

# p ARGUMENT...: as `run` does, which has its own opinion of status 127
p() {
	status=0
	output="$(podman_as "$@" 2>&1 3>&-)" || status=$?
	mapfile -t lines <<<"$output"
	echo "podman $1: $status ${output:0:500}"
}

# pr ARGUMENT...: podman run --rm with the options that every container gets
pr() {
	p run --rm "${RUN[@]}" "$@"
}

# A container that lives on: its id in $c
live() {
	p run -d "${RUN[@]}" "$@"
	[ "$status" -eq 0 ]
	c="${lines[-1]}"
}

each() {
	local who c
	for who in $PODMAN_USERS; do
		echo "as $who"
		c=
		"$@"
		p ps -aq
		[ -z "$output" ]
		[ -z "$c" ] || [ -z "$(find /sys/fs/cgroup -name "*$c*")" ]
	done
}

only_root() {
	[[ " $PODMAN_USERS " == *" root "* ]] || skip "needs root among PODMAN_USERS"
	local PODMAN_USERS=root
	each "$@"
}

@test "run: output, input, exit codes" {
	exit_codes() {
		pr localhost/bb echo hello
		prints hello
		pr localhost/bb sh -c 'exit 42'
		[ "$status" -eq 42 ]
		pr localhost/bb sh -c 'kill -9 $$; echo init'
		prints init
		run bash -c 'echo in | "$@"' - env bash -c "$(declare -p RUN RUNTIME USER_DIR who TEST_USER)
			$(declare -f podman_as as_user); podman_as run --rm -i \"\${RUN[@]}\" localhost/bb cat" 3>&-
		prints in
		pr localhost/bb no-such-program
		[ "$status" -eq 127 ]
		pr localhost/bb /no/such/program
		[ "$status" -eq 127 ]
		pr localhost/bb /etc/passwd
		[ "$status" -eq 126 ]
		pr --workdir /etc/passwd localhost/bb true
		[ "$status" -ne 0 ]
		pr --frobnicate localhost/bb true
		[ "$status" -eq 125 ]
	}
	each exit_codes
}

@test "run -it, exec -it: a terminal" {
	needs "$PYTHON"
	terminal() {
		on_terminal run -it --rm "${RUN[@]}" localhost/bb sh -c 'tty; stty size; read a; echo got $a; exit 3'
		[ "$status" -eq 3 ]
		[[ "$output" == *"/dev/pts/0"* && "$output" == *"got hello" ]]
		live localhost/bb sleep 1000
		on_terminal exec -it "$c" sh -c 'tty; read a; echo got $a; exit 4'
		[ "$status" -eq 4 ]
		[[ "$output" == *"/dev/pts/"* && "$output" == *"got hello" ]]
		p rm -f -t 0 "$c"
	}
	on_terminal() {
		local code
		code="$(declare -p RUNTIME USER_DIR who TEST_USER); $(declare -f podman_as as_user); echo ready; podman_as \"\$@\""
		run timeout 30 "$PYTHON" "$BATS_TEST_DIRNAME/../e2e/terminal.py" run 31x71 'hello\n' \
			bash -c "$code" - "$@" 3>&-
		output="${output//$'\r'/}"
		echo "$status $output"
	}
	each terminal
}

@test "exec: exit codes, user, environment, directory, detached" {
	exec_() {
		live localhost/bb sleep 1000
		p exec "$c" sh -c 'exit 7'
		[ "$status" -eq 7 ]
		p exec "$c" no-such-program
		[ "$status" -eq 127 ]
		p exec "$c" /etc/passwd
		[ "$status" -eq 126 ]
		p exec -u 1000:1000 -e A=1 -w /tmp "$c" sh -c 'id -u; echo $A; pwd; echo $HOME'
		prints $'1000\n1\n/tmp\n/home/someone'
		p exec -d "$c" sh -c 'echo x >/detached; sleep 1000'
		until_true 5 podman_as exec "$c" test -e /detached
		p exec --privileged "$c" true
		[ "$status" -eq 0 ]
		p top "$c" pid args
		[[ "$output" == *"sleep 1000"*"sleep 1000"* ]]
		p rm -f -t 0 "$c"
		[ "$status" -eq 0 ]
	}
	each exec_
}

@test "logs, inspect, wait" {
	logs() {
		live --annotation a.b=c localhost/bb sh -c 'echo one; echo two >&2; exit 5'
		p wait "$c"
		prints 5
		p logs "$c"
		[[ "$output" == *one* && "$output" == *two* ]]
		p inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}' "$c"
		prints "exited 5 0"
		p rm "$c"
		live localhost/bb sleep 1000
		p inspect --format '{{.State.Status}} {{.OCIRuntime}}' "$c"
		[[ "$output" == "running "* ]]
		p rm -f -t 0 "$c"
	}
	each logs
}

@test "stop, kill, restart, rm -f" {
	stopping() {
		live localhost/bb sh -c 'trap "exit 9" TERM; while :; do sleep 0.05; done'
		sleep 0.3
		p stop -t 10 "$c"
		[ "$status" -eq 0 ]
		p inspect --format '{{.State.ExitCode}}' "$c"
		prints 9
		p restart "$c"
		[ "$status" -eq 0 ]
		p inspect --format '{{.State.Status}}' "$c"
		prints running
		p kill "$c"
		[ "$status" -eq 0 ]
		p wait "$c"
		prints 137
		p rm "$c"
		live localhost/bb sh -c 'sleep 1000 & sleep 1000 & wait'
		p stop -t 0 "$c"
		[ "$status" -eq 0 ]
		p start "$c"
		[ "$status" -eq 0 ]
		p rm -f -t 0 "$c"
		[ "$status" -eq 0 ]
	}
	each stopping
}

@test "pause and unpause, --memory, --pids-limit, update of nothing (root)" {
	limits() {
		live --memory 64m --pids-limit 50 --cpu-shares 300 localhost/bb sleep 1000
		local dir
		if [ -d /sys/fs/cgroup/memory ]; then
			dir="$(find /sys/fs/cgroup/memory -type d -name "*$c*" | head -n 1)"
			[ "$(cat "$dir/memory.limit_in_bytes")" = 67108864 ]
			dir="$(find /sys/fs/cgroup/pids -type d -name "*$c*" | head -n 1)"
			[ "$(cat "$dir/pids.max")" = 50 ]
			dir="$(find /sys/fs/cgroup/cpu -type d -name "*$c*" | head -n 1)"
			[ "$(cat "$dir/cpu.shares")" = 300 ]
		fi
		p pause "$c"
		[ "$status" -eq 0 ]
		p inspect --format '{{.State.Status}}' "$c"
		prints paused
		p unpause "$c"
		[ "$status" -eq 0 ]
		p exec "$c" echo alive
		prints alive
		p pause "$c"
		p rm -f -t 0 "$c"
		[ "$status" -eq 0 ]
	}
	only_root limits
}

@test "--init" {
	[ -x /usr/libexec/podman/catatonit ] || [ -x /usr/bin/catatonit ] || skip "needs catatonit"
	init() {
		local path=/usr/libexec/podman/catatonit
		[ -x "$path" ] || path=/usr/bin/catatonit
		pr --init --init-path "$path" localhost/bb sh -c 'cat /proc/1/comm; exit 6'
		[ "$status" -eq 6 ]
		[ "$output" = catatonit ] || [ "$output" = podman-init ]
	}
	each init
}

@test "volumes: read-only, a file, written to; cp" {
	volumes() {
		local v="$USER_DIR/tests/v-$who"
		rm -rf "$v"
		mkdir "$v"
		echo content >"$v/file"
		chmod 0777 "$v"
		[ "$who" = root ] || chmod 0711 "$USER_DIR/tests"
		pr -v "$v:/v:ro" localhost/bb sh -c 'cat /v/file; touch /v/x'
		[ "$status" -eq 1 ]
		[[ "$output" == content*"Read-only file system" ]]
		pr -v "$v:/v" localhost/bb touch /v/made
		[ -e "$v/made" ]
		pr -v "$v/file:/etc/some/file:ro" localhost/bb cat /etc/some/file
		prints content
		live -v vol:/data localhost/bb sh -c 'echo kept >/data/f; sleep 1000'
		p cp "$v/file" "$c:/copied"
		[ "$status" -eq 0 ]
		p exec "$c" cat /copied
		prints content
		p rm -f -t 0 "$c"
		pr -v vol:/data localhost/bb cat /data/f
		prints kept
		p volume rm vol
	}
	each volumes
}

@test "user, workdir, env, hostname, ulimit" {
	who_where() {
		pr --user 1000:1000 --group-add 7 --workdir /tmp --env A=1 --hostname some localhost/bb \
			sh -c 'id -u; id -g; id -G; pwd; echo $A; hostname; echo $HOME'
		prints $'1000\n1000\n1000 7\n/tmp\n1\nsome\n/home/someone'
		pr --user someone localhost/bb id -un
		prints someone
		pr --ulimit nofile=100:200 localhost/bb sh -c 'ulimit -n; ulimit -Hn'
		[[ "$output" == *$'100\n200' ]]
	}
	each who_where
}

@test "read-only, tmpfs, shm" {
	readonly_() {
		pr --read-only --tmpfs /t:rw,size=64k,mode=1777 localhost/bb sh -c \
			'touch /x; touch /t/x && stat -c %a /t; df -k /t | tail -n 1 | tr -s " " | cut -d" " -f2'
		[[ "$output" == *"Read-only file system"*$'1777\n64' ]]
		pr --shm-size 1m localhost/bb sh -c 'df -k /dev/shm | tail -n 1 | tr -s " " | cut -d" " -f2'
		prints 1024
	}
	each readonly_
}

caps_eff() {
	awk '/^CapEff/ { print $2 }' <<<"$output"
}

@test "capabilities, privileged, seccomp, no-new-privileges" {
	security() {
		pr --cap-drop all --cap-add chown localhost/bb cat /proc/self/status
		[ "$(caps_eff)" = 0000000000000001 ]
		[[ "$output" == *$'Seccomp:\t2'* ]]
		pr --security-opt seccomp=unconfined localhost/bb cat /proc/self/status
		[[ "$output" == *$'Seccomp:\t0'* ]]
		pr --privileged localhost/bb cat /proc/self/status
		[ "$status" -eq 0 ]
		# what is there to be had: CAP_SYS_ADMIN at least
		[ $((0x$(caps_eff) >> 21 & 1)) -eq 1 ]
		pr --security-opt no-new-privileges localhost/bb cat /proc/self/status
		[[ "$output" == *$'NoNewPrivs:\t1'* ]]
		echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"],
			"action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}' >"$USER_DIR/seccomp.json"
		chmod 0644 "$USER_DIR/seccomp.json"
		pr --security-opt seccomp="$USER_DIR/seccomp.json" localhost/bb mkdir /x
		[ "$output" = "mkdir: can't create directory '/x': No space left on device" ]
		# Podman's own profile holds
		pr localhost/bb unshare -m true
		[ "$status" -ne 0 ]
		pr localhost/bb cat /proc/keys
		prints ""
	}
	each security
}

@test "devices" {
	[ -c /dev/fuse ] || skip "this host has no /dev/fuse"
	chmod_fuse() { :; }
	devices() {
		pr --device /dev/fuse localhost/bb stat -c '%F %t:%T' /dev/fuse
		prints "character special file a:e5"
		pr localhost/bb ls /dev/fuse
		[ "$status" -eq 1 ]
	}
	each devices
}

@test "sharing namespaces: pid and ipc of another container, the host's" {
	sharing() {
		live --hostname first --ipc shareable localhost/bb sleep 1234
		pr --pid "container:$c" --ipc "container:$c" localhost/bb ps -o args
		[[ "$output" == *"sleep 1234"* ]]
		pr --uts host localhost/bb hostname
		prints "$(hostname)"
		p rm -f -t 0 "$c"
	}
	each sharing
}

@test "a userns of its own (root)" {
	# crun 1.8 chowns its standard descriptors to the container's root: conmon's is the host's /dev/null
	[ "$(basename "$RUNTIME")" != crun ] || skip "crun would give the host's /dev/null away"
	own() {
		local before
		before="$(stat -c %u:%g /dev/null)"
		pr --uidmap 0:200000:5000 --gidmap 0:200000:5000 localhost/bb sh -c 'tr -s " " </proc/self/uid_map; id -u'
		prints $' 0 200000 5000\n0'
		[ "$(stat -c %u:%g /dev/null)" = "$before" ]
	}
	only_root own
}

@test "twelve at once" {
	many() {
		local i pids=()
		for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
			podman_as run --rm "${RUN[@]}" localhost/bb sh -c "exit $i" 3>&- &
			pids+=($!)
		done
		for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
			wait "${pids[i - 1]}" && false || [ "$?" -eq "$i" ]
		done
	}
	each many
}
