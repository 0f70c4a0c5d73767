/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ops.h"
#include "state/status.h"
#include "state/store.h"

/*
 * A container that a verb works on: opened, loaded, its status asked. What it holds is in its
 * arena, which the verb may use too.
 */
struct session {
	struct state_root root;
	struct state_entry entry;
	struct arena arena;
	struct container container;
	enum oci_status status; /* when it was opened */
};

#define SESSION_NONE                                                                               \
	{                                                                                          \
		.root = ROOT_NONE, .entry = ENTRY_NONE                                             \
	}
#define AUTO_SESSION __attribute__((cleanup(session_close)))

/* s is SESSION_NONE. On failure, too, it is to be closed. */
int session_open(const struct global_options *g, const char *id, enum state_access access,
	struct session *s, struct error *e);
void session_close(struct session *s);

/* --rootless, or what we are. */
bool is_rootless(const struct global_options *g);

/* Running, created or paused; else "container not running". */
int session_check_alive(const struct session *s, struct error *e);

/* The state as the specification has it, for `state`, `list` and hooks. Strings are the
 * container's or in the arena. */
int describe_container(const struct container *c, enum oci_status status, struct arena *arena,
	struct oci_state *ret, struct error *e);
