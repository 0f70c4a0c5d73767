#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Podman and systemd, each below the other: services that are containers and say when they are ready; quadlets;
# containers whose first process is systemd. As root and as alice.

bats_require_minimum_version 1.5.0

load ../../e2e/helpers
load clients

setup_file() {
	needs_vm
	use_runtime_in_podman
}

setup() {
	needs_vm
	C="s$BATS_TEST_NUMBER"
	UNIT="tests-$C.service"
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	[ -z "${BATS_TEST_COMPLETED:-}" ] || return 0
	podman rm -fa -t 0 >/dev/null 2>&1 || true
	unit_control stop "$UNIT" 2>/dev/null || true
	unit_control reset-failed "$UNIT" 2>/dev/null || true
}

p() {
	client podman "$@"
}

unit_is() {
	[ "$(unit_control show -p ActiveState --value "$UNIT")" = "$1" ]
}

is_made() {
	[ -e "$1" ]
}

# notify_service MODE PODMAN-OPTION... : a unit that is active when the container, or conmon, has said so
notify_service() {
	local mode="$1" as=(systemd-run --no-block --collect --quiet --unit "$UNIT" -p Type=notify -p NotifyAccess=all
		-p Delegate=yes -p TimeoutStartSec=100)
	shift
	is_root || as+=(--user)
	"${as[@]}" podman run --rm --name "$C" --network none --sdnotify "$mode" "$@"
}

# The image has no program that could send the message: the host's, with its libraries.
HOST_PROGRAMS=(-v /usr:/usr:ro -v /usr/lib:/lib:ro -v /usr/lib64:/lib64:ro)

@test "--sdnotify container: the unit is ready when the container says so" {
	mkdir v
	notify_service container -v "$PWD/v:/v" "${HOST_PROGRAMS[@]}" bb sh -c 'touch /v/started
		until [ -e /v/go ]; do sleep 0.1; done
		/usr/bin/systemd-notify --ready --status="from inside"
		trap "exit 0" TERM; sleep 1000 & wait'
	until_true 60 is_made v/started
	unit_is activating
	touch v/go
	until_true 60 unit_is active
	[ "$(unit_control show -p StatusText --value "$UNIT")" = "from inside" ]
	p stop -t 20 "$C"
	[ "$status" -eq 0 ]
	until_true 20 unit_is inactive
}

@test "--sdnotify conmon: the unit is ready when the container runs" {
	notify_service conmon bb sh -c '[ -z "$NOTIFY_SOCKET" ] || exit 1; trap "exit 0" TERM; sleep 1000 & wait'
	until_true 60 unit_is active
	p inspect --format '{{.State.Status}}' "$C"
	succeeds_with running
	p stop -t 20 "$C"
	[ "$status" -eq 0 ]
	until_true 20 unit_is inactive
}

@test "quadlet: a unit from a file: limits, logs, gone when stopped" {
	local dir="$HOME/.config/containers/systemd"
	! is_root || dir=/etc/containers/systemd
	mkdir -p "$dir"
	# without the dependencies there is no wait for a network
	printf '%s\n' '[Quadlet]' 'DefaultDependencies=false' '[Container]' 'Image=localhost/bb' 'Network=none' \
		"Exec=sh -c \"echo from the quadlet; trap 'exit 0' TERM; sleep 1000 & wait\"" "ContainerName=$C" 'ReadOnly=true' \
		'PodmanArgs=--memory=64m' >"$dir/tests-$C.container"
	unit_control daemon-reload
	unit_control start "$UNIT"
	unit_is active
	p exec "$C" sh -c 'cat /sys/fs/cgroup/memory.max; touch /x 2>/dev/null || echo read-only'
	succeeds_with $'67108864\nread-only'
	p logs "$C"
	succeeds_with "from the quadlet"
	unit_control stop "$UNIT"
	unit_is inactive
	p ps -aq
	succeeds_with ""
	rm "$dir/tests-$C.container"
	unit_control daemon-reload
}

# A root whose programs are the machine's own /usr; systemd finds in it a unit of ours, and little more.
make_system() {
	local dir
	mkdir -p system/{etc/systemd/system/multi-user.target.wants,var/log,run,tmp,proc,sys,dev,usr,root}
	for dir in bin sbin lib lib64; do
		ln -s "usr/$dir" "system/$dir"
	done
	cp /etc/{passwd,group,nsswitch.conf} system/etc/
	# not a first boot
	echo 0123456789abcdef0123456789abcdef >system/etc/machine-id
	for dir in console-getty systemd-hwdb-update ldconfig systemd-journal-catalog-update systemd-update-done systemd-logind \
		systemd-sysusers; do
		ln -s /dev/null "system/etc/systemd/system/$dir.service"
	done
	ln -s /usr/lib/systemd/system/multi-user.target system/etc/systemd/system/default.target
	printf '%s\n' '[Service]' 'MemoryMax=32M' 'ExecStart=/bin/sh -c "cat /proc/self/cgroup >/var/hello; exec sleep 100000"' \
		>system/etc/systemd/system/hello.service
	ln -s ../hello.service system/etc/systemd/system/multi-user.target.wants/hello.service
}

has_said_hello() {
	[ -s system/var/hello ]
}

@test "--systemd=always: systemd boots, has units with limits, and shuts down when stopped" {
	make_system
	p run -d --name "$C" --network none --systemd=always -v /usr:/usr:ro --rootfs "$PWD/system" /usr/lib/systemd/systemd
	[ "$status" -eq 0 ]
	# what is executed before systemd has gone to init.scope stands where it may not, and keeps it from limits
	until_true 100 has_said_hello
	p exec "$C" systemctl is-system-running --wait
	[[ "$output" == running || "$output" == degraded ]]
	p exec "$C" sh -c 'cat /proc/1/cgroup /var/hello; systemctl show -p ActiveState --value hello
		cat /sys/fs/cgroup/system.slice/hello.service/memory.max'
	[ "$status" -eq 0 ]
	[ "${lines[*]}" = "0::/init.scope 0::/system.slice/hello.service active 33554432" ]
	p stop -t 60 "$C"
	[ "$status" -eq 0 ]
	p inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$C"
	[[ "$output" == "exited "* ]]
	not [ "$output" = "exited 137" ]
	p rm "$C"
	[ "$status" -eq 0 ]
}
