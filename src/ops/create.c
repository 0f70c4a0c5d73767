/* SPDX-License-Identifier: Apache-2.0 */
/* create and run. Runs as HOST. spec: runtime.md#create */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "libocispec/locate.h"
#include "ops/creation.h"
#include "ops/destroy.h"
#include "ops/explain.h"
#include "ops/foreground.h"
#include "ops/memory_kills.h"
#include "ops/relay.h"
#include "steps/hook.h"
#include "sys/process.h"

void creation_close(struct creation *c)
{
	state_entry_close(&c->host.entry);
	state_root_close(&c->root);
	preparation_free(&c->p);
}

/* Had any of its hooks a chance to do something that a poststop hook takes back? */
static bool came_to_hooks(const struct creation *c)
{
	for (size_t i = 0; i < c->p.plan.n_steps && i <= c->ctx.failed_at; i++) {
		const struct row *row = &c->p.sequence->rows[c->p.plan.steps[i].row];
		if (row->act == act_host_hook || row->act == act_init_hook)
			return true;
	}
	return false;
}

/* Before there is a map, nothing fails for what is in it. */
static bool came_behind_id_map(const struct creation *c)
{
	for (size_t i = 0; i < c->p.plan.n_steps && i < c->ctx.failed_at; i++)
		if (c->p.sequence->rows[c->p.plan.steps[i].row].act == act_id_map)
			return true;
	return false;
}

/* What a single id makes fail: the cause was known before, and is not in the kernel's answer. */
static void add_why_one_id(const struct creation *c, struct error *e)
{
	const struct missing *why = c->p.decision.one_id_because;
	if (why && came_behind_id_map(c) &&
		(e->err == EPERM || e->err == EINVAL || e->err == EOVERFLOW))
		error_append(e, "; the container has one id only: %s; %s", why->what, why->remedy);
}

int creation_walk(struct creation *c, struct error *e)
{
	struct preparation *p = &c->p;
	c->host.arena = &p->arena;
	c->host.choices = &p->choices;
	c->host.root = &c->root;
	c->host.container = &p->container;
	c->host.config_text = p->config_text;
	c->host.config_len = p->config_len;
	int r = actor_context_init(&c->ctx, &p->plan, &c->host, e);
	c->ctx.look = look_for_memory_kill;
	if (r == 0)
		r = sequence_walk(p->sequence, &c->ctx, e);
	if (r < 0 && c->ctx.plan)
		explain_failure(p->sequence, &c->ctx, &p->decision, e);
	if (r == 0)
		state_entry_made(&c->host.entry);
	net_devices_forget(&c->host);
	if (r < 0)
		add_why_one_id(c, e);
	/* spec: runtime.md#lifecycle: after a hook that failed go on at step 12, the undoing, which
	 * the walk has done; 13 are these */
	if (r < 0 && came_to_hooks(c))
		run_poststop_hooks(p->config, &p->container);
	if (r < 0 && !e->line)
		error_locate(e, p->config_name, p->config_text, p->config_len);
	return r;
}

int creation_prepare(const struct global_options *g, const struct create_options *o, enum verb verb,
	struct creation *c, struct error *e)
{
	int r = protect_runtime(g, e);
	if (r == 0)
		r = prepare_create(g, o, verb, &c->p, e);
	if (r == 0)
		r = close_inherited(o->preserve_fds, e);
	if (r == 0) {
		warn_degraded(&c->p.cgroup, &c->p.plan);
		debug_plan(c->p.sequence, &c->p.plan);
	}
	if (r == 0)
		r = state_root_open(g->root, true, &c->root, e);
	/* hooks and relative paths of theirs: both peers stand in the bundle, too */
	if (r == 0 && chdir(c->p.bundle) < 0)
		r = error_errno(e, errno, "bundle %s", c->p.bundle);
	return r;
}

int op_create(const struct global_options *g, const struct create_options *o, struct error *e)
{
	AUTO_CREATION struct creation c = CREATION_NONE;
	int r = creation_prepare(g, o, VERB_CREATE, &c, e);
	return r < 0 ? r : creation_walk(&c, e);
}

/* spec: runtime.md#lifecycle, step 9: a poststart hook that fails stops the container */
static int poststart(struct creation *c, struct error *e)
{
	int r = run_poststart_hooks(&c->p.arena, c->p.config, &c->p.container, e);
	if (r < 0) {
		struct error ignored;
		container_destroy(&c->host.entry, &c->p.container, c->p.config, &ignored);
	}
	return r;
}

/* Foreground: until the end. Detached: until the service that the container is says that it is
 * ready. */
static int stay(struct creation *c, bool detach, int signals, int *ret_status, struct error *e)
{
	const struct foreground f = {
		.pid = c->ctx.init_pid,
		.relay_fd = c->host.relay_fd,
		.signal_fd = signals,
		.notify_fd = c->host.notify_fd,
		.notify_to = notify_socket(),
		.until_ready = detach,
	};
	/* other commands may come now: the lock is for changes */
	state_entry_unlock(&c->host.entry);
	return foreground_wait(&f, ret_status, e);
}

int creation_run(
	struct creation *c, const struct create_options *o, int *ret_status, struct error *e)
{
	AUTO_CLOSE int signals = -1;
	bool stays = !o->detach || c->p.choices.notify, is_new = c->p.choices.verb == VERB_RUN;
	int r = 0;
	if (!o->detach && !o->no_subreaper)
		sys_prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (stays)
		signals = r = foreground_hold_signals(e);
	if (r < 0)
		return r;
	r = creation_walk(c, e);
	if (r < 0)
		relay_show_rest(c->host.relay_fd);
	/* what is restored was started before */
	if (r == 0 && is_new)
		r = poststart(c, e);
	if (r < 0 || !stays)
		return r;
	r = stay(c, o->detach, signals, ret_status, e);
	if (r == 0)
		tell_memory_kill(&c->p.container, *ret_status);
	if (o->keep || o->detach)
		return r;
	struct error ignored, *end = r < 0 ? &ignored : e;
	int ended = state_entry_lock(&c->host.entry, end);
	if (ended == -ENOENT)
		return r; /* deleted by another command meanwhile */
	if (ended == 0)
		ended = container_destroy(&c->host.entry, &c->p.container, c->p.config, end);
	return r < 0 ? r : ended;
}

int op_run(const struct global_options *g, const struct create_options *o, int *ret_status,
	struct error *e)
{
	AUTO_CREATION struct creation c = CREATION_NONE;
	int r = creation_prepare(g, o, VERB_RUN, &c, e);
	return r < 0 ? r : creation_run(&c, o, ret_status, e);
}
