# SPDX-License-Identifier: Apache-2.0
# What the conformance tests share. They know of the runtime ($RUNTIME) only the command line that
# all runtimes have: --root, create, start, state, kill, delete, run, features.

OCI_RT="${RUNTIME:?the runtime to test}"
load ../e2e/helpers

# The config that tests change, in place of one that the runtime writes. Its version is the newest
# that the runtime says to know (./run asks), else one that every runtime must accept.
BASE_CONFIG='{
	ociVersion: $version,
	process: {
		user: {uid: 0, gid: 0},
		args: ["sleep", "1000"],
		env: ["PATH=/bin", "E2E=\($id)"],
		cwd: "/",
		capabilities: (["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
			| {bounding: ., effective: ., permitted: .})
	},
	root: {path: "rootfs"},
	hostname: "conformance",
	mounts: [
		{destination: "/proc", type: "proc", source: "proc"},
		{destination: "/dev", type: "tmpfs", source: "tmpfs",
			options: ["nosuid", "strictatime", "mode=755", "size=65536k"]},
		{destination: "/dev/pts", type: "devpts", source: "devpts",
			options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
		{destination: "/dev/shm", type: "tmpfs", source: "shm",
			options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
		{destination: "/sys", type: "sysfs", source: "sysfs",
			options: ["nosuid", "noexec", "nodev", "ro"]}
	],
	linux: {
		cgroupsPath: "/\($id)",
		namespaces: [{type: "pid"}, {type: "network"}, {type: "mount"}, {type: "ipc"}, {type: "uts"}]
	}
}'

# make_bundle DIR: the user land is a busybox
make_bundle() {
	mkdir "$1"
	cp -a "$(rootfs_template)" "$1/rootfs"
	jq -n --arg id "$ID" --arg version "${OCI_VERSION:-1.0.2}" "$BASE_CONFIG" >"$1/config.json"
}

# The applets' links in one process: this is most of what a short run costs.
link_applets() {
	chroot "$1" /bin/busybox --install -s /bin
}

# For setup() and teardown().
conformance_setup() {
	umask 022
	container_setup
	ID="conf-$$-$BATS_TEST_NUMBER"
	edit --arg id "$ID" '.process.env[1] = "E2E=" + $id | .linux.cgroupsPath = "/" + $id'
	OTHER="$ID-2"
	PID_FILE="$BATS_TEST_TMPDIR/pid"
	RAN="$B/rootfs/tmp/ran"
	LOG="$BATS_TEST_TMPDIR/hooks.log"
}

# A wrong runtime leaves something: it is not this that fails the test.
conformance_teardown() {
	local id pid dir
	for id in "$ID" "$OTHER"; do
		timeout 20 "$RT" --root "$ROOT" delete --force "$id" >/dev/null 2>&1 3>&- || true
	done
	for pid in $(grep -slzx -- "E2E=$ID" /proc/[0-9]*/environ | cut -d/ -f3); do
		kill -KILL "$pid" 2>/dev/null || true
	done
	common_teardown
	grep -F "$BATS_TEST_TMPDIR" /proc/self/mountinfo | cut -d' ' -f5 | sort -r |
		while read -r dir; do umount -l "$dir"; done
	for dir in $(cgroups_of "$ID" | sort -r); do
		rmdir "$dir" 2>/dev/null || true
	done
}

# Both end a runtime that hangs, and say so by their status (124).
rt() {
	run timeout 60 "$RT" --root "$ROOT" "$@"
}

rt_live() {
	status=0
	timeout 60 "$RT" --root "$ROOT" "$@" </dev/null >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" 3>&- || status=$?
	output="$(cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err")"
}

create_container() {
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$@" "$ID"
	succeeds
}

# The output of a shell script as the container's program: $output. In one stream: a runtime may copy
# two of them, in an order of its own.
inside() {
	set_args sh -c "exec 2>&1; $1"
	rt run --bundle "$B" "$ID"
}

fails() {
	echo "status $status, output: $output"
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
}

# holds ARGUMENT-OF-JQ...: as jq -e, for which jq 1.6 takes no input at all for a success
holds() {
	local result
	result="$(jq "$@" | tail -n 1)" && [ -n "$result" ] && [ "$result" != false ] && [ "$result" != null ]
}

# A line that begins with ! never fails a test (errexit does not look at it): this does.
not() {
	! "$@"
}

exists() {
	timeout 60 "$RT" --root "$ROOT" state "$1" >/dev/null 2>&1
}

# No container, no process, no pid file, no cgroup: as if create had not been tried.
nothing_is_left() {
	echo "left: state? process? pid file? cgroup? (the first that fails is)"
	! exists "$ID" || return 1
	until_true 2 no_marked_process || return 1
	[ ! -e "$PID_FILE" ] || return 1
	[ -z "$(cgroups_of "$ID")" ] || return 1
}

no_marked_process() {
	! grep -qslzx -- "E2E=$ID" /proc/[0-9]*/environ
}

delete_by_force() {
	rt delete --force "$ID"
	succeeds
	rm -f "$PID_FILE"
}

# The twin of a wrong config that is right: without it a refusal would say little.
# twin_is_accepted JQ...
twin_is_accepted() {
	edit "$@"
	[ "$*" != . ] || return 0
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	[ "$status" -eq 0 ] || return 1
	delete_by_force
}

twin_is_refused() {
	echo "the right twin of the config is refused: $output"
	return 1
}

# refused RIGHT WRONG: create with the first change to the config works; with the second one too, create
# fails and leaves nothing. RIGHT is . where the base config is the right twin.
refused() {
	twin_is_accepted "$1" || twin_is_refused
	edit "$2"
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	fails
	nothing_is_left
}

# As refused, where a host or a runtime may not have what RIGHT wants.
refused_where_known() {
	twin_is_accepted "$1" || skip "not available here: $(head -n 1 <<<"$output" | cut -c 1-150)"
	refused . "$2"
}

# A property of the process may be applied by start as well: until then nothing may have run.
process_refused() {
	twin_is_accepted "$1" || twin_is_refused
	set_args sh -c 'echo ran >/tmp/ran'
	edit "$2"
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	if [ "$status" -eq 0 ]; then
		rt_live start "$ID"
		fails
		sleep 0.1
		[ ! -e "$RAN" ]
		delete_by_force
	else
		fails
		nothing_is_left
	fi
	[ ! -e "$RAN" ]
}

# feature JQ: of the runtime's features document
feature() {
	timeout 20 "$RT" features 2>/dev/null | holds "$1" 2>/dev/null
}

needs_features() {
	timeout 20 "$RT" features >"$BATS_TEST_TMPDIR/features.json" 2>/dev/null &&
		holds 'type == "object"' "$BATS_TEST_TMPDIR/features.json" || skip "the runtime has no features command"
}

# known_gap RUNTIME WHY: a deviation that the runtime's own people know of; others are still tested
known_gap() {
	[[ "$(timeout 20 "$RT" --version 2>/dev/null | head -n 1)" != "$1 "* ]] || skip "$1: known gap: $2"
}

ns_of() {
	readlink "/proc/$1/ns/$2"
}

# v1_controller NAME: the directory of its hierarchy
v1_controller() {
	awk -v c="$1" '{ n = split($NF, o, ","); t = 0
		for (i = 1; i <= NF; i++) if ($i == "-") t = $(i + 1)
		for (i = 1; i <= n; i++) if (t == "cgroup" && o[i] == c) { print $5; exit } }' /proc/self/mountinfo
}

# Where controller NAME limits the container: its v1 hierarchy, else the unified one. $CGROUP
needs_controller() {
	CGROUP="$(v1_controller "$1")"
	V1="$CGROUP"
	[ -z "$CGROUP" ] || { CGROUP="$CGROUP/$ID" && return; }
	CGROUP="$(unified)"
	[ -n "$CGROUP" ] && grep -qw "$1" "$CGROUP/cgroup.controllers" ||
		skip "this host has no cgroup controller $1"
	CGROUP="$CGROUP/$ID"
}

# The unified hierarchy's mount point, if any.
unified() {
	awk '{ for (i = 1; i <= NF; i++) if ($i == "-" && $(i + 1) == "cgroup2") { print $5; exit } }' \
		/proc/self/mountinfo
}

# hook KIND SCRIPT: appends one that is run by the host's shell
hook() {
	edit --arg k "$1" --arg s "$2" '.hooks[$k] += [{path: "/bin/sh", args: ["sh", "-c", $s]}]'
}

# The bundle and the container's user land, for a user namespace whose root is the host's 100000.
user_namespace() {
	edit '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings
		| .mounts |= map(select(.type != "sysfs"))'
	chown -R 100000:100000 "$B/rootfs"
	local dir="$B"
	until [ "$dir" = / ]; do
		chmod go+x "$dir"
		dir="$(dirname "$dir")"
	done
}
