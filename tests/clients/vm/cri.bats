#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Kubernetes' side of containerd: its CRI plugin, called over its socket as a kubelet calls it. Handlers of runc's
# shim with our binary: `tested` with systemd's cgroups, `cgroupfs` without. As root.

bats_require_minimum_version 1.5.0

load ../../e2e/helpers
load clients

IMAGE=localhost/pause:latest
CRI='plugins."io.containerd.grpc.v1.cri"'

handler() {
	printf '%s\n' "[$CRI.containerd.runtimes.$1]" 'runtime_type = "io.containerd.runc.v2"' \
		"[$CRI.containerd.runtimes.$1.options]" "BinaryName = \"$RUNTIME_PATH\"" "SystemdCgroup = $2"
}

# cri METHOD [REQUEST]: the response in $output
cri() {
	local word request="${2:-}"
	printf '%s %s\n' "$1" "$(jq -c . <<<"${request:-"{}"}")" >"$BATS_FILE_TMPDIR/requests"
	read -t 100 -r word output <"$BATS_FILE_TMPDIR/answers"
	status=0
	[ "$word" = ok ] || status=1
	echo "$1 $(tr -s " \n\t" " " <<<"$request"): $word ${output:0:1000}"
}

is_ready() {
	cri Status
	jq -e '.status.conditions | map(select(.type | test("Ready$"))) | length == 2 and all(.[]; .status == 1)' <<<"$output"
}

setup_file() {
	needs_vm
	is_root || return 0
	/usr/bin/python3 -c 'import grpc' 2>/dev/null || return 0
	mkdir -p /etc/containerd /etc/cni/net.d
	{
		printf '%s\n' 'version = 2' "[$CRI]" "sandbox_image = \"$IMAGE\"" "[$CRI.cni]" 'bin_dir = "/usr/lib/cni"' \
			"[$CRI.containerd]" 'default_runtime_name = "tested"'
		handler tested true
		handler cgroupfs false
	} >/etc/containerd/config.toml
	echo '{"cniVersion": "0.4.0", "name": "tests", "plugins": [{"type": "ptp",
		"ipam": {"type": "host-local", "subnet": "10.99.0.0/24"}}]}' >/etc/cni/net.d/10-tests.conflist
	systemctl start containerd
	podman import -q -c 'CMD ["/bin/sleep", "100000"]' /opt/tests/busybox.tar "$IMAGE" 3>&-
	podman save -q -o "$BATS_FILE_TMPDIR/pause.tar" "$IMAGE" 3>&-
	podman rmi -f "$IMAGE" 3>&- >/dev/null
	ctr -n k8s.io image import "$BATS_FILE_TMPDIR/pause.tar" 3>&- >/dev/null
	mkfifo "$BATS_FILE_TMPDIR"/{requests,answers}
	/usr/bin/python3 "$BATS_TEST_DIRNAME/cri.py" "$BATS_FILE_TMPDIR"/{requests,answers} 3>&- 4>&- &
	export CRI_PID=$!
	until_true 60 is_ready
}

teardown_file() {
	[ -z "${CRI_PID:-}" ] || kill "$CRI_PID"
	! is_root || systemctl stop containerd
}

setup() {
	needs_vm
	needs_root
	/usr/bin/python3 -c 'import grpc' 2>/dev/null || skip "needs the package python3-grpcio"
	cd "$BATS_TEST_TMPDIR"
	POD= CONTAINER= HANDLER=tested
	SANDBOX="$(jq -n --arg name "p$BATS_TEST_NUMBER" '{metadata: {name: $name, uid: $name, namespace: "tests"},
		hostname: $name, logDirectory: env.BATS_TEST_TMPDIR, linux: {cgroupParent: "\($name).slice"}}')"
}

teardown() {
	[ -z "${POD:-}" ] || remove_pod
	[ -z "${SLICE:-}" ] || systemctl stop "$SLICE" || true
}

answer() {
	[ "$status" -eq 0 ]
	jq -r "$1" <<<"$output"
}

# run_pod FILTER: of jq's, for the pod's configuration. In the node's network a pod has no name of its own.
ON_NODE='del(.hostname) | .linux.securityContext.namespaceOptions.network = 2'
run_pod() {
	SANDBOX="$(jq "$1" <<<"$SANDBOX")"
	SLICE="$(jq -r '.linux.cgroupParent | select(endswith(".slice"))' <<<"$SANDBOX")"
	cri RunPodSandbox "$(jq --arg handler "$HANDLER" '{config: ., runtimeHandler: $handler}' <<<"$SANDBOX")"
	POD="$(answer .podSandboxId)"
}

# create_in_pod NAME FILTER COMMAND...
create_in_pod() {
	local name="$1" filter="$2"
	shift 2
	cri CreateContainer "$(jq -n --arg pod "$POD" --argjson sandbox "$SANDBOX" --arg name "$name" --arg image "$IMAGE" \
		"{podSandboxId: \$pod, sandboxConfig: \$sandbox, config: ({metadata: {name: \$name}, image: {image: \$image},
		command: \$ARGS.positional, logPath: (\$name + \".log\")} | $filter)}" --args -- "$@")"
	CONTAINER="$(answer .containerId)"
}

start_in_pod() {
	create_in_pod "$@"
	cri StartContainer "$(jq -n --arg id "$CONTAINER" '{containerId: $id}')"
	[ "$status" -eq 0 ]
}

# exec_sync COMMAND...
exec_sync() {
	cri ExecSync "$(jq -n --arg id "$CONTAINER" '{containerId: $id, cmd: $ARGS.positional, timeout: 20}' --args -- "$@")"
}

remove_pod() {
	cri StopPodSandbox "{\"podSandboxId\": \"$POD\"}"
	[ "$status" -eq 0 ]
	cri RemovePodSandbox "{\"podSandboxId\": \"$POD\"}"
	[ "$status" -eq 0 ]
	POD=
}

container_is() {
	cri ContainerStatus "{\"containerId\": \"$CONTAINER\"}"
	[ "$(jq -r "$1" <<<"$output")" = "$2" ]
}

@test "a pod: network, hostname, sysctl; a container: limits, user, mounts, security; exec, update, stats, stop" {
	mkdir volume
	echo content >volume/file
	run_pod '.linux.sysctls = {"kernel.shm_rmid_forced": "1"}'
	start_in_pod one '.mounts = [{containerPath: "/v", hostPath: (env.PWD + "/volume"), readonly: true}]
		| .envs = [{key: "A", value: "1"}] | .workingDir = "/tmp" | .linux = {
			resources: {memoryLimitInBytes: 67108864, cpuPeriod: 100000, cpuQuota: 50000, cpuShares: 512, oomScoreAdj: 900},
			securityContext: {runAsUser: {value: 1000}, runAsGroup: {value: 1000}, supplementalGroups: [7],
				readonlyRootfs: true, noNewPrivs: true, capabilities: {dropCapabilities: ["ALL"]},
				namespaceOptions: {pid: 1}, seccomp: {profileType: 0}, apparmor: {profileType: 0}}}' \
		sh -c 'echo "out $A $(pwd)"; trap "exit 9" TERM; sleep 100000 & wait'
	exec_sync sh -c 'hostname; cat /proc/sys/kernel/shm_rmid_forced; ip -o addr show dev eth0 | grep -c "inet 10.99.0."
		cat /v/file; id -u; id -G; touch /x /v/x 2>/dev/null || echo read-only; cat /proc/self/oom_score_adj
		grep -E "CapEff|NoNewPrivs|Seccomp:" /proc/self/status | tr -d "\t"; cat /proc/self/attr/current
		cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max; exit 3'
	[ "$(answer .exitCode)" = 3 ]
	[ "$(answer .stdout)" = "p1
1
1
content
1000
1000 7
read-only
900
CapEff:0000000000000000
NoNewPrivs:1
Seccomp:2
cri-containerd.apparmor.d (enforce)
67108864
50000 100000" ]
	[ "$(systemctl show -p MemoryMax --value "cri-containerd-$CONTAINER.scope")" = 67108864 ]
	[ "$(systemctl show -p Slice --value "cri-containerd-$CONTAINER.scope")" = p1.slice ]
	[[ "$(cat one.log)" == *"stdout F out 1 /tmp" ]]
	cri UpdateContainerResources "{\"containerId\": \"$CONTAINER\", \"linux\": {\"memoryLimitInBytes\": 83886080}}"
	[ "$status" -eq 0 ]
	exec_sync cat /sys/fs/cgroup/memory.max
	[ "$(answer .stdout)" = 83886080 ]
	cri ContainerStats "{\"containerId\": \"$CONTAINER\"}"
	[ "$(answer '.stats.memory.used.value > 0')" = true ]
	cri StopContainer "{\"containerId\": \"$CONTAINER\", \"timeout\": 20}"
	[ "$status" -eq 0 ]
	container_is '.status | "\(.state) \(.exitCode)"' "2 9"
	cri RemoveContainer "{\"containerId\": \"$CONTAINER\"}"
	[ "$status" -eq 0 ]
}

@test "what cannot run: the words for it, StartError; an exec that fails; an exec out of time" {
	run_pod "$ON_NODE"
	create_in_pod none '.' no-such-program
	cri StartContainer "{\"containerId\": \"$CONTAINER\"}"
	[ "$status" -eq 1 ]
	[[ "$output" == *"executable file"*"not found"* ]]
	container_is '.status | "\(.state) \(.exitCode) \(.reason)"' "2 128 StartError"
	start_in_pod long '.' sleep 100000
	exec_sync no-such-program
	[ "$status" -eq 1 ]
	[[ "$output" == *"executable file"*"not found"* ]]
	cri ExecSync "{\"containerId\": \"$CONTAINER\", \"cmd\": [\"sleep\", \"1000\"], \"timeout\": 1}"
	[ "$status" -eq 1 ]
	[[ "$output" == DEADLINE_EXCEEDED* ]]
	exec_sync sh -c 'ps -o args | grep -c "[s]leep 1000$"'
	[ "$(answer .stdout)" = 0 ]
	cri StopContainer "{\"containerId\": \"$CONTAINER\"}"
	container_is '.status | "\(.state) \(.exitCode)"' "2 137"
}

@test "namespaces: a pod's PIDs, a target's; privileged" {
	run_pod "$ON_NODE | .linux.securityContext.privileged = true"
	start_in_pod shared '.' sleep 100000
	exec_sync sh -c 'ps -o pid,args | grep -c "[s]leep 100000"'
	[ "$(answer .stdout)" = 2 ]
	start_in_pod own '.linux.securityContext.namespaceOptions.pid = 1' sleep 100001
	local target="$CONTAINER"
	start_in_pod debug ".linux.securityContext.namespaceOptions = {pid: 3, targetId: \"$target\"}" sleep 100002
	exec_sync sh -c 'ps -o pid,args | grep "[s]leep 10000" | tr -s " " | sed "s/^ //" | cut -d" " -f3 | xargs'
	[ "$(answer .stdout)" = "100001 100002" ]
	start_in_pod all '.linux.securityContext.privileged = true' sleep 100003
	exec_sync sh -c 'mkdir /m && mount -t tmpfs x /m && grep Seccomp: /proc/self/status | tr -d "\t"; ls -d /dev/vda'
	[ "$(answer .stdout)" = $'Seccomp:0\n/dev/vda' ]
}

@test "a pod with a user namespace" {
	run_pod '.linux.securityContext.namespaceOptions.usernsOptions = {mode: 0,
		uids: [{hostId: 200000, containerId: 0, length: 65536}], gids: [{hostId: 200000, containerId: 0, length: 65536}]}'
	start_in_pod one ".linux.securityContext.namespaceOptions.usernsOptions = {mode: 0,
		uids: [{hostId: 200000, containerId: 0, length: 65536}], gids: [{hostId: 200000, containerId: 0, length: 65536}]}" \
		sleep 100000
	exec_sync sh -c 'id -u; tr -s " " </proc/self/uid_map; touch /x && stat -c %u /x; hostname'
	[ "$(answer .stdout)" = $'0\n 0 200000 65536\n0\np4' ]
}

@test "the handler with cgroupfs; the node's PIDs" {
	HANDLER=cgroupfs
	run_pod "$ON_NODE | .linux.cgroupParent = \"/kubepods-tests\" | .linux.securityContext.namespaceOptions.pid = 2"
	start_in_pod one '.linux = {resources: {memoryLimitInBytes: 67108864}, securityContext: {namespaceOptions: {network: 2, pid: 2}}}' \
		sleep 100000
	exec_sync cat /sys/fs/cgroup/memory.max /proc/1/comm
	[ "$(answer .stdout)" = $'67108864\nsystemd' ]
	[ "$(cat "/sys/fs/cgroup/kubepods-tests/$CONTAINER/memory.max")" = 67108864 ]
	remove_pod
	rmdir /sys/fs/cgroup/kubepods-tests 2>/dev/null || true # the kubelet's to remove, if it is still there
}
