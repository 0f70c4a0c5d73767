# SPDX-License-Identifier: Apache-2.0
# Containers that need no `create`: a process of the test and a state that names it.

RT="${OCI_RT:-build/oci-rt}"
RT="$(realpath "$RT")"

common_setup() {
	ROOT="$BATS_TEST_TMPDIR/root"
	mkdir -m 0700 "$ROOT"
	PIDS=()
	cd "$BATS_TEST_TMPDIR" || return 1
}

common_teardown() {
	for pid in "${PIDS[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	wait 2>/dev/null || true
}

# The command under test, on this test's state directory.
rt() {
	run "$RT" --root "$ROOT" "$@"
}

# `! COMMAND` never ends a test but as its last line: set -e does not look at it.
not() {
	! "$@"
}

# bare COMMAND...: with the environment that the client gives, NAME=VALUE first
bare() {
	status=0
	env -i "$@" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- || status=$?
	output="$(cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err")"
}

fails_with() {
	echo "status $status, output: $output"
	[ "$status" -eq 1 ] && [ "$output" = "$1" ]
}

# Field 22 of proc_pid_stat(5); the names of our processes have no blanks.
start_time() {
	awk '{ print $22 }' "/proc/$1/stat"
}

# write_state ID PID START_TIME OWN_PID_NAMESPACE [CONFIG]
write_state() {
	mkdir -p -m 0700 "$ROOT/$1"
	local empty='{"ociVersion":"1.3.0"}'
	printf '%s' "${5:-$empty}" >"$ROOT/$1/config.json"
	cat >"$ROOT/$1/state.json" <<-JSON
		{"version":1,"container":{"id":"$1","bundle":"/bundle","rootfs":"/bundle/rootfs",
		"created":"2026-01-02T03:04:05.000000006Z","ownerUid":0,"pid":$2,"startTime":$3,
		"ownPidNamespace":$4,"cgroup":{"manager":"disabled"},
		"annotations":{"a.b":"c"},"degraded":["no cgroup"]}}
	JSON
}

# A running container without a cgroup: fake ID [CONFIG]; its process is in $pid.
fake() {
	sleep 1000 3>&- &
	pid=$!
	PIDS+=("$pid")
	write_state "$1" "$pid" "$(start_time "$pid")" false "$2"
}

# The same with a PID namespace of its own that holds two processes.
fake_with_namespace() {
	local own=()
	[ "$(id -u)" -eq 0 ] || own=(--user --map-root-user)
	unshare "${own[@]}" --pid --fork --kill-child sh -c 'sleep 1000 & exec sleep 1001' 3>&- &
	local parent=$!
	PIDS+=("$parent")
	until pid="$(pgrep -P "$parent")" && pgrep -P "$pid" >/dev/null &&
		[ "$(cat "/proc/$pid/comm")" = sleep ]; do
		sleep 0.05
	done
	write_state "$1" "$pid" "$(start_time "$pid")" true
}

is_gone() {
	local i
	for ((i = 0; i < 100; i++)); do
		case "$(awk '{ print $3 }' "/proc/$1/stat" 2>/dev/null)" in
		'' | Z | X) return 0 ;;
		esac
		sleep 0.05
	done
	return 1
}

# Whole containers: a bundle whose root is a busybox.

needs_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
}

# needs PROGRAM...
needs() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null || skip "needs the program $program"
	done
}

# The system's own where there is one: version managers put slow wrappers first in PATH.
PYTHON="$([ -x /usr/bin/python3 ] && echo /usr/bin/python3 || echo python3)"

# By the shell of busybox, which has ln in itself: one process for each link is slow under emulation.
link_applets() {
	(cd "$1/bin" && ./busybox sh -c 'for applet in $(busybox --list); do
		[ "$applet" = busybox ] || ln -s busybox "$applet"
	done')
}

# The root file system, made once for all files of a run.
rootfs_template() {
	local root="$BATS_RUN_TMPDIR/rootfs-template"
	echo "$root"
	[ ! -d "$root" ] || return 0
	local new="$root.$$"
	mkdir -p "$new"/{bin,dev,etc,home/someone,mnt,proc,root,sys,tmp,usr/bin}
	cp "$(command -v busybox)" "$new/bin/busybox"
	link_applets "$new"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh someone:x:1000:1000::/home/someone:/bin/sh \
		>"$new/etc/passwd"
	printf '%s\n' root:x:0: someone:x:1000: >"$new/etc/group"
	mv "$new" "$root"
}

# make_bundle DIR [OPTION OF spec...]. E2E in the environment marks the container's processes.
make_bundle() {
	local dir="$1"
	shift
	mkdir "$dir"
	cp -a "$(rootfs_template)" "$dir/rootfs"
	"$RT" spec -b "$dir" "$@"
	edit_config "$dir" --arg id "$ID" '.process.terminal = false | .root.readonly = false
		| .process.env += ["E2E=" + $id]'
}

# edit_config BUNDLE JQ-ARGUMENT...
edit_config() {
	local file="$1/config.json"
	shift
	jq "$@" <"$file" >"$file.new" && mv "$file.new" "$file"
}

edit() {
	edit_config "$B" "$@"
}

# For setup(): one bundle, one id that no other test on this machine has.
container_setup() {
	needs_root
	needs busybox jq
	common_setup
	ID="e2e-$$-$BATS_TEST_NUMBER"
	B="$BATS_TEST_TMPDIR/b"
	make_bundle "$B"
}

container_teardown() {
	local id
	[ -d "$ROOT" ] || return 0
	for id in $("$RT" --root "$ROOT" list -q); do
		"$RT" --root "$ROOT" resume "$id" 2>/dev/null || true
		"$RT" --root "$ROOT" delete --force "$id" || true
	done
	common_teardown
	assert_nothing_left
}

# For setup() of files that become a user: a bundle that is the user's, a directory that the user may write.
# user_container_setup [OPTION OF spec...]; ROOTFS=none: the test makes its own
user_container_setup() {
	user_setup
	ID="e2e-$$-$BATS_TEST_NUMBER"
	DIR="$USER_DIR/tests/$BATS_TEST_NUMBER"
	B="$DIR/b"
	ROOT="$DIR/root"
	RT="$USER_DIR/oci-rt"
	PIDS=()
	as_user mkdir -m 0700 -p "$DIR"
	mkdir -m 0755 "$B"
	cd "$DIR" || return 1
	[ "${ROOTFS:-}" = none ] || cp -a "$(rootfs_template)" "$B/rootfs"
	chown -R "$TEST_USER:" "$B"
	as_user "$RT" spec "$@" -b "$B"
	edit --arg id "$ID" '.process.terminal = false | .root.readonly = false
		| .process.env += ["E2E=" + $id]'
}

user_container_teardown() {
	local id
	[ -n "$USER_DIR" ] || return 0
	for id in $(as_user "$RT" --root "$ROOT" list -q); do
		as_user "$RT" --root "$ROOT" delete --force "$id" || true
	done
	[ ! -d "$ROOT" ] || BATS_TEST_TMPDIR="$DIR" assert_nothing_left
}

urt() {
	run as_user "$RT" --root "$ROOT" "$@"
}

# rt for containers that live on and would hold the pipe of `run` open.
rt_live() {
	status=0
	"$RT" --root "$ROOT" "$@" </dev/null >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" 3>&- || status=$?
	output="$(cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err")"
}

succeeds() {
	echo "status $status, output: $output"
	[ "$status" -eq 0 ]
}

# prints TEXT: succeeded, and with this output
prints() {
	echo "status $status, output: $output, expected: $1"
	[ "$status" -eq 0 ] && [ "$output" = "$1" ]
}

# fails_like PATTERN: as fails_with; the pattern is a glob for the one line.
fails_like() {
	echo "status $status, output: $output, expected: $1"
	[ "$status" -eq 1 ] && [ "${#lines[@]}" -le 1 ] && [[ "$output" == $1 ]]
}

set_args() {
	edit '.process.args = $ARGS.positional' --args -- "$@"
}

# Run a shell script as the container's program.
inside() {
	set_args sh -c "$1"
	rt run -b "$B" "$ID"
}

# create_container [OPTION...]; the program is ARGS, a long sleep unless set before.
create_container() {
	rt_live create -b "$B" "$@" "$ID"
	succeeds
}

start_container() {
	create_container "$@"
	rt_live start "$ID"
	succeeds
}

status_of() {
	"$RT" --root "$ROOT" state "$1" | jq -r .status
}

pid_of() {
	"$RT" --root "$ROOT" state "$1" | jq -r .pid
}

# until_true SECONDS COMMAND...
until_true() {
	local end=$((SECONDS + $1 + 1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || {
			echo "not in time: $*"
			return 1
		}
		sleep 0.02
	done
}

has_status() {
	[ "$(status_of "$1")" = "$2" ]
}

# cgroup_of [CONTROLLER]: the directory of the cgroup that the container's init is in, on v1 that of the controller
cgroup_of() {
	local controller=
	[ -e /sys/fs/cgroup/cgroup.controllers ] || controller="${1:-}"
	echo "/sys/fs/cgroup/$controller$(awk -F: -v c="$controller" 'index("," $2 ",", "," c ",") { print $3 }' \
		"/proc/$(pid_of "$ID")/cgroup")"
}

# limit FILE-ON-V2 [CONTROLLER/FILE-ON-V1]: what the container's cgroup says. On v1 without the second: CONTROLLER/FILE
limit() {
	local file="$1"
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		cat "$(cgroup_of)/$file"
	else
		file="${2:-$1}"
		cat "$(cgroup_of "${file%%/*}")/${file#*/}"
	fi
}

cgroups_of() {
	find /sys/fs/cgroup -name "$1*" 2>/dev/null
}

# The container's processes by the mark in their environment; ours by their command line.
processes_left() {
	grep -slzx -- "E2E=$ID" /proc/[0-9]*/environ || true
	pgrep -f -- "--root $ROOT" || true
}

no_processes_left() {
	[ -z "$(processes_left)" ]
}

# State, cgroups, processes and mounts of this test: none.
assert_nothing_left() {
	local left=()
	until_true 2 no_processes_left || left+=("processes: $(processes_left)")
	[ -z "$(ls -A "$ROOT")" ] || left+=("state: $(ls -A "$ROOT")")
	[ -z "$(cgroups_of "$ID")" ] || left+=("cgroups: $(cgroups_of "$ID")")
	! grep -qF "$BATS_TEST_TMPDIR" /proc/self/mountinfo ||
		left+=("mounts: $(grep -F "$BATS_TEST_TMPDIR" /proc/self/mountinfo)")
	[ "${#left[@]}" -eq 0 ] || {
		printf 'left: %s\n' "${left[@]}"
		return 1
	}
}

# An ordinary user, made for one file: with ranges in /etc/subuid and /etc/subgid, and a runtime
# directory. The name is the run's own: two runs at once must not take each other's user away.

# bats before 1.9 cannot skip in setup_file: the reason is kept, and told by user_setup() in setup().
user_file_lacks() {
	local program
	[ "$(id -u)" -eq 0 ] || {
		echo "needs root"
		return
	}
	for program in busybox jq useradd setpriv "$@"; do
		command -v "$program" >/dev/null || {
			echo "needs the program $program"
			return
		}
	done
}

user_setup() {
	[ -z "$USER_SKIP" ] || skip "$USER_SKIP"
}

# For setup_file(): $USER_DIR is the user's, with root's copy of the runtime in it. Further programs that
# the file needs are arguments. Not 0: its tests will be skipped.
user_setup_file() {
	export TEST_USER="oci-rt-e2e-$$" USER_DIR= USER_SKIP
	USER_SKIP="$(user_file_lacks "$@")"
	[ -z "$USER_SKIP" ] || return 1
	USER_DIR="$(mktemp -d /tmp/oci-rt-e2e.XXXXXX)"
	useradd --user-group --home-dir "$USER_DIR/home" --shell /bin/sh "$TEST_USER"
	grep -q "^$TEST_USER:" /etc/subuid || usermod --add-subuids 700000-765535 "$TEST_USER"
	grep -q "^$TEST_USER:" /etc/subgid || usermod --add-subgids 700000-765535 "$TEST_USER"
	chmod 0711 "$USER_DIR"
	install -m 0755 "$RT" "$USER_DIR/oci-rt"
	install -d -m 0700 -o "$TEST_USER" -g "$TEST_USER" "$USER_DIR"/{home,run,tests}
}

user_is_idle() {
	[ -z "$(pgrep -u "$TEST_USER")" ]
}

user_teardown_file() {
	[ -n "$USER_DIR" ] || return 0
	until_true 5 user_is_idle || ps -o pid,args -u "$TEST_USER"
	userdel "$TEST_USER"
	rm -rf "$USER_DIR"
}

# as_user COMMAND...: with a clean environment
as_user() {
	setpriv --reuid "$(id -u "$TEST_USER")" --regid "$(id -g "$TEST_USER")" --init-groups \
		--inh-caps=-all env -i HOME="$USER_DIR/home" XDG_RUNTIME_DIR="$USER_DIR/run" \
		USER="$TEST_USER" LOGNAME="$TEST_USER" PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
		"$@" 3>&-
}

# The first id and the size of the user's range: subid_of uid|gid
subid_of() {
	awk -F: -v u="$TEST_USER" '$1 == u { print $2, $3; exit }' "/etc/sub$1"
}
