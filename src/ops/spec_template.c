/* SPDX-License-Identifier: Apache-2.0 */
/* The config that `spec` writes: a shell in a read-only root, with few capabilities. Scripts and
 * test suites edit it with jq, so its values are those that the peers write. Pure. */
#include "ops/spec_template.h"

#include <sys/resource.h>

#include <linux/capability.h>

#include "base/cleanup.h"
#include "libocispec/document.h"
#include "ops/ops.h"

#define STRINGS(...)                                                                               \
	{                                                                                          \
		sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *), (const char *[])   \
		{                                                                                  \
			__VA_ARGS__, NULL                                                          \
		}                                                                                  \
	}
#define LIST(array)                                                                                \
	{                                                                                          \
		ARRAY_SIZE(array), array                                                           \
	}
#define CAP_BIT(n) (UINT64_C(1) << (n))

enum { CAPS = CAP_BIT(CAP_AUDIT_WRITE) | CAP_BIT(CAP_KILL) | CAP_BIT(CAP_NET_BIND_SERVICE) };

static struct oci_rlimit rlimits[] = { { RLIMIT_NOFILE, 1024, 1024 } };
static struct oci_capabilities capabilities = {
	.bounding = CAPS, .effective = CAPS, .permitted = CAPS
};
static struct oci_root root = { "rootfs", true };
static struct oci_process process = {
	.terminal = true,
	.args = STRINGS("sh"),
	.env = STRINGS(
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"),
	.cwd = "/",
	.capabilities = &capabilities,
	.rlimits = LIST(rlimits),
	.no_new_privileges = true,
};

/* clang-format off */
static struct oci_mount mounts[] = {
	{ "/proc", "proc", "proc", { 0 } },
	{ "/dev", "tmpfs", "tmpfs", STRINGS("nosuid", "strictatime", "mode=755", "size=65536k") },
	{ "/dev/pts", "devpts", "devpts",
		STRINGS("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5") },
	{ "/dev/shm", "tmpfs", "shm",
		STRINGS("nosuid", "noexec", "nodev", "mode=1777", "size=65536k") },
	{ "/dev/mqueue", "mqueue", "mqueue", STRINGS("nosuid", "noexec", "nodev") },
	{ "/sys", "sysfs", "sysfs", STRINGS("nosuid", "noexec", "nodev", "ro") },
	{ "/sys/fs/cgroup", "cgroup", "cgroup",
		STRINGS("nosuid", "noexec", "nodev", "relatime", "ro") },
};
/* Without a network namespace of its own, a user's namespace may not mount a new sysfs; and the
 * group tty has no id where one id is mapped. */
static struct oci_mount rootless_mounts[] = {
	{ "/proc", "proc", "proc", { 0 } },
	{ "/dev", "tmpfs", "tmpfs", STRINGS("nosuid", "strictatime", "mode=755", "size=65536k") },
	{ "/dev/pts", "devpts", "devpts",
		STRINGS("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620") },
	{ "/dev/shm", "tmpfs", "shm",
		STRINGS("nosuid", "noexec", "nodev", "mode=1777", "size=65536k") },
	{ "/dev/mqueue", "mqueue", "mqueue", STRINGS("nosuid", "noexec", "nodev") },
	{ "/sys", "none", "/sys", STRINGS("rbind", "nosuid", "noexec", "nodev", "ro") },
	{ "/sys/fs/cgroup", "cgroup", "cgroup",
		STRINGS("nosuid", "noexec", "nodev", "relatime", "ro") },
};
/* clang-format on */

static struct oci_device_rule no_devices[] = { { .access = OCI_ACCESS_READ | OCI_ACCESS_WRITE |
							   OCI_ACCESS_MKNOD } };
static struct oci_resources resources = { .devices = LIST(no_devices) };

static const struct string_list masked_paths = STRINGS("/proc/acpi", "/proc/asound", "/proc/kcore",
	"/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
	"/proc/sched_debug", "/sys/firmware", "/proc/scsi");
static const struct string_list readonly_paths =
	STRINGS("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

static size_t choose_namespaces(const struct spec_choices *c, struct oci_namespace v[OCI_NS_COUNT])
{
	const struct {
		enum oci_namespace_type type;
		bool wanted;
	} rows[] = {
		{ OCI_NS_PID, true },
		{ OCI_NS_NETWORK, !c->rootless },
		{ OCI_NS_IPC, true },
		{ OCI_NS_UTS, true },
		{ OCI_NS_MOUNT, true },
		{ OCI_NS_CGROUP, c->cgroup_namespace },
		{ OCI_NS_USER, c->rootless },
	};
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].wanted)
			v[n++] = (struct oci_namespace){ rows[i].type, NULL };
	return n;
}

int spec_template(const struct spec_choices *c, struct arena *arena, char **ret_text,
	size_t *ret_len, struct error *e)
{
	struct oci_namespace namespaces[OCI_NS_COUNT];
	struct oci_linux linux_ = {
		.namespaces = { choose_namespaces(c, namespaces), namespaces },
		.masked_paths = masked_paths,
		.readonly_paths = readonly_paths,
	};
	struct oci_config config = {
		.oci_version = OCI_SPEC_VERSION,
		.hostname = "oci-rt",
		.root = &root,
		.process = &process,
		.mounts = LIST(mounts),
		.linux_ = &linux_,
	};
	if (c->rootless) {
		linux_.uid_mappings = c->uids;
		linux_.gid_mappings = c->gids;
		config.mounts.v = rootless_mounts;
	} else {
		linux_.resources = &resources;
	}
	return oci_config_encode(&config, true, arena, ret_text, ret_len, e);
}
