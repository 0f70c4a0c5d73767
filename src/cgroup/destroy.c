/* SPDX-License-Identifier: Apache-2.0 */
/* Removing a container's cgroup. Runs in HOST. Mustn't remove what was there before the container,
 * nor fail because a part is gone: it clears up after a creation that was killed half-way. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"
#include "cgroup/act.h"
#include "cgroup/tree.h"

/* For processes that were killed and are still dying: freeing much memory takes its time. */
enum { DESTROY_TIMEOUT_MS = 5000 };

static bool is_gone(int r)
{
	return r == -ENOENT || r == -ENODEV;
}

/* The directory above, and the last component. */
static int open_parent(const char *path, bool is_v2, int *ret_fd, const char **ret_name)
{
	char parent[4096];
	const char *slash = strrchr(path, '/');
	if (!slash || slash == path || (size_t)(slash - path) >= sizeof parent)
		return -EINVAL;
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	*ret_name = slash + 1;
	return cgroup_open(parent, is_v2, ret_fd);
}

static int remove_dir(int parent_fd, const char *name)
{
	if (unlinkat(parent_fd, name, AT_REMOVEDIR) == 0)
		return 0;
	return is_gone(-errno) ? 0 : -errno;
}

/* Frozen processes do not die in v1, and nobody could thaw them later. */
static void thaw(int fd, bool is_v2)
{
	io_write_control(fd, is_v2 ? "cgroup.freeze" : "freezer.state", is_v2 ? "0" : "THAWED");
}

static int remove_busy(int parent_fd, const char *name, bool is_v2)
{
	AUTO_CLOSE int fd = -1;
	int r = cgroup_open_below(parent_fd, name, &fd);
	if (r < 0)
		return is_gone(r) ? 0 : r;
	thaw(fd, is_v2);
	long long deadline = cgroup_clock_ms() + DESTROY_TIMEOUT_MS;
	for (unsigned pause = 1;; pause = pause < 64 ? 2 * pause : pause) {
		cgroup_remove_below(fd);
		r = remove_dir(parent_fd, name);
		long long left = deadline - cgroup_clock_ms();
		if (r != -EBUSY || left <= 0)
			return r;
		/* the event comes when the last process is gone; v1 has none, and the last
		 * references of dead tasks have none either */
		if (!is_v2 || cgroup_is_populated(fd, true) != 1 ||
			cgroup_wait_event(fd, "populated", 0, (int)left) < 0)
			cgroup_sleep_ms(pause);
	}
}

struct find_pid {
	pid_t pid;
};

static int note_pid(void *arg, pid_t pid)
{
	((struct find_pid *)arg)->pid = pid;
	return 1;
}

static int busy(const char *path, int parent_fd, const char *name, struct error *e)
{
	struct find_pid found = { 0 };
	AUTO_CLOSE int fd = -1;
	if (cgroup_open_below(parent_fd, name, &fd) == 0)
		cgroup_for_each_pid(fd, note_pid, &found);
	if (found.pid > 0)
		return error_set(e, ERROR_SYSTEM, EBUSY,
			"remove the cgroup %s: process %d is still in it", path, found.pid);
	return error_errno(e, EBUSY, "remove the cgroup %s", path);
}

static int remove_path(const char *path, bool is_v2, struct error *e)
{
	AUTO_CLOSE int parent_fd = -1;
	const char *name;
	int r = open_parent(path, is_v2, &parent_fd, &name);
	if (is_gone(r))
		return 0;
	if (r == 0) {
		r = remove_dir(parent_fd, name);
		if (r == -EBUSY || r == -ENOTEMPTY)
			r = remove_busy(parent_fd, name, is_v2);
	}
	if (r == -EBUSY)
		return busy(path, parent_fd, name, e);
	return cgroup_failed(r, "remove", path, e);
}

/* Of the created: the container's own directories end where one of the location's does, the others
 * are ancestors of one. */
static bool is_own(const struct cgroup_location *location, const char *path)
{
	if (location->unified && strcmp(location->unified, path) == 0)
		return true;
	for (size_t i = 0; i < location->v1.n; i++)
		if (strcmp(cgroup_v1_path(location->v1.v[i]), path) == 0)
			return true;
	return false;
}

static bool is_of_v2(const struct cgroup_location *location, const char *path)
{
	return location->unified && path_rest(location->unified, path);
}

void cgroup_remove_parents(const struct cgroup_location *location)
{
	for (size_t i = location->created.n; i > 0; i--) {
		const char *path = location->created.v[i - 1], *name;
		AUTO_CLOSE int fd = -1;
		/* another container may be in it by now: then it stays */
		if (!is_own(location, path) &&
			open_parent(path, is_of_v2(location, path), &fd, &name) == 0)
			unlinkat(fd, name, AT_REMOVEDIR);
	}
}

int cgroupfs_destroy(const struct cgroup_location *location, struct error *e)
{
	int result = 0;
	for (size_t i = location->created.n; i > 0; i--) {
		const char *path = location->created.v[i - 1];
		if (!is_own(location, path))
			continue;
		int r = remove_path(path, is_of_v2(location, path), result == 0 ? e : NULL);
		result = result < 0 ? result : r;
	}
	cgroup_remove_parents(location);
	return result;
}
