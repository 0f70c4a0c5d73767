/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories of cgroup filesystems, by descriptor. Runs in HOST. Mustn't use a path twice, follow
 * a symbolic link or allocate.
 */
#include "cgroup/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/parse_num.h"
#include "sys/open.h"

/* Deeper trees than this are made to make us run out of descriptors. */
enum { MAX_DEPTH = 128 };
enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* Where openat2 is missing or refused (EPERM: an old seccomp profile around us). */
static int walk_below(int dir_fd, const char *relative, int *ret_fd)
{
	AUTO_CLOSE int fd = openat(dir_fd, ".", DIR_FLAGS);
	if (fd < 0)
		return -errno;
	for (const char *p = relative; *p;) {
		char name[256];
		size_t n = strcspn(p, "/");
		if (n >= sizeof name)
			return -ENAMETOOLONG;
		memcpy(name, p, n);
		name[n] = '\0';
		p += n + (p[n] == '/');
		if (n == 0)
			continue;
		int next = openat(fd, name, DIR_FLAGS);
		if (next < 0)
			return -errno;
		close(fd);
		fd = next;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int open_without_links(int dir_fd, const char *path)
{
	return sys_openat2(dir_fd, path, DIR_FLAGS, 0, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

int cgroup_open_below(int dir_fd, const char *relative, int *ret_fd)
{
	relative += strspn(relative, "/");
	int fd = open_without_links(dir_fd, *relative ? relative : ".");
	if (fd == -ENOSYS || fd == -EPERM)
		return walk_below(dir_fd, relative, ret_fd);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

int cgroup_open_dir(const char *absolute, int *ret_fd)
{
	int fd = absolute[0] == '/' ? open_without_links(AT_FDCWD, absolute) : -ENOSYS;
	if (fd >= 0)
		*ret_fd = fd;
	if (fd != -ENOSYS && fd != -EPERM)
		return fd < 0 ? fd : 0;
	AUTO_CLOSE int root_fd = openat(AT_FDCWD, "/", O_PATH | DIR_FLAGS);
	return root_fd < 0 ? -errno : cgroup_open_below(root_fd, absolute, ret_fd);
}

static int check_filesystem(int dir_fd, bool is_v2)
{
	struct statfs fs;
	if (fstatfs(dir_fd, &fs) < 0)
		return -errno;
	unsigned long wanted = is_v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC;
	return (unsigned long)fs.f_type == wanted ? 0 : -EXDEV;
}

bool cgroup_mount_above(const char *path, bool is_v2, char mount[static PATH_MAX])
{
	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int n = snprintf(mount, PATH_MAX, "%.*s", (int)(slash - path), path);
		AUTO_CLOSE int fd = -1;
		if (n >= PATH_MAX || cgroup_open_dir(mount, &fd) < 0)
			return false;
		if (check_filesystem(fd, is_v2) == 0)
			return true;
	}
	return false;
}

int cgroup_open(const char *absolute, bool is_v2, int *ret_fd)
{
	char mount[PATH_MAX];
	AUTO_CLOSE int fd = -1;
	int r = cgroup_open_dir(absolute, &fd);
	if (r == 0)
		r = check_filesystem(fd, is_v2);
	else if (r == -ENOENT && !cgroup_mount_above(absolute, is_v2, mount))
		r = -EXDEV;
	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

ssize_t cgroup_read(int dir_fd, const char *file, char *buffer, size_t size)
{
	AUTO_CLOSE int fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	ssize_t n = fd_read_all(fd, buffer, size);
	if (n < 0)
		return n;
	if ((size_t)n == size)
		return -E2BIG;
	if (n > 0 && buffer[n - 1] == '\n')
		n--;
	buffer[n] = '\0';
	return n;
}

int cgroup_read_key(int dir_fd, const char *file, const char *key, unsigned long long *ret)
{
	char text[4096];
	ssize_t n = cgroup_read(dir_fd, file, text, sizeof text);
	if (n < 0)
		return (int)n;
	size_t key_len = strlen(key);
	for (char *line = text; line;) {
		char *end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		uint64_t v;
		if (strncmp(line, key, key_len) == 0 && line[key_len] == ' ' &&
			parse_u64(line + key_len + 1, &v)) {
			*ret = v;
			return 0;
		}
		line = end;
	}
	return -ENODATA;
}

/* Name of the next sub-directory, NULL at the end. */
static const char *next_dir(DIR *d)
{
	for (struct dirent *entry; (entry = readdir(d));)
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
			strcmp(entry->d_name, "..") != 0)
			return entry->d_name;
	return NULL;
}

static DIR *open_listing(int dir_fd)
{
	AUTO_CLOSE int fd = openat(dir_fd, ".", DIR_FLAGS);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (d)
		fd = -1; /* the stream has it now */
	return d;
}

/* A directory that vanished under us is an empty one. */
static int gone_is_success(int err)
{
	return err == ENOENT || err == ENODEV ? 0 : -err;
}

static int pids_of_one(int dir_fd, cgroup_pid_fn *fn, void *arg)
{
	AUTO_CLOSE int fd = openat(dir_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return gone_is_success(errno);
	char buffer[4096];
	pid_t pid = 0;
	for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) != 0;) {
		/* threaded cgroups have no cgroup.procs; their domain lists the processes */
		if (n < 0)
			return errno == EOPNOTSUPP ? 0 : gone_is_success(errno);
		for (ssize_t i = 0; i < n; i++) {
			if (buffer[i] != '\n') {
				pid = pid * 10 + (buffer[i] - '0');
				continue;
			}
			int r = pid > 0 ? fn(arg, pid) : 0;
			if (r != 0)
				return r;
			pid = 0;
		}
	}
	return 0;
}

static int for_each_pid(int dir_fd, int depth, cgroup_pid_fn *fn, void *arg)
{
	if (depth > MAX_DEPTH)
		return -ELOOP;
	int r = pids_of_one(dir_fd, fn, arg);
	if (r != 0)
		return r;
	AUTO_CLOSEDIR DIR *d = open_listing(dir_fd);
	if (!d)
		return gone_is_success(errno);
	for (const char *name; (name = next_dir(d));) {
		AUTO_CLOSE int sub_fd = openat(dirfd(d), name, DIR_FLAGS);
		if (sub_fd < 0)
			continue;
		r = for_each_pid(sub_fd, depth + 1, fn, arg);
		if (r != 0)
			return r;
	}
	return 0;
}

int cgroup_for_each_pid(int dir_fd, cgroup_pid_fn *fn, void *arg)
{
	return for_each_pid(dir_fd, 0, fn, arg);
}

static int found_one(void *arg, pid_t pid)
{
	return 1;
}

int cgroup_is_populated(int dir_fd, bool is_v2)
{
	unsigned long long populated;
	if (is_v2 && cgroup_read_key(dir_fd, "cgroup.events", "populated", &populated) == 0)
		return populated != 0;
	return cgroup_for_each_pid(dir_fd, found_one, NULL);
}

static int remove_below(int dir_fd, int depth)
{
	if (depth > MAX_DEPTH)
		return -ELOOP;
	AUTO_CLOSEDIR DIR *d = open_listing(dir_fd);
	if (!d)
		return gone_is_success(errno);
	int result = 0;
	for (const char *name; (name = next_dir(d));) {
		/* most have nothing below them: try before looking */
		if (unlinkat(dirfd(d), name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			continue;
		AUTO_CLOSE int sub_fd = openat(dirfd(d), name, DIR_FLAGS);
		int r = sub_fd < 0 ? gone_is_success(errno) : remove_below(sub_fd, depth + 1);
		if (r == 0 && unlinkat(dirfd(d), name, AT_REMOVEDIR) < 0)
			r = gone_is_success(errno);
		if (r < 0)
			result = r; /* and go on: one busy child must not keep its siblings */
	}
	return result;
}

int cgroup_remove_below(int dir_fd)
{
	return remove_below(dir_fd, 0);
}

bool cgroup_is_safe_path(const char *path)
{
	if (!*path || *path == '/')
		return false;
	for (const char *p = path;; p++) {
		size_t n = strcspn(p, "/");
		if (n == 0 || n > 255 || (n == 1 && p[0] == '.') ||
			(n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += n;
		if (!*p)
			return true;
	}
}
