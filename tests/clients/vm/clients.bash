# SPDX-License-Identifier: Apache-2.0
# Sourced by the tests of this directory, which run in the machine of tests/vm: there is systemd, cgroup v2 with
# all controllers, and the image localhost/bb. RUNTIME is put to the test: RUNTIME=crun shows what a test
# is worth.
# shellcheck shell=bash

RUNTIME="${RUNTIME:-oci-rt}"
RUNTIME_PATH="$(command -v "$RUNTIME")"
IMAGE_TAR=/opt/tests/busybox.tar

needs_vm() {
	[ -n "${OCI_RT_IN_VM:-}" ] || skip "runs in the virtual machine of tests/vm"
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# client COMMAND...: as `run`, but with a line about it for a test that fails, and no descriptor of bats'
client() {
	status=0
	output="$("$@" 2>&1 3>&- 4>&-)" || status=$?
	mapfile -t lines <<<"$output"
	echo "$*: $status: ${output:0:1000}"
}

succeeds_with() {
	echo "expected: $1"
	[ "$status" -eq 0 ] && [ "$output" = "$1" ]
}

# on_terminal INPUT COMMAND...: its output as a terminal gets it; the input comes after the word ready
on_terminal() {
	local input="$1"
	shift
	status=0
	output="$(timeout 60 /usr/bin/python3 "$BATS_TEST_DIRNAME/../../e2e/terminal.py" run 31x71 "$input" \
		bash -c 'echo ready; "$@"' - "$@" 2>&1 3>&-)" || status=$?
	output="${output//$'\r'/}"
	echo "on a terminal: $*: $status: $output"
}
