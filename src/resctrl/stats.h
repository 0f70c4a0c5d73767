/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/values.h"
#include "resctrl/resctrl.h"

/* What the hardware counted for a container, by L3 cache. */
struct resctrl_counters {
	bool has_occupancy, has_bandwidth;
	uint64_t occupancy; /* bytes in the cache now */
	uint64_t total_bytes, local_bytes;
};

struct resctrl_stats {
	struct string_list schemata; /* lines, trimmed */
	size_t n;
	struct resctrl_counters *v;
};

/* The files of its groups. What is not there is left out; a group that is gone is empty. */
int resctrl_stats_read(struct arena *arena, const struct resctrl_group *group,
	struct resctrl_stats *ret, struct error *e);
