#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A criu that does not do what it should; needs none that works. Run: OCI_RT=build/oci-rt bats tests/e2e/checkpoint_faults.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	set_args sleep 1000
}
teardown() { container_teardown; }

@test "a criu that talks nonsense and does not end is ended" {
	local start=$SECONDS
	needs python3
	mkdir bin
	cat >bin/criu <<-SH
		#!$PYTHON
		import os, signal, sys, time
		os.write(int(sys.argv[2]), b"nonsense")
		open("$BATS_TEST_TMPDIR/criu.pid", "w").write(str(os.getpid()))
		time.sleep(1000)
	SH
	chmod +x bin/criu
	start_container
	status=0
	PATH="$PWD/bin:$PATH" "$RT" --root "$ROOT" checkpoint --image-path image "$ID" </dev/null >out 2>err 3>&- || status=$?
	echo "status $status: $(cat out err)"
	[ "$status" -eq 1 ]
	[ "$(wc -l <err)" -eq 1 ]
	is_gone "$(cat criu.pid)"
	[ $((SECONDS - start)) -lt 60 ]
	has_status "$ID" running
}
