#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bundle.md, and the version of config.md.

bats_require_minimum_version 1.5.0

load helpers

setup() { conformance_setup; }
teardown() { conformance_teardown; }

@test "config.json is that at the top of the bundle" {
	inside 'echo in'
	prints in
	mkdir "$B/sub"
	jq '.process.args = ["echo", "sub"]' "$B/config.json" >"$B/sub/config.json"
	rt run --bundle "$B" "$ID"
	prints in
	mv "$B/config.json" "$B/Config.json"
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	fails
	nothing_is_left
}

@test "a bundle works wherever its directory is" {
	set_args echo moved
	mkdir -p "$BATS_TEST_TMPDIR/other place/x"
	mv "$B" "$BATS_TEST_TMPDIR/other place/x/bundle"
	rt run --bundle "$BATS_TEST_TMPDIR/other place/x/bundle" "$ID"
	prints moved
}

@test "the bundle's directory may be given relative to the working directory" {
	set_args echo relative
	cd "$BATS_TEST_TMPDIR"
	rt run --bundle ./b "$ID"
	prints relative
}

@test "config.json that is no JSON is refused" {
	echo '{"ociVersion": "1.0.2", ' >"$B/config.json"
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	fails
	nothing_is_left
}

@test "ociVersion is missing" { refused . 'del(.ociVersion)'; }
@test "ociVersion is empty" { refused . '.ociVersion = ""'; }
@test "ociVersion is a number" { refused . '.ociVersion = 1'; }
@test "ociVersion is no version" { refused . '.ociVersion = "latest"'; }
@test "ociVersion is no SemVer: one number" { refused . '.ociVersion = "1"'; }
@test "ociVersion is no SemVer: two numbers" { refused . '.ociVersion = "1.0"'; }
@test "ociVersion is no SemVer: a leading v" { refused . '.ociVersion = "v1.0.2"'; }
@test "ociVersion is of a major version to come" { refused . '.ociVersion = "2.0.0"'; }

@test "ociVersion of an earlier minor version is accepted" {
	edit '.ociVersion = "1.0.0"'
	inside 'echo in'
	prints in
}
