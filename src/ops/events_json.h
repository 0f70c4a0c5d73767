/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cgroup/stats.h"
#include "libocispec/arena.h"
#include "resctrl/stats.h"

/* What is known of a container's use; resctrl NULL: it has no class of service. */
struct container_use {
	const struct cgroup_stats *cgroup;
	const struct resctrl_stats *resctrl;
};

/* Events as runc writes them and go-runc reads them: {"type":…,"id":…,"data":…}, without a newline.
 * use NULL: an event that has no data. */
int event_encode(struct arena *arena, const char *type, const char *id,
	const struct container_use *use, char **ret_text, struct error *e);
