/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Path resolution inside a hostile root. openat2(RESOLVE_IN_ROOT) does it in one call; where a path
 * has to be made, or openat2 is missing (Linux 5.5) or refused (EPERM of an old seccomp profile in
 * a nested container), the walker below goes component by component on descriptors.
 *
 * Runs in every actor. No allocation. Never hands an unresolved path to the kernel.
 */
#include "fsroot/inroot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/fd.h"
#include "sys/open.h"

bool inroot_without_openat2;

enum { MAX_DEPTH = 128, MAX_LINKS = 40 };

/* The directories from the root down to where the walk stands. ".." pops: asking the kernel for
 * ".." could lead out of the root when a directory is moved meanwhile. */
struct walk {
	int root_fd;
	int depth;
	int links;
	int dirs[MAX_DEPTH];
	char rest[PATH_MAX];
};

static void walk_pop_to(struct walk *w, int depth)
{
	while (w->depth > depth)
		close(w->dirs[--w->depth]);
}

static int walk_here(const struct walk *w)
{
	return w->depth ? w->dirs[w->depth - 1] : w->root_fd;
}

/* Cut the first component off `rest` into name. 0 when none is left. */
static int next_component(struct walk *w, char name[static INROOT_NAME_SIZE])
{
	const char *p = w->rest;
	while (*p == '/')
		p++;
	size_t n = strcspn(p, "/");
	if (n >= INROOT_NAME_SIZE)
		return -ENAMETOOLONG;
	memcpy(name, p, n);
	name[n] = '\0';
	p += n;
	while (*p == '/')
		p++;
	memmove(w->rest, p, strlen(p) + 1);
	return n > 0;
}

/* Put a link's target before what is left to walk. */
static int follow_link(struct walk *w, int link_fd)
{
	char target[PATH_MAX];
	if (++w->links > MAX_LINKS)
		return -ELOOP;
	ssize_t n = readlinkat(link_fd, "", target, sizeof target);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -ENOENT;
	size_t rest = strlen(w->rest);
	if ((size_t)n + 1 + rest >= sizeof w->rest)
		return -ENAMETOOLONG;
	memmove(w->rest + n + 1, w->rest, rest + 1);
	memcpy(w->rest, target, (size_t)n);
	w->rest[n] = rest ? '/' : '\0';
	if (target[0] == '/')
		walk_pop_to(w, 0);
	return 0;
}

static int open_component(
	struct walk *w, const char *name, enum inroot_create create, mode_t dir_mode)
{
	for (int tries = 0; tries < 2; tries++) {
		int fd = openat(walk_here(w), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		if (errno != ENOENT || create == INROOT_EXISTING)
			return -errno;
		if (create == INROOT_MAKE_FILE && !w->rest[0]) {
			fd = openat(walk_here(w), name,
				O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
			if (fd >= 0)
				close(fd);
		} else {
			fd = mkdirat(walk_here(w), name, dir_mode);
		}
		if (fd < 0 && errno != EEXIST)
			return -errno;
	}
	return -ENOENT;
}

/* One component. 1: *ret_fd is the end of the path; 0: go on. */
static int walk_step(struct walk *w, const char *name, enum inroot_follow follow,
	enum inroot_create create, mode_t dir_mode, int *ret_fd)
{
	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		walk_pop_to(w, w->depth > 0 ? w->depth - 1 : 0);
		return 0;
	}
	AUTO_CLOSE int fd = open_component(w, name, create, dir_mode);
	if (fd < 0)
		return fd;
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	bool last = !w->rest[0];
	if (S_ISLNK(st.st_mode)) {
		if (follow == INROOT_NO_SYMLINKS)
			return -ELOOP;
		if (!last || follow != INROOT_NOFOLLOW_LAST)
			return follow_link(w, fd);
	}
	if (last && (follow != INROOT_DIRECTORY || S_ISDIR(st.st_mode))) {
		*ret_fd = TAKE_FD(fd);
		return 1;
	}
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (w->depth == MAX_DEPTH)
		return -ENAMETOOLONG;
	w->dirs[w->depth++] = TAKE_FD(fd);
	return 0;
}

static int walk_path(int root_fd, const char *path, enum inroot_follow follow,
	enum inroot_create create, mode_t dir_mode)
{
	struct walk w;
	w.root_fd = root_fd;
	w.depth = 0;
	w.links = 0;
	size_t n = strlen(path);
	if (n >= sizeof w.rest)
		return -ENAMETOOLONG;
	memcpy(w.rest, path, n + 1);

	char name[INROOT_NAME_SIZE];
	int fd = -1, r;
	while ((r = next_component(&w, name)) > 0) {
		r = walk_step(&w, name, follow, create, dir_mode, &fd);
		if (r != 0)
			break;
	}
	if (r == 0) { /* the path ended in the root, "." or "..": the place where we stand */
		fd = fcntl(walk_here(&w), F_DUPFD_CLOEXEC, 0);
		r = fd < 0 ? -errno : 1;
	}
	walk_pop_to(&w, 0);
	return r < 0 ? r : fd;
}

/* What runtimes did before, for tests/hostile: the kernel follows links to where they lead. */
static int open_anywhere(int root_fd, const char *path, enum inroot_create create, mode_t mode)
{
	char part[PATH_MAX];
	path += strspn(path, "/");
	for (size_t n = strcspn(path, "/"); create != INROOT_EXISTING && n < sizeof part - 1;) {
		bool last = !path[n];
		memcpy(part, path, n);
		part[n] = '\0';
		int r = last && create == INROOT_MAKE_FILE
				? openat(root_fd, part, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)
				: mkdirat(root_fd, part, mode);
		if (r > 0)
			close(r);
		if (last)
			break;
		n += 1 + strcspn(path + n + 1, "/");
	}
	int fd = openat(root_fd, *path ? path : ".", O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The same: what was found is looked up again by its path, CVE-2021-30465. */
static int open_again(int fd)
{
	char path[PATH_MAX], magic[FD_PATH_SIZE];
	ssize_t n = readlinkat(AT_FDCWD, fd_path(fd, magic), path, sizeof path - 1);
	close(fd);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int inroot_open(int root_fd, const char *path, enum inroot_follow follow, enum inroot_create create,
	mode_t dir_mode)
{
	if (!has_defence(DEFENCE_IN_ROOT))
		return open_anywhere(root_fd, path, create, dir_mode);
	static const struct {
		uint64_t flags, resolve;
	} how[] = {
		[INROOT_FOLLOW] = { 0, RESOLVE_IN_ROOT },
		[INROOT_NOFOLLOW_LAST] = { O_NOFOLLOW, RESOLVE_IN_ROOT },
		[INROOT_NO_SYMLINKS] = { 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS },
		[INROOT_DIRECTORY] = { O_DIRECTORY, RESOLVE_IN_ROOT },
	};
	int fd = -ENOSYS;
	if (!inroot_without_openat2)
		fd = sys_openat2(root_fd, path[0] ? path : ".", O_PATH | how[follow].flags, 0,
			how[follow].resolve);
	bool missing = fd == -ENOENT && create != INROOT_EXISTING;
	if (missing || fd == -ENOSYS || fd == -EPERM)
		fd = walk_path(root_fd, path, follow, create, dir_mode);
	return fd < 0 || has_defence(DEFENCE_ONE_RESOLUTION) ? fd : open_again(fd);
}

int inroot_read(int found_fd, int proc_fd, struct stat *ret_stat)
{
	bool guard = has_defence(DEFENCE_REGULAR_FILE);
	char magic[FD_PATH_SIZE];
	if (fstat(found_fd, ret_stat) < 0)
		return -errno;
	if (guard && !S_ISREG(ret_stat->st_mode))
		return -EINVAL;
	/* a file waits, too, where somebody has a lease on it: fcntl(2), F_SETLEASE */
	int fd = openat(proc_fd, fd_path_in_proc(found_fd, magic),
		O_RDONLY | O_NOCTTY | O_CLOEXEC | (guard ? O_NONBLOCK : 0));
	return fd < 0 ? -errno : fd;
}

int inroot_open_parent(
	int root_fd, const char *path, mode_t dir_mode, char name[static INROOT_NAME_SIZE])
{
	char parent[PATH_MAX];
	size_t n = strlen(path);
	while (n > 0 && path[n - 1] == '/')
		n--;
	size_t start = n;
	while (start > 0 && path[start - 1] != '/')
		start--;
	size_t len = n - start;
	if (n >= sizeof parent || len >= INROOT_NAME_SIZE)
		return -ENAMETOOLONG;
	memcpy(name, path + start, len);
	name[len] = '\0';
	if (len == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EINVAL;
	memcpy(parent, path, start);
	parent[start] = '\0';
	return inroot_open(root_fd, parent, INROOT_DIRECTORY, INROOT_MAKE_DIRECTORY, dir_mode);
}
