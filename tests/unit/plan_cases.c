/* SPDX-License-Identifier: Apache-2.0 */
/* What the golden plans are of. docs/sequence.md takes its examples from these, too. */
#include <sys/resource.h>

#include "base/cleanup.h"
#include "plan_fixture.h"

#define ALL   "pid network ipc uts mount cgroup"
#define BOUND "[\"CAP_KILL\",\"CAP_CHOWN\"]"

/* clang-format off */
#define SUBUID_MAP                                                                                 \
	"\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1},"                         \
	"{\"containerID\":1,\"hostID\":100000,\"size\":65536}],"                                   \
	"\"gidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1},"                         \
	"{\"containerID\":1,\"hostID\":100000,\"size\":65536}]"
#define ONE_ID_MAP                                                                                 \
	"\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}],"                        \
	"\"gidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}]"
#define RANGE_MAP                                                                                  \
	"\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}],"                  \
	"\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}]"
#define CGROUP_MOUNT(options)                                                                      \
	"\"mounts\":[{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\","                     \
	"\"source\":\"cgroup\",\"options\":[" options "]}]"
#define SECCOMP J("seccomp": {"defaultAction": "SCMP_ACT_ALLOW"})
#define NOTIFY(...) J("seccomp": {"defaultAction": "SCMP_ACT_ALLOW", \
	"syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]__VA_ARGS__})

#define LANDLOCK(text) "\"annotations\":{\"org.oci-rt.landlock\":\"" text "\"}"
#define LANDLOCK_ALL "{\\\"ruleset\\\":{\\\"handledAccessFS\\\":[\\\"execute\\\",\\\"make_reg\\\",\\\"refer\\\",\\\"ioctl_dev\\\"]," \
	"\\\"handledAccessNet\\\":[\\\"bind_tcp\\\"],\\\"scoped\\\":[\\\"signal\\\"]},\\\"rules\\\":{\\\"pathBeneath\\\":[" \
	"{\\\"paths\\\":[\\\"/usr\\\",\\\"/bin\\\"],\\\"allowedAccess\\\":[\\\"execute\\\",\\\"ioctl_dev\\\"]}," \
	"{\\\"paths\\\":[\\\"/dev/null\\\"],\\\"allowedAccess\\\":[\\\"ioctl_dev\\\"]}]," \
	"\\\"netPort\\\":[{\\\"ports\\\":[80,443],\\\"allowedAccess\\\":[\\\"bind_tcp\\\"]}]}}"

/* What `spec` writes, without its longer lists. */
#define DEFAULT_PROCESS                                                                            \
	"\"user\":{\"uid\":0,\"gid\":0},\"noNewPrivileges\":true,"                                 \
	"\"capabilities\":{\"bounding\":" BOUND ",\"effective\":" BOUND ",\"permitted\":" BOUND "}," \
	"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":1024,\"soft\":1024}]"
#define DEFAULT_LINUX                                                                              \
	"\"maskedPaths\":[\"/proc/kcore\",\"/sys/firmware\"],"                                     \
	"\"readonlyPaths\":[\"/proc/sys\"]"
#define DEFAULT_MOUNTS J("mounts": [                                                               \
	{"destination": "/proc", "type": "proc", "source": "proc"},                                \
	{"destination": "/dev", "type": "tmpfs", "source": "tmpfs",                                \
		"options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},                  \
	{"destination": "/dev/pts", "type": "devpts", "source": "devpts",                          \
		"options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},     \
	{"destination": "/sys", "type": "sysfs", "source": "sysfs",                                \
		"options": ["nosuid", "noexec", "nodev", "ro"]},                                   \
	{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",                    \
		"options": ["nosuid", "noexec", "nodev", "ro"]}])

static struct id_range ranges_of_1000[] = { { 100000, 65536 }, { 300000, 10 }, { 300005, 10 },
	{ 999, 3 } };
#define RANGES_OF_1000 { .uids = { 4, ranges_of_1000 }, .gids = { 1, ranges_of_1000 } }
#define TWO_DEVICES J("devices": [{"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229}, \
	{"type": "c", "path": "/dev/other", "major": 10, "minor": 200}])
static const char *const sources_of_two[] = { NULL, "/dev/net/tun" };
static const uint64_t limits_of_1000[16] = { [RLIMIT_NOFILE] = 1024, [RLIMIT_CORE] = 0,
	[RLIMIT_NPROC] = 100 };
static struct resctrl_group gold_group = { .path = "/sys/fs/resctrl/gold" };

const struct plan_case plan_cases[] = {
	{ "default", .namespaces = ALL, .process = DEFAULT_PROCESS, .linux_ = DEFAULT_LINUX,
		.top = "\"hostname\":\"oci-rt\"," DEFAULT_MOUNTS },
	{ "default-run", .namespaces = ALL, .process = DEFAULT_PROCESS, .linux_ = DEFAULT_LINUX,
		.top = "\"hostname\":\"oci-rt\"," DEFAULT_MOUNTS, .choices = { .verb = VERB_RUN } },
	{ "minimal", .namespaces = "pid mount" },
	{ "without-process", .namespaces = ALL, .no_process = true },

	/* who maps the ids, and who becomes whom */
	{ "rootless-subuid", .user = USER_1000, .namespaces = ALL " user", .linux_ = SUBUID_MAP },
	{ "rootless-sysfs", .user = USER_1000, .namespaces = "pid ipc uts mount user",
		.linux_ = ONE_ID_MAP, .top = DEFAULT_MOUNTS },
	{ "rootless-one-id", .user = USER_1000, .namespaces = "pid ipc uts mount user",
		.linux_ = ONE_ID_MAP,
		.top = J("mounts": [{"destination": "/sys", "source": "/sys",
			"options": ["rbind", "ro"]}]) },
	{ "rootless-zero-unmapped", .user = USER_1000, .namespaces = "pid mount user",
		.process = J("user": {"uid": 1000, "gid": 1000}),
		.linux_ = J("uidMappings": [{"containerID": 1000, "hostID": 1000, "size": 1}],
			"gidMappings": [{"containerID": 1000, "hostID": 1000, "size": 1}]) },
	{ "idmap-default-ranges", .user = USER_1000, .namespaces = "pid mount",
		.subids = RANGES_OF_1000 },
	{ "idmap-default-one-id", .user = USER_1000, .namespaces = "pid mount user",
		.subids = { .ranges = { "/etc/subuid has no range for alice", "mend it" } } },
	{ "idmap-subuid-as-root", .namespaces = "pid mount", .subids = RANGES_OF_1000,
		.choices = { .idmap = IDMAP_SUBUID } },
	{ "idmap-single-over-config", .user = USER_1000, .namespaces = "pid mount user",
		.linux_ = SUBUID_MAP, .choices = { .idmap = IDMAP_SINGLE } },
	{ "idmap-annotation", .user = USER_1000, .namespaces = "pid mount user",
		.linux_ = SUBUID_MAP, .top = J("annotations": {"org.oci-rt.idmap": "single"}) },
	{ "emulated-ids", .user = USER_1000, .namespaces = "pid mount", .subids = RANGES_OF_1000,
		.linux_ = SECCOMP, .process = DEFAULT_PROCESS, .choices = { .emulate_ids = true } },
	{ "emulated-ids-annotation", .user = USER_1000, .namespaces = "user", .linux_ = ONE_ID_MAP,
		.top = J("annotations": {"org.oci-rt.emulate-ids": "true"}, "hooks": {
			"startContainer": [{"path": "/h/start-container"}]}) },
	{ "exec-emulated-ids", .user = USER_1000, .namespaces = "pid mount user", .choices = { .verb = VERB_EXEC,
		.emulate_ids = true, .join_namespaces = CLONE_NEWUSER | CLONE_NEWNS } },
	{ "degraded-rlimits", .user = USER_1000, .namespaces = "user", .linux_ = ONE_ID_MAP,
		.hard_limits = limits_of_1000, .process = J("oomScoreAdj": -500, "rlimits": [
			{"type": "RLIMIT_NOFILE", "soft": 4096, "hard": 1048576},
			{"type": "RLIMIT_CORE", "soft": 0, "hard": 18446744073709551615},
			{"type": "RLIMIT_NPROC", "soft": 10, "hard": 100}]),
		.choices = { .policies = { { [PART_RLIMITS] = POLICY_PREFER,
			[PART_OOM_SCORE] = POLICY_PREFER } } } },
	{ "degraded-mounts", .user = USER_1000, .namespaces = "mount user",
		.choices = { .idmap = IDMAP_SINGLE },
		.top = J("mounts": [{"destination": "/sys", "type": "sysfs", "source": "sysfs",
			"options": ["nosuid"]}, {"destination": "/dev/pts", "type": "devpts",
			"options": ["newinstance", "gid=5", "mode=0620"]},
			{"destination": "/pts", "type": "devpts", "options": ["gid=0"]}]) },
	{ "degraded-sysfs-not", .user = USER_1000, .namespaces = "mount user network",
		.linux_ = ONE_ID_MAP,
		.top = J("mounts": [{"destination": "/sys", "type": "sysfs", "source": "sysfs"}]) },
	{ "degraded-devices", .user = USER_1000, .namespaces = "mount user",
		.device_sources = sources_of_two, .linux_ = ONE_ID_MAP "," TWO_DEVICES,
		.choices = { .policies = { { [PART_DEVICES] = POLICY_PREFER } } } },
	{ "left-out", .user = USER_1000, .namespaces = "mount user",
		.device_sources = sources_of_two, .linux_ = ONE_ID_MAP "," TWO_DEVICES,
		.process = J("oomScoreAdj": -500), .choices = { .policies = { {
			[PART_DEVICES] = POLICY_SKIP, [PART_OOM_SCORE] = POLICY_SKIP } } } },
	{ "degrade-annotation", .user = USER_1000, .namespaces = "user", .linux_ = ONE_ID_MAP,
		.process = J("oomScoreAdj": -500),
		.top = J("annotations": {"org.oci-rt.degrade": "rlimits,oom-score=skip"}) },
	{ "nested-root", .user = NESTED_ROOT, .namespaces = ALL, .process = DEFAULT_PROCESS },
	{ "nested-setgroups-denied", .user = NESTED_ONE_ID, .namespaces = "mount" },
	{ "userns-as-root", .namespaces = ALL " user", .linux_ = RANGE_MAP,
		.process = DEFAULT_PROCESS,
		.top = J("mounts": [
			{"destination": "/data", "source": "/srv/data", "options": ["rbind", "rslave"]},
			{"destination": "/one", "source": "one", "options": ["bind", "ro", "src-nofollow"]},
			{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"}]) },
	{ "nine-mappings", .namespaces = "mount user",
		.linux_ = J("uidMappings": [
			{"containerID": 0, "hostID": 10, "size": 1}, {"containerID": 1, "hostID": 20, "size": 1},
			{"containerID": 2, "hostID": 30, "size": 1}, {"containerID": 3, "hostID": 40, "size": 1},
			{"containerID": 4, "hostID": 50, "size": 1}, {"containerID": 5, "hostID": 60, "size": 1},
			{"containerID": 6, "hostID": 70, "size": 1}, {"containerID": 7, "hostID": 80, "size": 1},
			{"containerID": 8, "hostID": 90, "size": 1}],
			"gidMappings": [{"containerID": 0, "hostID": 10, "size": 1}]) },

	/* namespaces of others */
	{ "join-network", .namespaces = "pid mount network=/run/netns/a" },
	{ "join-network-new-user", .namespaces = "pid mount user network=/run/netns/a",
		.linux_ = RANGE_MAP },
	{ "join-pid", .namespaces = "pid=/proc/7/ns/pid mount" },
	{ "join-user-pid", .namespaces = "user=/proc/7/ns/user pid=/proc/7/ns/pid mount network" },
	{ "join-all", .namespaces = "pid=/n/pid network=/n/net ipc=/n/ipc uts=/n/uts mount=/n/mnt "
		"user=/n/user cgroup=/n/cgroup time=/n/time", .top = J("hostname": "theirs") },
	{ "join-mount", .namespaces = "mount=/proc/7/ns/mnt" },

	/* the root */
	{ "no-mount-namespace", .namespaces = "pid network" },
	{ "no-mount-namespace-mounts", .namespaces = "pid network", .top = J("mounts": [
		{"destination": "/proc", "type": "proc", "source": "proc"},
		{"destination": "/dev", "type": "tmpfs", "source": "tmpfs"},
		{"destination": "/data", "source": "/srv/data", "options": ["rbind"]}]) },
	{ "no-mount-namespace-readonly", .config = J({"ociVersion": "1.3.0",
		"root": {"path": "rootfs", "readonly": true}, "process": {"cwd": "/", "args": ["sh"]},
		"linux": {"namespaces": [{"type": "pid"}]}}) },
	{ "no-pivot", .namespaces = "mount", .choices = { .no_pivot = true } },
	{ "propagation-shared", .namespaces = "mount", .linux_ = J("rootfsPropagation": "rshared"),
		.top = J("mounts": [{"destination": "/d", "source": "/d", "options": ["bind"]}]) },
	{ "propagation-private", .namespaces = "mount", .linux_ = J("rootfsPropagation": "private") },
	{ "propagation-unbindable", .namespaces = "mount",
		.linux_ = J("rootfsPropagation": "unbindable") },
	{ "propagation-slave", .namespaces = "mount", .linux_ = J("rootfsPropagation": "rslave") },
	{ "readonly-root", .config = J({"ociVersion": "1.3.0",
		"root": {"path": "rootfs", "readonly": true}, "process": {"cwd": "/", "args": ["sh"]},
		"linux": {"namespaces": [{"type": "mount"}]}}) },

	/* mounts */
	{ "mounts", .namespaces = "mount", .top = J("mounts": [
		{"destination": "/a", "type": "bind", "source": "/srv/a"},
		{"destination": "/b", "source": "relative", "options": ["bind", "ro", "nosuid"]},
		{"destination": "/b", "options": ["remount", "bind", "noexec"]},
		{"destination": "/t", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "ro"]},
		{"destination": "/m", "type": "mqueue", "source": "mqueue", "options": ["nosuid"]}]) },
	{ "mounts-idmap", .namespaces = "mount user", .linux_ = RANGE_MAP, .top = J("mounts": [
		{"destination": "/a", "source": "/a", "options": ["bind", "idmap"]},
		{"destination": "/b", "source": "b", "options": ["rbind", "ridmap"]},
		{"destination": "/c", "source": "/c", "options": ["bind"],
			"uidMappings": [{"containerID": 7, "hostID": 100007, "size": 1}],
			"gidMappings": [{"containerID": 8, "hostID": 100008, "size": 1}]},
		{"destination": "/d", "source": "/d", "options": ["bind", "idmap"],
			"uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
			"gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}]},
		{"destination": "/e", "source": "/e", "options": ["bind"]}]) },
	{ "mounts-idmap-own-user", .namespaces = "mount", .top = J("mounts": [
		{"destination": "/a", "source": "/a", "options": ["bind"]},
		{"destination": "/c", "source": "/c", "options": ["rbind", "ridmap"],
			"uidMappings": [{"containerID": 7, "hostID": 0, "size": 1}],
			"gidMappings": [{"containerID": 8, "hostID": 0, "size": 1}]}]) },
	{ "mounts-idmap-joined-user", .namespaces = "mount user=/n/user", .top = J("mounts": [
		{"destination": "/a", "source": "/a", "options": ["bind", "idmap"]}]) },
	{ "mounts-in-root", .namespaces = "mount", .top = J("mounts": [
		{"destination": "/a", "source": "/a", "options": ["bind"]},
		{"destination": "/b", "source": "/bundle/rootfs/a", "options": ["rbind"]},
		{"destination": "/c", "source": "rootfs/b", "options": ["bind"],
			"uidMappings": [{"containerID": 7, "hostID": 0, "size": 1}],
			"gidMappings": [{"containerID": 8, "hostID": 0, "size": 1}]}]) },
	{ "mounts-in-root-idmap-user", .namespaces = "mount user", .linux_ = RANGE_MAP,
		.top = J("mounts": [
		{"destination": "/b", "source": "/bundle/rootfs/a", "options": ["bind"]},
		{"destination": "/c", "source": "/bundle/rootfs/b", "options": ["bind", "idmap"]},
		{"destination": "/d", "source": "/d", "options": ["bind"]}]) },
	{ "cgroup-mount-v2", .namespaces = "mount cgroup", .top = CGROUP_MOUNT("\"ro\"") },
	{ "cgroup-mount-host-namespace", .namespaces = "mount", .top = CGROUP_MOUNT("\"ro\"") },
	{ "cgroup-mount-v1", .machine = V1, .namespaces = "mount cgroup",
		.top = CGROUP_MOUNT("\"ro\",\"nosuid\"") },
	{ "cgroup-mount-v1-writable", .machine = V1, .namespaces = "mount", .top = CGROUP_MOUNT("") },
	{ "cgroup-mount-hybrid", .machine = HYBRID, .namespaces = "mount",
		.top = CGROUP_MOUNT("\"ro\"") },
	{ "cgroup-mount-none", .machine = NO_CGROUPS, .namespaces = "mount",
		.top = CGROUP_MOUNT("\"ro\"") },
	{ "cgroup-mount-rootless", .user = USER_1000, .namespaces = "mount user",
		.linux_ = ONE_ID_MAP, .top = CGROUP_MOUNT("\"ro\"") },
	{ "limits", .namespaces = "mount", .linux_ = J("cgroupsPath": "/a/b",
		"resources": {"memory": {"limit": 67108864}, "pids": {"limit": 10}}) },
	{ "limits-v1-join-pid", .machine = V1, .namespaces = "pid=/n/pid",
		.linux_ = J("resources": {"memory": {"limit": 67108864}}) },

	{ "systemd-unit", .namespaces = "mount cgroup", .manager = CGROUP_MANAGER_SYSTEMD,
		.linux_ = J("cgroupsPath": "machine.slice:libpod:c1",
			"resources": {"memory": {"limit": 1000000}}),
		.top = J("annotations": {"org.systemd.property.TimeoutStopSec": "uint64 5"}) },
	{ "systemd-subgroup", .namespaces = "mount user", .linux_ = RANGE_MAP,
		.manager = CGROUP_MANAGER_SYSTEMD,
		.top = J("annotations": {"run.oci.systemd.subgroup": "container",
			"run.oci.delegate-cgroup": "payload"}) },
	{ "systemd-unit-v1", .machine = V1, .namespaces = "mount",
		.manager = CGROUP_MANAGER_SYSTEMD, .top = CGROUP_MOUNT("\"ro\"") },
	{ "delegated-cgroup", .namespaces = "mount cgroup",
		.top = J("annotations": {"run.oci.delegate-cgroup": "payload"}) },
	{ "delegated-cgroup-user", .namespaces = "mount cgroup user", .linux_ = RANGE_MAP,
		.top = J("annotations": {"run.oci.delegate-cgroup": "payload"}) },

	{ "mounts-readonly-dev", .namespaces = "mount", .top = J("mounts": [
		{"destination": "/dev", "type": "tmpfs", "options": ["ro", "mode=755"]},
		{"destination": "/run", "type": "tmpfs", "options": ["ro"]}]) },
	{ "notify", .namespaces = "mount", .choices = { .verb = VERB_RUN, .notify = true } },

	/* nodes and paths */
	{ "devices", .namespaces = "mount", .linux_ = J("devices": [
		{"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229, "fileMode": 438, "uid": 1, "gid": 2},
		{"type": "b", "path": "/dev/sda", "major": 8, "minor": 0},
		{"type": "p", "path": "/run/fifo"},
		{"type": "c", "path": "/dev/null", "major": 1, "minor": 3}]) },
	{ "devices-rootless", .user = USER_1000, .namespaces = "mount user", .linux_ = ONE_ID_MAP ","
		J("devices": [{"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229},
			{"type": "p", "path": "/run/fifo"}]) },
	{ "devices-dev-bound", .namespaces = "mount", .linux_ = J("devices": [
		{"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229},
		{"type": "c", "path": "/x", "major": 1, "minor": 3}]),
		.top = J("mounts": [{"destination": "/dev/", "source": "/dev", "options": ["rbind"]}]) },
	{ "masked-paths", .namespaces = "mount", .linux_ = DEFAULT_LINUX },
	{ "masked-paths-twice", .namespaces = "mount",
		.linux_ = J("maskedPaths": ["/a", "/b", "/a"], "readonlyPaths": ["/c", "/c"]) },
	{ "sysctls", .namespaces = "network ipc uts user", .linux_ = RANGE_MAP "," J("sysctl": {
		"net.ipv4.ip_forward": "1", "net/ipv4/conf/eth0.100/forwarding": "1",
		"kernel.shmmax": "65536", "fs.mqueue.msg_max": "10",
		"kernel.domainname": "d", "user.max_net_namespaces": "0"}) },

	/* the process */
	{ "hooks", .namespaces = "mount", .top = J("hooks": {
		"prestart": [{"path": "/h/prestart"}],
		"createRuntime": [{"path": "/h/create-runtime"}, {"path": "/h/second"}],
		"createContainer": [{"path": "/h/create-container"}],
		"startContainer": [{"path": "/h/start-container"}],
		"poststart": [{"path": "/h/poststart"}], "poststop": [{"path": "/h/poststop"}]}) },
	{ "hooks-output", .namespaces = "mount", .top = J("hooks": {
		"createRuntime": [{"path": "/h/create-runtime"}]}, "annotations": {
		"run.oci.hooks.stdout": "/var/log/out", "run.oci.hooks.stderr": "/var/log/err"}) },
	{ "hooks-in-container-only", .namespaces = "mount", .top = J("hooks": {
		"createContainer": [{"path": "/h/create-container"}]}) },
	{ "terminal", .namespaces = "mount", .process = J("terminal": true,
		"consoleSize": {"height": 24, "width": 80}),
		.choices = { .console_socket = "/run/console.sock" } },
	{ "terminal-run", .namespaces = "mount", .process = J("terminal": true),
		.choices = { .verb = VERB_RUN } },
	{ "seccomp", .namespaces = "mount", .process = J("noNewPrivileges": true),
		.linux_ = SECCOMP },
	{ "seccomp-privileged", .namespaces = "mount", .linux_ = SECCOMP },
	{ "seccomp-notify", .namespaces = "mount",
		.linux_ = NOTIFY(, "listenerPath": "/run/agent", "listenerMetadata": "m") },
	{ "seccomp-notify-run", .namespaces = "mount", .linux_ = NOTIFY(),
		.top = J("annotations": {"run.oci.seccomp.receiver": "/run/receiver"}),
		.choices = { .verb = VERB_RUN } },
	{ "seccomp-notify-realtime", .namespaces = "mount", .process = J("scheduler":
		{"policy": "SCHED_DEADLINE", "runtime": 1000000, "deadline": 5000000, "period": 5000000}),
		.linux_ = NOTIFY(, "listenerPath": "/run/agent"),
		.top = J("hooks": {"startContainer": [{"path": "/h/start"}]}) },
	{ "landlock", .namespaces = "mount", .process = J("noNewPrivileges": true),
		.top = LANDLOCK(LANDLOCK_ALL), .landlock = 7 },
	{ "landlock-privileged", .namespaces = "mount", .top = LANDLOCK(LANDLOCK_ALL), .landlock = 6 },
	{ "landlock-of-an-old-kernel", .namespaces = "mount", .top = LANDLOCK(LANDLOCK_ALL), .landlock = 1 },
	{ "landlock-that-is-not-there", .namespaces = "mount", .top = LANDLOCK(LANDLOCK_ALL) },
	{ "user", .namespaces = "mount", .process = J("oomScoreAdj": 100, "user":
		{"uid": 5, "gid": 6, "umask": 63, "additionalGids": [7, 8]}) },
	{ "user-with-callers-groups", .user = USER_1000, .namespaces = "mount user",
		.linux_ = ONE_ID_MAP, .process = J("user": {"uid": 0, "gid": 0, "additionalGids": [0, 7]}),
		.top = J("annotations": {"run.oci.keep_original_groups": "1"}) },
	{ "own-group-with-one-id", .user = USER_1000, .namespaces = "pid mount user",
		.linux_ = ONE_ID_MAP, .process = J("user": {"uid": 0, "gid": 0, "additionalGids": [0]}) },
	{ "capabilities-masked", .user = USER_1000, .namespaces = "mount user",
		.linux_ = ONE_ID_MAP, .process = J("capabilities": {"bounding": ["CAP_SYS_ADMIN"],
			"permitted": ["CAP_SYS_ADMIN"], "ambient": ["CAP_SYS_ADMIN"]}) },
	{ "capabilities-not-held", .user = ROOT_OF_FEW, .namespaces = "mount",
		.process = J("capabilities": {"bounding": ["CAP_SYS_MODULE", "CAP_KILL"],
			"permitted": ["CAP_KILL"]}) },
	{ "home-given",
		.config = J({"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "process": {"cwd": "/w",
			"args": ["/bin/sh"], "env": ["HOME=/x"]}, "linux": {"namespaces": [{"type": "mount"}]}}) },
	{ "scheduling", .namespaces = "mount", .process = J("scheduler": {"policy": "SCHED_FIFO",
		"priority": 5}, "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 4},
		"execCPUAffinity": {"initial": "0"}),
		.linux_ = J("memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0-1"},
			"personality": {"domain": "LINUX32"}) },
	{ "security-modules", .namespaces = "mount", .lsm = LSM_ON,
		.process = J("apparmorProfile": "a-profile", "selinuxLabel": "u:r:t:s0") },
	{ "mount-label", .namespaces = "mount", .lsm = LSM_ON,
		.linux_ = J("mountLabel": "u:r:t:s0:c1,c2", "maskedPaths": ["/x"]),
		.top = DEFAULT_MOUNTS "," J("annotations": {"run.oci.mount_context_type": "rootcontext"}) },
	{ "mount-label-of-its-own", .namespaces = "mount", .lsm = LSM_ON,
		.linux_ = J("mountLabel": "u:r:t:s0"), .top = J("mounts": [
			{"destination": "/a", "type": "tmpfs", "options": ["fscontext=\"u:r:o:s0\""]},
			{"destination": "/b", "type": "tmpfs", "options": ["mode=700"]}]) },
	{ "mount-label-without-selinux", .namespaces = "mount", .linux_ = J("mountLabel": "u:r:t:s0") },
	{ "deadline-and-hooks", .namespaces = "mount", .process = J("scheduler":
		{"policy": "SCHED_DEADLINE", "runtime": 1000000, "deadline": 5000000, "period": 5000000}),
		.linux_ = SECCOMP, .top = J("hooks": {"startContainer": [{"path": "/h/start"}]}) },
	{ "deadline-reset-by-itself", .namespaces = "mount", .process = J("scheduler":
		{"policy": "SCHED_DEADLINE", "runtime": 1000000, "deadline": 5000000, "period": 5000000,
		"flags": ["SCHED_FLAG_RESET_ON_FORK"]}),
		.top = J("hooks": {"startContainer": [{"path": "/h/start"}]}) },
	{ "net-devices", .namespaces = "mount network", .linux_ = J("netDevices":
		{"eth1": {}, "eth2": {"name": "net%d"}}) },
	{ "net-devices-joined", .namespaces = "mount network=/n/net", .linux_ = J("netDevices":
		{"eth1": {"name": "eth0"}}) },
	{ "time-offsets", .namespaces = "mount time", .linux_ = J("timeOffsets":
		{"monotonic": {"secs": 86400, "nanosecs": 5}, "boottime": {"secs": -1}}) },
	{ "domainname", .namespaces = "uts", .top = J("hostname": "h", "domainname": "d") },
	{ "descriptors", .namespaces = "mount", .listen_fds = 2, .choices = { .preserve_fds = 3,
		.pid_file = "/run/pid", .no_new_keyring = true } },

	{ "class-of-service", .namespaces = "mount", .resctrl = { "/sys/fs/resctrl" },
		.linux_ = J("intelRdt": {"schemata": ["L3:0=7f0;1=1f", "MB:0=20"],
			"memBwSchema": "MB:0=10", "enableMonitoring": true}) },
	{ "class-of-service-there-before", .namespaces = "mount",
		.resctrl = { "/sys/fs/resctrl", true, "    L3:0=7f0;1=1f\n" },
		.linux_ = J("intelRdt": {"closID": "gold", "l3CacheSchema": "L3:1=1f"}) },
	{ "pidfd", .namespaces = "mount", .choices = { .pidfd_socket = "/run/pidfd" },
		.top = J("annotations": {"run.oci.pidfd_receiver": "/run/receiver"}) },

	/* restore */
	{ "restore", .namespaces = ALL, .resctrl = { "/sys/fs/resctrl", false, NULL },
		.linux_ = J("intelRdt": {"l3CacheSchema": "L3:0=7f0;1=1f"},
			"resources": {"devices": [{"allow": false, "access": "rwm"}]},
			"netDevices": {"eth7": {"name": "lan"}}),
		.process = J("terminal": true), .top = J("annotations": {"run.oci.hooks.stdout": "/var/log/hooks"},
		"hooks": {"prestart": [{"path": "/bin/a"}], "createRuntime": [{"path": "/bin/b"}]}, "mounts": [
		{"destination": "/a", "source": "/srv", "options": ["rbind", "ro"]},
		{"destination": "/c", "type": "tmpfs", "options": ["size=1m"]}]),
		.choices = { .verb = VERB_RESTORE, .console_socket = "/run/tty", .pid_file = "/run/pid" } },
	{ "restore-unit", .namespaces = "mount network=/run/ns/a", .manager = CGROUP_MANAGER_SYSTEMD,
		.linux_ = J("cgroupsPath": "system.slice:oci-rt:c1"), .choices = { .verb = VERB_RESTORE } },

	/* exec */
	{ "exec", .namespaces = ALL, .choices = { .verb = VERB_EXEC,
		.join_namespaces = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET, .pid_file = "/run/pid",
		.pidfd_socket = "/run/pidfd" },
		.top = J("annotations": {"run.oci.pidfd_receiver": "/run/receiver"}) },
	{ "exec-terminal", .namespaces = ALL, .executed = J({"terminal": true, "cwd": "/",
		"args": ["sh"], "user": {"uid": 1, "gid": 1}, "oomScoreAdj": 5,
		"rlimits": [{"type": "RLIMIT_NOFILE", "soft": 5, "hard": 18446744073709551615}]}),
		.choices = { .verb = VERB_EXEC, .join_namespaces = CLONE_NEWNS } },
	{ "exec-user-namespace", .namespaces = "user mount", .linux_ = RANGE_MAP "," SECCOMP,
		.executed = J({"cwd": "/", "args": ["sh"], "noNewPrivileges": true,
			"rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]}),
		.choices = { .verb = VERB_EXEC, .join_namespaces = CLONE_NEWNS | CLONE_NEWUSER } },
	{ "exec-seccomp-notify", .namespaces = "mount",
		.linux_ = NOTIFY(, "listenerPath": "/run/agent", "listenerMetadata": "m"),
		.choices = { .verb = VERB_EXEC, .join_namespaces = CLONE_NEWNS } },
	{ "exec-landlock", .namespaces = "mount", .top = LANDLOCK(LANDLOCK_ALL), .landlock = 7,
		.choices = { .verb = VERB_EXEC, .join_namespaces = CLONE_NEWNS } },
	{ "exec-scheduling", .namespaces = "mount", .linux_ = J("memoryPolicy":
		{"mode": "MPOL_LOCAL"}, "personality": {"domain": "LINUX"}),
		.executed = J({"cwd": "/", "args": ["sh"], "scheduler": {"policy": "SCHED_BATCH",
			"nice": 3}, "ioPriority": {"class": "IOPRIO_CLASS_IDLE"},
			"execCPUAffinity": {"initial": "0-1", "final": "1"}}),
		.choices = { .verb = VERB_EXEC, .join_namespaces = CLONE_NEWNS } },
	{ "exec-security-modules", .namespaces = "mount", .lsm = LSM_ON,
		.linux_ = J("mountLabel": "u:r:t:s0"), .executed = J({"cwd": "/", "args": ["sh"],
			"apparmorProfile": "a-profile", "selinuxLabel": "u:r:t:s0"}),
		.choices = { .verb = VERB_EXEC, .join_namespaces = CLONE_NEWNS } },
	{ "exec-class-of-service", .namespaces = "mount", .resctrl_group = &gold_group,
		.choices = { .verb = VERB_EXEC, .join_namespaces = CLONE_NEWNS } },
	{ "exec-initial-cpus", .namespaces = "mount",
		.executed = J({"cwd": "/", "args": ["sh"], "execCPUAffinity": {"initial": "0"}}),
		.choices = { .verb = VERB_EXEC, .join_namespaces = CLONE_NEWNS } },
	{ "exec-without-mount-namespace", .namespaces = "pid",
		.choices = { .verb = VERB_EXEC, .join_namespaces = CLONE_NEWPID } },

	/* mounts */
	{ "mounts-add", .namespaces = "user mount", .linux_ = RANGE_MAP, .top = J("mounts": [
		{"destination": "/a", "source": "/srv", "options": ["rbind", "ro", "idmap"]},
		{"destination": "/b", "source": "x", "options": ["bind"],
			"uidMappings": [{"containerID": 0, "hostID": 7, "size": 1}],
			"gidMappings": [{"containerID": 0, "hostID": 7, "size": 1}]},
		{"destination": "/c", "type": "tmpfs", "options": ["size=1m"]}]),
		.choices = { .verb = VERB_MOUNTS_ADD, .container_pid = 42,
			.join_namespaces = CLONE_NEWNS | CLONE_NEWUSER } },
	{ "mounts-remove", .namespaces = "mount", .top = J("mounts": [
		{"destination": "/a", "source": "/srv", "options": ["bind", "idmap"]},
		{"destination": "/a/b", "options": ["dest-nofollow"]}]),
		.choices = { .verb = VERB_MOUNTS_REMOVE, .join_namespaces = CLONE_NEWNS } },
};
/* clang-format on */
const size_t n_plan_cases = ARRAY_SIZE(plan_cases);
