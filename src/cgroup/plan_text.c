/* SPDX-License-Identifier: Apache-2.0 */
/* A cgroup plan as text, for `oci-rt plan` and the golden tests. Pure. */
#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/plan.h"

static const char *const policy_notes[] = {
	[CGROUP_WRITE_REQUIRE] = "",
	[CGROUP_WRITE_IF_PRESENT] = ", if present",
	[CGROUP_WRITE_OR_NEXT] = ", or the next",
	[CGROUP_WRITE_RETRY] = ", tried again at the end",
};
static_assert(ARRAY_SIZE(policy_notes) == CGROUP_WRITE_POLICY_COUNT, "");

static const char *names(struct arena *arena, unsigned bits)
{
	const char *text = "";
	for (int c = 0; c < CGROUP_CONTROLLER_COUNT; c++)
		if (bits & CGROUP_BIT(c))
			text = arena_printf(arena, "%s +%s", text, cgroup_controller_name(c, true));
	return text;
}

static const char *unit_text(struct arena *arena, const struct systemd_unit *unit)
{
	const char *text = arena_printf(arena, "start unit %s of %s systemd\n", unit->name,
		unit->is_user ? "the user's" : "the system's");
	for (size_t i = 0; i < unit->properties.n; i++) {
		const struct systemd_property *p = &unit->properties.v[i];
		text = arena_printf(arena, "%s  %s = %s%s%s\n", text, p->name,
			gvariant_text(arena, &p->value), p->json_path ? " <- " : "",
			p->json_path ? p->json_path : "");
	}
	return text;
}

static const char *dir_text(struct arena *arena, const char *text, const struct cgroup_dir *dir,
	const struct systemd_unit *unit)
{
	bool is_there = dir->hierarchy->target_exists || (unit && !unit->subgroup);
	text = arena_printf(arena, "%s%s cgroup %s/%s\n", text, is_there ? "use" : "make",
		dir->hierarchy->mount, dir->path);
	for (size_t i = 0; i < dir->enable.n; i++) {
		const struct cgroup_enable *x = &dir->enable.v[i];
		text = arena_printf(arena, "%s  pass on controllers at depth %u:%s%s%s%s%s\n", text,
			x->depth, names(arena, x->required), x->wanted ? " if possible" : "",
			names(arena, x->wanted), x->extra ? " " : "", x->extra ? x->extra : "");
	}
	return text;
}

const char *cgroup_plan_text(struct arena *arena, const struct cgroup_plan *plan)
{
	const char *text = plan->systemd ? unit_text(arena, plan->systemd) : "";
	for (size_t i = 0; i < plan->dirs.n; i++)
		text = dir_text(arena, text, &plan->dirs.v[i], plan->systemd);
	for (size_t i = 0; i < plan->writes.n; i++) {
		const struct cgroup_write *w = &plan->writes.v[i];
		text = arena_printf(arena, "%s%s (%s=%s%s) <- %s\n", text, w->what, w->file,
			w->value, policy_notes[w->policy], w->json_path);
	}
	if (plan->device_filter.n)
		text = arena_printf(arena, "%sload a device filter%s\n", text,
			plan->device_filter_only_new ? " (unless there is one)" : "");
	for (size_t i = 0; i < plan->degraded.n; i++)
		text = arena_printf(arena, "%sleft out: %s\n", text, plan->degraded.v[i]);
	return text;
}
