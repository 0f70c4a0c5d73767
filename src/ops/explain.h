/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ops.h"
#include "plan/decision.h"
#include "sequence/sequence.h"

/*
 * After a walk that has failed: look for the cause of what the failing step met, and put it behind
 * the error's text: "TEXT: CAUSE; REMEDY". Nothing is added where nothing was seen.
 */
void explain_failure(const struct sequence *seq, const struct actor_context *ctx,
	const struct decision *d, struct error *e);

/* self_protect(), whose error says what refused it. */
int protect_runtime(const struct global_options *g, struct error *e);
