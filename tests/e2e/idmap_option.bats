#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --idmap and org.oci-rt.idmap: which ids a container of an ordinary user gets, on hosts that lack this
# or that. Run as root, which makes the user: OCI_RT=build/oci-rt bats tests/e2e/idmap_option.bats

bats_require_minimum_version 1.5.0

load helpers

setup_file() { user_setup_file || true; }
teardown_file() { user_teardown_file; }

setup() {
	# a config for root: no user namespace
	user_container_setup
	ME="$(id -u "$TEST_USER")"
	edit 'del(.mounts[] | select(.type == "devpts"))'
	set_args sh -c 'tr -s " " </proc/self/uid_map; cat /proc/self/setgroups'
}

teardown() { user_container_teardown; }

# on_host 'SHELL COMMANDS AS ROOT' ARGUMENTS OF oci-rt...: in a mount namespace of its own
on_host() {
	local change="$1"
	shift
	run unshare -m --propagation private bash -c "set -e; $change
		$(declare -f as_user); TEST_USER='$TEST_USER' USER_DIR='$USER_DIR'
		as_user '$RT' --root '$ROOT' \"\$@\" ${OUT:+>'$OUT' 2>&1 </dev/null}" - "$@"
}

# Files in the place of the host's, with these lines for the user: subids 'uid lines' ['gid lines']
subids() {
	printf '%s' "$1" >"$DIR/subuid"
	printf '%s' "${2-$1}" >"$DIR/subgid"
	echo "mount --bind '$DIR/subuid' /etc/subuid; mount --bind '$DIR/subgid' /etc/subgid;"
}

one_id=$' 0 %s 1\ndeny'
without_helper='for p in newuidmap newgidmap; do [ ! -e /usr/bin/$p ] || { touch "$DIR/none"; chmod 0644 "$DIR/none"; mount --bind "$DIR/none" /usr/bin/$p; }; done;'

is_one_id() {
	# shellcheck disable=SC2059 # a format of ours
	prints "$(printf "$one_id" "$ME")"
}

@test "R9: a config for root, run by a user: the own id and the ranges" {
	needs newuidmap newgidmap
	local u
	read -r -a u < <(subid_of uid)
	urt run -b "$B" "$ID"
	prints $' 0 '"$ME"$' 1\n 1 '"${u[*]}"$'\nallow'
}

@test "a user namespace without mappings: the same; --idmap=none refuses both" {
	needs newuidmap newgidmap
	edit '.linux.namespaces += [{type: "user"}]'
	local u
	read -r -a u < <(subid_of uid)
	urt run -b "$B" "$ID"
	prints $' 0 '"$ME"$' 1\n 1 '"${u[*]}"$'\nallow'
	urt run --idmap none -b "$B" "$ID"
	fails_like "*config.json:*: linux.uidMappings: a new user namespace needs at least one mapping here"
	edit '.linux.namespaces -= [{type: "user"}]'
	urt run --idmap=none -b "$B" "$ID"
	fails_like "*config.json:*: linux.namespaces: running without CAP_SYS_ADMIN needs a user namespace in this list; *"
	edit '.annotations["org.oci-rt.idmap"] = "none"'
	urt run -b "$B" "$ID"
	fails_like "*: linux.namespaces: running without CAP_SYS_ADMIN needs *"
}

@test "R5: newuidmap is not there: one id, said in state and plan; --idmap=subuid is an error" {
	on_host "DIR='$DIR'; $without_helper" run -b "$B" "$ID"
	is_one_id
	on_host "DIR='$DIR'; $without_helper" plan -b "$B"
	[[ "$output" == *"degraded: the container has one id, which is the caller's: newuidmap is not installed"* ]]
	set_args sleep 1000
	OUT="$DIR/out" on_host "DIR='$DIR'; $without_helper" create -b "$B" "$ID"
	succeeds
	urt state "$ID"
	[[ "$(jq -r '.annotations["org.oci-rt.degraded"]' <<<"$output")" == *"the container has one id, which is the caller's: newuidmap is not installed"* ]]
	urt delete --force "$ID"
	on_host "DIR='$DIR'; $without_helper" run --idmap=subuid -b "$B" "$ID"
	fails_like "config.json:*: linux.uidMappings: --idmap=subuid: newuidmap is not installed; as root: apt-get install uidmap (elsewhere shadow-utils)"
}

@test "R5: newuidmap is not set-user-ID, or its file system is mounted nosuid, or no_new_privs is set: one id" {
	needs newuidmap newgidmap
	on_host "install -m 0755 /usr/bin/newuidmap '$DIR/plain'; mount --bind '$DIR/plain' /usr/bin/newuidmap;" \
		plan -b "$B"
	[[ "$output" == *"degraded: the container has one id, which is the caller's: /usr/bin/newuidmap is neither setuid root nor has it file capabilities"* ]]
	on_host "mount --bind /usr/bin /usr/bin; mount -o remount,bind,nosuid /usr/bin;" run -b "$B" "$ID"
	is_one_id
	on_host "mount --bind /usr/bin /usr/bin; mount -o remount,bind,nosuid /usr/bin;" run --idmap=subuid -b "$B" "$ID"
	fails_like "*--idmap=subuid: /usr/bin/newuidmap lies on a mount with nosuid; as root: mount -o remount,bind,suid /usr/bin"
	run as_user setpriv --no-new-privs "$RT" --root "$ROOT" run -b "$B" "$ID"
	is_one_id
	run as_user setpriv --no-new-privs "$RT" --root "$ROOT" run --idmap=subuid -b "$B" "$ID"
	fails_like "*--idmap=subuid: no_new_privs is set here, so /usr/bin/newuidmap gets no rights; start this process without it: NoNewPrivileges=no of its service, allowPrivilegeEscalation: true of its pod"
}

@test "R5: no range in the files: one id; --idmap=subuid says whose file lacks what" {
	on_host "$(subids 'other:700000:10'$'\n')" run -b "$B" "$ID"
	is_one_id
	on_host "$(subids 'other:700000:10'$'\n')" run --idmap=subuid -b "$B" "$ID"
	fails_like "*linux.uidMappings: --idmap=subuid: $TEST_USER has no range in /etc/subuid and /etc/subgid; as root: usermod --add-subuids 700010-765545 --add-subgids 700010-765545 $TEST_USER"
	on_host "$(subids "$TEST_USER:700000:10"$'\n' '')" run --idmap=subuid -b "$B" "$ID"
	fails_like "*--idmap=subuid: $TEST_USER has no range in /etc/subgid; as root: usermod --add-subgids 100000-165535 $TEST_USER"
}

@test "R7: eight ranges, by name and by number, one of them twice: all are mapped" {
	needs newuidmap newgidmap
	local lines='' expected i
	expected=" 0 $ME 1"
	for i in 0 1 2 3 4 5 6 7; do
		lines+="$([ $((i % 2)) -eq 0 ] && echo "$TEST_USER" || echo "$ME"):$((800000 + 100 * i)):10"$'\n'
		expected+=$'\n'" $((1 + 10 * i)) $((800000 + 100 * i)) 10"
	done
	lines+="$ME:800000:10"$'\n'"# nothing"$'\n'"$TEST_USER:x:10"$'\n'
	set_args sh -c 'tr -s " " </proc/self/uid_map; touch /made; chown 80:80 /made; stat -c %u:%g /made'
	edit '.process.capabilities[] += ["CAP_CHOWN"]'
	on_host "$(subids "$lines")" run -b "$B" "$ID"
	prints "$expected"$'\n80:80'
	[ "$(stat -c %u:%g "$B/rootfs/made")" = 800709:800709 ]
	rm "$B/rootfs/made"
}

@test "--idmap=single in the place of a longer map; the annotation says the same; the option wins" {
	needs newuidmap newgidmap
	local u
	read -r -a u < <(subid_of uid)
	edit --argjson u "${u[0]}" --argjson me "$ME" '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: $me, size: 1}, {containerID: 1, hostID: $u, size: 10}]
		| .linux.gidMappings = .linux.uidMappings'
	urt run --idmap=single -b "$B" "$ID"
	is_one_id
	edit '.annotations["org.oci-rt.idmap"] = "single"'
	urt run -b "$B" "$ID"
	is_one_id
	urt run --idmap=auto -b "$B" "$ID"
	prints $' 0 '"$ME"$' 1\n 1 '"${u[0]}"$' 10\nallow'
	edit '.process.user.uid = 1'
	urt run -b "$B" "$ID"
	fails_like "*config.json:*: process.user.uid: uid 1 is not in the container's map"
}

@test "a user whom one id does not have: the error says why there is one" {
	edit '.process.user.uid = 33'
	on_host "$(subids '')" run -b "$B" "$ID"
	fails_like "*config.json:*: process.user.uid: uid 33 is not in the container's map; no other id can be mapped: $TEST_USER has no range in /etc/subuid and /etc/subgid; as root: *"
}

@test "what one id makes fail: the kernel's answer, and why there is one" {
	edit '.mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["uid=5"]}]'
	on_host "$(subids '')" run -b "$B" "$ID"
	fails_like "*config.json:*: mounts?*?: mount tmpfs on /mnt (uid=5): *; the container has one id only: $TEST_USER has no range in /etc/subuid and /etc/subgid; as root: *"
	# not what one id is the cause of
	edit 'del(.mounts[-1]) | .process.args = ["/nowhere"]'
	on_host "$(subids '')" run -b "$B" "$ID"
	[ "$status" -eq 1 ]
	[[ "$output" != *"one id only"* ]]
	# asked for: nothing to explain
	edit '.mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["uid=5"]}]'
	urt run --idmap=single -b "$B" "$ID"
	[ "$status" -eq 1 ]
	[[ "$output" != *"one id only"* ]]
}

@test "exec, by a user in the ranges" {
	needs newuidmap newgidmap
	set_args sleep 1000
	as_user "$RT" --root "$ROOT" run -d -b "$B" "$ID" </dev/null >"$DIR/out" 2>&1
	urt exec -u 7:8 "$ID" sh -c 'id -u; id -g'
	prints $'7\n8'
}

@test "R9: spec --rootless: one id; --idmap asks for more" {
	needs newuidmap newgidmap
	local u dir
	read -r -a u < <(subid_of uid)
	maps() {
		rm -f "$B/config.json"
		as_user "$RT" spec --rootless -b "$B" "$@"
		jq -c '.linux.uidMappings // [] | map([.containerID, .hostID, .size])' "$B/config.json"
	}
	[ "$(maps)" = "[[0,$ME,1]]" ]
	[ "$(maps --idmap=single)" = "[[0,$ME,1]]" ]
	[ "$(maps --idmap=auto)" = "[[0,$ME,1],[1,${u[0]},${u[1]}]]" ]
	[ "$(maps --idmap=subuid)" = "[[0,$ME,1],[1,${u[0]},${u[1]}]]" ]
	[ "$(maps --idmap=none)" = "[]" ]
	rm "$B/config.json"
	on_host "$(subids '')" spec --rootless --idmap=auto -b "$B"
	prints ""
	[ "$(jq -c '.linux.uidMappings | length' "$B/config.json")" -eq 1 ]
	rm "$B/config.json"
	on_host "$(subids '')" spec --rootless --idmap=subuid -b "$B"
	fails_like "--idmap=subuid: $TEST_USER has no range in /etc/subuid and /etc/subgid; as root: *"
	urt spec --idmap=single -b "$B"
	fails_with "option '--idmap' needs '--rootless'"
}

@test "another word is an error" {
	urt run --idmap=maybe -b "$B" "$ID"
	fails_with "option '--idmap': expected one of auto, subuid, single, none, found 'maybe'"
	edit '.annotations["org.oci-rt.idmap"] = "maybe"'
	urt run -b "$B" "$ID"
	fails_like "*config.json:*: annotations.org.oci-rt.idmap: expected auto, subuid, single or none, found 'maybe'"
}

@test "root: a config without mappings stays an error; --idmap=subuid takes root's ranges, without uid 0" {
	edit '.linux.namespaces += [{type: "user"}]'
	run "$RT" --root "$DIR/roots" run -b "$B" "$ID"
	fails_like "*: linux.uidMappings: a new user namespace needs at least one mapping here"
	printf '%s\n' root:900000:1000 >"$DIR/sub"
	chmod 0711 "$DIR"
	run unshare -m --propagation private sh -c 'mount --bind sub /etc/subuid; mount --bind sub /etc/subgid; exec "$@"' - \
		"$RT" --root "$DIR/roots" run --idmap=subuid -b "$B" "$ID"
	prints $' 0 900000 1000\nallow'
}

@test "ranges of a service, by libsubid" {
	needs cc readelf
	ldconfig -p | grep -q 'libsubid\.so\.[345]' || skip "needs libsubid"
	readelf -lW "$RT" | grep -q INTERP || skip "a static binary loads no library"
	mkdir "$DIR/lib"
	cat >"$DIR/plugin.c" <<-'C'
		#include <stdbool.h>
		#include <stdlib.h>
		struct subid_range { unsigned long start, count; };
		int shadow_subid_has_range(const char *o, unsigned long s, unsigned long c, int t, bool *r) { *r = true; return 0; }
		int shadow_subid_find_subid_owners(unsigned long id, int t, unsigned **u, int *n) { *n = 0; return 0; }
		int shadow_subid_list_owner_ranges(const char *o, int t, struct subid_range **r, int *n)
		{
			*r = malloc(sizeof **r);
			**r = (struct subid_range){ t == 1 ? 5000000 : 6000000, 1234 };
			*n = 1;
			return 0;
		}
	C
	cc -shared -fPIC -o "$DIR/lib/libsubid_e2e.so" "$DIR/plugin.c"
	{
		cat /etc/nsswitch.conf
		echo 'subid: e2e'
	} >"$DIR/nsswitch"
	chmod -R a+rX "$DIR/lib" "$DIR/nsswitch"
	run unshare -m --propagation private bash -c "mount --bind '$DIR/nsswitch' /etc/nsswitch.conf
		$(declare -f as_user); TEST_USER='$TEST_USER' USER_DIR='$USER_DIR'
		as_user env LD_LIBRARY_PATH='$DIR/lib' '$RT' --root '$ROOT' plan -b '$B'"
	echo "$output"
	[[ "$output" == *"uids 0:$ME:1,1:5000000:1234; gids 0:$(id -g "$TEST_USER"):1,1:6000000:1234"* ]]
}
