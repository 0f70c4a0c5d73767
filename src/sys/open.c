/* SPDX-License-Identifier: Apache-2.0 */
/* openat2, renameat2 and getdents64. Any actor; no allocation. */
#include "sys/open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

int sys_openat2(int dir_fd, const char *path, uint64_t flags, unsigned mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.mode = flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? mode : 0,
		.resolve = resolve,
	};
	long r;
	int tries = 0;
	/* EAGAIN: a rename or mount raced with ".." under RESOLVE_IN_ROOT; openat2(2) says try
	 * again */
	do
		r = syscall(SYS_openat2, dir_fd, path, &how, sizeof how);
	while (r < 0 && (errno == EINTR || (errno == EAGAIN && ++tries < 128)));
	return r < 0 ? -errno : (int)r;
}

int sys_rename_new(int dir_fd, const char *from, const char *to)
{
	return syscall(SYS_renameat2, dir_fd, from, dir_fd, to, RENAME_NOREPLACE) < 0 ? -errno : 0;
}

long sys_getdents(int fd, void *buffer, size_t size)
{
	long n = syscall(SYS_getdents64, fd, buffer, size);
	return n < 0 ? -errno : n;
}

int sys_may_execute(const char *path)
{
	long r = syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS);
	if (r < 0 && (errno == ENOSYS || errno == EPERM))
		r = access(path, X_OK);
	return r < 0 ? -errno : 0;
}
