#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The Debian package on a machine that has crun and runc: installed, used by Podman through its drop-in, removed.

bats_require_minimum_version 1.5.0

load ../../e2e/helpers
load clients

setup() {
	needs_vm
	DEB="$(echo "$BATS_TEST_DIRNAME"/../../../oci-rt_*.deb)"
	[ -e "$DEB" ] || skip "the tier package has built none"
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	podman rm -fa -t 0 >/dev/null 2>&1 || true
	dpkg -P oci-rt >/dev/null 2>&1 || true
}

# What a package may own or leave behind; /usr/local and the tests are ours.
everything() {
	find / -xdev \( -path /proc -o -path /sys -o -path /tmp -o -path /run -o -path /var/log -o -path /var/cache \
		-o -path /var/lib/containers -o -path /var/lib/dpkg -o -path /root -o -path /var/tmp -o -path /usr/local \
		-o -path "$BATS_RUN_TMPDIR" \) -prune -o -print | sort
}

@test "dpkg -i, podman --runtime oci-rt, dpkg -P: and no file is left" {
	# as a machine is that has never seen us
	rm -f /usr/local/bin/oci-rt /etc/containers/containers.conf.d/*oci-rt*
	rmdir --ignore-fail-on-non-empty /etc/containers/containers.conf.d
	everything >before
	run dpkg -i "$DEB"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(command -v oci-rt)" = /usr/bin/oci-rt ]
	run podman --runtime oci-rt run --rm --network none --memory 64m bb cat /sys/fs/cgroup/memory.max
	echo "$output"
	[ "$output" = 67108864 ]
	# who names none keeps what the machine had
	run podman info --format '{{.Host.OCIRuntime.Name}}'
	[ "$output" = crun ]
	podman --runtime oci-rt run -d --name kept --network none bb sleep 1000
	[ "$(podman inspect kept --format '{{.OCIRuntime}}')" = oci-rt ]
	podman rm -f -t 0 kept
	# the image of tests/vm is unpacked without pages, as those of containers are
	dpkg -L oci-rt | grep -qx /usr/share/man/man1/oci-rt-run.1.gz
	[ -s /usr/share/bash-completion/completions/oci-rt ]
	run dpkg -P oci-rt
	[ "$status" -eq 0 ]
	everything >after
	diff before after
	run podman info --format '{{.Host.OCIRuntime.Name}}'
	[ "$output" = crun ]
}
