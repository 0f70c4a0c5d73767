#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# runtime.md: the state of a container.

bats_require_minimum_version 1.5.0

load helpers

setup() { conformance_setup; }
teardown() { conformance_teardown; }

# state STATUS: of the container, checked against what the schema wants, in $output
state() {
	rt state "$ID"
	succeeds
	holds --arg s "$1" --arg id "$ID" '
		(.ociVersion | type == "string" and test("^[0-9]+\\.[0-9]+\\.[0-9]+([-+].*)?$")) and .id == $id and .status == $s
		and (.bundle | type == "string" and startswith("/"))
		and (if has("pid") then .pid | type == "number" and . >= 0 and . == floor else true end)
		and (.annotations | . == null or (type == "object" and all(.[]; type == "string")))' <<<"$output"
}

@test "state: no id is an error" {
	rt_live state
	fails
}

@test "state: a container that does not exist is an error" {
	rt_live state "$ID"
	fails
}

@test "state of a created container" {
	create_container
	state created
	[ "$(jq .pid <<<"$output")" -gt 1 ]
	kill -0 "$(jq .pid <<<"$output")"
	[ "$(cat "$PID_FILE")" = "$(jq .pid <<<"$output")" ]
}

@test "state of a running container" {
	start_container
	state running
	local pid
	pid="$(jq .pid <<<"$output")"
	[ "$pid" -gt 1 ]
	[ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" = "sleep 1000 " ]
}

@test "state of a stopped container" {
	set_args true
	create_container
	rt_live start "$ID"
	succeeds
	until_true 5 has_status "$ID" stopped
	state stopped
}

@test "state: ociVersion is one that the spec has" {
	create_container
	state created
	holds '.ociVersion | test("^1\\.[0-9]+\\.[0-9]+")' <<<"$output"
}

@test "state: bundle is the absolute path, whatever was given" {
	cd "$BATS_TEST_TMPDIR"
	rt_live create --bundle b "$ID"
	succeeds
	cd /
	state created
	[ "$(jq -r .bundle <<<"$output")" = "$B" ]
}

@test "state: annotations are those of the config, or there are none" {
	create_container
	state created
	[ "$(jq -c '.annotations // {} | with_entries(select(.key | startswith("org.example")))' <<<"$output")" = '{}' ]
	delete_by_force
	edit '.annotations = {"org.example.a": "b", "org.example.c": ""}'
	create_container
	state created
	[ "$(jq -cS '.annotations | with_entries(select(.key | startswith("org.example")))' <<<"$output")" = \
		'{"org.example.a":"b","org.example.c":""}' ]
}

@test "state: status is of the list, or one of the runtime's own for another state" {
	start_container
	state running
	if timeout 20 "$RT" --root "$ROOT" pause "$ID" >/dev/null 2>&1; then
		not has_status "$ID" created
		not has_status "$ID" stopped
		has_status "$ID" paused || has_status "$ID" running
		timeout 20 "$RT" --root "$ROOT" resume "$ID"
		has_status "$ID" running
	fi
}

@test "state: a process that was killed from outside is stopped" {
	start_container
	kill -KILL "$(pid_of "$ID")"
	until_true 5 has_status "$ID" stopped
	state stopped
}

@test "the id is free of the others' until its container is deleted" {
	create_container
	rt_live create --bundle "$B" "$ID"
	fails
	rt kill "$ID" KILL
	succeeds
	until_true 5 has_status "$ID" stopped
	rt_live create --bundle "$B" "$ID"
	fails
	delete_by_force
	create_container
}
