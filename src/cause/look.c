/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about this process and this machine, for causes. Runs as HOST, after something has failed
 * or for `doctor`. Reads only. */
#include "cause/look.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/identity.h"
#include "base/io.h"
#include "base/mountinfo.h"
#include "cause/cause.h"
#include "plan/namespace_types.h"
#include "sys/process.h"

enum { SMALL = 64 << 10, LARGE = 16 << 20 };

/* "Name:\tvalue" of /proc/self/status */
static unsigned status_number(const char *status, const char *name)
{
	const char *at = strstr(status, name);
	return at ? (unsigned)strtoul(at + strlen(name), NULL, 10) : 0;
}

static void look_at_status(struct process_facts *p)
{
	char text[8192] = "";
	AUTO_CLOSE int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd_read_all(fd, text, sizeof text - 1) <= 0)
		return;
	p->no_new_privs = status_number(text, "\nNoNewPrivs:\t") != 0;
	p->seccomp = status_number(text, "\nSeccomp:\t") == 2;
}

static void look_at_apparmor(struct process_facts *p)
{
	static char label[256];
	AUTO_CLOSE int fd = open("/proc/self/attr/apparmor/current", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : fd_read_all(fd, label, sizeof label - 1);
	if (n <= 0)
		return;
	label[n] = '\0';
	label[strcspn(label, "\n")] = '\0';
	p->apparmor = label;
}

/* The kernel shows unmapped ids as these. */
static bool is_overflow(uint32_t id, const char *sysctl)
{
	struct opt_i64 overflow = io_read_number(sysctl);
	return overflow.set && overflow.v == id;
}

/* A mount namespace has a mount on its root. In a chroot none of those that can be reached is. The
 * last of several lies over the others. */
static void look_at_root(struct process_facts *p)
{
	struct arena a;
	char *text;
	arena_init(&a);
	if (io_read_file(AT_FDCWD, "/proc/self/mountinfo", LARGE, &a, &text, NULL) == 0) {
		struct span rest = { text, strlen(text) }, line;
		struct mountinfo_line m;
		p->is_chrooted = rest.n > 0;
		while (span_next(&rest, '\n', &line))
			if (mountinfo_parse(line, &m) && span_is(m.point, "/")) {
				p->is_chrooted = false;
				p->is_initramfs = span_is(m.type, "rootfs");
			}
	}
	arena_free(&a);
}

void look_at_process(struct process_facts *ret)
{
	struct cap_sets caps = { 0 };
	sys_capget(&caps);
	*ret = (struct process_facts){
		.euid = geteuid(),
		.egid = getegid(),
		.initial_userns = is_initial_user_namespace(),
		.has_sys_admin = caps.effective >> CAP_SYS_ADMIN & 1,
		.has_mknod = caps.effective >> CAP_MKNOD & 1,
		.newuser_errno = sys_probe_clone_newuser(),
		.clone3_errno = sys_probe_clone3(),
		.unshare_errno = sys_probe_unshare_newuser(),
		.apparmor_restricts =
			io_read_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
		.unprivileged_clone = io_read_number("/proc/sys/kernel/unprivileged_userns_clone"),
	};
	look_at_root(ret);
	ret->ids_are_mapped = ret->initial_userns ||
			      (!is_overflow(ret->euid, "/proc/sys/kernel/overflowuid") &&
				      !is_overflow(ret->egid, "/proc/sys/kernel/overflowgid"));
	look_at_status(ret);
	look_at_apparmor(ret);
	for (int t = 0; t < OCI_NS_COUNT; t++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/sys/user/max_%s_namespaces",
			cause_sysctl_names[t]);
		ret->max[t] = io_read_number(path);
		snprintf(path, sizeof path, "/proc/self/ns/%s", namespace_types[t].file);
		ret->kernel_has[t] = access(path, F_OK) == 0;
	}
}

const char *look_at_own_map(struct arena *a, bool groups)
{
	const char *path = groups ? "/proc/self/gid_map" : "/proc/self/uid_map";
	char *text;
	return io_read_file(AT_FDCWD, path, SMALL, a, &text, NULL) == 0 ? text : "";
}

/* The first directory on the way that we may not search, or NULL. */
static const char *closed_directory(struct arena *a, const char *path)
{
	for (const char *p = path; (p = strchr(p + 1, '/'));) {
		const char *dir = arena_strndup(a, path, (size_t)(p - path));
		if (!dir || (faccessat(AT_FDCWD, dir, X_OK, AT_EACCESS) < 0 && errno == EACCES))
			return dir;
	}
	return NULL;
}

void look_at_mounts(struct arena *a, const char *source, struct mount_facts *ret)
{
	char *mountinfo, *filesystems;
	*ret = (struct mount_facts){ .mountinfo = "", .filesystems = "", .euid = geteuid() };
	if (io_read_file(AT_FDCWD, "/proc/self/mountinfo", LARGE, a, &mountinfo, NULL) == 0)
		ret->mountinfo = mountinfo;
	if (io_read_file(AT_FDCWD, "/proc/filesystems", SMALL, a, &filesystems, NULL) == 0)
		ret->filesystems = filesystems;
	if (source)
		ret->closed = closed_directory(a, source);
}

/* This process's v2 cgroup as a directory, or NULL. */
static const char *own_cgroup(struct arena *a)
{
	static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	char *text;
	if (io_read_file(AT_FDCWD, "/proc/self/cgroup", SMALL, a, &text, NULL) < 0)
		return NULL;
	const char *line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	const char *path = line ? strchr(line, '/') : NULL;
	for (size_t i = 0; path && i < ARRAY_SIZE(mounts); i++) {
		char *dir = arena_printf(a, "%s%.*s", mounts[i], (int)strcspn(path, "\n"), path);
		char *file = arena_printf(a, "%s/cgroup.procs", mounts[i]);
		if (dir && file && access(file, F_OK) == 0) {
			size_t n = strlen(dir);
			dir[dir[n - 1] == '/' ? n - 1 : n] = '\0';
			return dir;
		}
	}
	return NULL;
}

static void look_for_full_cgroup(struct arena *a, struct limit_facts *l)
{
	const char *own = own_cgroup(a);
	char *dir = own ? arena_strdup(a, own) : NULL;
	while (dir && strncmp(dir, "/sys/fs/cgroup/", 15) == 0) {
		struct opt_i64 max = io_read_number(arena_printf(a, "%s/pids.max", dir));
		struct opt_i64 now = io_read_number(arena_printf(a, "%s/pids.current", dir));
		if (max.set && now.set && now.v >= max.v) {
			l->full_cgroup = dir;
			l->pids_max = max.v;
			return;
		}
		*strrchr(dir, '/') = '\0';
	}
}

void look_at_limits(struct arena *a, int resource, struct limit_facts *ret)
{
	struct cap_sets caps = { 0 };
	struct opt_i64 nr_open = io_read_number("/proc/sys/fs/nr_open");
	sys_capget(&caps);
	*ret = (struct limit_facts){
		.hard = UINT64_MAX,
		.nr_open = nr_open.set ? (uint64_t)nr_open.v : 0,
		.has_sys_resource =
			(caps.effective >> CAP_SYS_RESOURCE & 1) && is_initial_user_namespace(),
		.oom_score_adj = io_read_number("/proc/self/oom_score_adj"),
	};
	if (resource >= 0)
		ret->hard = sys_hard_limit(resource);
	look_for_full_cgroup(a, ret);
}

void look_at_move(struct arena *a, const char *target, struct move_facts *ret)
{
	*ret = (struct move_facts){ .own = own_cgroup(a), .target = target };
	const char *dir = getenv("XDG_RUNTIME_DIR");
	const char *socket = dir && *dir ? arena_printf(a, "%s/systemd/private", dir) : NULL;
	ret->has_user_systemd = socket && access(socket, F_OK) == 0;
	if (!ret->own || !target)
		return;
	size_t n = 0, at = 0;
	for (; ret->own[at] == target[at] && target[at]; at++)
		n = target[at] == '/' ? at : n;
	if ((ret->own[at] == '\0' || ret->own[at] == '/') &&
		(target[at] == '\0' || target[at] == '/'))
		n = at;
	ret->common = arena_strndup(a, target, n);
	const char *procs = arena_printf(a, "%s/cgroup.procs", ret->common ? ret->common : "");
	struct stat st;
	if (!procs || stat(procs, &st) < 0) {
		ret->common = NULL;
		return;
	}
	ret->common_owner = st.st_uid;
	ret->may_write_common = faccessat(AT_FDCWD, procs, W_OK, AT_EACCESS) == 0;
}
