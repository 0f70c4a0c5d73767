#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a user reads after a wrong command line, word by word: clients match on these texts.
# Run: OCI_RT=build/oci-rt bats tests/e2e/cli.bats

bats_require_minimum_version 1.5.0

load helpers

setup() { common_setup; }
teardown() { common_teardown; }

@test "no command" {
	run "$RT"
	fails_with "missing command; see oci-rt --help"
}

@test "unknown command, with and without a near one" {
	rt stat
	fails_with "unknown command 'stat'; did you mean 'state'?"
	rt frobnicate
	fails_with "unknown command 'frobnicate'; see oci-rt --help"
	rt frobnicate --help
	fails_with "No help topic for 'frobnicate'"
}

@test "unknown global option" {
	run "$RT" --rot "$ROOT" list
	fails_with "unknown option '--rot'; did you mean '--root'?"
	run "$RT" --frobnicate list
	fails_with "unknown option '--frobnicate'"
	run "$RT" -x list
	fails_with "unknown option '-x'"
}

@test "global option without or with a wrong value" {
	run "$RT" --root
	fails_with "option '--root' requires an argument"
	run "$RT" --log-format xml list
	fails_with "option '--log-format': expected one of text, json, found 'xml'"
	run "$RT" --log-level loud list
	fails_with "option '--log-level': expected one of error, warning, info, debug, found 'loud'"
	run "$RT" --cgroup-manager none list
	fails_with "option '--cgroup-manager': expected one of cgroupfs, systemd, disabled, found 'none'"
	run "$RT" --rootless maybe list
	fails_with "option '--rootless': expected one of auto, true, false, found 'maybe'"
	run "$RT" --debug=maybe list
	fails_with "option '--debug': expected true or false, found 'maybe'"
	run "$RT" --systemd-cgroup --cgroup-manager cgroupfs list
	fails_with "option '--systemd-cgroup' contradicts '--cgroup-manager'"
}

@test "global option after the command" {
	rt list --root /r
	fails_with "option '--root' is global: put it before the command"
}

@test "missing and surplus arguments" {
	for command in state pause resume; do
		rt "$command"
		fails_with "missing argument; usage: oci-rt $command ID"
		rt "$command" a b
		fails_with "unexpected argument 'b' of $command"
	done
	rt kill
	fails_with "missing argument; usage: oci-rt kill [OPTION...] ID [SIGNAL]"
	rt kill a 9 x
	fails_with "unexpected argument 'x' of kill"
	rt delete
	fails_with "missing argument; usage: oci-rt delete [OPTION...] ID"
	rt ps
	fails_with "missing argument; usage: oci-rt ps [OPTION...] ID [PS OPTION...]"
	rt update --memory 1m
	fails_with "missing argument; usage: oci-rt update [OPTION...] ID"
	rt list x
	fails_with "unexpected argument 'x' of list"
	rt features x
	fails_with "unexpected argument 'x' of features"
	rt spec x
	fails_with "unexpected argument 'x' of spec"
}

@test "missing arguments of create, start, run, exec" {
	rt create
	fails_with "missing argument; usage: oci-rt create [OPTION...] ID"
	rt run -d
	fails_with "missing argument; usage: oci-rt run [OPTION...] ID"
	rt start
	fails_with "missing argument; usage: oci-rt start ID"
	rt exec -t
	fails_with "missing argument; usage: oci-rt exec [OPTION...] ID COMMAND [ARGUMENT...]"
	rt exec c1
	fails_with "exec needs a command or '--process FILE'"
	rt exec --process p c1 ls
	fails_with "option '--process' excludes a command"
	rt exec -u root c1 ls
	fails_with "option '-u': expected UID[:GID], found 'root'"
	rt exec --cap CAP_NONE c1 ls
	fails_with "option '--cap': unknown capability 'CAP_NONE'"
	rt exec --preserve-fds -1 c1 ls
	fails_with "option '--preserve-fds': expected a number, found '-1'"
}

@test "ids that are none" {
	for command in state start pause resume delete kill ps events; do
		rt "$command" ../x
		fails_with "invalid container ID '../x': it begins with a dot"
		rt "$command" a/b
		fails_with "invalid container ID 'a/b': only letters, digits and _ + - . are allowed"
		rt "$command" ""
		fails_with "invalid container ID: it is empty"
	done
	rt state "$(printf '%0300d' 0)"
	fails_with "invalid container ID: it has 300 bytes, more than 254"
}

@test "container does not exist" {
	for command in state start pause resume delete kill ps events; do
		rt "$command" nope
		fails_with "container does not exist"
		run "$RT" --root "$ROOT/nowhere" "$command" nope
		fails_with "container does not exist"
	done
	rt update --memory 1m nope
	fails_with "container does not exist"
	rt exec nope ls
	[ "$status" -ne 0 ]
	[ "$output" = "container does not exist" ]
	[ ! -e "$ROOT/nowhere" ]
}

@test "delete --force of what doesn't exist is quiet" {
	rt delete --force nope
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run "$RT" --root "$ROOT/nowhere" delete -f nope
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "signals" {
	rt kill c1 FOO
	fails_with "unknown signal 'FOO'"
	rt kill c1 65
	fails_with "unknown signal '65'"
	rt kill c1 -- -1
	fails_with "unknown signal '-1'"
}

@test "update" {
	rt update c1
	fails_with "nothing to update: give --resources or a limit"
	rt update -r f --memory 1m c1
	fails_with "option '--resources' excludes the options of single limits"
	rt update --memory lots c1
	fails_with "option '--memory': expected a size such as 1048576, 512m or -1, found 'lots'"
	rt update --cpu-period -1 c1
	fails_with "option '--cpu-period': expected a number from 0, found '-1'"
	rt update --kernel-memory 1m c1
	fails_with "option '--kernel-memory': the kernel has no separate limit of kernel memory since Linux 5.16; use --memory, which covers it"
	fake c1
	rt update -r nowhere c1
	fails_with "open resources file 'nowhere': no such file or directory"
	echo '{"memory":{"limit":"1m"}}' >r.json
	rt update -r r.json c1
	[ "$status" -eq 1 ]
	[[ "$output" == "r.json:1:"*"memory.limit: expected "* ]]
	rt update --memory 1m c1
	fails_with "cannot update container 'c1': it has no cgroup of its own"
}

@test "formats" {
	rt list -f yaml
	fails_with "option '-f': expected one of table, json, found 'yaml'"
	rt ps --format=yaml c1
	fails_with "option '--format': expected one of table, json, found 'yaml'"
}

@test "state directory" {
	run "$RT" --root "" list
	fails_with "state directory: bad path"
	touch file
	run "$RT" --root file list
	fails_with "open state directory 'file': not a directory"
	ln -s "$ROOT" link
	run "$RT" --root link/ list
	fails_with "open state directory 'link': not a directory"
	mkdir -m 0777 open
	chmod 0777 open
	run "$RT" --root open list
	fails_with "state directory 'open' is writable by others (mode 0777)"
}

@test "help and version go to standard output and succeed" {
	for arg in -h --help -help; do
		run --separate-stderr "$RT" "$arg"
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		[ "${lines[0]}" = "NAME:" ]
		[ "${lines[1]}" = "   oci-rt - OCI container runtime" ]
	done
	for command in create start run exec kill delete state list ps events pause resume update spec \
		features plan; do
		for arg in -h --help; do
			run --separate-stderr "$RT" "$command" "$arg"
			[ "$status" -eq 0 ]
			[ -z "$stderr" ]
			[ "${lines[0]}" = "NAME:" ]
			[[ "${lines[1]}" == "   oci-rt $command - "* ]]
			# fits a terminal of 110 columns
			[ -z "$(grep -E '.{111}' <<<"$output")" ]
		done
	done
	for arg in -v --version -version; do
		run "$RT" "$arg"
		[ "$status" -eq 0 ]
		[[ "${lines[0]}" =~ ^oci-rt\ version\ [0-9]+\.[0-9]+\.[0-9]+ ]]
		[ "${lines[1]}" = "spec: 1.3.0" ]
		[[ "${lines[2]}" == *SECCOMP* ]]
	done
}

@test "output that can't be written is a failure" {
	for args in --version --help "list" "features" "list --help"; do
		run bash -c "'$RT' --root '$ROOT' $args >/dev/full"
		fails_with "write standard output: no space left on device"
	done
}

@test "log: one line of JSON, the same sentence on standard error" {
	rt --log log.json --log-format json state nope
	fails_with "container does not exist"
	[ "$(wc -l <log.json)" -eq 1 ]
	[ "$(jq -r '.level + "|" + .msg' log.json)" = "error|container does not exist" ]
	jq -e '.time | fromdate' log.json
	[ "$(stat -c %a log.json)" = 644 ]
	# appended to
	rt --log log.json --log-format=json state 'a"b\'
	[ "$(wc -l <log.json)" -eq 2 ]
	[ "$(tail -n 1 log.json | jq -r .msg)" = "$output" ]
}

@test "log: text" {
	rt --log log.txt state nope
	fails_with "container does not exist"
	grep -Eqx 'time="[0-9T:-]+Z" level=error msg="container does not exist"' log.txt
}

@test "log: nothing on success, debug lines on demand" {
	rt --log log.json --log-format json list
	[ "$status" -eq 0 ]
	[ ! -s log.json ]
	rt --log log.json --log-format json --debug list
	[ "$status" -eq 0 ]
	[[ "$output" != *debug* ]]
	grep -q '"level":"debug"' log.json
	rt --debug list
	[[ "$output" == *"level=debug"* ]]
}

@test "log: standard error takes the chosen format where there is no file" {
	rt --log-format json state nope
	[ "$status" -eq 1 ]
	[ "$(jq -r .msg <<<"$output")" = "container does not exist" ]
}

@test "log: wrong command lines are in it too" {
	rt --log log.json --log-format json state
	[ "$(jq -r .msg log.json)" = "missing argument; usage: oci-rt state ID" ]
	run "$RT" --log log2.json --log-format json --frobnicate
	[ "$(jq -r .msg log2.json)" = "unknown option '--frobnicate'" ]
}

@test "log: a file that can't be opened" {
	rt --log /nowhere/log list
	fails_with "open log file '/nowhere/log': no such file or directory"
}

# In a mount namespace of its own, where SOCKET is ours: logs_to SOCKET TARGET; what arrives is in log.
logs_to() {
	needs_root
	command -v python3 >/dev/null || skip "needs python3"
	cat >service.py <<-'PY'
		import os, socket, subprocess, sys
		os.makedirs(os.path.dirname(sys.argv[1]), exist_ok=True)
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind(sys.argv[1])
		s.settimeout(5)
		print("status", subprocess.run(sys.argv[2:], stderr=subprocess.PIPE).returncode)
		print(s.recv(4096).decode())
	PY
	run unshare --mount --propagation private sh -c 'mount -t tmpfs tmpfs "$1" && shift && exec "$@"' \
		- "$1" python3 service.py "$2" "$RT" --root "$ROOT" --log "$3" state nobody
	echo "$output"
}

@test "log: journald" {
	logs_to /run /run/systemd/journal/socket journald:me
	[ "$output" = $'status 1\nPRIORITY=3\nSYSLOG_IDENTIFIER=me\nMESSAGE=container does not exist' ]
}

@test "log: syslog" {
	logs_to /dev /dev/log syslog:me
	[[ "${lines[1]}" =~ ^"<11>"[A-Z][a-z]{2}\ [\ 0-9]{2}\ [0-9:]{8}\ me\[[0-9]+\]:\ container\ does\ not\ exist$ ]]
}

@test "log: a service that is not there" {
	needs_root
	run unshare --mount --propagation private sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' \
		- "$RT" --root "$ROOT" --log journald: list
	fails_with "connect log 'journald:': no such file or directory"
}

@test "list of nothing" {
	rt list -f json
	[ "$status" -eq 0 ]
	[ "$output" = "[]" ]
	rt list
	[[ "$output" =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER$ ]]
	rt list -q
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "all containers of a --root that is not there: a mistake, not none" {
	for command in "list" "list --format=json" "list -q" "stats" "kill --regex . KILL" "delete --regex ."; do
		# shellcheck disable=SC2086 # the command's words
		run "$RT" --root "$ROOT/nowhere" $command
		fails_with "open state directory '$ROOT/nowhere': no such file or directory; nothing was created with this --root"
	done
	[ ! -e "$ROOT/nowhere" ]
}

@test "all containers of the default directory that is not there yet: none" {
	unset XDG_RUNTIME_DIR
	local run=(env XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR/run") command
	[ "$(id -u)" -ne 0 ] || run=(unshare --mount --propagation private sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' -)
	mkdir -m 0700 "$BATS_TEST_TMPDIR/run"
	for command in "list -q" "stats" "kill --regex . KILL" "delete --regex ."; do
		# shellcheck disable=SC2086 # the command's words
		run "${run[@]}" "$RT" $command
		[ "$status" -eq 0 ]
	done
	run "${run[@]}" "$RT" list -f json
	[ "$status" -eq 0 ]
	[ "$output" = "[]" ]
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/run")" ]
}

@test "features is JSON with nothing on standard error" {
	run --separate-stderr "$RT" features
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	jq -e '.ociVersionMin == "1.0.0" and .ociVersionMax == "1.3.0"
		and (.hooks | length == 6) and (.mountOptions | index("rro"))
		and (.linux.namespaces | length == 8) and (.linux.capabilities | length == 41)
		and .linux.cgroup.v2 and (.linux.cgroup.systemd | type == "boolean") and .linux.cgroup.systemd == .linux.cgroup.systemdUser
		and .linux.apparmor.enabled and .linux.selinux.enabled
		and .linux.mountExtensions.idmap.enabled and .linux.netDevices.enabled
		and (.mountOptions | index("ridmap") and index("copy-symlink"))' <<<"$output"
	run env -i "$RT" features
	[ "$status" -eq 0 ]
}

@test "features: every annotation that is honoured is listed, and documented" {
	local name names="org.criu.config org.oci-rt.degrade org.oci-rt.emulate-ids org.oci-rt.idmap org.oci-rt.landlock org.systemd.property. run.oci.delegate-cgroup run.oci.hooks.stderr run.oci.hooks.stdout
		run.oci.keep_original_groups run.oci.mount_context_type run.oci.pidfd_receiver
		run.oci.seccomp.receiver run.oci.systemd.subgroup"
	rt features
	[ "$(jq -r '.potentiallyUnsafeConfigAnnotations | sort | .[]' <<<"$output")" = "$(tr -s ' \n\t' '\n' <<<"$names")" ]
	for name in $names; do
		# one is only the start of names
		grep -qE "^\| \`${name//./\\.}(NAME)?\`" "$BATS_TEST_DIRNAME/../../docs/ANNOTATIONS.md"
	done
	jq -e '.annotations["org.oci-rt.version"] | test("^[0-9]+\\.")' <<<"$output"
}

@test "spec writes a config and keeps the one that is there" {
	rt spec
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	jq -e '.process.args == ["sh"] and .root.readonly and (.mounts | length == 7)
		and .linux.resources.devices[0].allow == false' config.json
	rt spec
	fails_with "File config.json exists. Remove it first"
	mkdir b
	rt spec -b b --rootless
	[ "$status" -eq 0 ]
	jq -e --argjson uid "$(id -u)" '.linux.uidMappings[0].hostID == $uid
		and (.linux.namespaces | map(.type) | (index("user") and (index("network") | not)))
		and (.linux | has("resources") | not)' b/config.json
	rt spec -b nowhere
	fails_with "open bundle 'nowhere': no such file or directory"
}
