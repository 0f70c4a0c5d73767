/* SPDX-License-Identifier: Apache-2.0 */
/* The container's cgroup, as steps. Runs as HOST. */
#include "cgroup/cgroup.h"

#include <errno.h>

#include "base/identity.h"
#include "steps/host/host.h"

int act_cgroup(struct actor_context *ctx, const struct step *step)
{
	struct host_context *h = ctx->host;
	int r = cgroup_claim(step->u.cgroup, h->arena, &h->container->cgroup, &ctx->error);
	return r < 0 ? r : cgroup_create(step->u.cgroup, &ctx->slots[SLOT_CGROUP], &ctx->error);
}

void undo_cgroup(struct actor_context *ctx, const struct step *step)
{
	cgroup_undo(&ctx->host->container->cgroup);
}

/* Needs: the cgroup is there. After: nothing in it opens what the config forbids; init has not
 * executed anything. */
int act_device_filter(struct actor_context *ctx, const struct step *step)
{
	return cgroup_attach_device_filter(step->u.cgroup, &ctx->error);
}

/* Needs: init's pid, and that init waits: its cgroup namespace is to have the unit's as its root.
 */
int act_systemd_unit(struct actor_context *ctx, const struct step *step)
{
	int r = cgroup_start_unit(step->u.cgroup, ctx->init_pid, &ctx->error);
	ctx->host->unit_is_ours = r == 0;
	return r;
}

void undo_systemd_unit(struct actor_context *ctx, const struct step *step)
{
	/* by this name there may be another container's, which is why ours has failed */
	if (ctx->host->unit_is_ours)
		cgroup_undo_unit(&step->u.cgroup->location);
	ctx->host->unit_is_ours = false;
}

/* Every hierarchy that clone3 has not put init into. */
int act_attach_cgroup(struct actor_context *ctx, const struct step *step)
{
	const struct cgroup_location *l = &ctx->host->container->cgroup;
	if (!cgroup_exists(l) || (ctx->host->in_v2_cgroup && l->v1.n == 0))
		return 0;
	const struct string_list *asked = &ctx->host->choices->exec_cgroups;
	const struct string_list *subs = asked->n ? asked : &ctx->host->choices->default_cgroups;
	int r = cgroup_attach(l, subs, ctx->init_pid, ctx->host->in_v2_cgroup, &ctx->error);
	if (r == 0 || ctx->host->choices->verb != VERB_EXEC)
		return r;
	struct error first = ctx->error, ignored;
	bool is_denied = r == -EACCES || r == -EPERM;
	ctx->error = (struct error){ 0 };
	if (is_denied && cgroup_attach_by_manager(l, subs, ctx->init_pid, &ignored) == 0)
		return 0;
	/* of the v2 hierarchy alone: the others have no such rule */
	if (!asked->n && (r == -EBUSY || (r == -ENOENT && (subs->n || l->unified))) &&
		cgroup_attach(l, subs, ctx->init_pid, true, &ignored) == 0)
		return cgroup_attach_beside(
			l, (pid_t)ctx->host->container->pid, ctx->init_pid, &ctx->error);
	/* rootless.md R15: whoever may not write this cgroup may still exec; the process stays in
	 * our own. Root may: it would be free of limits that it is meant to have. */
	if (!asked->n && is_denied && !is_real_root()) {
		ctx->host->outside_cgroup = true;
		return 0;
	}
	ctx->error = first;
	return r;
}

int act_exec_cgroup(struct actor_context *ctx, const struct step *step)
{
	const struct cgroup_location *l = &ctx->host->container->cgroup;
	const struct choices *c = ctx->host->choices;
	const struct string_list *subs = c->exec_cgroups.n ? &c->exec_cgroups : &c->default_cgroups;
	int r = cgroup_exists(l) ? cgroup_open_v2(l, subs, &ctx->slots[SLOT_CGROUP], &ctx->error)
				 : 0;
	if (r == 0 || c->exec_cgroups.n || (r != -ENOENT && !subs->n))
		return r;
	/* removed since: act_attach_cgroup() goes where init is */
	ctx->error = (struct error){ 0 };
	return 0;
}

int act_delegate_cgroup(struct actor_context *ctx, const struct step *step)
{
	return cgroup_delegate(&ctx->host->container->cgroup, step->u.delegate.name,
		step->u.delegate.uid, step->u.delegate.gid, ctx->init_pid, &ctx->error);
}
