#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The same tests of mounts and hostile images where openat2 is missing or refused: the walker that
# stands in for it (src/fsroot) must give the same answers.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_openat2.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	needs_root
	needs "$PYTHON"
	common_setup
}
teardown() { common_teardown; }

wrapper() {
	cat >oci-rt <<-SH
		#!/bin/sh
		exec $PYTHON "$BATS_TEST_DIRNAME/without_openat2.py" $1 "$RT" "\$@"
	SH
	chmod +x oci-rt
}

@test "the wrapper does what it says" {
	local error
	for error in ENOSYS EPERM; do
		wrapper $error
		run ./oci-rt --version
		succeeds
		run "$PYTHON" "$BATS_TEST_DIRNAME/without_openat2.py" $error "$PYTHON" -c \
			'import ctypes; c = ctypes.CDLL(None, use_errno=True); print(c.syscall(437, 0, 0, 0, 0), ctypes.get_errno())'
		prints "-1 $([ $error = EPERM ] && echo 1 || echo 38)"
	done
}

# The tests of a file, in a bats of their own.
again() {
	wrapper "$1"
	run env -u BATS_RUN_TMPDIR OCI_RT="$PWD/oci-rt" bats -F tap "$BATS_TEST_DIRNAME/$2" 3>&-
	grep -v '^ok' <<<"$output"
	[ "$status" -eq 0 ]
}

@test "hostile images, EPERM" { again EPERM ../hostile/images.bats; }
@test "mounts, ENOSYS" { again ENOSYS config_mounts.bats; }
