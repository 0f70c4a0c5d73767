/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the runtime's own binary out of a container's reach. Runs as HOST, before everything. */
#include "security/self_protect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/identity.h"
#include "base/trace.h"
#include "sys/mount_api.h"
#include "sys/process.h"

extern char **environ;

/* Set for the second execution: a loop ends with an error instead of going on for ever. */
static const char marker[] = "_OCI_RT_PROTECTED";

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

/* A container of a user has the user's own id and subordinate ones, never that of a file which
 * belongs to somebody else: root's, or in a user namespace one that is not mapped at all. */
static bool is_out_of_reach(const struct stat *st)
{
	if (is_initial_user_namespace() && geteuid() == 0)
		return false;
	bool others = st->st_mode & (S_IWGRP | S_IWOTH);
	bool foreign = is_initial_user_namespace() ? st->st_uid == 0 : st->st_uid == 65534;
	return foreign && st->st_uid != geteuid() && !others;
}

static bool is_protected(int exe)
{
	struct statvfs fs;
	if (fstatvfs(exe, &fs) == 0 && (fs.f_flag & ST_RDONLY))
		return true;
	AUTO_CLOSE int fd = openat(AT_FDCWD, "/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int seals = fd < 0 ? -1 : fcntl(fd, F_GET_SEALS);
	return seals >= 0 && (seals & SEALS) == SEALS;
}

static int execute(int fd, char *const *argv)
{
	char now[24];
	snprintf(now, sizeof now, "%llu", (unsigned long long)trace_now());
	if (setenv(marker, now, 1) < 0)
		return -ENOMEM;
	int r = sys_execveat(fd, argv, environ);
	unsetenv(marker);
	return r;
}

static int from_read_only_mount(char *const *argv)
{
	AUTO_CLOSE int fd = sys_open_tree_clone(AT_FDCWD, "/proc/self/exe", false, true);
	if (fd < 0)
		return fd;
	int r = sys_mount_setattr(fd, false, MOUNT_ATTR_RDONLY, 0, 0);
	return r < 0 ? r : execute(fd, argv);
}

static int from_sealed_copy(char *const *argv)
{
	AUTO_CLOSE int from = openat(AT_FDCWD, "/proc/self/exe", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int to = memfd_create("oci-rt", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (from < 0 || to < 0)
		return -errno;
	ssize_t n;
	while ((n = sendfile(to, from, NULL, 1 << 30)) > 0)
		;
	if (n < 0 || fcntl(to, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	return execute(to, argv);
}

int self_protect(char *const *argv, struct error *e)
{
	struct stat st;
	const char *since = getenv(marker);
	bool again = since != NULL;
	if (again)
		trace_past("executed again, from where the container cannot write",
			strtoull(since, NULL, 10));
	unsetenv(marker);
	AUTO_CLOSE int exe = openat(AT_FDCWD, "/proc/self/exe", O_PATH | O_CLOEXEC);
	if (exe < 0 || fstat(exe, &st) < 0)
		return error_errno(e, errno, "open /proc/self/exe");
	if (is_out_of_reach(&st) || is_protected(exe) || !has_defence(DEFENCE_BINARY))
		return 0;
	int r = again ? -ELOOP : from_read_only_mount(argv);
	if (r < 0 && !again)
		r = from_sealed_copy(argv);
	return error_errno(e, -r, "protect the runtime's binary from the container");
}
