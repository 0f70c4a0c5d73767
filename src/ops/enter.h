/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/session.h"
#include "sequence/sequence.h"

/* What `exec` and `mounts` have in common: work inside of a container that runs. */

/* "container not running"; "cannot VERB in a paused container" unless that does not matter. */
int enter_check(const struct session *s, const char *verb, bool ignore_paused, struct error *e);
/* CLONE_NEW* of the namespaces that it has and we have not. */
int enter_namespaces(const struct session *s, int *ret_flags, struct error *e);
/* Walk with the container's init in SLOT_JOIN. */
int enter_walk(const struct sequence *seq, struct actor_context *ctx, struct error *e);
