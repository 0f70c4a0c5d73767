/* SPDX-License-Identifier: Apache-2.0 */
/* The container's cgroup, as steps. Runs as HOST. */
#include "cgroup/cgroup.h"

#include <errno.h>

#include "steps/host/host.h"

int act_cgroup(struct actor_context *ctx, const struct step *step)
{
	return cgroup_create(step->u.cgroup, &ctx->slots[SLOT_CGROUP], &ctx->error);
}

void undo_cgroup(struct actor_context *ctx, const struct step *step)
{
	cgroup_undo(&step->u.cgroup->location);
}

/* Every hierarchy that clone3 has not put init into. */
int act_attach_cgroup(struct actor_context *ctx, const struct step *step)
{
	const struct cgroup_location *l = &ctx->host->container->cgroup;
	if (!cgroup_exists(l) || (ctx->host->in_v2_cgroup && l->v1.n == 0))
		return 0;
	int r = cgroup_attach(l, ctx->host->choices->exec_cgroup, ctx->init_pid,
		ctx->host->in_v2_cgroup, &ctx->error);
	if (r < 0 && ctx->host->choices->verb == VERB_EXEC && !ctx->host->choices->exec_cgroup &&
		(r == -EACCES || r == -EPERM)) {
		/* rootless.md R15: whoever may not write this cgroup may still exec; the process
		 * stays in our own */
		ctx->error = (struct error){ 0 };
		return 0;
	}
	return r;
}

int act_exec_cgroup(struct actor_context *ctx, const struct step *step)
{
	const struct cgroup_location *l = &ctx->host->container->cgroup;
	return cgroup_exists(l) ? cgroup_open_v2(l, ctx->host->choices->exec_cgroup,
					  &ctx->slots[SLOT_CGROUP], &ctx->error)
				: 0;
}

int act_delegate_cgroup(struct actor_context *ctx, const struct step *step)
{
	return cgroup_delegate(&ctx->host->container->cgroup, step->u.delegate.name,
		step->u.delegate.uid, step->u.delegate.gid, ctx->init_pid, &ctx->error);
}
