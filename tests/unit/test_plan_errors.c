/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What src/plan refuses, each with its whole line, in tests/golden/plan/errors.txt. argv[1]: the
 * directory. UPDATE_GOLDEN=1 writes the file; read the difference before committing it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "plan_fixture.h"

static const char *golden_dir;

/* clang-format off */
#define ONE_ID                                                                                     \
	"\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}],"                        \
	"\"gidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}]"
#define MOUNT(...) "\"mounts\":[{\"destination\":\"/d\"," #__VA_ARGS__ "}]"
#define NOTIFY(...) J("seccomp": {"defaultAction": "SCMP_ACT_ALLOW", \
	"syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]__VA_ARGS__})
#define EXEC .choices = { .verb = VERB_EXEC }

static const uint64_t no_limits[16];
static const char *const no_device[1];
static struct id_range two_ids[] = { { 100000, 2 } };
#define LANDLOCK(text) "\"annotations\":{\"org.oci-rt.landlock\":\"" text "\"}"
#define RULESET "\\\"ruleset\\\":{\\\"handledAccessFS\\\":[\\\"execute\\\",\\\"refer\\\"]}"
#define BENEATH(rights, path) "{" RULESET ",\\\"rules\\\":{\\\"pathBeneath\\\":[{\\\"allowedAccess\\\":[" rights "],\\\"paths\\\":[\\\"" path "\\\"]}]}}"

static const struct plan_case cases[] = {
	{ "no-user-namespace", .user = USER_1000, .namespaces = "pid mount",
		.choices = { .idmap = IDMAP_NONE } },
	{ "idmap-subuid-without-ranges", .user = USER_1000, .namespaces = "pid mount",
		.subids = { .ranges = { "/etc/subuid has no range for alice", "mend it" } },
		.choices = { .idmap = IDMAP_SUBUID } },
	{ "idmap-subuid-without-newuidmap", .user = USER_1000, .namespaces = "pid mount",
		.subids = { .helper = { "newuidmap is not installed", "install it" } },
		.choices = { .idmap = IDMAP_SUBUID } },
	{ "idmap-of-a-joined-namespace", .namespaces = "pid mount user=/n/user",
		.choices = { .idmap = IDMAP_SINGLE } },
	{ "uid-not-mapped-by-default", .user = USER_1000, .namespaces = "pid mount",
		.subids = { .helper = { "newuidmap is not installed", "install it" } },
		.process = J("user": {"uid": 33, "gid": 0}) },
	{ "gid-not-mapped-by-choice", .user = USER_1000, .namespaces = "pid mount",
		.choices = { .idmap = IDMAP_SINGLE }, .process = J("user": {"uid": 0, "gid": 33}) },
	{ "groups-not-mapped-by-default", .user = USER_1000, .namespaces = "pid mount",
		.subids = { .helper = { "newuidmap is not installed", "install it" } },
		.process = J("user": {"uid": 0, "gid": 0, "additionalGids": [1]}) },
	{ "idmap-annotation-of-another-value", .user = USER_1000, .namespaces = "pid mount",
		.choices = { .idmap = IDMAP_NONE },
		.top = J("annotations": {"org.oci-rt.idmap": "all"}) },
	{ "emulated-ids-with-many", .user = USER_1000, .namespaces = "pid mount",
		.subids = { .uids = { 1, two_ids }, .gids = { 1, two_ids } },
		.choices = { .emulate_ids = true, .idmap = IDMAP_SUBUID } },
	{ "emulated-ids-of-the-host", .namespaces = "pid mount", .choices = { .emulate_ids = true } },
	{ "emulated-ids-annotation", .namespaces = "pid mount",
		.top = J("annotations": {"org.oci-rt.emulate-ids": "yes"}) },
	{ "rlimit-above-our-own", .user = USER_1000, .namespaces = "user", .linux_ = ONE_ID,
		.hard_limits = no_limits, .process = J("rlimits": [
			{"type": "RLIMIT_NOFILE", "soft": 5, "hard": 18446744073709551615}]) },
	{ "device-that-is-not-there", .user = USER_1000, .namespaces = "mount user",
		.device_sources = no_device, .linux_ = ONE_ID ",\"devices\":[{\"type\":\"c\","
			"\"path\":\"/dev/fuse\",\"major\":10,\"minor\":229}]" },
	{ "group-of-terminals-not-mapped", .user = USER_1000, .namespaces = "mount user",
		.linux_ = ONE_ID, .top = MOUNT("type": "devpts", "options": ["gid=5"]) },
	{ "time-offsets-without-namespace", .namespaces = "mount",
		.linux_ = J("timeOffsets": {"monotonic": {"secs": 1}}) },
	{ "time-offsets-of-a-joined-namespace", .namespaces = "time=/n/time",
		.linux_ = J("timeOffsets": {"monotonic": {"secs": 1}}) },
	{ "hostname-of-the-host", .namespaces = "mount", .top = J("hostname": "h") },
	{ "domainname-of-the-host", .namespaces = "mount", .top = J("domainname": "d") },

	{ "uid-mappings-without-namespace", .namespaces = "mount", .linux_ = ONE_ID },
	{ "gid-mappings-without-namespace", .namespaces = "mount",
		.linux_ = J("gidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]) },
	{ "user-namespace-without-mappings", .namespaces = "mount user" },
	{ "user-namespace-without-gid-mappings", .namespaces = "mount user",
		.linux_ = J("uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]) },
	{ "uid-not-mapped", .namespaces = "mount user", .linux_ = ONE_ID,
		.process = J("user": {"uid": 1, "gid": 0}) },
	{ "gid-not-mapped", .namespaces = "mount user", .linux_ = ONE_ID,
		.process = J("user": {"uid": 0, "gid": 1}) },
	{ "groups-with-one-id", .user = USER_1000, .namespaces = "mount user", .linux_ = ONE_ID,
		.process = J("user": {"uid": 0, "gid": 0, "additionalGids": [0, 7]}) },
	{ "groups-denied-outside", .user = NESTED_ONE_ID, .namespaces = "mount",
		.process = J("user": {"uid": 0, "gid": 0, "additionalGids": [0, 7]}) },

	{ "no-resctrl", .namespaces = "mount", .linux_ = J("intelRdt": {"closID": "gold"}) },
	{ "class-of-service-missing", .namespaces = "mount", .resctrl = { "/sys/fs/resctrl" },
		.linux_ = J("intelRdt": {"closID": "gold"}) },
	{ "class-of-service-with-other-values", .namespaces = "mount",
		.resctrl = { "/sys/fs/resctrl", true, "    L3:0=ff\n    MB:0=100\n" },
		.linux_ = J("intelRdt": {"closID": "gold", "memBwSchema": "MB:0=100",
			"l3CacheSchema": "L3:0=f"}) },
	{ "no-class-of-service", .namespaces = "mount", .resctrl = { "/sys/fs/resctrl", true },
		.linux_ = J("intelRdt": {"closID": "info"}) },
	{ "mounts-without-namespace", .namespaces = "pid user", .linux_ = ONE_ID,
		.top = MOUNT("type": "tmpfs") },
	{ "bind-with-an-unknown-option", .namespaces = "mount",
		.top = MOUNT("source": "/s", "options": ["bind", "size=1k", "nothing"]) },
	{ "bind-without-source", .namespaces = "mount", .top = MOUNT("options": ["bind"]) },
	{ "mount-without-type", .namespaces = "mount", .top = MOUNT("source": "/s") },
	{ "tmpcopyup-of-proc", .namespaces = "mount",
		.top = MOUNT("type": "proc", "options": ["tmpcopyup"]) },
	{ "idmap-without-a-map", .namespaces = "mount",
		.top = MOUNT("source": "/s", "options": ["bind", "idmap"]) },
	{ "ridmap-without-a-map", .namespaces = "mount",
		.top = MOUNT("source": "/s", "options": ["rbind", "ridmap"]) },
	{ "idmap-of-a-new-file-system", .namespaces = "mount user", .linux_ = ONE_ID,
		.top = MOUNT("type": "tmpfs", "options": ["idmap"]) },
	{ "idmap-of-a-remount", .namespaces = "mount user", .linux_ = ONE_ID,
		.top = MOUNT("options": ["bind", "remount", "idmap"]) },
	{ "idmap-by-a-user", .user = USER_1000, .namespaces = "mount user", .linux_ = ONE_ID,
		.top = MOUNT("source": "/s", "options": ["bind", "idmap"]) },
	{ "copy-symlink-of-a-tmpfs", .namespaces = "mount",
		.top = MOUNT("type": "tmpfs", "options": ["copy-symlink"]) },
	{ "copy-symlink-of-a-remount", .namespaces = "mount",
		.top = MOUNT("options": ["bind", "remount", "copy-symlink"]) },
	{ "copy-symlink-later", .namespaces = "mount",
		.top = MOUNT("source": "/s", "options": ["bind", "copy-symlink"]),
		.choices = { .verb = VERB_MOUNTS_ADD, .join_namespaces = CLONE_NEWNS } },

	{ "devices-without-namespace", .namespaces = "pid user",
		.linux_ = ONE_ID "," J("devices": [{"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229}]) },
	{ "masked-paths-without-namespace", .namespaces = "pid", .linux_ = J("maskedPaths": ["/a"]) },
	{ "readonly-paths-without-namespace", .namespaces = "pid",
		.linux_ = J("readonlyPaths": ["/a"]) },
	{ "masked-paths-without-namespace-with-mounts", .namespaces = "pid",
		.linux_ = J("maskedPaths": ["/a"]), .top = MOUNT("type": "tmpfs") },
	{ "propagation-without-namespace-with-mounts", .namespaces = "pid",
		.linux_ = J("rootfsPropagation": "shared"), .top = MOUNT("type": "tmpfs") },
	{ "propagation-without-namespace", .namespaces = "pid",
		.linux_ = J("rootfsPropagation": "slave") },
	{ "readonly-root-without-namespace", .config = J({"ociVersion": "1.3.0",
		"root": {"path": "rootfs", "readonly": true}, "linux": {"namespaces": [{"type": "user"}],
		"uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}],
		"gidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]}}) },

	{ "sysctl-of-no-namespace", .namespaces = "network", .linux_ = J("sysctl": {"vm.swappiness": "1"}) },
	{ "sysctl-of-the-host's-network", .namespaces = "ipc",
		.linux_ = J("sysctl": {"net.ipv4.ip_forward": "1"}) },
	{ "sysctl-of-the-host's-ipc", .namespaces = "network",
		.linux_ = J("sysctl": {"kernel.shmmax": "1"}) },
	{ "sysctl-of-the-host's-uts", .namespaces = "network",
		.linux_ = J("sysctl": {"kernel.hostname": "h"}) },
	{ "sysctl-of-the-host's-user", .namespaces = "network",
		.linux_ = J("sysctl": {"user.max_net_namespaces": "1"}) },
	{ "sysctl-that-only-starts-like-one", .namespaces = "ipc",
		.linux_ = J("sysctl": {"kernel.shmmaxi": "1"}) },
	{ "sysctl-against-hostname", .namespaces = "uts", .top = J("hostname": "a"),
		.linux_ = J("sysctl": {"kernel.hostname": "b"}) },
	{ "sysctl-with-dots", .namespaces = "network",
		.linux_ = J("sysctl": {"net/ipv4/conf/a..b/forwarding": "1"}) },

	{ "terminal-detached", .namespaces = "mount", .process = J("terminal": true) },
	{ "terminal-run-detached", .namespaces = "mount", .process = J("terminal": true),
		.choices = { .verb = VERB_RUN, .detach = true } },
	{ "console-socket-without-terminal", .namespaces = "mount",
		.choices = { .console_socket = "/run/console.sock" } },
	{ "console-socket-without-process", .namespaces = "mount", .no_process = true,
		.choices = { .console_socket = "/run/console.sock" } },
	{ "exec-terminal-detached", .namespaces = "mount",
		.executed = J({"cwd": "/", "args": ["sh"], "terminal": true}),
		.choices = { .verb = VERB_EXEC, .detach = true } },
	{ "exec-console-socket-without-terminal", .namespaces = "mount",
		.choices = { .verb = VERB_EXEC, .console_socket = "/run/console.sock" } },

	{ "time-offsets-without-namespace", .namespaces = "mount",
		.linux_ = J("timeOffsets": {"monotonic": {"secs": 1}}) },
	{ "unsupported-time-offsets-of-a-user", .user = USER_1000, .namespaces = "mount user time",
		.linux_ = ONE_ID "," J("timeOffsets": {"monotonic": {"secs": 1}}) },
	{ "cpus-beyond-the-mask", .namespaces = "mount", EXEC, .executed = J({"cwd": "/",
		"args": ["sh"], "execCPUAffinity": {"initial": "8192"}}) },
	{ "final-cpus-backwards", .namespaces = "mount", EXEC, .executed = J({"cwd": "/",
		"args": ["sh"], "execCPUAffinity": {"final": "3-1"}}) },
	{ "nodes-beyond-the-mask", .namespaces = "mount",
		.linux_ = J("memoryPolicy": {"mode": "MPOL_BIND", "nodes": "9000"}) },
	{ "net-devices-by-a-user", .user = USER_1000, .namespaces = "mount user network",
		.linux_ = ONE_ID "," J("netDevices": {"eth0": {}}) },
	{ "net-devices-of-the-host", .namespaces = "mount", .linux_ = J("netDevices": {"eth1": {}}) },
	{ "mounts-of-the-host", .top = MOUNT("type": "tmpfs"), .namespaces = "pid",
		.choices = { .verb = VERB_MOUNTS_ADD } },
	{ "mounts-on-the-root", .namespaces = "mount",
		.top = J("mounts": [{"destination": "/./", "type": "tmpfs"}]),
		.choices = { .verb = VERB_MOUNTS_ADD, .join_namespaces = CLONE_NEWNS } },
	{ "mounts-of-cgroups", .namespaces = "mount", .top = MOUNT("type": "cgroup2"),
		.choices = { .verb = VERB_MOUNTS_ADD, .join_namespaces = CLONE_NEWNS } },
	{ "seccomp-notify-without-agent", .namespaces = "mount", .linux_ = NOTIFY() },
	{ "seccomp-agent-relative", .namespaces = "mount",
		.linux_ = NOTIFY(, "listenerPath": "agent") },
	{ "seccomp-receiver-relative", .namespaces = "mount",
		.top = J("annotations": {"run.oci.seccomp.receiver": "agent"}) },
	{ "pidfd-receiver-relative", .namespaces = "mount",
		.top = J("annotations": {"run.oci.pidfd_receiver": "r"}) },
	{ "hooks-stdout-relative", .namespaces = "mount",
		.top = J("annotations": {"run.oci.hooks.stdout": "out"}) },
	{ "criu-config-relative", .namespaces = "mount",
		.top = J("annotations": {"org.criu.config": "criu.conf"}) },
	{ "systemd-property-without-name", .namespaces = "mount",
		.top = J("annotations": {"org.systemd.property.": "uint64 5"}) },
	{ "keep-groups-neither-yes-nor-no", .namespaces = "mount",
		.top = J("annotations": {"run.oci.keep_original_groups": "0"}) },
	{ "landlock-no-json", .namespaces = "mount", .top = LANDLOCK("execute") },
	{ "landlock-no-ruleset", .namespaces = "mount", .top = LANDLOCK("{}") },
	{ "landlock-unknown-property", .namespaces = "mount", .top = LANDLOCK("{\\\"rule\\\":{}}") },
	{ "landlock-nothing-handled", .namespaces = "mount", .top = LANDLOCK("{\\\"ruleset\\\":{}}") },
	{ "landlock-unknown-right", .namespaces = "mount",
		.top = LANDLOCK("{\\\"ruleset\\\":{\\\"handledAccessFS\\\":[\\\"exec\\\"]}}") },
	{ "landlock-unknown-right-allowed", .namespaces = "mount", .top = LANDLOCK(BENEATH("\\\"exec\\\"", "/")) },
	{ "landlock-allowed-and-not-handled", .namespaces = "mount", .top = LANDLOCK(BENEATH("\\\"make_reg\\\"", "/")) },
	{ "landlock-nothing-allowed", .namespaces = "mount", .top = LANDLOCK(BENEATH("", "/")) },
	{ "landlock-relative-path", .namespaces = "mount", .top = LANDLOCK(BENEATH("\\\"execute\\\"", "usr")) },
	{ "landlock-port-too-high", .namespaces = "mount", .top = LANDLOCK("{\\\"ruleset\\\":{\\\"handledAccessNet\\\":[\\\"bind_tcp\\\"]},"
		"\\\"rules\\\":{\\\"netPort\\\":[{\\\"allowedAccess\\\":[\\\"bind_tcp\\\"],\\\"ports\\\":[65536]}]}}") },
	{ "landlock-without-best-effort", .namespaces = "mount", .landlock = 1,
		.top = LANDLOCK("{" RULESET ",\\\"disableBestEffort\\\":true}") },
	{ "delegated-cgroup-escape", .namespaces = "mount",
		.top = J("annotations": {"run.oci.delegate-cgroup": ".."}) },
	{ "delegated-cgroup-two", .namespaces = "mount",
		.top = J("annotations": {"run.oci.delegate-cgroup": "a/b"}) },
	{ "delegated-cgroup-v1", .machine = V1, .namespaces = "mount",
		.top = J("annotations": {"run.oci.delegate-cgroup": "a"}) },
	{ "delegated-cgroup-of-none", .user = USER_1000, .namespaces = "mount user", .linux_ = ONE_ID,
		.top = J("annotations": {"run.oci.delegate-cgroup": "a"}) },
	{ "nodes-for-a-local-policy", .namespaces = "mount",
		.linux_ = J("memoryPolicy": {"mode": "MPOL_LOCAL", "nodes": "0-2,7"}) },
	{ "apparmor-off", .namespaces = "mount", .process = J("apparmorProfile": "p") },
	{ "apparmor-not-built", .namespaces = "mount", .lsm = LSM_NOT_BUILT,
		.process = J("apparmorProfile": "p") },
	{ "selinux-off", .namespaces = "mount", .process = J("selinuxLabel": "l") },
	{ "selinux-not-built", .namespaces = "mount", .lsm = LSM_NOT_BUILT,
		.process = J("selinuxLabel": "l") },
	{ "mount-label-not-built", .namespaces = "mount", .lsm = LSM_NOT_BUILT,
		.linux_ = J("mountLabel": "l") },
	{ "mount-context-type", .namespaces = "mount", .lsm = LSM_ON, .linux_ = J("mountLabel": "l"),
		.top = J("annotations": {"run.oci.mount_context_type": "mode=777,context"}) },
	{ "exec-apparmor-off", .namespaces = "mount", EXEC,
		.executed = J({"cwd": "/", "args": ["sh"], "apparmorProfile": "p"}) },
	{ "exec-selinux-off", .namespaces = "mount", EXEC,
		.executed = J({"cwd": "/", "args": ["sh"], "selinuxLabel": "l"}) },
};
/* clang-format on */

static void errors_are_as_recorded(void **state)
{
	struct arena arena;
	const char *all = "";
	char *wanted = (char *)"";
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture f;
		int r = fixture_decide(&f, &cases[i]);
		if (r >= 0)
			fail_msg("%s is not refused", cases[i].name);
		assert_int_equal(r, f.error.kind == ERROR_UNSUPPORTED ? -EOPNOTSUPP : -EINVAL);
		all = arena_printf(
			&arena, "%s%s\n\t%s", all, cases[i].name, fixture_text(&f, &cases[i]));
		fixture_free(&f);
	}
	AUTO_CLOSE int dir_fd = open(golden_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir_fd >= 0);
	if (getenv("UPDATE_GOLDEN"))
		assert_int_equal(io_replace_file(dir_fd, "errors.txt", all, strlen(all), 0644), 0);
	io_read_file(dir_fd, "errors.txt", 1 << 20, &arena, &wanted, NULL);
	assert_string_equal(all, wanted);
	arena_free(&arena);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_as_recorded),
	};
	if (argc != 2)
		return 2;
	golden_dir = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
