#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Buildah's steps, and images unpacked by skopeo and umoci that are run without a client, as root and as alice.

bats_require_minimum_version 1.5.0

load ../../e2e/helpers
load clients

setup() {
	needs_vm
	cd "$BATS_TEST_TMPDIR"
}

b() {
	client buildah "$@"
}

@test "bud: RUN as root and as users, a volume, a secret, a step that fails" {
	echo hidden >secret
	mkdir v
	echo content >v/file
	printf '%s\n' 'FROM localhost/bb' 'RUN id -u >/who && mkdir -m 1777 /w' 'USER 1000:1000' \
		'RUN id -u >/w/who; id -g >>/w/who' 'USER 0' \
		'RUN --mount=type=secret,id=s cat /run/secrets/s >/w/secret; cat /v/file >/w/volume' >Containerfile
	b bud -q --runtime "$RUNTIME_PATH" --isolation oci --network none --secret id=s,src=secret \
		-v "$PWD/v:/v:ro" -t built .
	[ "$status" -eq 0 ]
	b from --name made built
	b run --runtime "$RUNTIME_PATH" --isolation oci --network none made cat /who /w/who /w/secret /w/volume
	succeeds_with $'0\n1000\n1000\nhidden\ncontent'
	b rm made
	printf '%s\n' 'FROM localhost/bb' 'RUN exit 42' >Containerfile
	BUILDAH_RUNTIME="$RUNTIME_PATH" BUILDAH_ISOLATION=oci b bud --network none .
	[ "$status" -eq 42 ]
	b rmi built
}

@test "run: exit code, user, directory, capabilities, terminal" {
	b from --name made localhost/bb
	b run --runtime "$RUNTIME_PATH" --isolation oci --network none --user 1000:1000 --workingdir /tmp made sh -c \
		'id -u; pwd; exit 9'
	[ "$status" -eq 9 ]
	[[ "$output" == $'1000\n/tmp'* ]]
	b run --runtime "$RUNTIME_PATH" --isolation oci --network none --cap-add CAP_SYS_PTRACE made \
		grep CapEff /proc/self/status
	[ "$status" -eq 0 ]
	on_terminal 'hello\n' buildah run -t --runtime "$RUNTIME_PATH" --isolation oci --network none made \
		sh -c 'tty; read a; echo got $a'
	[ "$status" -eq 0 ]
	[[ "$output" == *"/dev/pts/0"*"got hello"* ]]
	b rm made
}

@test "skopeo and umoci: an image as a bundle, run by hand" {
	local rootless=()
	is_root || rootless=(--rootless)
	podman save -q --format oci-archive -o bb.tar localhost/bb 3>&-
	client skopeo copy -q oci-archive:bb.tar oci:bb:latest
	[ "$status" -eq 0 ]
	client umoci unpack "${rootless[@]}" --image bb:latest bundle
	[ "$status" -eq 0 ]
	edit_config bundle '.process.terminal = false | .process.args = ["sh", "-c", "id -u; hostname; exit 3"]
		| .hostname = "from-umoci"'
	client "$RUNTIME_PATH" --root "$PWD/state" run -b bundle "umoci-$$"
	[ "$status" -eq 3 ]
	[ "$output" = $'0\nfrom-umoci' ]
}
