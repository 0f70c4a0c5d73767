/* SPDX-License-Identifier: Apache-2.0 */
/* Using a container's cgroup by its saved location: opening it, putting processes in, listing them.
 * Runs in HOST. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/io.h"
#include "cgroup/act.h"
#include "cgroup/tree.h"

const char *cgroup_v1_path(const char *entry)
{
	const char *p = strstr(entry, "=/");
	return p ? p + 1 : "";
}

bool cgroup_v1_has(const char *entry, const char *controller)
{
	size_t n = strlen(controller);
	for (const char *p = entry; *p && *p != '='; p += *p == ',') {
		size_t len = strcspn(p, ",=");
		if (len == n && memcmp(p, controller, n) == 0)
			return true;
		p += len;
	}
	return false;
}

bool cgroup_exists(const struct cgroup_location *location)
{
	return location->unified || location->v1.n > 0;
}

static int no_cgroup(struct error *e)
{
	return error_set(e, ERROR_STATE, ENODEV, "the container has no cgroup of its own");
}

static int open_checked(const char *path, bool is_v2, int *ret_fd, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	int r = cgroup_open_dir(path, &fd);
	if (r == 0)
		r = cgroup_check_fs(fd, is_v2);
	if (r < 0)
		return error_errno(e, -r, "open the cgroup %s", path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Any hierarchy knows the processes; the freezer's can stop them, too. */
static const char *main_path(const struct cgroup_location *location)
{
	if (location->unified)
		return location->unified;
	for (size_t i = 0; i < location->v1.n; i++)
		if (cgroup_v1_has(location->v1.v[i], "freezer"))
			return cgroup_v1_path(location->v1.v[i]);
	return location->v1.n ? cgroup_v1_path(location->v1.v[0]) : NULL;
}

int cgroup_open_main(
	const struct cgroup_location *location, int *ret_fd, bool *ret_is_v2, struct error *e)
{
	const char *path = main_path(location);
	if (!path)
		return no_cgroup(e);
	*ret_is_v2 = location->unified != NULL;
	int r = open_checked(path, *ret_is_v2, ret_fd, e);
	return r == -ENOENT ? 0 : r;
}

/* CVE class: "../" in exec's sub-cgroup would reach other containers. */
static int check_sub(const char *sub, struct error *e)
{
	if (!sub || cgroup_is_safe_path(sub))
		return 0;
	return error_set(e, ERROR_USAGE, EINVAL,
		"bad sub cgroup path '%s': it has to be relative and without \"..\"", sub);
}

static int open_sub(int dir_fd, const char *sub, int *ret_fd, struct error *e)
{
	int r = cgroup_open_below(dir_fd, sub ? sub : "", ret_fd);
	return r < 0 ? error_errno(e, -r, "open the sub-cgroup %s", sub ? sub : ".") : 0;
}

int cgroup_open_v2(
	const struct cgroup_location *location, const char *sub, int *ret_fd, struct error *e)
{
	int r = check_sub(sub, e);
	if (r < 0)
		return r;
	if (!location->unified) {
		*ret_fd = -1;
		return 0;
	}
	AUTO_CLOSE int fd = -1;
	r = open_checked(location->unified, true, &fd, e);
	return r < 0 ? r : open_sub(fd, sub, ret_fd, e);
}

static int attach_one(const char *path, bool is_v2, const char *sub, pid_t pid, struct error *e)
{
	AUTO_CLOSE int fd = -1, sub_fd = -1;
	char digits[DIGITS_SIZE];
	int r = open_checked(path, is_v2, &fd, e);
	if (r == 0)
		r = open_sub(fd, sub, &sub_fd, e);
	if (r < 0)
		return r;
	format_u64(digits, (unsigned long long)pid);
	r = io_write_control(sub_fd, "cgroup.procs", digits);
	return r < 0 ? error_errno(e, -r, "put process %d in the cgroup %s", pid, path) : 0;
}

int cgroup_attach(const struct cgroup_location *location, const char *sub, pid_t pid, bool v1_only,
	struct error *e)
{
	int r = check_sub(sub, e);
	for (size_t i = 0; r == 0 && i < location->v1.n; i++)
		r = attach_one(cgroup_v1_path(location->v1.v[i]), false, sub, pid, e);
	if (r == 0 && location->unified && !v1_only)
		r = attach_one(location->unified, true, sub, pid, e);
	return r;
}

struct listing {
	struct arena *arena;
	struct pid_list pids;
	size_t size;
};

static int add_pid(void *arg, pid_t pid)
{
	struct listing *l = arg;
	if (l->pids.n == l->size) {
		size_t size = l->size ? 2 * l->size : 64;
		pid_t *v = ARENA_ARRAY(l->arena, size, pid_t);
		if (!v)
			return -ENOMEM;
		if (l->pids.n)
			memcpy(v, l->pids.v, l->pids.n * sizeof *v);
		l->pids.v = v;
		l->size = size;
	}
	l->pids.v[l->pids.n++] = pid;
	return 0;
}

int cgroup_procs(const struct cgroup_location *location, struct arena *arena, struct pid_list *ret,
	struct error *e)
{
	struct listing l = { .arena = arena };
	AUTO_CLOSE int fd = -1;
	bool is_v2;
	int r = cgroup_open_main(location, &fd, &is_v2, e);
	if (r < 0)
		return r;
	r = fd < 0 ? 0 : cgroup_for_each_pid(fd, add_pid, &l);
	if (r < 0)
		return error_errno(e, -r, "list the processes of the cgroup");
	*ret = l.pids;
	return 0;
}
