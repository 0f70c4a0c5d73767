/* SPDX-License-Identifier: Apache-2.0 */
/* statx on mounts, with the kernel's own structure, which not every libc has. Any actor; no
 * allocation. */
#include "sys/mount_id.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/constants.h"

static int look(int fd, unsigned mask, struct statx *ret)
{
	return syscall(SYS_statx, fd, "", AT_EMPTY_PATH, mask, ret) < 0 ? -errno : 0;
}

int sys_mount_id(int fd, uint64_t *ret_id, uint64_t *ret_unique)
{
	struct statx st;
	int r = look(fd, STATX_MNT_ID_UNIQUE, &st);
	if (r < 0)
		return r;
	*ret_unique = st.stx_mask & STATX_MNT_ID_UNIQUE ? st.stx_mnt_id : 0;
	r = look(fd, STATX_MNT_ID, &st);
	if (r < 0)
		return r;
	*ret_id = st.stx_mnt_id;
	return st.stx_mask & STATX_MNT_ID ? 0 : -EOPNOTSUPP;
}

int sys_is_mount_root(int fd)
{
	struct statx st;
	int r = look(fd, 0, &st);
	return r < 0 ? r : (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}
