#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# An errno that is an answer elsewhere ("there is none") is not taken for one: each call for a file gets it, once.
# Run: OCI_RT=build/oci-rt bats tests/e2e/lifecycle_answers.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	needs strace
	set_args sleep 1000
}
teardown() { container_teardown; }

# once CALL K ERRNO VERB...: the K-th CALL of the runtime's own process fails; 1: it makes no K such calls
once() {
	local call="$1" k="$2" error="$3"
	shift 3
	status=0
	strace -o strace.out -e inject="$call:error=$error:when=$k" "$RT" --root "$ROOT" "$@" \
		</dev/null >out 2>err 3>&- || status=$?
	grep -q INJECTED strace.out
}

# ENOENT may be the answer for the container's directory. What counts then is that it is not forgotten.
@test "delete --force that was told that there is no such file does not forget a container" {
	local call error k n=0
	for call in openat newfstatat; do
		for error in ELOOP ENOTDIR ENOENT; do
			k=1
			start_container
			# the first are the dynamic loader's
			while once "$call" "$k" "$error" delete --force "$ID"; do
				echo "$call $k $error: status $status $(cat err)"
				n=$((n + 1)) k=$((k + 1))
				if [ "$status" -ne 0 ] || [ "$error" = ENOENT ]; then
					rt delete --force "$ID"
					succeeds
				fi
				until_true 2 no_processes_left
				# one that is gone, says the kernel, stays
				[ "$error" != ENOENT ] || find /sys/fs/cgroup -depth -type d -name "$ID" -exec rmdir {} +
				assert_nothing_left
				start_container
			done
			rt delete --force "$ID"
			succeeds
		done
	done
	[ "$n" -ge 20 ]
}

@test "exec that was told ENOENT for a namespace does not run outside of it" {
	local k=1
	edit '.hostname = "of-the-container"'
	start_container
	while once newfstatat "$k" ENOENT exec "$ID" hostname; do
		echo "newfstatat $k: status $status $(cat out err)"
		k=$((k + 1))
		[ "$status" -ne 0 ] || [ "$(cat out)" = of-the-container ]
	done
	[ "$k" -ge 15 ]
}

@test "before Linux 5.12, without mount_setattr, mounts have the same flags" {
	edit '.mounts = [.mounts[] | select(.destination != "/sys/fs/cgroup")] + [{ destination: "/sys/fs/cgroup", type: "cgroup",
		source: "cgroup", options: ["nosuid", "noexec", "nodev", "relatime", "ro"] }]'
	set_args sh -c 'sed "s/^[0-9]* [0-9]* [0-9]*:[0-9]* //; s/ino=[0-9]*//" /proc/self/mountinfo'
	rt run -b "$B" "$ID"
	succeeds
	printf '%s\n' "$output" >expected
	grep -q '/sys/fs/cgroup ro,nosuid,nodev,noexec' expected
	strace -f -o strace.out -e inject=mount_setattr:error=ENOSYS "$RT" --root "$ROOT" run -b "$B" "$ID" >out 2>err
	grep -q INJECTED strace.out
	diff expected out
}
