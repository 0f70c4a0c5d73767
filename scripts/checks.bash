# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/tiers.bash and tests/vm/guest: checks that write TAP, and what a machine has before
# tests and after them. $RUN is a directory for records, with a directory log in it.
# shellcheck shell=bash

# check NAME COMMAND...: one test; its output is shown where it fails
check() {
	local name="$1" log
	shift
	log="$(mktemp "$RUN/log/XXXXXX")"
	if "$@" >"$log" 2>&1 </dev/null; then
		echo "ok $name"
	else
		echo "not ok $name"
		tail -n 40 "$log" | sed 's/^/# /'
		return 1
	fi
}

all_cgroups() {
	find /sys/fs/cgroup -type d 2>/dev/null | sort
}

all_states() {
	find /run/oci-rt /run/user/*/oci-rt /tmp/oci-rt-[0-9]* -mindepth 1 -maxdepth 1 2>/dev/null | sort
}

remember_machine() {
	all_cgroups >"$RUN/cgroups"
	all_states >"$RUN/states"
	sort /proc/self/mountinfo >"$RUN/mounts"
}

# New cgroups, without those that hold somebody else's processes.
new_cgroups() {
	local dir
	while read -r dir; do
		[ ! -d "$dir" ] || [ -n "$(cat "$dir/cgroup.procs" 2>/dev/null)" ] || echo "$dir"
	done < <(all_cgroups | comm -13 "$RUN/cgroups" -)
}

is_empty_soon() {
	local i left
	for ((i = 0; i < 20; i++)); do
		left="$("$@")"
		[ -n "$left" ] || return 0
		sleep 0.2
	done
	echo "$left"
	return 1
}

new_states() {
	all_states | comm -13 "$RUN/states" -
}

new_mounts() {
	sort /proc/self/mountinfo | comm -13 "$RUN/mounts" -
}

# Those that failed, of TAP on standard input: "FILE NAME" in each line.
failed_tests() {
	awk '
		/^not ok / { name = $0; sub(/^not ok [0-9]+ /, "", name); sub(/ in [0-9]+ms$/, "", name); next }
		/^ok / { name = "" }
		name != "" && match($0, /in test file [^,]+,/) {
			print substr($0, RSTART + 13, RLENGTH - 14) " " name
			name = ""
		}'
}

# bats_twice COMMAND... -- FILE...: COMMAND is bats. In continuous integration, the few tests that fail run once
# more, alone; a line "unstable NAME" says which of them passed then.
bats_twice() {
	local command=() tap status file name
	while [ "$1" != -- ]; do
		command+=("$1")
		shift
	done
	shift
	[ -n "${CI:-}" ] || {
		"${command[@]}" "$@"
		return
	}
	tap="$(mktemp "$RUN/log/XXXXXX")"
	"${command[@]}" "$@" | tee "$tap"
	status="${PIPESTATUS[0]}"
	[ "$status" -ne 0 ] && [ "$(grep -c '^not ok' "$tap")" -le 8 ] || return "$status"
	failed_tests <"$tap" >"$tap.failed"
	[ "$(grep -c '^not ok' "$tap")" -ne "$(wc -l <"$tap.failed")" ] || status=0
	while read -r file name; do
		# as it stands in the file, where quotes have a backslash
		if "${command[@]}" -f "^${name//[^A-Za-z0-9 ]/.{1,2\}}\$" "$file" >"$tap" 2>&1 </dev/null &&
			grep '^ok' "$tap" | grep -qv '# skip'; then
			echo "unstable $name"
		else
			status=1
		fi
	done <"$tap.failed"
	return "$status"
}
