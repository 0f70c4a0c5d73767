/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci-rt delete: spec: runtime.md#delete. HOST only, holding the container's lock.
 *
 * A container that is only created is not stopped, so without --force it stays, as the
 * specification says; peers delete it. Clients either kill first or say --force.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "libocispec/document.h"
#include "ops/destroy.h"
#include "ops/match.h"
#include "ops/session.h"

/* The config of create, for its poststop hooks; NULL: there are none. One that can't be read is a
 * warning, as a hook that fails is: what was created must go all the same. */
static const struct oci_config *read_config(struct session *s)
{
	struct oci_config *config;
	struct error e;
	char *text;
	size_t len = 0;
	int r = state_load_config(&s->entry, &s->arena, &text, &len, &e);
	/* most configs have no such hook: don't parse a large document to find that out. A key may
	 * be spelled with escapes. */
	if (r == 0 && !strstr(text, "poststop") && !strstr(text, "\\u"))
		return NULL;
	if (r == 0)
		r = oci_config_decode(text, len, "config.json", &s->arena, &config, &e);
	if (r == 0)
		return config;
	error_prefix(&e, "poststop hooks of container '%s'", s->entry.id);
	log_warning(&e);
	return NULL;
}

static int delete_loaded(struct session *s, bool force, struct error *e)
{
	int r = force ? 0 : container_status(&s->entry, &s->container, &s->status, e);
	if (r < 0)
		return r;
	if (!force && s->status != OCI_STATUS_STOPPED)
		return error_set(e, ERROR_STATE, EBUSY,
			"cannot delete container '%s' that is not stopped: %s", s->entry.id,
			container_status_name(s->status));
	return container_destroy(&s->entry, &s->container, read_config(s), e);
}

/* Its state says nothing, so there is nothing to kill or undo but the entry itself. */
static int delete_damaged(struct session *s, struct error *e)
{
	struct error removal;
	int r = state_entry_remove(&s->entry, &removal);
	if (r < 0)
		*e = removal;
	return r;
}

/* Was there nothing to be read in the state? One that could not be read this time is none: its
 * container may be running, and nobody would find it again. So the errno alone does not count. */
static bool says_nothing(const struct session *s, int r, const struct error *e)
{
	struct stat st;
	if (e->kind == ERROR_CONFIG)
		return true;
	if (fstatat(s->entry.dir_fd, "state.json", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	return !S_ISREG(st.st_mode) || r == -EFBIG;
}

static int delete_one(
	const struct global_options *g, const char *id, const void *options, struct error *e)
{
	bool force = ((const struct delete_options *)options)->force;
	AUTO_SESSION struct session s = SESSION_NONE;
	int r = state_id_check(id, e);
	if (r < 0)
		return r;
	r = state_root_open(g->root, false, &s.root, e);
	if (r == 0)
		r = state_entry_open(&s.root, id, STATE_LOCK, &s.entry, e);
	/* clients say --force to make sure */
	if (r == -ENOENT && force) {
		if (s.root.fd >= 0)
			state_entry_sweep(&s.root, id);
		return 0;
	}
	if (r < 0)
		return r;
	r = state_load(&s.entry, &s.arena, &s.container, e);
	if (r == 0)
		return delete_loaded(&s, force, e);
	bool is_nothing = says_nothing(&s, r, e);
	if (force && is_nothing)
		return delete_damaged(&s, e);
	/* nothing but a name, which an interrupted removal left */
	if (r == -ENOENT && is_nothing)
		state_entry_remove(&s.entry, NULL);
	return r;
}

int op_delete(const struct global_options *g, const struct delete_options *o, struct error *e)
{
	return o->regex ? for_each_match(g, o->id, delete_one, o, e) : delete_one(g, o->id, o, e);
}
