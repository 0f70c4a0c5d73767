/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the step that has failed to the cause that can be seen. Runs as HOST when everything is
 * undone already: no good start pays for it. Changes nothing but the error's text.
 */
#include "ops/explain.h"

#include <errno.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cause/cause.h"
#include "cause/look.h"
#include "libocispec/names.h"
#include "libocispec/runtime/mount_options.h"
#include "libocispec/runtime/tables.h"
#include "plan/namespace_types.h"
#include "security/self_protect.h"
#include "steps/host/host.h"

struct failure {
	struct arena *arena;
	const struct actor_context *ctx;
	const struct decision *d;
	const struct step *step;
	int err;
};

static bool has_new_userns(const struct failure *f)
{
	return f->d->ns.mode[OCI_NS_USER] == NS_NEW;
}

static uint64_t own_namespaces(const struct failure *f)
{
	uint64_t flags = 0;
	for (int t = 0; t < OCI_NS_COUNT; t++)
		if (f->d->ns.mode[t] != NS_KEEP)
			flags |= (uint64_t)namespace_types[t].flag;
	return flags;
}

static struct cause of_cgroup_move(const struct failure *f)
{
	struct move_facts m;
	look_at_move(f->arena, f->ctx->host->container->cgroup.unified, &m);
	return cause_of_cgroup_move(f->arena, &m, f->err);
}

static struct cause of_spawn(const struct failure *f)
{
	struct process_facts p;
	struct limit_facts l;
	if (f->err == EAGAIN) {
		look_at_limits(f->arena, -1, &l);
		return cause_of_no_process(f->arena, &l);
	}
	/* clone3 asks for the cgroup's files as well */
	struct cause c = { 0 };
	if (f->step->u.spawn.into_cgroup)
		c = of_cgroup_move(f);
	if (c.what)
		return c;
	look_at_process(&p);
	return cause_of_namespaces(f->arena, &p, f->step->u.spawn.flags, f->err);
}

static struct cause of_new_userns(const struct failure *f)
{
	struct process_facts p;
	look_at_process(&p);
	return cause_of_namespaces(f->arena, &p, CLONE_NEWUSER, f->err);
}

static struct cause of_unshare(const struct failure *f)
{
	struct process_facts p;
	look_at_process(&p);
	return cause_of_namespaces(f->arena, &p, (uint64_t)f->step->u.ns.flag, f->err);
}

static struct cause of_written_map(const struct failure *f, const struct process_facts *p)
{
	const struct oci_id_mapping_list *lists[] = { &f->step->u.id_map->uids,
		&f->step->u.id_map->gids };
	struct cause c = { 0 };
	/* the groups are written first */
	for (int groups = 1; !c.what && groups >= 0; groups--) {
		const char *own = look_at_own_map(f->arena, groups);
		for (size_t i = 0; !c.what && i < lists[groups]->n; i++)
			c = cause_of_map(f->arena, own, groups, lists[groups]->v[i].host_id,
				lists[groups]->v[i].size);
	}
	return c.what ? c : cause_in_user_namespace(f->arena, p, f->err);
}

static struct cause of_id_map(const struct failure *f)
{
	struct process_facts p;
	look_at_process(&p);
	if (!f->step->u.id_map->by_helper)
		return of_written_map(f, &p);
	struct cause c = { 0 };
	/* the groups come first */
	for (int groups = 1; !c.what && groups >= 0; groups--) {
		struct helper_facts h;
		look_at_helper(f->arena, groups ? "newgidmap" : "newuidmap", &h);
		c = cause_of_helper(f->arena, &h);
	}
	struct subid_file_facts uids, gids;
	look_at_subids(f->arena, false, &uids);
	look_at_subids(f->arena, true, &gids);
	return c.what ? c : cause_of_no_range(f->arena, &uids, &gids);
}

static struct cause of_mount(const struct failure *f)
{
	const struct mount_step *s = &f->step->u.mount;
	struct mount_facts m;
	if (s->kind == MOUNT_CHANGE)
		return (struct cause){ 0 };
	const char *source = !s->fs_type && !s->source_in_root ? s->source : NULL;
	look_at_mounts(f->arena, source, &m);
	const struct mount_question q = {
		.type = s->fs_type,
		.source = s->source,
		.recursive = s->recursive,
		.cleared = mount_attributes_text(f->arena, s->attr_clear | s->rec_clear),
		.in_userns = f->d->ns.mode[OCI_NS_USER] != NS_KEEP || !f->d->host->initial_userns,
		.namespaces = own_namespaces(f),
		.read_only = s->attr_set & MOUNT_ATTR_RDONLY,
		.err = f->err,
	};
	return q.type || source ? cause_of_mount(f->arena, &m, &q) : (struct cause){ 0 };
}

static struct cause of_sysctl(const struct failure *f)
{
	struct mount_facts m;
	look_at_mounts(f->arena, NULL, &m);
	return cause_of_sysctl(f->arena, m.mountinfo, f->step->u.text.path, f->err);
}

static struct cause of_rlimit(const struct failure *f)
{
	struct limit_facts l;
	int resource = f->step->u.rlimit.resource;
	look_at_limits(f->arena, resource, &l);
	return cause_of_rlimit(
		f->arena, &l, names_of(&oci_rlimit_names, resource), f->step->u.rlimit.hard);
}

static struct cause of_oom_score(const struct failure *f)
{
	struct limit_facts l;
	look_at_limits(f->arena, -1, &l);
	return cause_of_oom_score(f->arena, &l, f->step->u.number);
}

static struct cause of_device(const struct failure *f)
{
	struct process_facts p;
	look_at_process(&p);
	return cause_of_mknod(f->arena, &p, f->err);
}

static struct cause of_root(const struct failure *f)
{
	struct process_facts p;
	look_at_process(&p);
	return cause_of_root(&p, f->err);
}

/* Which errors have causes that can be looked for; the rest say all in their errno. */
static const struct {
	act_function *act;
	struct cause (*look)(const struct failure *f);
} situations[] = {
	{ act_spawn_stager, of_spawn },
	{ act_host_spawn, of_spawn },
	{ act_stager_spawn, of_spawn },
	{ act_mount_id_map, of_new_userns },
	{ act_cgroup_namespace, of_unshare },
	{ act_time_namespace, of_unshare },
	{ act_id_map, of_id_map },
	{ act_root_propagation, of_root },
	{ act_change_root, of_root },
	{ act_mount, of_mount },
	{ act_open_source, of_mount },
	{ act_sysctl, of_sysctl },
	{ act_rlimit, of_rlimit },
	{ act_host_rlimit, of_rlimit },
	{ act_oom_score, of_oom_score },
	{ act_make_device, of_device },
	{ act_attach_cgroup, of_cgroup_move },
};

/* What INIT does as root of its user namespace. */
static struct cause of_refusal(const struct failure *f)
{
	struct process_facts p;
	if (!has_new_userns(f) || (f->err != EPERM && f->err != EACCES))
		return (struct cause){ 0 };
	look_at_process(&p);
	return cause_in_user_namespace(f->arena, &p, f->err);
}

static struct cause find(const struct row *row, const struct failure *f)
{
	struct cause c = { 0 };
	for (size_t i = 0; !c.what && i < ARRAY_SIZE(situations); i++)
		if (situations[i].act == row->act)
			c = situations[i].look(f);
	/* the image's own rights are none of this */
	bool is_image = row->act == act_exec || row->act == act_find_executable ||
			row->act == act_init_hook;
	return c.what || row->who == ROW_HOST || is_image ? c : of_refusal(f);
}

static void append(struct cause c, struct error *e)
{
	if (c.what)
		error_append(e, ": %s%s%s", c.what, c.remedy ? "; " : "", c.remedy ? c.remedy : "");
}

void explain_failure(const struct sequence *seq, const struct actor_context *ctx,
	const struct decision *d, struct error *e)
{
	if (e->kind != ERROR_SYSTEM || ctx->failed_at >= ctx->plan->n_steps)
		return;
	const struct step *step = &ctx->plan->steps[ctx->failed_at];
	const struct failure f = { ctx->host->arena, ctx, d, step, e->err };
	append(find(&seq->rows[step->row], &f), e);
}

int protect_runtime(const struct global_options *g, struct error *e)
{
	struct process_facts p;
	struct arena a;
	int r = self_protect(g->argv, e);
	if (r >= 0)
		return r;
	arena_init(&a);
	look_at_process(&p);
	append(cause_of_detached_file(&a, &p, -r), e);
	arena_free(&a);
	return r;
}
