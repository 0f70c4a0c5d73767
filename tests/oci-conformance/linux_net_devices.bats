#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md: network devices. The host is a network namespace of the test's.

bats_require_minimum_version 1.5.0

load helpers

setup() {
	conformance_setup
	needs ip nsenter unshare
	feature '.linux.netDevices.enabled' || skip "the runtime's features do not list netDevices"
	unshare -n sleep 1000 >/dev/null 3>&- &
	HOST=$!
	PIDS+=("$HOST")
	until_true 5 eval '[ "$(ns_of "$HOST" net)" != "$(ns_of self net)" ]'
	on_host ip link add net1 type veth peer name far || skip "this kernel has no veth"
	printf '%s\n' '#!/bin/sh' "exec nsenter --net=/proc/$HOST/ns/net -- '$RT' \"\$@\"" \
		>"$BATS_TEST_TMPDIR/runtime"
	chmod +x "$BATS_TEST_TMPDIR/runtime"
	RT="$BATS_TEST_TMPDIR/runtime"
	edit '.linux.netDevices = {net1: {}}'
}
teardown() { conformance_teardown; }

on_host() {
	nsenter --net="/proc/$HOST/ns/net" -- "$@"
}

in_container() {
	nsenter --net="/proc/$(pid_of "$ID")/ns/net" -- "$@"
}

@test "a device is moved, and up" {
	create_container
	in_container ip -j link show net1 | holds '.[0].flags | index("UP")'
	not on_host ip link show net1
}

@test "a device keeps its permanent global addresses, MTU and hardware address" {
	on_host ip link set net1 mtu 1400 address 02:00:00:00:00:05
	on_host ip address add 192.0.2.1/24 dev net1
	on_host ip address add 2001:db8::5/64 dev net1 nodad
	create_container
	in_container ip -j address show net1 >"$BATS_TEST_TMPDIR/after"
	cat "$BATS_TEST_TMPDIR/after"
	holds '.[0] | .mtu == 1400 and .address == "02:00:00:00:00:05"
		and ([.addr_info[] | select(.scope == "global") | "\(.local)/\(.prefixlen)"] | sort
		== ["192.0.2.1/24", "2001:db8::5/64"])' "$BATS_TEST_TMPDIR/after"
}

@test "addresses of another scope or with an end stay behind" {
	on_host ip address add 127.0.0.33/32 dev net1 scope host
	on_host ip address add 192.0.2.9/24 dev net1 valid_lft 1000 preferred_lft 1000
	create_container
	[ -z "$(in_container ip -4 -o address show dev net1)" ]
}

@test "a device gets the name of the config" {
	edit '.linux.netDevices.net1.name = "inner0"'
	create_container
	in_container ip link show inner0
	not in_container ip link show net1
}

# A network namespace that has a device of that name.
joined_with_device() {
	unshare -n sleep 1000 >/dev/null 3>&- &
	PIDS+=($!)
	JOINED=$!
	until_true 5 eval '[ "$(ns_of "$JOINED" net)" != "$(ns_of self net)" ]'
	nsenter --net="/proc/$JOINED/ns/net" ip link add "$1" type veth peer name other
	edit --arg p "/proc/$JOINED/ns/net" '(.linux.namespaces[] | select(.type == "network")).path = $p
		| .mounts |= map(select(.type != "sysfs"))'
}

@test "a name that the container has already is an error, and nothing is moved" {
	joined_with_device inner0
	edit '.linux.netDevices.net1.name = "inner0"'
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	fails
	nothing_is_left
	on_host ip link show net1
}

@test "a template of a name is filled in by the kernel" {
	joined_with_device inner0
	edit '.linux.netDevices.net1.name = "inner%d"'
	create_container
	in_container ip link show inner0
	in_container ip link show inner1
}

@test "a device that does not exist is an error" {
	refused . '.linux.netDevices = {nosuchdev: {}}'
}

@test "a device is not moved back before the end of the namespace" {
	joined_with_device inner0
	edit '.linux.netDevices.net1.name = "inner1"'
	create_container
	delete_by_force
	nsenter --net="/proc/$JOINED/ns/net" ip link show inner1
	not on_host ip link show net1
	not on_host ip link show inner1
}

@test "what the container changes of its device stays as it is" {
	create_container
	in_container ip link set net1 down
	in_container ip link set net1 mtu 1300
	rt_live start "$ID"
	succeeds
	sleep 0.2
	in_container ip -j link show net1 | holds '.[0] | .mtu == 1300 and (.flags | index("UP") | not)'
}
