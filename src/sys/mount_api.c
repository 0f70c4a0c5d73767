/* SPDX-License-Identifier: Apache-2.0 */
/* Thin wrappers of the mount API's system calls. Any actor; no allocation. */
#include "sys/mount_api.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"

static int result(long r)
{
	return r < 0 ? -errno : (int)r;
}

int sys_open_tree_clone(int dir_fd, const char *path, bool recursive, bool follow)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0) |
			 (path[0] ? 0 : AT_EMPTY_PATH) | (follow ? 0 : AT_SYMLINK_NOFOLLOW);
	return result(syscall(SYS_open_tree, dir_fd, path, flags));
}

int sys_move_mount(int mount_fd, int target_fd)
{
	return result(syscall(SYS_move_mount, mount_fd, "", target_fd, "",
		MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

int sys_fsopen(const char *type)
{
	return result(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
}

int sys_fsconfig_string(int fs_fd, const char *key, const char *value)
{
	return result(syscall(SYS_fsconfig, fs_fd, FSCONFIG_SET_STRING, key, value, 0));
}

int sys_fsconfig_flag(int fs_fd, const char *key)
{
	return result(syscall(SYS_fsconfig, fs_fd, FSCONFIG_SET_FLAG, key, NULL, 0));
}

int sys_fsconfig_create(int fs_fd)
{
	return result(syscall(SYS_fsconfig, fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
}

int sys_fsmount(int fs_fd, unsigned attr)
{
	return result(syscall(SYS_fsmount, fs_fd, FSMOUNT_CLOEXEC, attr));
}

/* Linux 5.10 and 5.11: the same by mount(2), one mount only, flags that only set. A detached mount
 * cannot be changed this way there; callers attach first when this answers -ENOSYS. */
static int setattr_by_mount(
	int mount_fd, bool recursive, uint64_t set, uint64_t clear, uint64_t propagation)
{
	static const struct {
		uint64_t attr;
		unsigned long flag;
	} table[] = {
		{ MOUNT_ATTR_RDONLY, MS_RDONLY },
		{ MOUNT_ATTR_NOSUID, MS_NOSUID },
		{ MOUNT_ATTR_NODEV, MS_NODEV },
		{ MOUNT_ATTR_NOEXEC, MS_NOEXEC },
		{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME },
		{ MOUNT_ATTR_NOATIME, MS_NOATIME },
		{ MOUNT_ATTR_STRICTATIME, MS_STRICTATIME },
	};
	char path[FD_PATH_SIZE];
	fd_path(mount_fd, path);
	if (propagation &&
		mount(NULL, path, NULL, propagation | (recursive ? MS_REC : 0), NULL) < 0)
		return -errno;
	if (!set && !clear)
		return 0;
	if (recursive || (clear & ~(uint64_t)MOUNT_ATTR__ATIME))
		return -ENOSYS;
	unsigned long flags = MS_REMOUNT | MS_BIND;
	for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
		if (set & table[i].attr) {
			flags |= table[i].flag;
			set &= ~table[i].attr;
		}
	if (set)
		return -ENOSYS;
	/* a remount sets all of them anew: a mount that becomes read-only shall not lose nosuid */
	struct statfs st;
	if (fstatfs(mount_fd, &st) < 0)
		return -errno;
	flags |= (unsigned long)st.f_flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
	return mount(NULL, path, NULL, flags, NULL) < 0 ? -errno : 0;
}

int sys_mount_setattr(
	int mount_fd, bool recursive, uint64_t set, uint64_t clear, uint64_t propagation)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear, .propagation = propagation };
	if (!set && !clear && !propagation)
		return 0;
	/* the atime modes are one field: the kernel wants it cleared as a whole */
	if (set & MOUNT_ATTR__ATIME)
		attr.attr_clr |= MOUNT_ATTR__ATIME;
	long r = syscall(SYS_mount_setattr, mount_fd, "",
		AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr, sizeof attr);
	if (r < 0 && errno == ENOSYS)
		return setattr_by_mount(mount_fd, recursive, set, clear, propagation);
	return result(r);
}

int sys_mount_idmap(int mount_fd, bool recursive, int userns_fd)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns_fd };
	return result(syscall(SYS_mount_setattr, mount_fd, "",
		AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr, sizeof attr));
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return result(syscall(SYS_pivot_root, new_root, put_old));
}
