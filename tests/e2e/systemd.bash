# SPDX-License-Identifier: Apache-2.0
# Units of systemd's. OF_USER: the words before a command of the user's; empty: root's manager.

OF_USER=()

is_run_by_systemd() {
	[ -d /run/systemd/system ] && [ "$(cat /proc/1/comm)" = systemd ]
}

needs_systemd() {
	is_run_by_systemd || skip "the first process here is not systemd"
	needs systemctl systemd-run
	"$RT" features | jq -e .linux.cgroup.systemd >/dev/null || skip "built without systemd"
	[ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] || skip "needs cgroup v2"
}

unit_control() {
	if [ "${#OF_USER[@]}" -gt 0 ]; then
		"${OF_USER[@]}" systemctl --user "$@"
	else
		systemctl "$@"
	fi
}

# property UNIT NAME
property() {
	unit_control show "$1" -p "$2" --value
}

property_is() {
	local value
	value="$(property "$1" "$2")"
	echo "$1: $2 is '$value', expected '$3'"
	[ "$value" = "$3" ]
}

no_unit() {
	local left
	left="$(unit_control list-units --all --plain --no-legend "${1//\\/\\\\}")"
	[ -z "$left" ] || {
		echo "left: $left"
		return 1
	}
}
