/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing descriptors. Runs in every actor: no allocation, no stdio. */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/defence.h"

int fd_write_all(int fd, const void *data, size_t n)
{
	const char *p = data;
	while (n > 0) {
		ssize_t r = write(fd, p, n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

ssize_t fd_read_all(int fd, void *buffer, size_t n)
{
	size_t got = 0;
	while (got < n) {
		ssize_t r = read(fd, (char *)buffer + got, n - got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

int fd_fill_standard(void)
{
	if (!has_defence(DEFENCE_STANDARD))
		return 0;
	/* the kernel gives the lowest number that is free, and those below are not */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) < 0)
			return -errno;
	return 0;
}

size_t format_u64(char buffer[static DIGITS_SIZE], unsigned long long v)
{
	char reversed[DIGITS_SIZE];
	size_t n = 0;
	do
		reversed[n++] = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	for (size_t i = 0; i < n; i++)
		buffer[i] = reversed[n - 1 - i];
	buffer[n] = '\0';
	return n;
}

const char *fd_path(int fd, char buffer[static FD_PATH_SIZE])
{
	static const char prefix[] = "/proc/self/fd/";
	memcpy(buffer, prefix, sizeof prefix - 1);
	char digits[DIGITS_SIZE];
	size_t n = format_u64(digits, (unsigned)fd);
	memcpy(buffer + sizeof prefix - 1, digits, n + 1);
	return buffer;
}

const char *fd_path_in_proc(int fd, char buffer[static FD_PATH_SIZE])
{
	return fd_path(fd, buffer) + strlen("/proc/");
}
