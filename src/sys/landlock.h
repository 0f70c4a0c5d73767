/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* landlock(7). Bits are those of linux/landlock.h. 0 or what is said here, or a negative errno. No
 * allocation. */

/* LANDLOCK_CREATE_RULESET_VERSION: 1 is Linux 5.13's. -ENOSYS: not built in; -EOPNOTSUPP: not
 * switched on. */
int sys_landlock_version(void);
/* What is handled is refused from then on but for the rules. A descriptor, close-on-exec. `version`
 * says how much of this the kernel knows: net since 4, scoped since 6; the rest has to be 0. */
int sys_landlock_create_ruleset(int version, uint64_t fs, uint64_t net, uint64_t scoped);
/* Allows these below the O_PATH descriptor. */
int sys_landlock_allow_beneath(int ruleset, int path_fd, uint64_t allowed);
int sys_landlock_allow_port(int ruleset, uint16_t port, uint64_t allowed);
/* For this thread and its children, for ever. Needs no_new_privs or CAP_SYS_ADMIN. */
int sys_landlock_restrict_self(int ruleset);
