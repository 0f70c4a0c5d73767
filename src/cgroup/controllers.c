/* SPDX-License-Identifier: Apache-2.0 */
/* Names of cgroup controllers. Pure: runs anywhere. */
#include "cgroup/controllers.h"

#include <assert.h>
#include <string.h>

#include "base/cleanup.h"

static const struct {
	const char *v1, *v2;
} names[] = {
	[CGROUP_CPU] = { "cpu", "cpu" },
	[CGROUP_CPUACCT] = { "cpuacct", "cpuacct" },
	[CGROUP_CPUSET] = { "cpuset", "cpuset" },
	[CGROUP_MEMORY] = { "memory", "memory" },
	[CGROUP_IO] = { "blkio", "io" },
	[CGROUP_PIDS] = { "pids", "pids" },
	[CGROUP_HUGETLB] = { "hugetlb", "hugetlb" },
	[CGROUP_RDMA] = { "rdma", "rdma" },
	[CGROUP_DEVICES] = { "devices", "devices" },
	[CGROUP_FREEZER] = { "freezer", "freezer" },
	[CGROUP_NET_CLS] = { "net_cls", "net_cls" },
	[CGROUP_NET_PRIO] = { "net_prio", "net_prio" },
	[CGROUP_PERF_EVENT] = { "perf_event", "perf_event" },
	[CGROUP_MISC] = { "misc", "misc" },
	[CGROUP_DMEM] = { "dmem", "dmem" },
};
static_assert(ARRAY_SIZE(names) == CGROUP_CONTROLLER_COUNT, "one row for each controller");

const char *cgroup_controller_name(enum cgroup_controller c, bool is_v2)
{
	return is_v2 ? names[c].v2 : names[c].v1;
}

static bool is_name(const char *name, const char *s, size_t n)
{
	return strlen(name) == n && memcmp(name, s, n) == 0;
}

int cgroup_controller_find(const char *name, size_t n)
{
	for (int i = 0; i < CGROUP_CONTROLLER_COUNT; i++)
		if (is_name(names[i].v1, name, n) || is_name(names[i].v2, name, n))
			return i;
	return -1;
}

unsigned cgroup_controllers_parse(const char *list, size_t n)
{
	unsigned bits = 0;
	for (const char *p = list, *end = list + n; p < end;) {
		size_t len = 0;
		while (p + len < end && !strchr(" ,\n", p[len]))
			len++;
		int c = len ? cgroup_controller_find(p, len) : -1;
		if (c >= 0)
			bits |= CGROUP_BIT(c);
		p += len + 1;
	}
	return bits;
}
