/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "inspect/inspect.h"

/* Shared by the files that look. */

/* Control characters and what is not ASCII become '?': terminals obey some of them. */
char *seen_text(struct arena *arena, const char *s, size_t n);

/* look_mounts.c; proc_fd: /proc/PID of init */
int look_at_mounts_of(struct arena *arena, int proc_fd, struct seen *ret, struct error *e);
int look_at_paths(struct arena *arena, int proc_fd, const struct oci_config *config,
	struct seen *ret, struct error *e);
/* After look_at_mounts_of(). */
int look_at_descriptors(struct arena *arena, int proc_fd, struct seen *ret, struct error *e);
