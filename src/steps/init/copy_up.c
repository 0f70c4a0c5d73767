/* SPDX-License-Identifier: Apache-2.0 */
/* tmpcopyup: a new tmpfs starts with what the image has in its place. Runs as INIT: no allocation.
 */
#include "steps/init/copy_up.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "fsroot/inroot.h"
#include "sys/open.h"

enum { MAX_DEPTH = 64 };

static int copy_owner(int fd, const struct stat *st)
{
	if (fchownat(fd, "", st->st_uid, st->st_gid, AT_EMPTY_PATH) < 0 && errno != EINVAL)
		return -errno; /* EINVAL: an id that this user namespace does not map stays ours */
	return 0;
}

/* By another name than it was a moment ago it may be anything: what is no file now is left out. */
static int copy_file(int from_dir, int to_dir, const char *name, int proc_fd)
{
	struct stat st;
	int nofollow = has_defence(DEFENCE_COPY_UP) ? O_NOFOLLOW : 0;
	AUTO_CLOSE int found = openat(from_dir, name, O_PATH | nofollow | O_CLOEXEC);
	if (found < 0)
		return -errno;
	AUTO_CLOSE int in = inroot_read(found, proc_fd, &st);
	if (in < 0)
		return in == -EINVAL ? 0 : in;
	AUTO_CLOSE int out =
		openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	ssize_t n;
	while ((n = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	if (n < 0)
		return -errno;
	int r = copy_owner(out, &st);
	if (r == 0 && fchmod(out, st.st_mode & 07777) < 0)
		r = -errno;
	return r;
}

static int copy_link(int from_dir, int to_dir, const char *name, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from_dir, name, target, sizeof target - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (symlinkat(target, to_dir, name) < 0)
		return -errno;
	if (fchownat(to_dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 &&
		errno != EINVAL)
		return -errno;
	return 0;
}

static int copy_owner_and_mode(int from, int to)
{
	struct stat st;
	if (fstat(from, &st) < 0)
		return -errno;
	int r = copy_owner(to, &st);
	if (r == 0 && fchmod(to, st.st_mode & 07777) < 0)
		r = -errno;
	return r;
}

static int copy_tree(int from, int to, int proc_fd, int depth);

static int copy_directory(int from_dir, int to_dir, const char *name, int proc_fd, int depth)
{
	AUTO_CLOSE int from =
		openat(from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0)
		return -errno;
	if (mkdirat(to_dir, name, 0700) < 0)
		return -errno;
	AUTO_CLOSE int to = openat(to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		return -errno;
	int r = copy_tree(from, to, proc_fd, depth + 1);
	return r < 0 ? r : copy_owner_and_mode(from, to);
}

static int copy_entry(int from, int to, const char *name, int proc_fd, int depth)
{
	struct stat st;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (fstatat(from, name, &st, has_defence(DEFENCE_COPY_UP) ? AT_SYMLINK_NOFOLLOW : 0) < 0)
		return -errno;
	switch (st.st_mode & S_IFMT) {
	case S_IFDIR:
		return copy_directory(from, to, name, proc_fd, depth);
	case S_IFREG:
		return copy_file(from, to, name, proc_fd);
	case S_IFLNK:
		return copy_link(from, to, name, &st);
	default: /* nodes, FIFOs and sockets of an image have no meaning in a new tmpfs */
		return 0;
	}
}

static int copy_tree(int from, int to, int proc_fd, int depth)
{
	_Alignas(struct sys_dirent) char buffer[4096];
	if (depth > MAX_DEPTH)
		return -ENAMETOOLONG;
	for (;;) {
		long n = sys_getdents(from, buffer, sizeof buffer);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return 0;
		for (long at = 0; at < n;) {
			struct sys_dirent *d = (struct sys_dirent *)(buffer + at);
			int r = copy_entry(from, to, d->name, proc_fd, depth);
			if (r < 0)
				return r;
			at += d->len;
		}
	}
}

int copy_up(int from_fd, int to_fd, int proc_fd, const struct copy_what *what)
{
	AUTO_CLOSE int from = openat(from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0)
		return -errno;
	AUTO_CLOSE int to = openat(to_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return -errno;
	int r = what->content ? copy_tree(from, to, proc_fd, 0) : 0;
	return r < 0 || !what->owner ? r : copy_owner_and_mode(from, to);
}
