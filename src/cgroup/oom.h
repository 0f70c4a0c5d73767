/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cgroup/cgroup.h"

/* Kills by the kernel for want of memory, as the container's cgroup counts them. */
struct memory_kills {
	uint64_t kills; /* processes, since the cgroup was made */
	uint64_t limit; /* bytes; UINT64_MAX: none of its own */
	uint64_t peak;	/* bytes; 0: unknown (v2 before Linux 5.19) */
};

/* -ENODEV: nobody counts: no cgroup, or one that was there before the container; no controller; a
 * unit that systemd has removed already. */
int cgroup_memory_kills(const struct cgroup_location *location, struct memory_kills *ret);

/* PURE: "limit 4 MiB, peak 4 MiB" */
enum { MEMORY_KILLS_TEXT = 96 };
const char *memory_kills_text(const struct memory_kills *m, char buffer[static MEMORY_KILLS_TEXT]);
