/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci-rt delete: spec: runtime.md#delete. HOST only, holding the container's lock.
 *
 * A container that is only created is not stopped, so without --force it stays, as the
 * specification says; peers delete it. Clients either kill first or say --force.
 */
#include <errno.h>
#include <string.h>

#include "libocispec/document.h"
#include "ops/processes.h"
#include "ops/session.h"
#include "steps/hook.h"

/* What has to be read before the entry goes, for the hooks that run after it. */
struct poststop {
	const struct oci_config *config; /* NULL: no hooks */
	const char *state;
};

/* A failure here is a warning, as that of the hook would be: what was created must go all the same
 */
static void warn(const char *id, struct error *e)
{
	error_prefix(e, "poststop hooks of container '%s'", id);
	log_warning(e);
}

static void read_poststop(struct session *s, struct poststop *ret)
{
	struct oci_config *config;
	struct oci_state state;
	struct error e;
	char *text;
	size_t len = 0;
	if (state_load_config(&s->entry, &s->arena, &text, &len, &e) < 0) {
		warn(s->entry.id, &e);
		return;
	}
	/* most configs have no such hook: don't parse a large document to find that out. A key may
	 * be spelled with escapes. */
	if (!strstr(text, "poststop") && !strstr(text, "\\u"))
		return;
	int r = oci_config_decode(text, len, "config.json", &s->arena, &config, &e);
	if (r == 0)
		r = describe_container(&s->container, OCI_STATUS_STOPPED, &s->arena, &state, &e);
	if (r == 0)
		r = oci_hook_state_encode(&state, &s->arena, &text, NULL, &e);
	if (r < 0) {
		warn(s->entry.id, &e);
		return;
	}
	*ret = (struct poststop){ config, text };
}

/* spec: runtime.md#lifecycle, step 13: the rest goes on as if a failed hook had succeeded */
static void run_poststop(const char *id, const struct poststop *p)
{
	if (!p->config || !p->config->hooks)
		return;
	const struct oci_hook_list *hooks = &p->config->hooks->poststop;
	for (size_t i = 0; i < hooks->n; i++) {
		char text[HOOK_TEXT_SIZE];
		struct hook_result result = hook_run(&hooks->v[i], p->state, 0, "");
		if (result.end == HOOK_OK)
			continue;
		struct error e;
		error_set(&e, ERROR_SYSTEM, ECANCELED, "error running poststop hook #%zu: '%s' %s",
			i, hooks->v[i].path, hook_result_text(&result, text));
		log_warning(&e);
	}
}

static int delete_loaded(struct session *s, bool force, struct error *e)
{
	struct poststop poststop = { 0 };
	int r = container_status(&s->entry, &s->container, &s->status, e);
	if (r < 0 && !force)
		return r;
	if (s->status != OCI_STATUS_STOPPED && !force)
		return error_set(e, ERROR_STATE, EBUSY,
			"cannot delete container '%s' that is not stopped: %s", s->entry.id,
			container_status_name(s->status));
	/* also a stopped one: without a PID namespace of its own, init's death kills nobody else */
	r = processes_kill_and_wait(&s->container, e);
	if (r == 0)
		r = cgroup_destroy(&s->container.cgroup, e);
	if (r < 0)
		return r;
	read_poststop(s, &poststop);
	r = state_entry_remove(&s->entry, e);
	if (r == 0)
		run_poststop(s->entry.id, &poststop);
	return r;
}

int op_delete(const struct global_options *g, const char *id, bool force, struct error *e)
{
	AUTO_SESSION struct session s = SESSION_NONE;
	int r = state_id_check(id, e);
	if (r < 0)
		return r;
	r = state_root_open(g->root, false, &s.root, e);
	if (r == 0)
		r = state_entry_open(&s.root, id, STATE_LOCK, &s.entry, e);
	/* clients say --force to make sure */
	if (r == -ENOENT && force)
		return 0;
	if (r < 0)
		return r;
	r = state_load(&s.entry, &s.arena, &s.container, e);
	if (r == 0)
		return delete_loaded(&s, force, e);
	/* ENOENT: nothing but a name, which an interrupted removal left */
	if (force || r == -ENOENT) {
		struct error removal;
		int removed = state_entry_remove(&s.entry, &removal);
		if (removed < 0) {
			*e = removal;
			return removed;
		}
	}
	return force ? 0 : r;
}
