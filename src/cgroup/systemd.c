/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The systemd cgroup manager: a unit is started around a process, and what cgroupfs would do in
 * directories of its own is done in the unit's. Runs in HOST.
 * Needs: plan.location is saved, for the unit's name is known before the unit is there.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/act.h"
#include "cgroup/systemd_bus.h"

/* Directories that systemd has not made: the subgroup, and v1 hierarchies that it does not use.
 * Before controllers are passed on, since the process has to leave the unit's own cgroup first. */
static int make_directories(const struct cgroup_plan *plan, struct error *e)
{
	AUTO_CGROUP_DIRS struct cgroup_dirs dirs = { 0 };
	return cgroup_dirs_open(plan, CGROUP_DIRS_MAKE, &dirs, e);
}

static int fill_directories(const struct cgroup_plan *plan, struct error *e)
{
	AUTO_CGROUP_DIRS struct cgroup_dirs dirs = { 0 };
	int r = cgroup_dirs_open(plan, CGROUP_DIRS_PASS_ON, &dirs, e);
	/* a device filter that is there is systemd's, by an annotation: both shall hold */
	for (size_t i = 0; i < dirs.n; i++)
		dirs.v[i].existed = false;
	return r < 0 ? r : cgroup_apply(plan, &dirs, e);
}

/* A unit whose last process has gone goes by itself, so that a manager that cannot be reached (its
 * user has logged out, which ends it) is no obstacle. */
int systemd_destroy(const struct cgroup_location *location, struct error *e)
{
	if (!location->systemd_scope)
		return 0;
	int r = systemd_stop(
		location->systemd_scope, location->systemd_description, location->systemd_user, e);
	/* by that name there is another's now, in the same place */
	if (r == 1)
		return 0;
	return r < 0 && r != -ENOTCONN ? r : cgroupfs_destroy(location, e);
}

/* SIGTERM is what a stopped unit gets first, and init ignores that: it would last 90 seconds. */
void cgroup_undo_unit(const struct cgroup_location *location)
{
	cgroup_kill(location, SIGKILL, NULL);
	systemd_destroy(location, NULL);
}

int cgroup_start_unit(const struct cgroup_plan *plan, pid_t pid, struct error *e)
{
	const struct systemd_unit *unit = plan->systemd;
	int r = systemd_start(unit, pid, e);
	if (r < 0)
		return r;
	bool is_in_v2 = !unit->subgroup && !unit->is_slice;
	r = make_directories(plan, e);
	if (r == 0)
		r = cgroup_attach(&plan->location, NULL, pid, is_in_v2, e);
	if (r == 0)
		r = fill_directories(plan, e);
	if (r < 0)
		cgroup_undo_unit(&plan->location);
	return r;
}

bool cgroup_is_of_another(const struct cgroup_location *location)
{
	return location->systemd_scope &&
	       systemd_is_of_another(location->systemd_scope, location->systemd_description,
		       location->systemd_user);
}

int systemd_update(struct arena *arena, const struct cgroup_location *location,
	const struct cgroup_plan *plan, struct error *e)
{
	struct systemd_facts facts;
	struct systemd_properties properties = { 0 };
	int r = systemd_probe(arena, location->systemd_user, &facts, e);
	if (r < 0)
		return r;
	if (systemd_add_limits(arena, plan, facts.version, &properties) < 0)
		return error_errno(e, ENOMEM, "update the container's limits");
	return properties.n ? systemd_set(location->systemd_scope, location->systemd_user,
				      &properties, e)
			    : 0;
}

int cgroup_attach_by_manager(const struct cgroup_location *location, const struct string_list *subs,
	pid_t pid, struct error *e)
{
	char below[1024];
	if (!location->systemd_scope)
		return -EOPNOTSUPP;
	/* the subgroup is what follows the unit's name */
	const char *path = location->unified ? location->unified : "";
	const char *unit = strstr(path, location->systemd_scope), *sub = cgroup_v2_sub(subs);
	int n = snprintf(below, sizeof below, "%s%s%s",
		unit ? unit + strlen(location->systemd_scope) : "", *sub ? "/" : "", sub);
	if (n < 0 || (size_t)n >= sizeof below)
		return error_errno(e, ENAMETOOLONG, "move a process to the sub-cgroup");
	return systemd_attach(location->systemd_scope, location->systemd_user, below, pid, e);
}
