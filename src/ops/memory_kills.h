/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "state/store.h"
#include "steps/actor.h"

/* Kills for want of memory in the container until now; 0 where nobody counts. */
uint64_t memory_kills_so_far(const struct container *c);

/* For actor_context.look: an init that died of the container's limit did not die of anything
 * else. */
void look_for_memory_kill(struct actor_context *ctx);

/* run, when the container has ended: one line if the kernel has killed it. Not a failure of ours.
 */
void tell_memory_kill(const struct container *c, int status);
