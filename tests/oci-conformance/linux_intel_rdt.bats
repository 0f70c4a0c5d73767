#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md: intelRdt. Most of it needs a mounted resctrl, and a machine that has it.

bats_require_minimum_version 1.5.0

load helpers

setup() { conformance_setup; }
teardown() {
	[ -z "${RESCTRL:-}" ] || rmdir "$RESCTRL/$ID" "$RESCTRL/$ID-clos" 2>/dev/null || true
	conformance_teardown
}

resctrl() {
	awk '{ for (i = 1; i <= NF; i++) if ($i == "-" && $(i + 1) == "resctrl") { print $5; exit } }' \
		/proc/self/mountinfo
}

# $RESCTRL, and the schema of its root, line by line: $L3 and $MB
needs_resctrl() {
	RESCTRL="$(resctrl)"
	[ -n "$RESCTRL" ] || skip "this host has no resctrl mounted"
	feature '.linux.intelRdt.enabled' || skip "the runtime's features do not list intelRdt"
	L3="$(sed -n 's/^ *\(L3:.*\)/\1/p' "$RESCTRL/schemata")"
	MB="$(sed -n 's/^ *\(MB:.*\)/\1/p' "$RESCTRL/schemata")"
	SCHEMA="${L3:-$MB}"
	[ -n "$SCHEMA" ] || skip "this host's resctrl has neither L3 nor MB"
	export L3 MB SCHEMA
}

clos() {
	edit --arg c "$ID-clos" '.linux.intelRdt = {closID: $c}'
}

in_group() {
	grep -qx "$(pid_of "$ID")" "$1/tasks"
}

@test "intelRdt without a resctrl is an error" {
	[ -z "$(resctrl)" ] || skip "this host has a resctrl"
	refused . '.linux.intelRdt = {}'
}

@test "without intelRdt no resctrl is touched, nor wanted" {
	local before
	RESCTRL="$(resctrl)"
	before="$([ -z "$RESCTRL" ] || { ls "$RESCTRL"; cat "$RESCTRL/schemata"; })"
	create_container
	[ "$([ -z "$RESCTRL" ] || { ls "$RESCTRL"; cat "$RESCTRL/schemata"; })" = "$before" ]
	RESCTRL=
}

@test "intelRdt without closID: a group of the container's id, removed with it" {
	needs_resctrl
	edit '.linux.intelRdt = {schemata: [env.SCHEMA]}'
	create_container
	in_group "$RESCTRL/$ID"
	delete_by_force
	[ ! -e "$RESCTRL/$ID" ]
}

@test "intelRdt: closID that is not there is made for a schema, and stays" {
	needs_resctrl
	clos
	edit '.linux.intelRdt.schemata = [env.SCHEMA]'
	create_container
	in_group "$RESCTRL/$ID-clos"
	grep -qF "$SCHEMA" "$RESCTRL/$ID-clos/schemata"
	delete_by_force
	[ -d "$RESCTRL/$ID-clos" ]
}

@test "intelRdt: closID that is not there is an error without a schema" {
	needs_resctrl
	refused . '.linux.intelRdt = {closID: "no-such-group"}'
	[ ! -e "$RESCTRL/no-such-group" ]
}

@test "intelRdt: closID that is there is joined, its schema is left alone, and it stays" {
	needs_resctrl
	mkdir "$RESCTRL/$ID-clos"
	local before
	before="$(cat "$RESCTRL/$ID-clos/schemata")"
	clos
	create_container
	in_group "$RESCTRL/$ID-clos"
	[ "$(cat "$RESCTRL/$ID-clos/schemata")" = "$before" ]
	delete_by_force
	[ -d "$RESCTRL/$ID-clos" ]
}

@test "intelRdt: closID that is there with another schema is an error" {
	needs_resctrl
	[ -n "$L3" ] || skip "this host's resctrl has no L3"
	mkdir "$RESCTRL/$ID-clos"
	clos
	refused . '.linux.intelRdt.l3CacheSchema = (env.L3 | gsub("=[0-9a-f]+"; "=1"))'
}

@test "intelRdt: closID / is the root group" {
	needs_resctrl
	edit '.linux.intelRdt = {closID: "/"}'
	create_container
	in_group "$RESCTRL"
}

@test "intelRdt: l3CacheSchema, then memBwSchema, are written" {
	needs_resctrl
	[ -n "$L3" ] && [ -n "$MB" ] || skip "this host's resctrl has no L3 and MB"
	edit '.linux.intelRdt = {l3CacheSchema: (env.L3 | gsub("=[0-9a-f]+"; "=1")), memBwSchema: env.MB}'
	create_container
	grep -q 'L3:.*=1' "$RESCTRL/$ID/schemata"
	grep -qF "$MB" "$RESCTRL/$ID/schemata"
}

@test "intelRdt: memBwSchema begins with MB:" {
	needs_resctrl
	[ -n "$MB" ] || skip "this host's resctrl has no MB"
	refused '.linux.intelRdt = {memBwSchema: env.MB}' '.linux.intelRdt.memBwSchema |= sub("MB:"; "XX:")'
}

@test "intelRdt: schemata has no line breaks" {
	needs_resctrl
	refused '.linux.intelRdt = {schemata: [env.SCHEMA]}' '.linux.intelRdt.schemata = [env.SCHEMA + "\n" + env.SCHEMA]'
}

@test "intelRdt: enableMonitoring makes a group of the container's id, removed with it" {
	needs_resctrl
	feature '.linux.intelRdt.monitoring' || skip "the runtime's features do not list intelRdt.monitoring"
	edit '.linux.intelRdt = {closID: "/", enableMonitoring: true}'
	create_container
	in_group "$RESCTRL/mon_groups/$ID"
	delete_by_force
	[ ! -e "$RESCTRL/mon_groups/$ID" ]
}

@test "intelRdt: a monitoring group that cannot be made is an error" {
	needs_resctrl
	feature '.linux.intelRdt.monitoring' || skip "the runtime's features do not list intelRdt.monitoring"
	mkdir "$RESCTRL/mon_groups/$ID" || skip "this host has no monitoring groups"
	edit '.linux.intelRdt = {closID: "/", enableMonitoring: true}'
	rt_live create --bundle "$B" "$ID"
	rmdir "$RESCTRL/mon_groups/$ID" 2>/dev/null || true
	fails
}
