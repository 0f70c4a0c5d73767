#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# org.oci-rt.landlock: each right of Landlock, allowed and refused, for the container's process and for exec's.

bats_require_minimum_version 1.5.0

load helpers

ALL='["execute","write_file","read_file","read_dir","remove_dir","remove_file","make_char","make_dir","make_reg","make_sock","make_fifo","make_block","make_sym","refer","truncate","ioctl_dev"]'

# The host's Python, for what a shell cannot try.
setup() {
	container_setup
	VERSION="$("$RT" doctor --json | jq -r '.checks[] | select(.name == "Landlock") | .detail // "" | ltrimstr("version ")')"
	[ "${VERSION:-0}" -ge 1 ] || skip "this kernel has no Landlock"
	mkdir -p "$B/rootfs/usr" "$B/rootfs/w" "$B/rootfs/t"
	ln -s usr/lib usr/lib64 "$B/rootfs/"
	cp "$BATS_TEST_DIRNAME/landlock.py" "$B/rootfs/t/"
	edit '.mounts += [{destination: "/usr", type: "bind", source: "/usr", options: ["rbind", "ro"]}]'
}

teardown() { container_teardown; }

needs_version() {
	[ "$VERSION" -ge "$1" ] || skip "Landlock's version $1 is needed, and this kernel has $VERSION"
}

try() {
	set_args python3 /t/landlock.py "$@"
	edit '.process.env = ["PATH=/usr/bin:/bin"]'
}

# landlock JQ-EXPRESSION: the annotation is what that makes of $all
landlock() {
	local value
	value="$(jq -cn --argjson all "$ALL" "$1")"
	edit --arg v "$value" '.annotations["org.oci-rt.landlock"] = $v'
}

# Programs run; the rest of the rights on /w and /dev/null.
on_files() {
	landlock '{ruleset: {handledAccessFS: $all}, rules: {pathBeneath: [
		{paths: ["/usr", "/etc", "/t", "/dev", "/proc"],
			allowedAccess: ["execute", "read_file", "read_dir", "write_file"]},
		{paths: ["/w", "/dev/null"], allowedAccess: ($all - ['"$1"'])}]}}'
}

fresh() {
	rm -rf "$B/rootfs/w"
	mkdir -p "$B"/rootfs/w/{a,b,dir}
	touch "$B"/rootfs/w/{file,removed,a/f}
	cp /usr/bin/true "$B/rootfs/w/true"
}

@test "files: what is allowed works, and each right that isn't is refused" {
	needs_version 5
	local right refused
	try files /w
	fresh
	on_files ''
	rt run -b "$B" "$ID"
	prints ""
	for right in $(jq -r '.[]' <<<"$ALL"); do
		# only root of the host makes block devices
		[ "$right" != make_block ] || [ "$(id -u)" -eq 0 ] || continue
		fresh
		on_files "\"$right\""
		rt run -b "$B" "$ID"
		echo "$right: $output"
		[ "$status" -eq 0 ]
		refused="$output"
		# a link needs the right to make files, too, and execve(2) that to read
		[ "$right" != make_reg ] || refused="${refused% refer}"
		[ "$right" != read_file ] || refused="${refused#execute }"
		[ "$refused" = "$right" ]
	done
}

@test "files: what isn't handled stays allowed; all the rest is refused where no rule is" {
	fresh
	try files /w
	landlock '{ruleset: {handledAccessFS: ["make_dir", "make_sym"]}}'
	rt run -b "$B" "$ID"
	# the right to link elsewhere is never there where the rest is handled and this isn't
	[ "$status" -eq 0 ]
	[ "$output" = "make_dir make_sym refer" ]
}

@test "network: a port that is allowed, and one that isn't" {
	needs_version 4
	edit '.linux.namespaces += [{type: "network"}] | .linux.namespaces |= unique_by(.type)'
	try tcp 4000
	landlock '{ruleset: {handledAccessNet: ["bind_tcp", "connect_tcp"]}, rules: {netPort: [
		{ports: [4000], allowedAccess: ["bind_tcp"]}, {ports: [4001], allowedAccess: ["connect_tcp"]}]}}'
	rt run -b "$B" "$ID"
	prints $'4000 connect_tcp\n4001 bind_tcp'
}

reach() {
	rt exec "$ID" python3 /t/landlock.py reach s
}

@test "scopes: exec's process is in a domain of its own, as the container's is" {
	needs_version 6
	chmod 0777 "$B/rootfs/w"
	edit '.root.readonly = false'
	try listen s
	landlock '{ruleset: {scoped: ["abstract_unix_socket", "signal"]}}'
	start_container
	until_true 5 [ -e "$B/rootfs/w/s" ]
	reach
	prints $'abstract_unix_socket\nsignal'
	rt delete --force "$ID"
	rm "$B/rootfs/w/s"
	landlock '{ruleset: {scoped: ["signal"]}}'
	start_container
	until_true 5 [ -e "$B/rootfs/w/s" ]
	reach
	prints "signal"
}

@test "exec: the rules hold over its process" {
	set_args /bin/sleep 1000
	landlock '{ruleset: {handledAccessFS: ["make_dir"]}, rules: {pathBeneath: [{paths: ["/w"], allowedAccess: ["make_dir"]}]}}'
	edit '.root.readonly = false'
	start_container
	rt exec "$ID" /bin/mkdir /w/d
	succeeds
	rt exec "$ID" /bin/mkdir /t/d
	[ "$status" -eq 1 ]
	[[ "$output" == *"Permission denied" ]]
}

@test "without no_new_privs, with a seccomp filter, and a user who is no root" {
	local nnp
	fresh
	landlock '{ruleset: {handledAccessFS: ["make_dir"]}}'
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["landlock_create_ruleset", "landlock_restrict_self"], action: "SCMP_ACT_ERRNO"}]} |
		.process.capabilities = {}'
	try files /w
	for nnp in true false; do
		edit --argjson v $nnp '.process.noNewPrivileges = $v'
		rt run -b "$B" "$ID"
		[ "$status" -eq 0 ]
		[[ " $output " == *" make_dir "* ]]
	done
	# and nothing of what that took is left
	set_args /bin/grep ^Cap /proc/self/status
	rt run -b "$B" "$ID"
	[ "$(sort -u <<<"${output//Cap???:/}" | tr -d '\t')" = 0000000000000000 ]
}

@test "create and start; a path that is missing, and a program that may not be executed" {
	set_args /bin/true
	landlock '{ruleset: {handledAccessFS: ["execute"]}, rules: {pathBeneath: [{paths: ["/nowhere"], allowedAccess: ["execute"]}]}}'
	create_container
	rt start "$ID"
	fails_like "*annotations.org.oci-rt.landlock: *Landlock: open /nowhere in the container: no such file or directory"
	rt delete --force "$ID"
	rt run -b "$B" "$ID"
	fails_like "*annotations.org.oci-rt.landlock: *Landlock: open /nowhere in the container: no such file or directory"
	assert_nothing_left
	landlock '{ruleset: {handledAccessFS: ["execute"]}}'
	rt run -b "$B" "$ID"
	fails_like "exec /bin/true: permission denied: its mode allows it; a rule of org.oci-rt.landlock has to allow \`execute\` and \`read_file\` on it, and on the interpreter that it names"
	assert_nothing_left
}
