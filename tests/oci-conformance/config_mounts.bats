#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.md: mounts and the mount options of Linux.

bats_require_minimum_version 1.5.0

load helpers

setup() { conformance_setup; }
teardown() { conformance_teardown; }

# add_mount JSON
add_mount() {
	edit --argjson m "$1" '.mounts += [$m]'
}

# A tree of the host's with a mount of its own below: $SOURCE and $SOURCE/below, shared
source_tree() {
	SOURCE="$BATS_TEST_TMPDIR/source"
	mkdir "$SOURCE"
	mount -t tmpfs -o mode=755 source "$SOURCE"
	mount --make-shared "$SOURCE"
	mkdir "$SOURCE/below"
	mount -t tmpfs -o mode=755 below "$SOURCE/below"
	touch "$SOURCE/file" "$SOURCE/below/file"
}

# The last mount on PLACE, as the container sees it: options, propagation and options of the filesystem
mount_of() {
	awk -v p="$1" '$5 == p { o = $6; f = ""; n = 0
		for (i = 7; i <= NF; i++) if ($i == "-") { s = $(i + 3); break } else f = f " " $i }
		END { gsub(/:[0-9]+/, "", f); print o " |" f " | " s }'
}

# option OPTIONS: a tmpfs with these options; what became of it is in $MOUNT
option() {
	mkdir -p "$B/rootfs/mnt"
	edit --argjson o "$1" '.mounts += [{destination: "/mnt", type: "tmpfs", source: "x", options: $o}]'
	inside 'cat /proc/self/mountinfo'
	succeeds
	MOUNT="$(mount_of /mnt <<<"$output")"
	echo "mounted with $1: $MOUNT"
	grep -q ' /mnt ' <<<"$output"
}

# bound OPTIONS: a tree of the host's, bound; what became of it and of the mount in it: $MOUNT, $BELOW
bound() {
	source_tree
	edit --argjson o "$1" --arg s "$SOURCE" '.mounts += [{destination: "/mnt", source: $s, options: $o}]'
	inside 'cat /proc/self/mountinfo'
	succeeds
	MOUNT="$(mount_of /mnt <<<"$output")"
	BELOW="$(grep ' /mnt/below ' <<<"$output" | mount_of /mnt/below)"
	echo "bound with $1: $MOUNT; below: $BELOW"
	grep -q ' /mnt ' <<<"$output"
}

# has WORD / hasnt WORD: among the options of the mount, of the filesystem, or its propagation
has() {
	[[ "${2:-$MOUNT}" =~ (^|[ ,])$1([ ,]|$) ]]
}

hasnt() {
	not has "$@"
}

@test "mounts are made in the listed order" {
	mkdir -p "$B/rootfs/mnt"
	add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "first"}'
	add_mount '{"destination": "/mnt/sub", "type": "tmpfs", "source": "second"}'
	add_mount '{"destination": "/mnt/sub/sub", "type": "tmpfs", "source": "third"}'
	inside 'grep " /mnt" /proc/self/mountinfo | sed "s/.* - tmpfs \([^ ]*\) .*/\1/"'
	prints $'first\nsecond\nthird'
}

@test "a later mount covers an earlier one on the same place" {
	mkdir -p "$B/rootfs/mnt" "$B/one" "$B/two"
	touch "$B/one/one" "$B/two/two"
	add_mount '{"destination": "/mnt", "source": "one", "options": ["bind"]}'
	add_mount '{"destination": "/mnt", "source": "two", "options": ["bind"]}'
	inside 'ls /mnt'
	prints two
}

@test "destination is missing" { refused . '.mounts += [{type: "tmpfs", source: "x"}]'; }
@test "destination is empty" { refused . '.mounts += [{destination: "", type: "tmpfs", source: "x"}]'; }

@test "a relative destination is relative to /" {
	mkdir -p "$B/rootfs/mnt/sub"
	edit '.process.cwd = "/tmp"'
	add_mount '{"destination": "mnt/sub", "type": "tmpfs", "source": "x"}'
	inside 'cut -d" " -f5 /proc/self/mountinfo | grep mnt'
	succeeds
	# a runtime may warn of it before
	[ "${lines[-1]}" = /mnt/sub ]
}

@test "a destination that is missing is made" {
	add_mount '{"destination": "/made/for/it", "type": "tmpfs", "source": "x"}'
	inside 'grep -c " /made/for/it " /proc/self/mountinfo'
	prints 1
}

@test "a source is relative to the bundle" {
	mkdir "$B/data" && echo here >"$B/data/file"
	add_mount '{"destination": "/mnt", "source": "data", "options": ["bind"]}'
	inside 'cat /mnt/file'
	prints here
}

@test "an option that no filesystem knows is an error" { refused '.mounts += [{destination: "/mnt", type: "tmpfs", source: "x", options: ["size=64k"]}]' '.mounts[-1].options += ["nosuchoption"]'; }

@test "an option that the runtime does not know is the filesystem's" {
	option '["size=128k", "mode=0711", "nr_inodes=99"]'
	has size=128k
	has mode=711
	has nr_inodes=99
}

@test "option async" { option '["sync", "async"]'; hasnt sync; }
@test "option atime" { option '["noatime", "atime"]'; hasnt noatime; }
@test "option bind: the mount, not what is mounted below it" { bound '["bind"]'; has rw; [[ "$BELOW" == " |"* ]]; }
@test "option bind: a file" {
	echo text >"$B/file"
	add_mount '{"destination": "/etc/made", "source": "file", "options": ["bind"]}'
	inside 'cat /etc/made'
	prints text
}
@test "option defaults" { option '["defaults"]'; has rw; hasnt ro; hasnt nosuid; hasnt nodev; hasnt noexec; hasnt sync; hasnt defaults; }
@test "option dev" { option '["nodev", "dev"]'; hasnt nodev; }
@test "option diratime" { option '["nodiratime", "diratime"]'; hasnt nodiratime; }
@test "option dirsync" { option '["dirsync"]'; has dirsync; }
@test "option exec" { option '["noexec", "exec"]'; hasnt noexec; }
@test "option iversion" { option '["iversion", "size=64k"]'; has size=64k; }
@test "option lazytime" { option '["lazytime"]'; has lazytime; }
@test "option loud" { option '["silent", "loud", "size=64k"]'; has size=64k; }
@test "option noatime" { option '["noatime"]'; has noatime; }
@test "option nodev" { option '["nodev"]'; has nodev; hasnt noexec; }
@test "option nodiratime" { option '["nodiratime"]'; has nodiratime; }
@test "option noexec" {
	option '["noexec"]'
	has noexec
	hasnt nosuid
	inside 'cp /bin/busybox /mnt/true; /mnt/true && echo ran'
	[[ "$output" != *ran* ]]
	[[ "$output" == *"ermission denied"* ]]
}
@test "option noiversion" { option '["iversion", "noiversion", "size=64k"]'; has size=64k; }
@test "option nolazytime" { option '["lazytime", "nolazytime"]'; hasnt lazytime; }
@test "option norelatime" { option '["norelatime", "size=64k"]'; has size=64k; }
@test "option nostrictatime" { option '["strictatime", "nostrictatime"]'; has relatime; }
@test "option nosuid" { option '["nosuid"]'; has nosuid; hasnt nodev; }
@test "option private" { bound '["rbind", "private"]'; hasnt shared; hasnt master; hasnt unbindable; }
@test "option rbind: the mount and what is mounted below it" { bound '["rbind"]'; [[ "$BELOW" != " |"* ]]; }
@test "option relatime" { option '["relatime", "size=64k"]'; has relatime; has size=64k; }
@test "option remount" {
	mkdir -p "$B/rootfs/mnt"
	add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["size=64k"]}'
	add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["remount", "ro", "nosuid"]}'
	inside 'cat /proc/self/mountinfo; touch /mnt/x'
	MOUNT="$(grep ' /mnt ' <<<"$output" | mount_of /mnt)"
	echo "$MOUNT"
	has ro
	has nosuid
	has size=64k
	[[ "$output" == *Read-only* ]]
	[ "$(grep -c ' /mnt ' <<<"$output")" -eq 1 ]
}
@test "option ro: of a filesystem" { option '["ro"]'; [[ "$MOUNT" == ro* ]]; }
@test "option ro: of a bind mount, not of its source" {
	bound '["rbind", "ro"]'
	has ro "${MOUNT%% *}"
	inside 'touch /mnt/new'
	[[ "$output" == *Read-only* ]]
	touch "$SOURCE/new"
}
@test "option rprivate" { bound '["rbind", "rprivate"]'; hasnt shared; hasnt master; hasnt shared "$BELOW"; hasnt master "$BELOW"; }
@test "option rshared" { bound '["rbind", "rshared"]'; has shared; has shared "$BELOW"; }
@test "option rslave" { bound '["rbind", "rslave"]'; has master; hasnt shared; hasnt shared "$BELOW"; }
@test "option runbindable" { bound '["rbind", "runbindable"]'; has unbindable; has unbindable "$BELOW"; }
@test "option rw" { option '["ro", "rw"]'; has rw; hasnt ro; }
@test "option shared" { bound '["rbind", "shared"]'; has shared; }
@test "option silent" { option '["silent", "size=64k"]'; has size=64k; }
@test "option slave" { bound '["rbind", "slave"]'; has master; hasnt shared; }
@test "option slave: what the host mounts comes in" {
	source_tree
	edit --arg s "$SOURCE" '.linux.rootfsPropagation = "rslave"
		| .mounts += [{destination: "/mnt", source: $s, options: ["rbind", "rslave"]}]'
	create_container
	mkdir "$SOURCE/late"
	mount -t tmpfs late "$SOURCE/late"
	until_true 2 grep -q ' /mnt/late ' "/proc/$(pid_of "$ID")/mountinfo"
}
@test "option private: what the host mounts stays out" {
	source_tree
	edit --arg s "$SOURCE" '.mounts += [{destination: "/mnt", source: $s, options: ["rbind", "rprivate"]}]'
	create_container
	mkdir "$SOURCE/late"
	mount -t tmpfs late "$SOURCE/late"
	sleep 0.1
	not grep ' /mnt/late ' "/proc/$(pid_of "$ID")/mountinfo"
}
@test "option strictatime" { option '["strictatime"]'; hasnt relatime; hasnt noatime; }
@test "option suid" { option '["nosuid", "suid"]'; hasnt nosuid; }
@test "option sync" { option '["sync"]'; has sync; }
@test "option unbindable" { bound '["rbind", "unbindable"]'; has unbindable; }

@test "the recursive options reach what is mounted below" {
	source_tree
	local o
	for o in rro:ro rnosuid:nosuid rnodev:nodev rnoexec:noexec rnoatime:noatime rnodiratime:nodiratime \
		rnosymfollow:nosymfollow; do
		edit --arg o "${o%:*}" --arg s "$SOURCE" '.mounts |= map(select(.destination != "/mnt"))
			+ [{destination: "/mnt", source: $s, options: ["rbind", $o]}]'
		inside 'cat /proc/self/mountinfo'
		[ "$status" -eq 0 ] || skip "the runtime does not know ${o%:*}"
		echo "${o%:*}"
		MOUNT="$(mount_of /mnt <<<"$output")"
		has "${o#*:}"
		has "${o#*:}" "$(mount_of /mnt/below <<<"$output")"
	done
}

# Mounts with mapped ids. Owners on disk: file 100:211, below/file 102:233.
MAPPINGS='{"uidMappings": [{"containerID": 100, "hostID": 5, "size": 9}], "gidMappings": [{"containerID": 211, "hostID": 7, "size": 90}]}'

mapped_tree() {
	source_tree
	chown 100:211 "$SOURCE/file"
	chown 102:233 "$SOURCE/below/file"
	chmod 755 "$SOURCE"
}

# mapped OPTIONS MAPPINGS: whether create takes it; owners of the files as the container sees them: $output
mapped() {
	edit --argjson o "$1" --argjson m "$2" --arg s "$SOURCE" \
		'.mounts += [{destination: "/mnt", source: $s, options: $o} + $m]'
	inside 'stat -c %u:%g /mnt/file /mnt/below/file'
}

# The host and the runtime can, or the test is skipped.
needs_idmap() {
	feature '.linux.mountExtensions.idmap.enabled' ||
		skip "the runtime's features do not list idmapped mounts"
	mapped_tree
}

@test "option idmap: the mount's own mapping is used, for this mount alone" {
	needs_idmap
	mapped '["rbind", "idmap"]' "$MAPPINGS"
	prints $'5:7\n102:233'
	[ "$(stat -c %u:%g "$SOURCE/file")" = 100:211 ]
}

@test "option ridmap: the mount's own mapping is used, for all below it" {
	needs_idmap
	mapped '["rbind", "ridmap"]' "$MAPPINGS"
	prints $'5:7\n7:29'
}

# Either of the two that the spec leaves open: the container's mapping, or an error.
container_mapping_or_error() {
	needs_idmap
	user_namespace
	chmod go+rx "$SOURCE" "$SOURCE/below"
	mapped "$1" '{}'
	echo "status $status, output: $output"
	if [ "$status" -eq 0 ]; then
		[ "$output" = "$2" ]
	else
		nothing_is_left
	fi
}

@test "option idmap without mappings, with a user namespace: its mapping or an error" { container_mapping_or_error '["rbind", "idmap"]' $'100:211\n65534:65534'; }
@test "option ridmap without mappings, with a user namespace: its mapping or an error" { container_mapping_or_error '["rbind", "ridmap"]' $'100:211\n102:233'; }

idmap_refused() {
	source_tree
	SOURCE="$SOURCE" refused . '.mounts += [{destination: "/mnt", source: env.SOURCE, options: '"$1"'}]'
}

@test "option idmap without mappings and without a user namespace is an error" { idmap_refused '["rbind", "idmap"]'; }
@test "option ridmap without mappings and without a user namespace is an error" { idmap_refused '["rbind", "ridmap"]'; }

half_mapped_refused() {
	needs_idmap
	export SOURCE MAPPINGS
	refused '.mounts += [{destination: "/mnt", source: env.SOURCE, options: ["rbind", "idmap"]} + (env.MAPPINGS | fromjson)]' \
		"del(.mounts[-1].$1)"
}

@test "uidMappings without gidMappings" { half_mapped_refused gidMappings; }
@test "gidMappings without uidMappings" { half_mapped_refused uidMappings; }

@test "maskedPaths cannot be read: a file, a directory" {
	mkdir "$B/rootfs/secret"
	echo secret >"$B/rootfs/secret/file"
	echo secret >"$B/rootfs/etc/secret"
	edit '.linux.maskedPaths = ["/secret", "/etc/secret", "/no/such/path"]'
	inside 'cat /etc/secret; ls /secret; echo end'
	echo "status $status, output: $output"
	[[ "$output" != *secret* ]] || [[ "$output" == *"ermission denied"* ]]
	[[ "$output" != *file* ]]
	[ "${lines[-1]}" = end ]
}

@test "readonlyPaths cannot be written: a file, a directory" {
	mkdir "$B/rootfs/data"
	echo old >"$B/rootfs/data/file"
	echo old >"$B/rootfs/etc/data"
	edit '.linux.readonlyPaths = ["/data", "/etc/data", "/no/such/path"]'
	inside 'echo new >/data/file; echo new >/etc/data; cat /data/file /etc/data'
	echo "status $status, output: $output"
	[ "$(tail -n 2 <<<"$output")" = $'old\nold' ]
	[ "$(grep -c Read-only <<<"$output")" -eq 2 ]
}

@test "maskedPaths: a relative path" { refused . '.linux.maskedPaths = ["proc/kcore"]'; }
@test "readonlyPaths: a relative path" { refused . '.linux.readonlyPaths = ["proc/sys"]'; }

@test "rootfsPropagation" {
	local want
	for want in shared:shared private: unbindable:unbindable slave:; do
		edit --arg p "${want%:*}" '.linux.rootfsPropagation = $p'
		inside 'cat /proc/self/mountinfo'
		succeeds
		MOUNT="$(mount_of / <<<"$output")"
		echo "${want%:*}: $MOUNT"
		if [ -n "${want#*:}" ]; then
			has "${want#*:}"
		else
			hasnt shared
			hasnt unbindable
		fi
	done
}

@test "mountLabel" {
	[ -d /sys/fs/selinux ] && [ -e /sys/fs/selinux/enforce ] || skip "this host has no SELinux"
	edit '.linux.mountLabel = "system_u:object_r:svirt_sandbox_file_t:s0"'
	option '[]'
	[[ "$MOUNT" == *svirt_sandbox_file_t* ]]
}
