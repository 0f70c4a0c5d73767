#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md: control groups, on whatever hierarchies the host has.

bats_require_minimum_version 1.5.0

load helpers

setup() { conformance_setup; }
teardown() {
	[ -z "${FROZEN:-}" ] || echo "$THAW" >"$FROZEN"
	[ ! -e "$BATS_TEST_TMPDIR/covered" ] || umount /sys/kernel/cgroup
	conformance_teardown
	rmdir "${FOREIGN:-/no/such}" 2>/dev/null || true
}

# The container's cgroups, as the kernel names them
cgroups_of_container() {
	sort "/proc/$(pid_of "$ID")/cgroup"
}

@test "an absolute cgroupsPath is under the mount point" {
	needs_controller pids
	local top="${CGROUP%/*}"
	edit --arg p "/$ID/sub" '.linux.cgroupsPath = $p'
	create_container
	[ -d "$top/$ID/sub" ]
	grep -qx "$(pid_of "$ID")" "$top/$ID/sub/cgroup.procs"
}

same_place_twice() {
	local first
	edit --arg p "$1" '.linux.cgroupsPath = $p'
	create_container
	first="$(cgroups_of_container)"
	delete_by_force
	create_container
	[ "$(cgroups_of_container)" = "$first" ]
	grep -q "$ID" <<<"$first"
}

@test "an absolute cgroupsPath is the same place each time" { same_place_twice "/$ID/x"; }
@test "a relative cgroupsPath is the same place each time" { same_place_twice "$ID"; }

@test "without a cgroupsPath the container runs" {
	edit 'del(.linux.cgroupsPath)'
	inside 'echo in'
	prints in
}

@test "a cgroupsPath that leads out of the hierarchy is refused, or stays in it" {
	edit --arg p "/../../../$ID" '.linux.cgroupsPath = $p'
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	if [ "$status" -eq 0 ]; then
		not grep -F '..' "/proc/$(pid_of "$ID")/cgroup"
	else
		nothing_is_left
	fi
	[ ! -e "/$ID" ]
	[ ! -e "/sys/$ID" ]
}

# A process of somebody else's in the cgroup that the config names: $FOREIGN, in the place of pids
foreign_cgroup() {
	needs_controller pids
	FOREIGN="$CGROUP"
	mkdir "$FOREIGN"
	sleep 1000 3>&- &
	FOREIGN_PID=$!
	PIDS+=($!)
	echo "$FOREIGN_PID" >"$FOREIGN/cgroup.procs" || skip "no process can be put into $FOREIGN"
}

@test "a cgroup with others' processes: an error that leaves them alone, or they share it" {
	foreign_cgroup
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	fails_or_works
	kill -0 "$FOREIGN_PID"
	grep -qx "$FOREIGN_PID" "$FOREIGN/cgroup.procs"
	kill "$FOREIGN_PID"
}

fails_or_works() {
	if [ "$status" -eq 0 ]; then
		has_status "$ID" created
	else
		fails
		not exists "$ID"
		[ ! -e "$PID_FILE" ]
	fi
}

@test "a frozen cgroup: an error, and no hang" {
	local top
	top="$(v1_controller freezer)"
	if [ -n "$top" ]; then
		FROZEN="$top/$ID/freezer.state" THAW=THAWED
	else
		top="$(unified)"
		[ -n "$top" ] || skip "this host has no cgroup freezer"
		FROZEN="$top/$ID/cgroup.freeze" THAW=0
	fi
	mkdir "$top/$ID"
	if [ "$THAW" = 0 ]; then echo 1 >"$FROZEN"; else echo FROZEN >"$FROZEN"; fi
	# a frozen process cannot even be killed: a hang is ended by thawing
	(sleep 8 && echo "$THAW" >"$FROZEN") >/dev/null 2>&1 3>&- &
	local begin=$SECONDS watch=$!
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	kill "$watch" 2>/dev/null || true
	[ $((SECONDS - begin)) -lt 7 ]
	fails_or_works
	echo "$THAW" >"$FROZEN"
	FOREIGN="$top/$ID"
}

@test "pids: the limit is set, and holds" {
	needs_controller pids
	edit '.linux.resources.pids.limit = 7'
	create_container
	[ "$(cat "$CGROUP/pids.max")" = 7 ]
}

@test "memory: the limit is set" {
	needs_controller memory
	edit '.linux.resources.memory.limit = 67108864'
	create_container
	[ "$(cat "$CGROUP/memory.limit_in_bytes" "$CGROUP/memory.max" 2>/dev/null)" = 67108864 ]
}

@test "memory: a new limit below the usage is rejected" {
	needs_controller memory
	edit '.linux.resources.memory = {limit: 268435456, checkBeforeUpdate: true}'
	set_args sh -c 'head -c 48000000 /dev/zero >/dev/shm/x; echo ran >/tmp/ran; exec sleep 1000'
	edit '(.mounts[] | select(.destination == "/dev/shm")).options -= ["size=65536k"]'
	start_container
	until_true 10 test -s "$RAN"
	echo '{"memory": {"limit": 8388608, "checkBeforeUpdate": true}}' >"$BATS_TEST_TMPDIR/update"
	"$RT" update --help >/dev/null 2>&1 || skip "the runtime has no update command"
	rt update --resources "$BATS_TEST_TMPDIR/update" "$ID"
	fails
	[ "$(cat "$CGROUP/memory.limit_in_bytes" "$CGROUP/memory.max" 2>/dev/null)" = 268435456 ]
	has_status "$ID" running
}

@test "cpu: shares and quota are set" {
	needs_controller cpu
	edit '.linux.resources.cpu = {shares: 512, quota: 20000, period: 100000}'
	create_container
	if [ -n "$V1" ]; then
		[ "$(cat "$CGROUP/cpu.shares" "$CGROUP/cpu.cfs_quota_us" "$CGROUP/cpu.cfs_period_us" | tr '\n' ' ')" = \
			"512 20000 100000 " ]
	else
		[ "$(cat "$CGROUP/cpu.max")" = "20000 100000" ]
	fi
}

# Either is refused, or burst stays below quota in the kernel.
quota_not_below_burst() {
	needs_controller cpu
	local burst quota
	edit "$1"
	rt_live create --bundle "$B" --pid-file "$PID_FILE" "$ID"
	if [ "$status" -ne 0 ]; then
		nothing_is_left
		return
	fi
	if [ -n "$V1" ]; then
		burst="$(cat "$CGROUP/cpu.cfs_burst_us")" quota="$(cat "$CGROUP/cpu.cfs_quota_us")"
	else
		burst="$(cat "$CGROUP/cpu.max.burst")" quota="$(cut -d' ' -f1 "$CGROUP/cpu.max")"
	fi
	echo "burst $burst, quota $quota"
	[ "$quota" = max ] || [ "$quota" -lt 0 ] || [ "$burst" -le "$quota" ]
}

@test "cpu: a quota below the burst is refused, or does not come about" {
	quota_not_below_burst '.linux.resources.cpu = {quota: 10000, burst: 20000, period: 100000}'
}

@test "cpu: a burst above the quota is refused, or does not come about" {
	quota_not_below_burst '.linux.resources.cpu = {quota: 50000, burst: 90000, period: 100000}'
}

# The first device of the host with a queue: $DEVICE, in JSON
block_device() {
	local dev
	for dev in /sys/block/*/dev; do
		[ -d "${dev%/dev}/queue" ] || continue
		export DEVICE="{\"major\": $(cut -d: -f1 "$dev"), \"minor\": $(cut -d: -f2 "$dev")}"
		case "$dev" in */loop* | */ram*) continue ;; esac
		return 0
	done
	[ -n "${DEVICE:-}" ] || skip "this host has no block device"
}

block_refused() {
	block_device
	refused_where_known ".linux.resources.blockIO.$1 = [(env.DEVICE | fromjson) + $2]" "del(.linux.resources.blockIO.$1[0].$3)"
}

@test "blockIO.weightDevice: major is missing" { block_refused weightDevice '{weight: 500}' major; }
@test "blockIO.weightDevice: minor is missing" { block_refused weightDevice '{weight: 500}' minor; }
@test "blockIO.weightDevice: neither weight nor leafWeight" { block_refused weightDevice '{weight: 500}' weight; }
@test "blockIO.throttleReadBpsDevice: major is missing" { block_refused throttleReadBpsDevice '{rate: 1048576}' major; }
@test "blockIO.throttleReadBpsDevice: minor is missing" { block_refused throttleReadBpsDevice '{rate: 1048576}' minor; }
@test "blockIO.throttleReadBpsDevice: rate is missing" { block_refused throttleReadBpsDevice '{rate: 1048576}' rate; }
@test "blockIO.throttleWriteIOPSDevice: major is missing" { block_refused throttleWriteIOPSDevice '{rate: 1000}' major; }
@test "blockIO.throttleWriteIOPSDevice: minor is missing" { block_refused throttleWriteIOPSDevice '{rate: 1000}' minor; }
@test "blockIO.throttleWriteIOPSDevice: rate is missing" { block_refused throttleWriteIOPSDevice '{rate: 1000}' rate; }

@test "blockIO: a throttle is set" {
	needs_controller blkio
	block_device
	edit '.linux.resources.blockIO.throttleReadBpsDevice = [(env.DEVICE | fromjson) + {rate: 1048576}]'
	create_container
	grep -q ' 1048576$' "$CGROUP/blkio.throttle.read_bps_device"
}

HUGEPAGES='.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 2097152}]'

@test "hugepageLimits: pageSize is missing" { refused_where_known "$HUGEPAGES" 'del(.linux.resources.hugepageLimits[0].pageSize)'; }
@test "hugepageLimits: limit is missing" { refused_where_known "$HUGEPAGES" 'del(.linux.resources.hugepageLimits[0].limit)'; }

NETWORK='.linux.resources.network.priorities = [{name: "lo", priority: 5}]'

@test "network.priorities: name is missing" { refused_where_known "$NETWORK" 'del(.linux.resources.network.priorities[0].name)'; }
@test "network.priorities: priority is missing" { refused_where_known "$NETWORK" 'del(.linux.resources.network.priorities[0].priority)'; }

@test "rdma: an entry without a limit" {
	refused_where_known '.linux.resources.rdma = {"mlx5_1": {hcaHandles: 3}}' '.linux.resources.rdma["mlx5_1"] = {}'
}

@test "a limit of a controller that the host does not have is an error" {
	[ -z "$(v1_controller rdma)" ] || skip "this host has the controller rdma"
	[ -z "$(unified)" ] || not grep -qw rdma "$(unified)/cgroup.controllers" || skip "this host has the controller rdma"
	refused . '.linux.resources.rdma = {"mlx5_1": {hcaHandles: 3}}'
}

# A device that is no default one, in the image: what may be done with it is the rules' alone.
device_in_image() {
	mknod "$B/rootfs/device" c 10 229
	: <"$B/rootfs/device" || skip "this host has no /dev/fuse, or allows no devices here"
	set_args sh -c 'if (: </device) 2>/tmp/error; then echo open; else cat /tmp/error; fi'
}

@test "device rules are applied in the listed order" {
	device_in_image
	edit '.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: false, type: "c", major: 10, minor: 229, access: "rwm"},
		{allow: true, type: "c", major: 10, minor: 229, access: "rwm"}]'
	rt run --bundle "$B" "$ID"
	prints open
	edit '.linux.resources.devices |= [.[0], .[2], .[1]]'
	rt run --bundle "$B" "$ID"
	succeeds
	[[ "$output" == *"not permitted"* ]]
}

@test "device rules: a denial of all, and what is allowed" {
	device_in_image
	edit '.linux.resources.devices = [{allow: false, access: "rwm"}]'
	rt run --bundle "$B" "$ID"
	succeeds
	[[ "$output" == *"not permitted"* ]]
	edit '.linux.resources.devices += [{allow: true, type: "c", major: 10, access: "r"}]'
	rt run --bundle "$B" "$ID"
	prints open
}

@test "device rules: allow is missing" {
	refused '.linux.resources.devices = [{allow: false, access: "rwm"}]' 'del(.linux.resources.devices[0].allow)'
}

needs_unified() {
	UNIFIED="$(unified)"
	[ -n "$UNIFIED" ] || skip "this host has no unified cgroup hierarchy mounted"
}

# One controller of the unified hierarchy and a file of it: $FILE and what may be written, $VALUE
unified_controller() {
	needs_unified
	local controllers=" $(cat "$UNIFIED/cgroup.controllers") "
	VALUE=77
	case "$controllers" in
	*" pids "*) FILE=pids.max ;;
	*" memory "*) FILE=memory.high VALUE=67108864 ;;
	*" hugetlb "*)
		[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "this kernel has no huge pages of 2 MB"
		FILE=hugetlb.2MB.max VALUE=4194304
		;;
	*) skip "the unified hierarchy has none of pids, memory, hugetlb" ;;
	esac
}

@test "unified: the controllers that are needed are enabled, and the value is set" {
	unified_controller
	edit --arg f "$FILE" --arg v "$VALUE" '.linux.resources.unified = {($f): $v}'
	create_container
	[ "$(cat "$UNIFIED/$ID/$FILE")" = "$VALUE" ]
}

@test "unified: what the runtime does not know is written all the same" {
	needs_unified
	edit '.linux.resources.unified = {"cgroup.max.descendants": "17"}'
	create_container
	[ "$(cat "$UNIFIED/$ID/cgroup.max.descendants")" = 17 ]
}

@test "unified: a controller that is not there is an error" {
	refused . '.linux.resources.unified = {"nosuchcontroller.max": "1"}'
}

@test "unified: a path is an error" {
	refused . '.linux.resources.unified = {"../pids.max": "1"}'
}

@test "a limit of cgroup v1 that cannot be converted is an error on v2" {
	[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] || skip "this host has cgroup v1"
	refused . '.linux.resources.memory.swappiness = 10'
}

# A user namespace that the cgroup is to be delegated to.
delegated() {
	[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] || skip "needs cgroup v2 alone"
	user_namespace
	edit '.linux.namespaces += [{type: "cgroup"}] | .mounts += [{destination: "/sys/fs/cgroup", type: "cgroup",
		source: "cgroup", options: ["rw", "nosuid", "noexec", "nodev"]}]'
}

# Only these files may have been given away.
owners_are_right() {
	local file
	for file in /sys/fs/cgroup/"$ID"/*; do
		[ -f "$file" ] && [ "$(stat -c %u "$file")" != 0 ] || continue
		echo "given away: $file"
		grep -qx "${file##*/}" <<<"$1"
	done
}

@test "cgroup ownership: files of the delegate list that do not exist are no failure" {
	delegated
	create_container
	owners_are_right "$(cat /sys/kernel/cgroup/delegate)"
}

@test "cgroup ownership: without the delegate list there is a list to fall back to" {
	delegated
	mount -t tmpfs cover /sys/kernel/cgroup
	touch "$BATS_TEST_TMPDIR/covered"
	create_container
	owners_are_right $'cgroup.procs\ncgroup.subtree_control\ncgroup.threads'
	if [ "$(stat -c %u "/sys/fs/cgroup/$ID")" != 0 ]; then
		[ "$(stat -c %u "/sys/fs/cgroup/$ID/cgroup.procs" "/sys/fs/cgroup/$ID/cgroup.subtree_control" \
			"/sys/fs/cgroup/$ID/cgroup.threads" | sort -u)" = 100000 ]
	fi
}
