/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/arena.h"
#include "libocispec/values.h"

/* Who makes the container's cgroup. Saved in the state: --systemd-cgroup comes on create alone. */
enum cgroup_manager {
	CGROUP_MANAGER_CGROUPFS,
	CGROUP_MANAGER_SYSTEMD,
	CGROUP_MANAGER_DISABLED,
	CGROUP_MANAGER_COUNT
};

/* Where a container's cgroup is, as the state keeps it: enough to find, kill and remove it. */
struct cgroup_location {
	enum cgroup_manager manager;
	/* Absolute directories, one for each hierarchy that the container is in; v2: one. A
	 * directory that existed before us is not removed. Empty: the container has no cgroup of
	 * its own. */
	struct string_list created;
	const char *unified;	   /* its directory in the v2 hierarchy, or NULL */
	struct string_list v1;	   /* "memory=/sys/fs/cgroup/memory/x": controller=directory */
	const char *systemd_scope; /* NULL unless manager is systemd */
};
