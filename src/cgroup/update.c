/* SPDX-License-Identifier: Apache-2.0 */
/* New limits for a container that exists: facts, decision and writes in one. Runs in HOST. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse_num.h"
#include "cgroup/act.h"
#include "cgroup/tree.h"

/* "max" or a number */
static struct opt_i64 parse_max(const char *text)
{
	struct opt_i64 v = { .set = true, .v = -1 };
	if (strcmp(text, "max") != 0)
		v.set = parse_i64(text, &v.v);
	return v;
}

static void read_current(int fd, struct cgroup_current *ret)
{
	char text[64];
	if (cgroup_read(fd, "memory.max", text, sizeof text) > 0)
		ret->memory_max = parse_max(text);
	if (cgroup_read(fd, "memory.current", text, sizeof text) > 0)
		ret->memory_usage.set = parse_u64(text, &ret->memory_usage.v);
	/* cpu.max: "max 100000" */
	char *space;
	if (cgroup_read(fd, "cpu.max", text, sizeof text) > 0 && (space = strchr(text, ' '))) {
		*space = '\0';
		ret->cpu_quota = parse_max(text);
		ret->cpu_period.set = parse_u64(space + 1, &ret->cpu_period.v);
	}
}

static int place(struct arena *arena, const struct cgroup_location *location,
	const struct cgroup_host *host, struct cgroup_plan *plan, struct error *e)
{
	plan->mode = host->mode;
	plan->location = *location;
	plan->dirs.v = ARENA_ARRAY(arena, host->n + 1, struct cgroup_dir);
	if (!plan->dirs.v)
		return error_errno(e, ENOMEM, "update the container's limits");
	for (size_t i = 0; i < host->n; i++) {
		const char *path = cgroup_location_below(location, &host->v[i]);
		if (path)
			plan->dirs.v[plan->dirs.n++] =
				(struct cgroup_dir){ .hierarchy = &host->v[i], .path = path };
	}
	if (plan->dirs.n == 0)
		return error_set(e, ERROR_STATE, ENODEV,
			"the container has no cgroup of its own to set limits in");
	return 0;
}

int cgroup_update(struct arena *arena, const struct cgroup_location *location,
	const struct oci_resources *resources, bool is_rootless, struct error *e)
{
	struct cgroup_request request = { .id = "",
		.resources = resources,
		.manager = location->manager,
		.is_rootless = is_rootless,
		.is_update = true };
	AUTO_CGROUP_DIRS struct cgroup_dirs dirs = { 0 };
	struct cgroup_host host;
	struct cgroup_plan plan = { 0 };
	struct cgroup_current current = { 0 };
	AUTO_CLOSE int fd = -1;
	bool is_v2;
	/* first: what else is not in sight would be told as what the machine does not have */
	int r = cgroup_need_main(location, &fd, &is_v2, e);
	if (r == 0)
		r = cgroup_probe_location(arena, location, &host, e);
	if (r == 0)
		r = place(arena, location, &host, &plan, e);
	if (r < 0)
		return r;
	if (is_v2)
		read_current(fd, &current);
	r = cgroup_decide_limits(arena, &request, &host, &current, &plan, e);
	if (r == 0 && location->systemd_scope)
		r = systemd_update(arena, location, &plan, e);
	if (r == 0)
		r = cgroup_dirs_open(&plan, CGROUP_DIRS_PASS_ON, &dirs, e);
	if (r == 0)
		r = cgroup_apply(&plan, &dirs, e);
	return r < 0 ? r : cgroup_attach_device_filter(&plan, e);
}
