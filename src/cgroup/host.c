/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts about this machine's cgroups. Runs in HOST, before anything is decided. Reads only.
 */
#include "cgroup/host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "cgroup/plan.h"
#include "cgroup/systemd_bus.h"
#include "cgroup/tree.h"

enum { MAX_MOUNTINFO = 16 << 20, MAX_SELF_CGROUP = 1 << 20 };

/* Only a "no" is one: whoever is told so goes without this cgroup. */
static int may_write(int dir_fd, const char *name, bool *ret)
{
	*ret = faccessat(dir_fd, name, W_OK, AT_EACCESS) == 0;
	if (*ret || errno == EACCES || errno == EPERM || errno == EROFS || errno == ENOENT)
		return 0;
	return -errno;
}

static int read_controllers(int dir_fd, const char *file, unsigned *ret)
{
	char text[1024];
	ssize_t n = cgroup_read(dir_fd, file, text, sizeof text);
	*ret = n > 0 ? cgroup_controllers_parse(text, (size_t)n) : 0;
	return n < 0 && n != -ENOENT && n != -EACCES ? (int)n : 0;
}

/* The common case without mountinfo, which can be long: one v2 mount at the usual place. */
static int probe_unified(struct arena *arena, const struct statfs *fs, const char *self_cgroup,
	struct cgroup_host *ret, bool *ret_known)
{
	const char *line =
		strncmp(self_cgroup, "0::", 3) == 0 ? self_cgroup : strstr(self_cgroup, "\n0::");
	if (!line)
		return 0;
	const char *path = strchr(line, '/');
	if (!path)
		return 0;
	struct cgroup_hierarchy *h = ARENA_NEW(arena, struct cgroup_hierarchy);
	char *own = arena_strndup(arena, path + 1, strcspn(path + 1, "\n"));
	if (!h || !own)
		return -ENOMEM;
	*h = (struct cgroup_hierarchy){
		.is_v2 = true,
		.is_read_only = (fs->f_flags & ST_RDONLY) != 0,
		.name = "",
		.mount = "/sys/fs/cgroup",
		.mount_root = "/",
		.own = own,
	};
	/* A bind mount of a subtree has our path counted from elsewhere: only mountinfo knows. */
	if (*own) {
		AUTO_CLOSE int fd = -1;
		if (!cgroup_is_safe_path(own) || cgroup_open_dir(h->mount, &fd) < 0 ||
			faccessat(fd, own, F_OK, 0) < 0)
			return 0;
	}
	*ret = (struct cgroup_host){ .mode = CGROUP_MODE_UNIFIED, .n = 1, .v = h };
	*ret_known = true;
	return 0;
}

static int probe_mounts(struct arena *arena, struct cgroup_host *ret, struct error *e)
{
	char *self_cgroup, *mountinfo;
	int r = io_read_file(
		AT_FDCWD, "/proc/self/cgroup", MAX_SELF_CGROUP, arena, &self_cgroup, NULL);
	if (r == -ENOENT) {
		/* a kernel without cgroups */
		*ret = (struct cgroup_host){ .mode = CGROUP_MODE_NONE };
		return 0;
	}
	if (r < 0)
		return error_errno(e, -r, "read /proc/self/cgroup");
	struct statfs fs;
	bool is_known = false;
	if (statfs("/sys/fs/cgroup", &fs) == 0 && (unsigned long)fs.f_type == CGROUP2_SUPER_MAGIC)
		r = probe_unified(arena, &fs, self_cgroup, ret, &is_known);
	if (r < 0)
		return error_errno(e, -r, "look at cgroups");
	if (is_known)
		return 0;
	r = io_read_file(AT_FDCWD, "/proc/self/mountinfo", MAX_MOUNTINFO, arena, &mountinfo, NULL);
	if (r < 0)
		return error_errno(e, -r, "read /proc/self/mountinfo");
	r = cgroup_host_parse(arena, self_cgroup, mountinfo, ret);
	return r < 0 ? error_errno(e, -r, "look at cgroups") : 0;
}

/* A rootless place is beside our own cgroup or in it; see which of them lets us. */
static int probe_delegation(struct cgroup_hierarchy *h, int mount_fd, struct error *e)
{
	AUTO_CLOSE int own_fd = -1;
	if (!h->own || h->is_read_only)
		return 0;
	int r = cgroup_open_below(mount_fd, h->own, &own_fd);
	if (r == 0)
		r = may_write(own_fd, ".", &h->can_create_in_own);
	/* ".." of a cgroup directory is its parent: nobody can rename what we hold */
	if (r == 0 && *h->own)
		r = may_write(own_fd, "..", &h->can_create_beside_own);
	/* what may not be seen is nobody's to use */
	if (r == -ENOENT || r == -EACCES || r == -EPERM)
		return 0;
	return r < 0 ? error_errno(e, -r, "look at the cgroup %s in %s", h->own, h->mount) : 0;
}

static int probe_level(struct cgroup_level *level, int fd, bool is_v2)
{
	int r = may_write(fd, ".", &level->can_create);
	if (r < 0 || !is_v2)
		return r;
	r = read_controllers(fd, "cgroup.subtree_control", &level->enabled);
	if (r == 0)
		r = read_controllers(fd, "cgroup.controllers", &level->available);
	return r < 0 ? r : may_write(fd, "cgroup.subtree_control", &level->can_enable);
}

/* Walk from the mount towards the target as far as there are directories. */
static int probe_levels(
	struct arena *arena, struct cgroup_hierarchy *h, int mount_fd, const char *target)
{
	h->levels.v = ARENA_ARRAY(arena, cgroup_path_components(target), struct cgroup_level);
	if (!h->levels.v)
		return -ENOMEM;
	AUTO_CLOSE int fd = openat(mount_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (const char *p = target;;) {
		struct cgroup_level *level = &h->levels.v[h->levels.n++];
		size_t so_far = p > target ? (size_t)(p - target) - 1 : 0;
		level->path = arena_strndup(arena, target, so_far);
		if (!level->path)
			return -ENOMEM;
		int r = probe_level(level, fd, h->is_v2);
		if (r < 0)
			return r;
		if (so_far == 0)
			h->controllers = h->is_v2 ? level->available : h->controllers;
		size_t n = strcspn(p, "/");
		char *name = arena_strndup(arena, p, n);
		if (!name)
			return -ENOMEM;
		int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0) /* to be made; what is really wrong there, creation will say */
			return 0;
		close(fd);
		fd = next;
		p += n;
		if (!*p++) {
			h->target_exists = true;
			return 0;
		}
	}
}

static int probe_target(struct arena *arena, struct cgroup_hierarchy *h, int mount_fd,
	const char *target, struct error *e)
{
	int r = target ? probe_levels(arena, h, mount_fd, target) : 0;
	return r < 0 ? error_errno(e, -r, "look at the cgroups in %s", h->mount) : 0;
}

int cgroup_probe(struct arena *arena, const struct cgroup_request *request, struct cgroup_host *ret,
	struct error *e)
{
	struct cgroup_host host = { 0 };
	int r = probe_mounts(arena, &host, e);
	if (r == 0 && request->manager == CGROUP_MANAGER_SYSTEMD)
		r = systemd_probe(arena, request->is_rootless, &host.systemd, e);
	for (size_t i = 0; r == 0 && i < host.n; i++) {
		struct cgroup_hierarchy *h = &host.v[i];
		AUTO_CLOSE int mount_fd = -1;
		const char *target = NULL;
		if (request->manager == CGROUP_MANAGER_DISABLED)
			break;
		r = cgroup_open_dir(h->mount, &mount_fd);
		if (r < 0)
			return error_errno(e, -r, "open the cgroup mount %s", h->mount);
		if (request->is_rootless)
			r = probe_delegation(h, mount_fd, e);
		if (r == 0)
			r = cgroup_target(arena, request, &host, h, &target, e);
		if (r == 0)
			r = probe_target(arena, h, mount_fd, target, e);
	}
	if (r == 0)
		*ret = host;
	return r;
}

int cgroup_probe_location(struct arena *arena, const struct cgroup_location *location,
	struct cgroup_host *ret, struct error *e)
{
	struct cgroup_host host = { 0 };
	int r = probe_mounts(arena, &host, e);
	for (size_t i = 0; r == 0 && i < host.n; i++) {
		struct cgroup_hierarchy *h = &host.v[i];
		AUTO_CLOSE int mount_fd = -1;
		r = cgroup_open_dir(h->mount, &mount_fd);
		if (r < 0)
			return error_errno(e, -r, "open the cgroup mount %s", h->mount);
		r = probe_target(arena, h, mount_fd, cgroup_location_below(location, h), e);
	}
	if (r == 0)
		*ret = host;
	return r;
}
