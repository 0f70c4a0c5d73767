/* SPDX-License-Identifier: Apache-2.0 */
/* The container's class of service, as steps. Runs as HOST. */
#include "resctrl/resctrl.h"

#include "steps/host/host.h"

int act_resctrl(struct actor_context *ctx, const struct step *step)
{
	return resctrl_create(step->u.resctrl, &ctx->error);
}

void undo_resctrl(struct actor_context *ctx, const struct step *step)
{
	resctrl_undo(step->u.resctrl);
}

/* What it forks from here on is in there as well. */
int act_attach_resctrl(struct actor_context *ctx, const struct step *step)
{
	return resctrl_attach(ctx->host->container->resctrl, ctx->init_pid, &ctx->error);
}
