/* SPDX-License-Identifier: Apache-2.0 */
/* Using a container's cgroup by its saved location: opening it, putting processes in, listing them.
 * Runs in HOST. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
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

int cgroup_failed(int r, const char *what, const char *path, struct error *e)
{
	if (r != -EXDEV)
		return r < 0 ? error_errno(e, -r, "%s the cgroup %s", what, path) : r;
	return error_set(e, ERROR_STATE, EXDEV,
		"%s the cgroup %s: its hierarchy is not mounted there in this mount namespace; "
		"call oci-rt in the one that the container was created in",
		what, path);
}

static int open_checked(const char *path, bool is_v2, int *ret_fd, struct error *e)
{
	return cgroup_failed(cgroup_open(path, is_v2, ret_fd), "open", path, e);
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

int cgroup_need(const char *path, bool is_v2, int *ret_fd, struct error *e)
{
	int r = cgroup_open(path, is_v2, ret_fd);
	return r == -ENOENT ? error_set(e, ERROR_STATE, ENODEV,
				      "the container's cgroup %s is not there, or not in sight of "
				      "this mount namespace",
				      path)
			    : cgroup_failed(r, "open", path, e);
}

int cgroup_need_main(
	const struct cgroup_location *location, int *ret_fd, bool *ret_is_v2, struct error *e)
{
	const char *path = main_path(location);
	*ret_is_v2 = location->unified != NULL;
	return path ? cgroup_need(path, *ret_is_v2, ret_fd, e) : no_cgroup(e);
}

/* The part before the path, or 0 where there is none. */
static size_t controllers_length(const char *sub)
{
	const char *colon = strchr(sub, ':');
	return colon && !memchr(sub, '/', (size_t)(colon - sub)) ? (size_t)(colon - sub) : 0;
}

/* The path alone, "" for "/": the container's own directory. */
static const char *path_of(const char *sub)
{
	size_t n = controllers_length(sub);
	const char *path = n ? sub + n + 1 : sub;
	return path + strspn(path, "/");
}

/* Is one of the controllers that `sub` names in this entry of location.v1? */
static bool fits(const char *sub, const char *entry)
{
	size_t n = controllers_length(sub);
	char name[64];
	for (size_t at = 0; at < n;) {
		size_t len = strcspn(sub + at, ",:");
		snprintf(name, sizeof name, "%.*s", (int)len, sub + at);
		if (cgroup_v1_has(entry, name))
			return true;
		at += len + 1;
	}
	return n == 0;
}

/* entry NULL: the v2 hierarchy. */
static const char *sub_for(const struct string_list *subs, const char *entry)
{
	const char *path = "";
	for (size_t i = 0; subs && i < subs->n; i++)
		if (entry ? fits(subs->v[i], entry) : !controllers_length(subs->v[i]))
			path = path_of(subs->v[i]);
	return path;
}

const char *cgroup_v2_sub(const struct string_list *subs)
{
	return sub_for(subs, NULL);
}

static bool is_known(const struct cgroup_location *location, const char *sub)
{
	for (size_t i = 0; i < location->v1.n; i++)
		if (fits(sub, location->v1.v[i]))
			return true;
	return controllers_length(sub) == 0;
}

/* CVE class: "../" in exec's sub-cgroup would reach other containers. */
static int check_subs(
	const struct cgroup_location *location, const struct string_list *subs, struct error *e)
{
	for (size_t i = 0; subs && i < subs->n; i++) {
		const char *path = path_of(subs->v[i]);
		if (!is_known(location, subs->v[i]))
			return error_set(e, ERROR_USAGE, EINVAL,
				"unknown controller in the sub-cgroup '%s': the container has no "
				"v1 cgroup of that name",
				subs->v[i]);
		if (*path && !cgroup_is_safe_path(path) && has_defence(DEFENCE_SUB_CGROUP))
			return error_set(e, ERROR_USAGE, EINVAL,
				"bad sub cgroup path '%s': it may not leave the container's cgroup",
				subs->v[i]);
	}
	return 0;
}

int cgroup_open_v2(const struct cgroup_location *location, const struct string_list *subs,
	int *ret_fd, struct error *e)
{
	int r = check_subs(location, subs, e);
	if (r < 0)
		return r;
	*ret_fd = -1;
	if (!location->unified)
		return 0;
	AUTO_CLOSE int fd = -1;
	const char *sub = sub_for(subs, NULL);
	r = open_checked(location->unified, true, &fd, e);
	if (r < 0)
		return r;
	r = cgroup_open_below(fd, sub, ret_fd);
	return r < 0 ? error_errno(e, -r, "open the sub cgroup %s", sub) : 0;
}

static int attach_one(const char *path, bool is_v2, const char *sub, pid_t pid, struct error *e)
{
	AUTO_CLOSE int fd = -1, sub_fd = -1;
	char digits[DIGITS_SIZE];
	int r = open_checked(path, is_v2, &fd, e);
	if (r < 0)
		return r;
	format_u64(digits, (unsigned long long)pid);
	r = cgroup_open_below(fd, sub, &sub_fd);
	if (r == 0)
		r = io_write_control(sub_fd, "cgroup.procs", digits);
	return r < 0 ? error_errno(e, -r, "error adding pid %d to cgroups: %s%s%s", pid, path,
			       *sub ? "/" : "", sub)
		     : 0;
}

int cgroup_attach(const struct cgroup_location *location, const struct string_list *subs, pid_t pid,
	bool v1_only, struct error *e)
{
	int r = check_subs(location, subs, e);
	for (size_t i = 0; r == 0 && i < location->v1.n; i++) {
		const char *entry = location->v1.v[i];
		r = attach_one(cgroup_v1_path(entry), false, sub_for(subs, entry), pid, e);
	}
	if (r == 0 && location->unified && !v1_only)
		r = attach_one(location->unified, true, sub_for(subs, NULL), pid, e);
	return r;
}

/* The line "0::/PATH" of /proc/PID/cgroup, cgroups(7). */
static const char *v2_path(char *text)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strncmp(line, "0::/", 4) == 0)
			return line + 3;
	return NULL;
}

static bool ends_with(const char *text, const char *end, size_t n)
{
	size_t len = strlen(text);
	return len >= n && memcmp(text + len - n, end, n) == 0;
}

/* The part of `path` below the cgroup `unified`, whose mount point is not known here; NULL: it is
 * not below. */
static const char *part_below(const char *unified, const char *path)
{
	for (size_t n = strlen(path); n > 0; n--)
		if ((path[n] == '/' || !path[n]) && ends_with(unified, path, n))
			return path + n + (path[n] == '/');
	return NULL;
}

int cgroup_attach_beside(
	const struct cgroup_location *location, pid_t other, pid_t pid, struct error *e)
{
	char name[32], text[8192];
	snprintf(name, sizeof name, "/proc/%d/cgroup", other);
	AUTO_CLOSE int fd = openat(AT_FDCWD, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = fd < 0 ? -errno : fd_read_all(fd, text, sizeof text - 1);
	if (n < 0)
		return error_errno(e, (int)-n, "%s", name);
	text[n] = '\0';
	const char *path = v2_path(text);
	if (!path || !location->unified)
		return error_set(e, ERROR_STATE, ENODEV, "no cgroup of process %d is known", other);
	const char *sub = part_below(location->unified, path);
	if (sub && (!*sub || cgroup_is_safe_path(sub)))
		return attach_one(location->unified, true, sub, pid, e);
	/* where it stands is somewhere else: the container may go there, or it would not have */
	char mount[PATH_MAX];
	path += strspn(path, "/");
	return cgroup_mount_above(location->unified, true, mount) &&
			       (!*path || cgroup_is_safe_path(path))
		       ? attach_one(mount, true, path, pid, e)
		       : error_set(e, ERROR_STATE, ENODEV,
				 "the container's cgroup is gone, and its first process is not in "
				 "sight");
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
