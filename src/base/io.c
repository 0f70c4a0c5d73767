/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: read, replaced atomically, and kernel control files. HOST only where it allocates.
 */
#include "base/io.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/parse_num.h"

/* `hint`: the size that the file says it has. */
static int read_fd(
	int fd, size_t hint, size_t max, struct arena *arena, char **ret_text, size_t *ret_len)
{
	/* kernel files say size 0 or 4096 and hold anything: grow from there */
	char few[4096]; /* memory of malloc's for so little would be mapped and unmapped again */
	size_t size = hint > 0 ? hint + 1 : sizeof few, len = 0;
	AUTO_FREE char *more = size > sizeof few ? malloc(size) : NULL;
	char *buffer = more ? more : few;
	if (size > sizeof few && !more)
		return -ENOMEM;
	for (;;) {
		ssize_t n = fd_read_all(fd, buffer + len, size - len);
		if (n < 0)
			return (int)n;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
		if (len < size)
			break;
		size *= 2;
		char *bigger = realloc(more, size);
		if (!bigger)
			return -ENOMEM;
		if (!more)
			memcpy(bigger, few, len);
		buffer = more = bigger;
	}
	char *text = arena_strndup(arena, buffer, len);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	if (ret_len)
		*ret_len = len;
	return 0;
}

int io_read_file(int dir_fd, const char *name, size_t max, struct arena *arena, char **ret_text,
	size_t *ret_len)
{
	/* O_NONBLOCK: a FIFO in the place of a file must not hold us */
	AUTO_CLOSE int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((uint64_t)st.st_size > max) /* before there is memory for it */
		return -EFBIG;
	return read_fd(fd, (size_t)st.st_size, max, arena, ret_text, ret_len);
}

int io_read_fd(int fd, size_t max, struct arena *arena, char **ret_text, size_t *ret_len)
{
	return read_fd(fd, 0, max, arena, ret_text, ret_len);
}

int io_read_document(
	const char *path, size_t max, struct arena *arena, char **ret_text, size_t *ret_len)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : read_fd(fd, 0, max, arena, ret_text, ret_len);
}

struct opt_i64 io_read_number(const char *path)
{
	char text[32] = "";
	struct opt_i64 v = { 0 };
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd_read_all(fd, text, sizeof text - 1) <= 0)
		return v;
	text[strcspn(text, "\n")] = '\0';
	v.set = parse_i64(text, &v.v);
	return v;
}

int io_lock(int fd, int how)
{
	int r;
	do
		r = flock(fd, how);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int io_make_directories(const char *path, unsigned last_mode, int *ret_failed)
{
	char part[PATH_MAX];
	size_t n = strlen(path);
	if (n >= sizeof part)
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= n; i++) {
		if (i < n && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, i < n ? 0700 : last_mode) < 0 && errno != EEXIST) {
			*ret_failed = (int)i;
			return -errno;
		}
	}
	return 0;
}

int io_write_control(int dir_fd, const char *name, const char *value)
{
	AUTO_CLOSE int fd = openat(dir_fd, name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	size_t n = strlen(value);
	ssize_t r;
	do
		r = write(fd, value, n);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return (size_t)r == n ? 0 : -EIO;
}

int io_replace_file(int dir_fd, const char *name, const char *data, size_t n, unsigned mode)
{
	const char *slash = strrchr(name, '/');
	int dir_len = slash ? (int)(slash - name) + 1 : 0;
	char aside[4096];
	int len = snprintf(
		aside, sizeof aside, "%.*s.%s.%d", dir_len, name, name + dir_len, getpid());
	if (len < 0 || (size_t)len >= sizeof aside)
		return -ENAMETOOLONG;
	unlinkat(dir_fd, aside, 0); /* left by an earlier process of this pid that was killed */
	AUTO_CLOSE int fd =
		openat(dir_fd, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	int r = fd_write_all(fd, data, n);
	if (r == 0 && renameat(dir_fd, aside, dir_fd, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dir_fd, aside, 0);
	return r;
}
