/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cgroup/stats.h"
#include "libocispec/arena.h"

/* Events as runc writes them and go-runc reads them: {"type":…,"id":…,"data":…}, without a newline.
 * stats NULL: an event that has no data. */
int event_encode(struct arena *arena, const char *type, const char *id,
	const struct cgroup_stats *stats, char **ret_text, struct error *e);
