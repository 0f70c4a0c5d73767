/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plan/decide.h"
#include "steps/actor.h"

/*
 * A sequence is a table. Its order is the order of work, the protocol between the actors, and the
 * documentation (docs/sequence.md is made from it).
 *
 * HOST, STAGER and INIT walk the same plan in the same order, and each does only its own rows. A
 * meeting is a row too: both sides come to the same index, so the protocol can neither drift nor
 * deadlock.
 */
struct row {
	enum row_actor who;
	const char *name;
	decide_function *decide;
	act_function *act; /* NULL for meetings */
	/* HOST rows: take back, also when act failed halfway or did not come to its turn's end */
	void (*undo)(struct actor_context *ctx, const struct step *step);
};

struct sequence {
	const char *name;
	const struct row *rows;
	size_t n_rows;
};

extern const struct sequence create_sequence; /* create and run */
extern const struct sequence restore_sequence;
extern const struct sequence exec_sequence;
extern const struct sequence mounts_sequence; /* mounts add and mounts remove */

/* Let every row decide. Pure; after derive(). */
int sequence_decide(const struct sequence *seq, struct decision *d, struct error *e);

extern const char *const row_actor_names[ROW_ACTOR_COUNT];
/* One step as `oci-rt plan` shows it, its details on lines of their own: number, actor, row,
 * summary, JSON path; the last line's end is the caller's. NULL: out of memory. Pure. */
const char *sequence_step_text(
	struct arena *arena, const struct sequence *seq, const struct plan *plan, size_t i);

/*
 * Walk as HOST. Children that the walk forks come out of here too, as STAGER or INIT, and never
 * return: they end in execve or in _exit. On failure everything is undone, in reverse, and *e says
 * what failed: the step, the call, errno.
 */
int sequence_walk(const struct sequence *seq, struct actor_context *ctx, struct error *e);
