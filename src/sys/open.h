/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include <linux/openat2.h>

/* openat2 (Linux 5.6) with O_CLOEXEC added. A descriptor or a negative errno. No allocation. */
int sys_openat2(int dir_fd, const char *path, uint64_t flags, unsigned mode, uint64_t resolve);
