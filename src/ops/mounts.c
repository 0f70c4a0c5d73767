/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt mounts add, mounts remove: change the mounts of a container that runs. HOST only. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/io.h"
#include "host/probe.h"
#include "libocispec/document.h"
#include "libocispec/locate.h"
#include "ops/enter.h"
#include "ops/explain.h"
#include "ops/prepare.h"
#include "sys/process.h"

enum { DOCUMENT_MAX = 16 << 20 };

struct change {
	struct session s;
	struct oci_config *mounts; /* of the command */
	struct oci_config *config; /* the container's, with those in place of its own */
	char *text;
	size_t len, wrapped; /* bytes that were put before the user's first line */
	struct host_facts facts;
	struct cgroup_host no_cgroups;
	struct choices choices;
	struct decision decision;
	struct plan plan;
	struct host_context host;
	struct actor_context ctx;
};

static void change_close(struct change *c)
{
	session_close(&c->s);
}

/* `mounts` of config.json with its braces or without: a bare array is what that section is. */
static int wrap_array(struct change *c)
{
	static const char before[] = "{\"mounts\":";
	const char *p = c->text;
	while (isspace((unsigned char)*p))
		p++;
	if (*p != '[')
		return 0;
	c->wrapped = sizeof before - 1;
	c->text = arena_printf(&c->s.arena, "%s%s}", before, c->text);
	c->len += sizeof before;
	return c->text ? 0 : -ENOMEM;
}

static void locate(const struct change *c, const char *file, struct error *e)
{
	if (!e->line)
		error_locate(e, file, c->text, c->len);
	if (e->line == 1 && e->column > c->wrapped)
		e->column -= (uint32_t)c->wrapped;
}

static int read_mounts(struct change *c, const char *file, struct error *e)
{
	int r = io_read_document(file, DOCUMENT_MAX, &c->s.arena, &c->text, &c->len);
	if (r == 0)
		r = wrap_array(c);
	if (r < 0)
		return error_errno(e, -r, "%s", file);
	r = oci_mounts_decode(c->text, c->len, file, &c->s.arena, &c->mounts, e);
	if (r < 0)
		locate(c, file, e);
	return r;
}

static int load(struct change *c, struct error *e)
{
	char *text;
	size_t len;
	int r = state_load_config(&c->s.entry, &c->s.arena, &text, &len, e);
	if (r == 0)
		r = oci_config_decode(text, len, "config.json", &c->s.arena, &c->config, e);
	if (r == 0)
		c->config->mounts = c->mounts->mounts;
	return r;
}

static int decide(struct change *c, const struct mounts_options *o, struct error *e)
{
	c->choices = (struct choices){
		.verb = o->remove ? VERB_MOUNTS_REMOVE : VERB_MOUNTS_ADD,
		.id = o->id,
		.bundle = c->s.container.bundle,
		.rootfs = c->s.container.rootfs,
		.container_pid = c->s.container.pid,
	};
	c->facts.cgroup = &c->no_cgroups;
	prepare_lsm(NULL, o->remove ? NULL : c->config->linux_, NULL, &c->facts);
	/* it stays where HOST is */
	static const struct cgroup_location nowhere;
	c->decision = (struct decision){
		.config = c->config,
		.host = &c->facts,
		.choices = &c->choices,
		.arena = &c->s.arena,
		.plan = &c->plan,
		.location = &nowhere,
	};
	int r = enter_namespaces(&c->s, &c->choices.join_namespaces, e);
	if (r == 0)
		r = derive(&c->decision, e);
	return r < 0 ? r : sequence_decide(&mounts_sequence, &c->decision, e);
}

static int walk(struct change *c, struct error *e)
{
	c->host = (struct host_context){
		.arena = &c->s.arena,
		.choices = &c->choices,
		.entry = ENTRY_NONE,
		.container = &c->s.container,
		.notify_fd = -1,
		.relay_fd = -1,
	};
	int r = actor_context_init(&c->ctx, &c->plan, &c->host, e);
	if (r == 0)
		r = enter_walk(&mounts_sequence, &c->ctx, e);
	if (r < 0)
		explain_failure(&mounts_sequence, &c->ctx, &c->decision, e);
	if (r == 0)
		sys_wait_child(c->ctx.init_pid, NULL);
	return r;
}

int op_mounts(const struct global_options *g, const struct mounts_options *o, struct error *e)
{
	__attribute__((cleanup(change_close))) struct change c = { .s = SESSION_NONE };
	int r = protect_runtime(g, e);
	if (r == 0)
		r = read_mounts(&c, o->file, e);
	if (r == 0)
		r = close_inherited(0, e);
	if (r == 0)
		r = session_open(g, o->id, STATE_READ, &c.s, e);
	if (r == 0)
		r = enter_check(&c.s, "change mounts", true, e);
	if (r == 0)
		r = load(&c, e);
	if (r == 0)
		r = host_probe(&c.facts, e);
	if (r < 0)
		return r;
	r = decide(&c, o, e);
	if (r == 0)
		r = walk(&c, e);
	if (r < 0)
		locate(&c, o->file, e);
	return r;
}
