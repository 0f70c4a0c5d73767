#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Podman with systemd's cgroups, as root and as an ordinary user with a manager of its own. Runs as root,
# where systemd is the first process.

bats_require_minimum_version 1.5.0

load ../e2e/helpers
load ../e2e/systemd

runtime_dir() {
	echo "/run/user/$(id -u "$TEST_USER")"
}

has_bus() {
	[ -S "$(runtime_dir)/bus" ]
}

setup_file() {
	is_run_by_systemd || return 0
	user_setup_file podman conmon loginctl || return 0
	loginctl enable-linger "$TEST_USER"
	until_true 60 has_bus
	cp -a "$(rootfs_template)" "$USER_DIR/root-of-root"
	cp -a "$(rootfs_template)" "$USER_DIR/root-of-user"
	chown -R "$TEST_USER:" "$USER_DIR/root-of-user"
	install -d -m 0700 "$USER_DIR/root"
}

teardown_file() {
	[ -n "$USER_DIR" ] || return 0
	loginctl disable-linger "$TEST_USER"
	systemctl stop "user@$(id -u "$TEST_USER").service" "user-$(id -u "$TEST_USER").slice" || true
	umount "$USER_DIR"/root/storage/overlay 2>/dev/null || true
	user_teardown_file
}

setup() {
	needs_systemd
	user_setup
}

teardown() {
	[ -z "$C" ] || podman_as rm -f -t 0 "$C"
}

# as_root, as_the_user: who the test is
as_root() {
	WHO=root OF_USER=() SLICE=/machine.slice
}

as_the_user() {
	WHO=user OF_USER=(as_user env XDG_RUNTIME_DIR="$(runtime_dir)")
	SLICE="/user.slice/user-$(id -u "$TEST_USER").slice/user@$(id -u "$TEST_USER").service/user.slice"
}

podman_as() {
	local options=(--runtime "$USER_DIR/oci-rt" --cgroup-manager systemd --events-backend file)
	case "$WHO" in
	root) env -u XDG_RUNTIME_DIR podman "${options[@]}" --root "$USER_DIR/root/storage" \
		--runroot "$USER_DIR/root/run" --tmpdir "$USER_DIR/root/tmp" "$@" ;;
	user) (cd "$USER_DIR/home" && "${OF_USER[@]}" podman "${options[@]}" "$@") ;;
	esac
}

p() {
	status=0
	output="$(podman_as "$@" 2>&1 3>&-)" || status=$?
	echo "podman $1: $status ${output:0:500}"
}

limits_hold() {
	p run --rm --network none --memory 64m --pids-limit 50 --rootfs "$USER_DIR/root-of-$WHO" \
		cat /proc/self/cgroup /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max
	[ "$status" -eq 0 ]
	[ "$output" = $'0::/\n67108864\n50' ]
}

life() {
	p run -d --network none --memory 64m --rootfs "$USER_DIR/root-of-$WHO" sleep 1000
	[ "$status" -eq 0 ]
	C="${output##*$'\n'}"
	local unit="libpod-$C.scope"
	property_is "$unit" ControlGroup "$SLICE/$unit"
	property_is "$unit" MemoryMax 67108864
	p exec "$C" cat /proc/self/cgroup
	[ "$status" -eq 0 ]
	[ "$output" = 0::/ ]
	p update --memory 80m "$C"
	# Podman before 4.5 has no update
	[ "$status" -ne 0 ] || property_is "$unit" MemoryMax 83886080
	p pause "$C"
	[ "$status" -eq 0 ]
	p unpause "$C"
	[ "$status" -eq 0 ]
	p rm -f -t 0 "$C"
	[ "$status" -eq 0 ]
	C=
	until_true 5 no_unit "$unit"
}

@test "root: run with limits" {
	as_root
	limits_hold
}

@test "root: a container's life, in its unit" {
	as_root
	life
}

@test "user: run with limits" {
	as_the_user
	limits_hold
}

@test "user: a container's life, in its unit" {
	as_the_user
	life
}
