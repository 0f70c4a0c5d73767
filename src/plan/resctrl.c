/* SPDX-License-Identifier: Apache-2.0 */
/* linux.intelRdt, decided in src/resctrl, as steps. PURE. spec: config-linux.md#intelrdt */
#include <errno.h>

#include "resctrl/resctrl.h"

#include "plan/decide.h"

int derive_resctrl(struct decision *d, struct error *e)
{
	const struct oci_intel_rdt *config = decision_linux(d)->intel_rdt;
	if (!config || enters_container(d))
		return 0;
	struct resctrl_plan *plan = ARENA_NEW(d->arena, struct resctrl_plan);
	if (!plan)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	d->resctrl = plan;
	d->resctrl_group = &plan->group;
	return resctrl_decide(d->arena, config, d->choices->id, d->host->resctrl, plan, e);
}

int decide_resctrl(struct decision *d, struct error *e)
{
	const struct resctrl_plan *p = d->resctrl;
	if (!p || !(p->make || p->schemata || p->group.monitor))
		return 0;
	struct step *s = plan_add(d, "linux.intelRdt", "%s the class of service %s%s",
		p->make ? "make" : "use", p->group.path, p->group.monitor ? ", monitored" : "");
	if (s) {
		s->u.resctrl = p;
		s->detail = p->schemata;
	}
	return plan_status(d, e);
}

int decide_attach_resctrl(struct decision *d, struct error *e)
{
	const struct resctrl_group *group = d->resctrl_group;
	if (group)
		plan_add(d, "linux.intelRdt", "into the class of service %s", group->path);
	return plan_status(d, e);
}
