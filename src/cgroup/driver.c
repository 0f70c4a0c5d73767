/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroup managers. One more is one more file, and a row here and in decide.c. */
#include <errno.h>
#include <stddef.h>

#include "cgroup/act.h"

/* Its unit is made around a process: cgroup_start_unit() */
static int later_create(const struct cgroup_plan *plan, int *ret_v2_dir_fd, struct error *e)
{
	*ret_v2_dir_fd = -1;
	return 0;
}

static int nothing_create(const struct cgroup_plan *plan, int *ret_v2_dir_fd, struct error *e)
{
	*ret_v2_dir_fd = -1;
	return 0;
}

static int nothing_destroy(const struct cgroup_location *location, struct error *e)
{
	return 0;
}

static const struct cgroup_driver drivers[CGROUP_MANAGER_COUNT] = {
	[CGROUP_MANAGER_CGROUPFS] = { cgroupfs_create, cgroupfs_destroy },
	[CGROUP_MANAGER_SYSTEMD] = { later_create, systemd_destroy },
	[CGROUP_MANAGER_DISABLED] = { nothing_create, nothing_destroy },
};

int cgroup_create(const struct cgroup_plan *plan, int *ret_v2_dir_fd, struct error *e)
{
	return drivers[plan->location.manager].create(plan, ret_v2_dir_fd, e);
}

int cgroup_destroy(const struct cgroup_location *location, struct error *e)
{
	return drivers[location->manager].destroy(location, e);
}

void cgroup_undo(const struct cgroup_location *location)
{
	cgroup_destroy(location, NULL);
}
