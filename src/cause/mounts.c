/* SPDX-License-Identifier: Apache-2.0 */
/* Why mounts are refused. PURE. mount_namespaces(7) */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mountinfo.h"
#include "cause/cause.h"

/* Directories that procfs and sysfs keep empty for mounts of others (sysfs_create_mount_point() and
 * its like): what is mounted there hides nothing. */
static const struct {
	const char *type, *below;
} mount_points[] = {
	{ "proc", "/sys/fs/binfmt_misc" },
	{ "proc", "/fs/nfsd" },
	{ "proc", "/openprom" },
	{ "sysfs", "/fs/cgroup" },
	{ "sysfs", "/fs/bpf" },
	{ "sysfs", "/fs/pstore" },
	{ "sysfs", "/fs/fuse/connections" },
	{ "sysfs", "/fs/selinux" },
	{ "sysfs", "/fs/smackfs" },
	{ "sysfs", "/fs/resctrl" },
	{ "sysfs", "/fs/ext4" },
	{ "sysfs", "/kernel/security" },
	{ "sysfs", "/kernel/debug" },
	{ "sysfs", "/kernel/tracing" },
	{ "sysfs", "/kernel/config" },
	{ "sysfs", "/firmware/efi/efivars" },
	{ "sysfs", "/hypervisor/s390" },
};

static bool is_empty_by_kernel(const char *type, const char *below)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_points); i++)
		if (!strcmp(mount_points[i].type, type) && !strcmp(mount_points[i].below, below))
			return true;
	return false;
}

static bool has_option(struct span options, const char *name)
{
	struct span o;
	while (span_next(&options, ',', &o))
		if (span_is(o, name))
			return true;
	return false;
}

static const char *below(const char *point, const char *dir)
{
	size_t n = strlen(dir);
	return strncmp(point, dir, n) == 0 && point[n] == '/' ? point + n : NULL;
}

/* The first mount over a part of this one. */
static const char *mask_below(
	struct arena *a, const char *mountinfo, const char *type, const char *dir)
{
	struct span rest = { mountinfo, strlen(mountinfo) };
	struct span line;
	struct mountinfo_line m;
	while (span_next(&rest, '\n', &line)) {
		if (!mountinfo_parse(line, &m))
			continue;
		const char *point = mountinfo_unescape(a, m.point);
		const char *under = point ? below(point, dir) : NULL;
		if (!under || is_empty_by_kernel(type, under))
			continue;
		bool is_inside = false;
		for (size_t i = 0; i < ARRAY_SIZE(mount_points); i++)
			is_inside |= !strcmp(mount_points[i].type, type) &&
				     below(under, mount_points[i].below);
		if (!is_inside)
			return point;
	}
	return NULL;
}

const char *cause_mask(struct arena *a, const char *mountinfo, const char *type, bool read_only)
{
	struct span rest = { mountinfo, strlen(mountinfo) }, line;
	struct mountinfo_line m;
	const char *first = NULL;
	while (span_next(&rest, '\n', &line)) {
		if (!mountinfo_parse(line, &m) || !span_is(m.type, type))
			continue;
		const char *point = mountinfo_unescape(a, m.point);
		/* a part of it shows nothing of the rest: the kernel looks for a whole one */
		if (!point || !span_is(m.root, "/"))
			continue;
		const char *mask = mask_below(a, mountinfo, type, point);
		if (!mask && !read_only && has_option(m.options, "ro"))
			mask = point;
		if (!mask)
			return NULL;
		if (!first)
			first = mask;
	}
	return first;
}

#define UNMASK                                                                                     \
	"run the outer container with --security-opt unmask=ALL (Podman), --security-opt "         \
	"systempaths=unconfined (Docker), procMount: Unmasked (Kubernetes)"

/* Where procfs is not the whole of it: another mount lies on the way to the file. */
struct cause cause_of_sysctl(struct arena *a, const char *mountinfo, const char *path, int err)
{
	struct span rest = { mountinfo, strlen(mountinfo) }, line;
	struct mountinfo_line m;
	const char *file = arena_printf(a, "/proc/%s", path);
	if (!file || (err != EXDEV && err != EROFS))
		return (struct cause){ 0 };
	while (span_next(&rest, '\n', &line)) {
		const char *point =
			mountinfo_parse(line, &m) ? mountinfo_unescape(a, m.point) : NULL;
		if (point && below(point, "/proc") && below(file, point))
			return (struct cause){
				arena_printf(a,
					"an outer container has mounted %s, so that nobody writes "
					"there",
					point),
				"leave this sysctl out (containers.conf: default_sysctls = []), "
				"or " UNMASK
			};
	}
	return (struct cause){ 0 };
}

static struct cause masked(
	struct arena *a, const struct mount_facts *m, const char *type, bool read_only)
{
	const char *mask = cause_mask(a, m->mountinfo, type, read_only);
	if (!mask)
		return (struct cause){ 0 };
	return (struct cause){
		arena_printf(a,
			"the outer %s is masked by the mount on %s, and a new one would show what "
			"that hides",
			strcmp(type, "proc") == 0 ? "/proc" : "/sys", mask),
		strcmp(type, "proc") == 0 ? UNMASK ", or this one in the outer's PID namespace "
						   "with its /proc (podman --pid=host)"
					  : UNMASK
	};
}

static bool is_known(const char *filesystems, const char *type, bool *ret_nodev)
{
	size_t n = strlen(type);
	for (const char *p = filesystems; *p;) {
		size_t length = strcspn(p, "\n");
		size_t tab = strcspn(p, "\t");
		if (tab < length && length - tab - 1 == n && memcmp(p + tab + 1, type, n) == 0)
			return *ret_nodev = tab > 0, true;
		p += length + (p[length] == '\n');
	}
	return false;
}

/* File systems whose content belongs to a namespace: only its owner may mount them. */
static const struct {
	const char *type;
	uint64_t flag;
	const char *name, *text;
} owners[] = {
	{ "proc", CLONE_NEWPID, "pid", "proc shows a PID namespace" },
	{ "sysfs", CLONE_NEWNET, "network", "sysfs shows a network namespace" },
	{ "mqueue", CLONE_NEWIPC, "ipc", "mqueue shows an IPC namespace" },
	{ "cgroup", CLONE_NEWCGROUP, "cgroup", "cgroup shows a cgroup namespace" },
	{ "cgroup2", CLONE_NEWCGROUP, "cgroup", "cgroup2 shows a cgroup namespace" },
};

static struct cause new_refused(
	struct arena *a, const struct mount_facts *m, const struct mount_question *q)
{
	bool nodev;
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++)
		if (!strcmp(owners[i].type, q->type) && !(q->namespaces & owners[i].flag))
			return (struct cause){
				arena_printf(a, "%s, and this container has that of the host",
					owners[i].text),
				arena_printf(a,
					"add {\"type\":\"%s\"} to linux.namespaces, or bind "
					"the host's",
					owners[i].name)
			};
	if (!strcmp(q->type, "proc") || !strcmp(q->type, "sysfs"))
		return masked(a, m, q->type, q->read_only);
	if (is_known(m->filesystems, q->type, &nodev) && !nodev)
		return (struct cause){ arena_printf(a,
					       "%s needs a block device, and no user namespace may "
					       "mount one",
					       q->type),
			"mount it on the host and bind it" };
	return (struct cause){ 0 };
}

/* mount_namespaces(7): mounts that came together from a more privileged namespace stay together */
static const char *mount_within(struct arena *a, const char *mountinfo, const char *source)
{
	struct span rest = { mountinfo, strlen(mountinfo) }, line;
	struct mountinfo_line m;
	while (span_next(&rest, '\n', &line)) {
		if (!mountinfo_parse(line, &m))
			continue;
		const char *point = mountinfo_unescape(a, m.point);
		if (point && below(point, strcmp(source, "/") == 0 ? "" : source) && point[1])
			return point;
	}
	return NULL;
}

/* Attributes of the mount that the source lies on; *ret_point is where that is. */
static struct span options_above(
	struct arena *a, const char *mountinfo, const char *source, const char **ret_point)
{
	struct span rest = { mountinfo, strlen(mountinfo) }, line, options = { "", 0 };
	struct mountinfo_line m;
	size_t best = 0;
	while (span_next(&rest, '\n', &line)) {
		if (!mountinfo_parse(line, &m))
			continue;
		const char *point = mountinfo_unescape(a, m.point);
		size_t n = point ? strlen(point) : 0;
		if (n < best ||
			!(n == 1 || (point && (!strcmp(point, source) || below(source, point)))))
			continue;
		best = n;
		*ret_point = point;
		options = m.options;
	}
	return options;
}

/* mount_namespaces(7): what a mount was given in a more privileged namespace is locked */
static struct cause locked(
	struct arena *a, const struct mount_facts *m, const struct mount_question *q)
{
	const char *point = "";
	struct span options = options_above(a, m->mountinfo, q->source, &point);
	struct span cleared = { q->cleared, strlen(q->cleared) }, o;
	while (span_next(&cleared, ',', &o)) {
		const char *name = arena_strndup(a, o.s, o.n);
		if (name && has_option(options, name))
			return (struct cause){ arena_printf(a,
						       "the mount on %s has %s, which a user "
						       "namespace may not take away",
						       point, name),
				arena_printf(a, "add the option %s", name) };
	}
	return (struct cause){ 0 };
}

static struct cause bind_refused(
	struct arena *a, const struct mount_facts *m, const struct mount_question *q)
{
	const char *within;
	if (q->err == EACCES && m->closed)
		return (struct cause){ arena_printf(a, "uid %u may not pass through %s", m->euid,
					       m->closed),
			arena_printf(a, "chmod o+x %s, or bind from another place", m->closed) };
	if (q->err == EINVAL && q->in_userns && !q->recursive &&
		(within = mount_within(a, m->mountinfo, q->source)))
		return (struct cause){
			arena_printf(a,
				"a user namespace cannot take it without the mount on "
				"%s, which may hide something",
				within),
			"use the option rbind"
		};
	return q->err == EPERM && q->in_userns && q->cleared ? locked(a, m, q)
							     : (struct cause){ 0 };
}

struct cause cause_of_mount(
	struct arena *a, const struct mount_facts *m, const struct mount_question *q)
{
	bool nodev;
	if (!q->type)
		return bind_refused(a, m, q);
	if (q->err == ENODEV && !is_known(m->filesystems, q->type, &nodev))
		return (struct cause){ arena_printf(a, "the kernel has no file system %s loaded",
					       q->type),
			arena_printf(a, "as root: modprobe %s", q->type) };
	if ((q->err == EPERM || q->err == EACCES) && q->in_userns)
		return new_refused(a, m, q);
	return (struct cause){ 0 };
}
