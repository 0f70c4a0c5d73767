#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.netDevices: devices that leave the host for the container, and those that come back. The
# "host" is a network namespace of the test's.
# Run: OCI_RT=build/oci-rt bats tests/e2e/config_net_devices.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	needs ip nsenter
	HOST="$(new_netns)"
	PIDS+=("$HOST")
	on_host ip link add net1 type veth peer name far || skip "this kernel has no veth"
	printf '%s\n' '#!/bin/sh' "exec nsenter --net=/proc/$HOST/ns/net -- '$RT' \"\$@\"" \
		>"$BATS_TEST_TMPDIR/oci-rt"
	chmod +x "$BATS_TEST_TMPDIR/oci-rt"
	RT="$BATS_TEST_TMPDIR/oci-rt"
	edit '.linux.netDevices = {net1: {}}'
}

teardown() { container_teardown; }

# Prints the pid of a process that holds it.
new_netns() {
	unshare -n sleep 1000 >/dev/null 3>&- &
	until [ "$(readlink "/proc/$!/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do
		sleep 0.05
	done
	echo $!
}

on_host() {
	nsenter --net="/proc/$HOST/ns/net" -- "$@"
}

# in_container COMMAND...: with the programs of this machine
in_container() {
	nsenter --net="/proc/$(pid_of "$ID")/ns/net" -- "$@"
}

addresses_of() {
	jq -c '[.[0].addr_info[] | select(.scope == "global") | .local + "/" + (.prefixlen | tostring)]'
}

@test "a device is moved and up, with its addresses, its MTU and its hardware address" {
	on_host ip link set net1 mtu 1400 address 02:00:00:00:00:05
	on_host ip address add 192.0.2.1/24 dev net1
	on_host ip address add 192.0.2.7 peer 198.51.100.1/32 dev net1
	on_host ip address add 2001:db8::5/64 dev net1 nodad
	set_args sleep 1000
	start_container
	not on_host ip link show net1
	in_container ip -j address show net1 >"$BATS_TEST_TMPDIR/after"
	cat "$BATS_TEST_TMPDIR/after"
	[ "$(addresses_of <"$BATS_TEST_TMPDIR/after")" = '["192.0.2.7/32","192.0.2.1/24","2001:db8::5/64"]' ] ||
		[ "$(addresses_of <"$BATS_TEST_TMPDIR/after")" = '["192.0.2.1/24","192.0.2.7/32","2001:db8::5/64"]' ]
	[ "$(jq -r '.[0] | "\(.mtu) \(.address)"' "$BATS_TEST_TMPDIR/after")" = "1400 02:00:00:00:00:05" ]
	jq -e '.[0].flags | index("UP")' "$BATS_TEST_TMPDIR/after"
	in_container ip address show net1 | grep -F "inet 192.0.2.7 peer 198.51.100.1/32"
}

@test "addresses that are not global or not for ever stay behind" {
	on_host ip address add 127.0.0.33/32 dev net1 scope host
	on_host ip address add 192.0.2.9/24 dev net1 valid_lft 1000 preferred_lft 1000
	set_args sleep 1000
	start_container
	[ -z "$(in_container ip -4 -o address show dev net1)" ]
}

@test "another name, and a template that the kernel fills in" {
	on_host ip link add net2 type veth peer name far2
	edit '.linux.netDevices = {net1: {name: "eth0"}, net2: {name: "eth%d"}}'
	set_args sleep 1000
	start_container
	in_container ip link show eth0
	in_container ip link show eth1
	rt exec "$ID" cat /proc/net/dev
	[[ $output == *eth0:* && $output == *eth1:* ]]
}

@test "sysctls of a moved device" {
	edit '.linux.sysctl = {"net.ipv4.conf.net1.forwarding": "1"}'
	inside 'cat /proc/sys/net/ipv4/conf/net1/forwarding'
	prints 1
}

@test "with a user namespace" {
	edit '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	inside 'ip link show net1'
	succeeds
}

@test "a name that a joined namespace has already: nothing is moved" {
	local theirs
	theirs="$(new_netns)"
	PIDS+=("$theirs")
	nsenter --net="/proc/$theirs/ns/net" -- ip link add net1 type veth peer name net3
	edit --arg p "/proc/$theirs/ns/net" '.linux.namespaces |= map(
		if .type == "network" then .path = $p else . end)'
	rt run -b "$B" "$ID"
	fails_like "config.json:*:*: linux.netDevices.net1: move the network device net1: the container's network namespace has a device net1 already"
	on_host ip link show net1
	edit '.linux.netDevices.net1.name = "net%d"'
	rt run -b "$B" "$ID"
	succeeds
	# spec: the namespace is its owner's: the device stays there
	nsenter --net="/proc/$theirs/ns/net" -- ip link show net0
}

@test "what cannot be moved is told, and what was moved comes back" {
	on_host ip address add 192.0.2.1/24 dev net1
	on_host ip link set net1 up
	edit '.linux.netDevices = {net1: {name: "eth0"}, missing: {}}'
	rt run -b "$B" "$ID"
	fails_like "config.json:*:*: linux.netDevices.missing: the host has no network device missing"
	on_host ip -o -4 address show dev net1 | grep -F 192.0.2.1/24
	on_host ip link show net1 | grep -F ,UP
	edit '.linux.netDevices = {lo: {name: "lo2"}}'
	rt run -b "$B" "$ID"
	fails_like "config.json:*:*: linux.netDevices.lo: move the network device lo: the kernel does not let it leave its network namespace"
}

@test "a create that fails later gives the device back" {
	on_host ip address add 192.0.2.1/24 dev net1
	set_args /no/such/program
	rt create -b "$B" "$ID"
	[ "$status" -ne 0 ]
	on_host ip -o -4 address show dev net1 | grep -F 192.0.2.1/24
}

@test "the runtime keeps no hold of the container's network namespace" {
	# a veth goes with its namespace, and its peer with it; run is still there for poststop hooks
	edit --arg file "$BATS_TEST_TMPDIR/gone" '.process.args = ["true"] | .hooks.poststop = [{path: "/bin/sh",
		args: ["sh", "-c", "for i in $(seq 50); do
			ip link show far || { touch \($file); exit; }; sleep 0.1; done"],
		env: ["PATH=/usr/sbin:/sbin:/usr/bin:/bin"]}]'
	rt run -b "$B" "$ID"
	succeeds
	[ -e "$BATS_TEST_TMPDIR/gone" ]
}

@test "the host's own network namespace is not a place to move to" {
	edit --arg p "/proc/$HOST/ns/net" '.linux.namespaces |= map(
		if .type == "network" then .path = $p else . end)'
	rt run -b "$B" "$ID"
	fails_like "config.json:*: the container's network namespace is the host's: there is nothing to move"
	on_host ip link show net1
}
