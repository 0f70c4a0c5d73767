/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <linux/openat2.h>

/* renameat2 (Linux 3.15) that never replaces. 0 or a negative errno. */
int sys_rename_new(int dir_fd, const char *from, const char *to);

/* openat2 (Linux 5.6) with O_CLOEXEC added. A descriptor or a negative errno. No allocation. */
int sys_openat2(int dir_fd, const char *path, uint64_t flags, unsigned mode, uint64_t resolve);

/* getdents64(2), for readdir(3) allocates. Bytes of entries, 0 at the end, or a negative errno. */
struct sys_dirent {
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};
long sys_getdents(int fd, void *buffer, size_t size);

/* faccessat2(AT_EACCESS, X_OK), Linux 5.8; before it by access(2), which looks with the real ids
 * and, if they are not 0, without capabilities. 0 or a negative errno. */
int sys_may_execute(const char *path);
