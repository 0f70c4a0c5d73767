#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# features.md, features-linux.md: what the runtime says of itself, and that it is true.

bats_require_minimum_version 1.5.0

load helpers

setup() {
	conformance_setup
	needs_features
	FEATURES="$BATS_TEST_TMPDIR/features.json"
}
teardown() { conformance_teardown; }

names() {
	jq -r "$1 // [] | .[]" "$FEATURES"
}

# needs_names JQ: NAMES, if the runtime lists any
needs_names() {
	mapfile -t NAMES < <(names "$1")
	[ "${#NAMES[@]}" -gt 0 ] || skip "the runtime's features have no $1"
}

works() {
	inside 'echo in'
	echo "$1: status $status, output: $output"
	[ "$status" -eq 0 ]
	[[ "$output" == *in ]]
}

@test "ociVersionMin and ociVersionMax are versions, in their order" {
	local min max
	min="$(jq -er .ociVersionMin "$FEATURES")"
	max="$(jq -er .ociVersionMax "$FEATURES")"
	[[ "$min" =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+].*)?$ ]]
	[[ "$max" =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+].*)?$ ]]
	[ "$(printf '%s\n' "${min%%-*}" "${max%%-*}" | sort -V | head -n 1)" = "${min%%-*}" ]
}

accepts_version() {
	local version
	version="$(jq -er ".$1" "$FEATURES")"
	edit --arg v "$version" '.ociVersion = $v'
	works "$version"
}

@test "ociVersionMin is accepted" { accepts_version ociVersionMin; }
@test "ociVersionMax is accepted" { accepts_version ociVersionMax; }

@test "no properties but those of the spec" {
	local version
	version="$(jq -r .ociVersionMax "$FEATURES")"
	holds '(keys - ["ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux", "annotations",
		"potentiallyUnsafeConfigAnnotations"] == []) and ((.linux // {} | keys) - ["namespaces", "capabilities", "cgroup",
		"seccomp", "apparmor", "selinux", "intelRdt", "mountExtensions", "netDevices", "memoryPolicy"] == [])' "$FEATURES"
	# of later versions than the one it claims
	if [ "$(printf '%s\n' "${version%%-*}" 1.1.0 | sort -V | tail -n 1)" != "${version%%-*}" ]; then
		skip "the document is of 1.1, the runtime knows $version: see docs/conformance.md"
	fi
}

@test "absent is not empty: lists hold names, objects are objects" {
	holds '[.hooks, .mountOptions, .linux.namespaces, .linux.capabilities, .linux.seccomp.actions,
		.linux.seccomp.operators, .linux.seccomp.archs, .linux.seccomp.knownFlags, .linux.seccomp.supportedFlags,
		.linux.memoryPolicy.modes, .linux.memoryPolicy.flags, .potentiallyUnsafeConfigAnnotations]
		| all(. == null or (type == "array" and all(.[]; type == "string" and . != "")))' "$FEATURES"
	holds '[.linux.cgroup[]?, .linux.seccomp.enabled, .linux.apparmor.enabled, .linux.selinux.enabled,
		.linux.intelRdt[]?, .linux.mountExtensions.idmap.enabled, .linux.netDevices.enabled]
		| all(. == null or type == "boolean")' "$FEATURES"
}

@test "annotations are a map of strings with names" {
	holds '.annotations | . == null or (type == "object" and all(to_entries[]; .key != "" and (.value | type == "string")))' \
		"$FEATURES"
}

@test "every listed hook is called" {
	needs_names .hooks
	local kind
	for kind in "${NAMES[@]}"; do
		if [ "$kind" = startContainer ]; then
			hook "$kind" "echo $kind >>/tmp/hooks.log"
		else
			hook "$kind" "echo $kind >>$LOG"
		fi
	done
	start_container
	delete_by_force
	for kind in "${NAMES[@]}"; do
		echo "$kind"
		cat "$LOG" "$B/rootfs/tmp/hooks.log" 2>/dev/null | grep -qx "$kind"
	done
}

@test "every listed mount option is known" {
	needs_names .mountOptions
	mkdir "$B/source"
	export SOURCE="$B/source"
	local option
	for option in "${NAMES[@]}"; do
		# what needs a mapping, a label or another file system than a bind mount
		case "$option" in
		idmap | ridmap | remount | acl | noacl | mand | copy-symlink) continue ;;
		esac
		edit --arg o "$option" '.mounts |= map(select(.destination != "/mnt"))
			+ [{destination: "/mnt", type: "tmpfs", source: "x",
			options: (if $o | test("^r?bind$|src-nofollow|private|shared|slave|unbindable|^rr?[ow]$|^r.*atime$|^rno|^rdev|^rexec|^rsuid|^rdir|^rsym")
			then ["rbind", $o] else [$o] end)}] | if .mounts[-1].options[0] == "rbind" then .mounts[-1].source = env.SOURCE
			else . end'
		set_args true
		rt run --bundle "$B" "$ID"
		echo "$option: $output"
		[ "$status" -eq 0 ]
	done
}

@test "every listed namespace is made" {
	needs_names .linux.namespaces
	local type
	for type in "${NAMES[@]}"; do
		[ "$type" != user ] || continue
		[ "$type" != time ] || [ -e /proc/self/ns/time ] || continue
		edit --arg t "$type" '.linux.namespaces = ([{type: "mount"}, {type: $t}] | unique) | del(.hostname)
			| .mounts |= map(select(.type | IN("proc", "tmpfs")))'
		works "$type"
	done
	if printf '%s\n' "${NAMES[@]}" | grep -qx user; then
		jq -n --arg id "$ID" --arg version "$OCI_VERSION" "$BASE_CONFIG" >"$B/config.json"
		user_namespace
		works user
	fi
}

@test "every listed capability is known" {
	needs_names .linux.capabilities
	local all
	all="$(printf '%s\n' "${NAMES[@]}" | jq -R . | jq -cs .)"
	edit --argjson all "$all" '.process.capabilities = {bounding: $all}'
	set_args sh -c 'grep ^CapBnd: /proc/self/status >/tmp/ran'
	rt_live --debug --log "$BATS_TEST_TMPDIR/log" run --bundle "$B" "$ID"
	succeeds
	# all that the caller holds
	[ "$(cat "$RAN")" = "$(grep ^CapBnd: /proc/self/status)" ]
}

# seccomp JSON: allows everything but uname's namesake, acct(2), which gets the rule
seccomp() {
	edit --argjson s "$1" '.linux.seccomp = ({defaultAction: "SCMP_ACT_ALLOW"} + $s)'
}

@test "every listed seccomp action is known" {
	needs_names .linux.seccomp.actions
	local action
	for action in "${NAMES[@]}"; do
		[ "$action" != SCMP_ACT_NOTIFY ] || continue
		[ "$action" != SCMP_ACT_ALLOW ] || continue
		seccomp "{\"syscalls\": [{\"names\": [\"acct\"], \"action\": \"$action\"}]}"
		works "$action"
	done
}

@test "every listed seccomp operator is known" {
	needs_names .linux.seccomp.operators
	local op
	for op in "${NAMES[@]}"; do
		seccomp "{\"syscalls\": [{\"names\": [\"acct\"], \"action\": \"SCMP_ACT_ERRNO\",
			\"args\": [{\"index\": 0, \"value\": 1, \"valueTwo\": 1, \"op\": \"$op\"}]}]}"
		works "$op"
	done
}

@test "every listed seccomp architecture is known" {
	needs_names .linux.seccomp.archs
	local arch
	for arch in "${NAMES[@]}"; do
		seccomp "{\"architectures\": [\"$arch\"], \"syscalls\": [{\"names\": [\"acct\"], \"action\": \"SCMP_ACT_ERRNO\"}]}"
		rt_live create --bundle "$B" "$ID"
		echo "$arch: $output"
		[ "$status" -eq 0 ] || case "$output" in
		*nknown* | *nvalid* | *ecognized*) false ;;
		esac
		rt delete --force "$ID"
	done
}

@test "every listed seccomp flag is known" {
	mapfile -t NAMES < <(names .linux.seccomp.knownFlags)
	[ "${#NAMES[@]}" -gt 0 ] || skip "the runtime's features have no seccomp flags"
	local flag
	for flag in "${NAMES[@]}"; do
		edit 'del(.linux.seccomp)'
		seccomp "{\"flags\": [\"$flag\"], \"syscalls\": [{\"names\": [\"acct\"], \"action\": \"SCMP_ACT_ERRNO\"}]}"
		rt_live create --bundle "$B" "$ID"
		echo "$flag: $output"
		[ "$status" -eq 0 ] || [[ "$output" != *nknown* ]]
		rt delete --force "$ID"
	done
}

@test "every supported seccomp flag works" {
	needs_names .linux.seccomp.supportedFlags
	local flag
	for flag in "${NAMES[@]}"; do
		# it has a meaning for a filter with a listener alone
		[ "$flag" != SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV ] || continue
		seccomp "{\"flags\": [\"$flag\"], \"syscalls\": [{\"names\": [\"acct\"], \"action\": \"SCMP_ACT_ERRNO\"}]}"
		works "$flag"
	done
}

@test "every listed memory policy is known" {
	needs_names .linux.memoryPolicy.modes
	local mode nodes
	for mode in "${NAMES[@]}"; do
		nodes=0
		case "$mode" in MPOL_DEFAULT | MPOL_LOCAL) nodes= ;; esac
		edit --arg m "$mode" --arg n "$nodes" '.linux.memoryPolicy = {mode: $m}
			| if $n != "" then .linux.memoryPolicy.nodes = $n else . end'
		set_args true
		rt run --bundle "$B" "$ID"
		echo "$mode: $output"
		[ "$status" -eq 0 ] || [[ "$output" == *nvalid\ argument* ]] || [[ "$output" == *not\ implemented* ]]
	done
}

@test "every listed flag of memory policies is known" {
	needs_names .linux.memoryPolicy.flags
	local flag
	for flag in "${NAMES[@]}"; do
		edit --arg f "$flag" '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: [$f]}'
		set_args true
		rt run --bundle "$B" "$ID"
		echo "$flag: $output"
		[ "$status" -eq 0 ] || [[ "$output" == *nvalid\ argument* ]] || [[ "$output" == *not\ implemented* ]]
	done
}

@test "mountExtensions.idmap says true where mappings of mounts are recognised" {
	mkdir "$B/source"
	touch "$B/source/file"
	edit --arg s "$B/source" '.mounts += [{destination: "/mnt", source: $s, options: ["rbind", "idmap"],
		uidMappings: [{containerID: 0, hostID: 5, size: 9}], gidMappings: [{containerID: 0, hostID: 7, size: 9}]}]'
	inside 'stat -c %u:%g /mnt/file'
	if [ "$status" -eq 0 ] && [ "$output" = 5:7 ]; then
		holds '.linux.mountExtensions.idmap.enabled' "$FEATURES"
	else
		holds '.linux.mountExtensions.idmap.enabled | not' "$FEATURES" ||
			skip "this host cannot map ids here: $output"
	fi
}

@test "features says the same whatever the host has" {
	local again
	again="$(cd / && env -i PATH="$PATH" timeout 20 "$RT" features)"
	[ "$(jq -S . <<<"$again")" = "$(jq -S . "$FEATURES")" ]
}
