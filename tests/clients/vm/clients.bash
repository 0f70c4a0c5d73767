# SPDX-License-Identifier: Apache-2.0
# Sourced by the tests of this directory, which run in the machine of tests/vm: there is systemd, cgroup v2 with
# all controllers, and the image localhost/bb. OCI_RT_VM_RUNTIME, a name or a path, is put to the test: another
# runtime there shows what a test is worth.
# shellcheck shell=bash

RUNTIME_PATH="$(command -v "${OCI_RT_VM_RUNTIME:-oci-rt}")"
RUNTIME="$(basename "$RUNTIME_PATH")"
IMAGE_TAR=/opt/tests/busybox.tar

needs_vm() {
	[ -n "${OCI_RT_IN_VM:-}" ] || skip "runs in the virtual machine of tests/vm"
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

unit_control() {
	if is_root; then systemctl "$@"; else systemctl --user "$@"; fi
}

# A file of its own, so that quadlets, kube and build take it too.
use_runtime_in_podman() {
	local conf="$HOME/.config/containers"
	! is_root || conf=/etc/containers
	mkdir -p "$conf/containers.conf.d"
	printf '%s\n' '[engine]' "runtime = \"$RUNTIME\"" >"$conf/containers.conf.d/90-tests.conf"
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
