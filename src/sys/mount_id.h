/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* Of the mount that fd is in. *ret_unique stays 0 where the kernel has no such ids (Linux 6.8).
 * -EOPNOTSUPP: it has none at all (5.8). */
int sys_mount_id(int fd, uint64_t *ret_id, uint64_t *ret_unique);

/* Whether fd is the root of a mount: 1, 0, or a negative errno. Linux 5.8; 0 before it. */
int sys_is_mount_root(int fd);
