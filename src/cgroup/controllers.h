/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The controllers that limits in the spec are about, and those that every container joins. */
enum cgroup_controller {
	CGROUP_CPU,
	CGROUP_CPUACCT,
	CGROUP_CPUSET,
	CGROUP_MEMORY,
	CGROUP_IO, /* blkio in v1 */
	CGROUP_PIDS,
	CGROUP_HUGETLB,
	CGROUP_RDMA,
	CGROUP_DEVICES,
	CGROUP_FREEZER,
	CGROUP_NET_CLS,
	CGROUP_NET_PRIO,
	CGROUP_PERF_EVENT,
	CGROUP_MISC,
	CGROUP_DMEM,
	CGROUP_CONTROLLER_COUNT
};

#define CGROUP_BIT(controller) (1u << (controller))

/* Pure. */
const char *cgroup_controller_name(enum cgroup_controller c, bool is_v2);
/* "cpu,cpuacct" or "cpuset cpu io": the bits of those that are known. */
unsigned cgroup_controllers_parse(const char *list, size_t n);
/* -1: unknown. */
int cgroup_controller_find(const char *name, size_t n);
