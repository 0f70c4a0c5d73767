/* SPDX-License-Identifier: Apache-2.0 */
/* What all verbs on an existing container begin with. HOST only. */
#include "ops/session.h"

#include <errno.h>
#include <string.h>

#include "base/identity.h"
#include "cgroup/oom.h"

int session_open(const struct global_options *g, const char *id, enum state_access access,
	struct session *s, struct error *e)
{
	int r = state_id_check(id, e);
	if (r == 0)
		r = state_root_open(g->root, false, &s->root, e);
	if (r == 0)
		r = state_entry_open(&s->root, id, access, &s->entry, e);
	if (r == 0)
		r = container_read(&s->entry, &s->arena, &s->container, &s->status, e);
	return r;
}

void session_close(struct session *s)
{
	state_entry_close(&s->entry);
	state_root_close(&s->root);
	arena_free(&s->arena);
}

bool is_rootless(const struct global_options *g)
{
	return g->rootless == ROOTLESS_AUTO ? !is_real_root() : g->rootless == ROOTLESS_YES;
}

int session_check_alive(const struct session *s, struct error *e)
{
	static const bool is_alive[OCI_STATUS_COUNT] = {
		[OCI_STATUS_CREATED] = true,
		[OCI_STATUS_RUNNING] = true,
		[OCI_STATUS_PAUSED] = true,
	};
	if (!is_alive[s->status])
		return error_set(e, ERROR_STATE, ESRCH, "container not running");
	return 0;
}

/* docs/ROOTLESS.md: what was left out, or is pretended, is never a secret */
static int add_sentences(
	const char *name, const struct string_list *l, struct arena *arena, struct string_map *map)
{
	if (l->n == 0)
		return 0;
	const char *text = l->v[0];
	for (size_t i = 1; text && i < l->n; i++)
		text = arena_printf(arena, "%s; %s", text, l->v[i]);
	struct string_pair *v = ARENA_ARRAY(arena, map->n + 1, struct string_pair);
	if (!text || !v)
		return -ENOMEM;
	if (map->n)
		memcpy(v, map->v, map->n * sizeof *v);
	v[map->n] = (struct string_pair){ name, text };
	*map = (struct string_map){ map->n + 1, v };
	return 0;
}

static int add_memory_kills(
	const struct cgroup_location *location, struct arena *arena, struct string_map *map)
{
	struct memory_kills m;
	char text[MEMORY_KILLS_TEXT];
	if (cgroup_memory_kills(location, &m) < 0 || m.kills == 0)
		return 0;
	const char *sentence = arena_printf(
		arena, "%llu, %s", (unsigned long long)m.kills, memory_kills_text(&m, text));
	const struct string_list l = { 1, &sentence };
	return sentence ? add_sentences("org.oci-rt.oom-killed", &l, arena, map) : -ENOMEM;
}

int describe_container(const struct container *c, enum oci_status status, struct arena *arena,
	struct oci_state *ret, struct error *e)
{
	bool has_process = status != OCI_STATUS_STOPPED && status != OCI_STATUS_CREATING;
	char name[USER_NAME_SIZE];
	struct oci_state state = {
		.oci_version = OCI_SPEC_VERSION,
		.id = c->id,
		.status = status,
		.pid = has_process ? c->pid : 0,
		.bundle = c->bundle,
		.rootfs = c->rootfs,
		.created = c->created,
		.owner = arena_strdup(arena, user_name(c->owner_uid, name)),
		.annotations = c->annotations,
	};
	if (!state.owner ||
		add_sentences("org.oci-rt.degraded", &c->degraded, arena, &state.annotations) < 0 ||
		add_sentences("org.oci-rt.emulated", &c->emulated, arena, &state.annotations) < 0)
		return error_errno(e, ENOMEM, "state of container '%s'", c->id);
	if (status != OCI_STATUS_CREATING &&
		add_memory_kills(&c->cgroup, arena, &state.annotations) < 0)
		return error_errno(e, ENOMEM, "state of container '%s'", c->id);
	*ret = state;
	return 0;
}
