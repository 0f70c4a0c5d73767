#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The situations of docs/ROOTLESS.md that take a machine of one's own: systemd's delegation, and sysctls that hold
# for everybody. The command is taken out of the line that oci-rt prints, carried out, and the container runs.

bats_require_minimum_version 1.5.0

load helpers
load systemd

setup_file() {
	[ -n "${OCI_RT_IN_VM:-}" ] || return 0
	user_setup_file loginctl systemd-run || true
}

teardown_file() {
	[ -n "${USER_DIR:-}" ] || return 0
	loginctl disable-linger "$TEST_USER" || true
	systemctl stop "user@$(id -u "$TEST_USER").service" "user-$(id -u "$TEST_USER").slice" || true
	user_teardown_file
}

setup() {
	[ -n "${OCI_RT_IN_VM:-}" ] || skip "runs in the virtual machine of tests/vm"
	user_container_setup --rootless
	RUNTIME_DIR="/run/user/$(id -u "$TEST_USER")"
	set_args echo ran
}

teardown() {
	[ -n "${ID:-}" ] || return 0
	[ ! -d "$ROOT" ] || BATS_TEST_TMPDIR="$DIR" assert_nothing_left
}

has_bus() {
	[ -S "$RUNTIME_DIR/bus" ]
}

has_no_bus() {
	! has_bus
}

lingers() {
	loginctl enable-linger "$TEST_USER"
	until_true 60 has_bus
}

# urun [OPTION...]: from root's cgroup, with the runtime directory that a login sets
urun() {
	run as_user env XDG_RUNTIME_DIR="$RUNTIME_DIR" "$RT" --root "$ROOT" "$@" run -b "$B" "$ID"
}

# The command in backquotes
quoted() {
	local after="${output#*\`}"
	echo "${after%%\`*}"
}

as_root_says() {
	echo "${output##*as root: }"
}

@test "R4: no user bus: the line's command brings it, and the container is in a unit of the user's" {
	loginctl disable-linger "$TEST_USER" || true
	systemctl stop "user@$(id -u "$TEST_USER").service" || true
	until_true 30 has_no_bus
	# without the option there is no need of it
	urun
	prints ran
	urun --systemd-cgroup
	fails_like "*cannot reach this user's systemd on $RUNTIME_DIR/bus: *; \`loginctl enable-linger $TEST_USER\` starts the user's systemd, or use --cgroup-manager=cgroupfs"
	sh -c "$(quoted)"
	until_true 60 has_bus
	edit '.linux.resources = {pids: {limit: 50}}'
	set_args cat /proc/self/cgroup
	urun --systemd-cgroup
	prints "0::/"
}

@test "R3: the session's cgroup is not delegated: a limit, the line's command, and it holds" {
	lingers
	urun
	prints ran
	edit '.linux.resources = {pids: {limit: 50}}'
	urun
	fails_like "config.json:*: linux.resources.pids.limit: it cannot be set: this user has no delegated cgroup; run it below \`systemd-run --user --scope -p Delegate=yes\`, or give the user a cgroup directory of its own"
	local words
	read -r -a words <<<"$(quoted)"
	set_args cat /sys/fs/cgroup/pids.max
	edit '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"]}]'
	run as_user env XDG_RUNTIME_DIR="$RUNTIME_DIR" "${words[@]}" --quiet "$RT" --root "$ROOT" run -b "$B" "$ID"
	prints 50
}

@test "R3: a controller that user@.service does not pass on: the line's drop-in adds it" {
	lingers
	local scope=(as_user env XDG_RUNTIME_DIR="$RUNTIME_DIR" systemd-run --user --scope --quiet -p Delegate=yes)
	local dir=/run/systemd/system/user@.service.d
	mkdir -p "$dir"
	printf '[Service]\nDelegate=\nDelegate=pids memory\n' >"$dir/zz-oci-rt.conf"
	systemctl daemon-reload
	systemctl restart "user@$(id -u "$TEST_USER").service"
	until_true 60 has_bus
	edit '.linux.resources = {cpu: {cpus: "0"}}'
	run "${scope[@]}" "$RT" --root "$ROOT" run -b "$B" "$ID"
	local said="$output"
	# what stands in the line between [Service] and the comma
	local setting="${said#*\[Service\] }"
	printf '[Service]\n%s\n' "${setting%%,*}" >"$dir/zz-oci-rt.conf"
	systemctl daemon-reload
	systemctl restart "user@$(id -u "$TEST_USER").service"
	until_true 60 has_bus
	run "${scope[@]}" "$RT" --root "$ROOT" run -b "$B" "$ID"
	rm -r "$dir"
	systemctl daemon-reload
	echo "$said"
	[[ "$said" == "config.json:"*": linux.resources.cpu.cpus: it cannot be set: the controller cpuset is not passed on by /sys/fs/cgroup/"*" (cgroup.subtree_control); as root: \`systemctl edit user@.service\`, [Service] Delegate=cpu cpuset io memory pids, and log in again" ]]
	prints ran
}

# sysctl_forbids NAME CAUSE: 0 or 1 of it forbids user namespaces, the line says so, and its command mends it
sysctl_forbids() {
	local old said
	[ -e "/proc/sys/${1//.//}" ] || skip "this kernel has no $1"
	old="$(sysctl -n "$1")"
	sysctl -qw "$1=$2"
	urun
	said="$output"
	"$RT" doctor >"$DIR/doctor" || true
	local mend
	mend="$(as_root_says)"
	[[ "$mend" != "sysctl -w $1="* ]] || sh -c "${mend%%,*}"
	urun
	sysctl -qw "$1=$old"
	echo "$said"
	[[ "$said" == "config.json:"$3 ]]
	prints ran
}

@test "R8: kernel.unprivileged_userns_clone=0, and the command mends it" {
	sysctl_forbids kernel.unprivileged_userns_clone 0 '*: linux.namespaces: fork init into new namespaces: *: clone3: operation not permitted: kernel.unprivileged_userns_clone is 0; as root: sysctl -w kernel.unprivileged_userns_clone=1'
}

@test "R8: user.max_user_namespaces=0 for everybody, and the command mends it" {
	sysctl_forbids user.max_user_namespaces 0 '*: linux.namespaces: fork init into new namespaces: *: clone3: no space left on device: user.max_user_namespaces is 0; as root: sysctl -w user.max_user_namespaces=15000'
}

@test "R8: kernel.apparmor_restrict_unprivileged_userns=1, and the command mends it" {
	sysctl_forbids kernel.apparmor_restrict_unprivileged_userns 1 '*: AppArmor takes the rights of user namespaces from programs without a profile (kernel.apparmor_restrict_unprivileged_userns is 1); as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or load a profile with `userns,` for this program'
}

@test "R15: exec from a cgroup that the user may not leave: it works, and the debug log says where the process stays" {
	lingers
	set_args sleep 1000
	as_user env XDG_RUNTIME_DIR="$RUNTIME_DIR" systemd-run --user --scope --quiet -p Delegate=yes \
		"$RT" --root "$ROOT" run -d -b "$B" "$ID" </dev/null >"$DIR/out" 2>&1
	# no bus to ask
	run as_user env XDG_RUNTIME_DIR=/nowhere "$RT" --root "$ROOT" --debug exec "$ID" sh -c 'echo entered >&2'
	echo "$output"
	local said="$output" code="$status"
	as_user "$RT" --root "$ROOT" delete --force "$ID"
	[ "$code" -eq 0 ]
	[[ "$said" == *entered* ]]
	[[ "$said" == *"exec: the container's cgroup is not ours to enter: the process stays in that of this command"* ]]
}

# The profile is PROFILE's lines, over a copy of the runtime.
load_profile() {
	printf '%s\n' 'abi <abi/4.0>,' "profile $PROFILE $DIR/confined $1 {" '	allow all,' "$2" '}' \
		>"/etc/apparmor.d/$PROFILE"
	apparmor_parser -r "/etc/apparmor.d/$PROFILE"
}

@test "R8: an AppArmor profile that forbids user namespaces; each line's remedy takes one step" {
	local PROFILE="oci-rt-test-$$" file
	install -m 0755 "$RT" "$DIR/confined"
	chown "$TEST_USER:" "$DIR/confined"
	RT="$DIR/confined"
	load_profile '' '	deny userns,'
	urun
	fails_like "protect the runtime's binary from the container: permission denied: the AppArmor profile \"$PROFILE\" over this process knows no file outside of the file system tree; as root: add flags=(attach_disconnected) to it, in the file that \`grep -lr '$PROFILE' /etc/apparmor.d\` names; load it with apparmor_parser -r"
	file="$(sh -c "$(quoted)")"
	sed -i 's/ {$/ flags=(attach_disconnected) {/' "$file"
	apparmor_parser -r "$file"
	urun
	fails_like "*: permission denied: the AppArmor profile \"$PROFILE\" over this process has no rule \`userns,\`; as root: add it in the file that \`grep -lr '$PROFILE' /etc/apparmor.d\` names; load it with apparmor_parser -r"
	run as_user "$RT" doctor --json
	[[ "$output" == *"has no rule \`userns,\`"* ]]
	sed -i 's/deny userns,/userns,/' "$file"
	apparmor_parser -r "$file"
	urun
	prints ran
	apparmor_parser -R "$file"
	rm "$file"
}
