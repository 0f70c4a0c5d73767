/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/mount.h>

#include <linux/mount.h>

#include "sys/constants.h"

/*
 * The mount API by descriptors (Linux 5.2; mount_setattr 5.12). Each returns a descriptor or 0, or
 * a negative errno. All descriptors are close-on-exec. Allocation-free.
 */

/* A detached copy of the mount at `path` (of dir_fd itself when path is ""). */
int sys_open_tree_clone(int dir_fd, const char *path, bool recursive, bool follow);
/* Attach a detached mount on the place that target_fd (O_PATH) names. */
int sys_move_mount(int mount_fd, int target_fd);
int sys_fsopen(const char *type);
int sys_fsconfig_string(int fs_fd, const char *key, const char *value);
int sys_fsconfig_flag(int fs_fd, const char *key);
int sys_fsconfig_create(int fs_fd);
int sys_fsmount(int fs_fd, unsigned attr);
/* propagation: MS_SHARED etc. or 0. Below 5.12 done by mount(2) where that can say the same. */
int sys_mount_setattr(
	int mount_fd, bool recursive, uint64_t set, uint64_t clear, uint64_t propagation);
/* Show the ids of a detached mount as the user namespace maps them. Linux 5.12. */
int sys_mount_idmap(int mount_fd, bool recursive, int userns_fd);
int sys_pivot_root(const char *new_root, const char *put_old);
