/* SPDX-License-Identifier: Apache-2.0 */
/* Before any row decides: what several rows need. PURE: see plan/decision.h. */
#include "plan/annotations.h"
#include "plan/decision.h"

int derive(struct decision *d, struct error *e)
{
	bool exec = d->choices->verb == VERB_EXEC;
	int r = annotations_check(&d->config->annotations, e);
	if (r < 0)
		return r;
	r = exec ? derive_exec_namespaces(d, e) : derive_namespaces(d, e);
	if (r == 0 && !exec)
		r = derive_id_map(d, e);
	if (r == 0 && !exec)
		r = derive_mount_options(d, e);
	if (r == 0 && !exec)
		r = derive_mount_id_maps(d, e);
	if (r == 0)
		r = derive_labels(d, e);
	if (r == 0 && !exec)
		r = refuse_unsupported(d, e);
	if (r < 0)
		return r;
	derive_cgroup(d);
	d->plan->n_slots = SLOT_SOURCE + (exec ? 0 : d->config->mounts.n + d->n_mount_id_maps);
	return 0;
}
