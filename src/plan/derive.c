/* SPDX-License-Identifier: Apache-2.0 */
/* Before any row decides: what several rows need. PURE: see plan/decision.h. */
#include "plan/annotations.h"
#include "plan/decision.h"

static int derive_all_mounts(struct decision *d, struct error *e)
{
	int r = derive_mount_options(d, e);
	return r < 0 ? r : derive_mount_id_maps(d, e);
}

/* What create and run need, and a container that runs has already. */
static int derive_new_container(struct decision *d, struct error *e)
{
	int r = derive_default_ids(d, e);
	if (r == 0)
		r = derive_namespaces(d, e);
	if (r == 0)
		r = derive_id_map(d, e);
	if (r == 0)
		r = derive_emulation(d, e);
	if (r == 0)
		r = derive_degraded_mounts(d, e);
	if (r == 0)
		r = derive_all_mounts(d, e);
	return r;
}

int derive(struct decision *d, struct error *e)
{
	bool enters = enters_container(d), has_mounts = d->choices->verb != VERB_EXEC;
	int r = annotations_check(&d->config->annotations, e);
	if (r == 0)
		r = enters ? derive_exec_namespaces(d, e) : derive_new_container(d, e);
	if (r == 0 && enters && has_mounts)
		r = derive_all_mounts(d, e);
	if (r == 0)
		r = derive_labels(d, e);
	if (r == 0)
		r = derive_resctrl(d, e);
	if (r == 0)
		r = derive_landlock(d, e);
	if (r < 0)
		return r;
	derive_cgroup(d);
	d->plan->n_slots =
		SLOT_SOURCE + (has_mounts ? d->config->mounts.n + d->n_mount_id_maps : 0);
	return 0;
}
