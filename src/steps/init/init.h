/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <unistd.h>

#include "plan/decide.h"
#include "steps/actor.h"

/* Shared by the acts of INIT. */

static inline void init_set_slot(struct actor_context *ctx, int slot, int fd)
{
	if (ctx->slots[slot] >= 0)
		close(ctx->slots[slot]);
	ctx->slots[slot] = fd;
}

/* The container's root, to be closed: SLOT_ROOTFS, or what this process has as its own: exec,
 * `mounts`. */
int init_open_root(struct actor_context *ctx);

/* Behind the last step of a row: what its steps share is closed. A descriptor that stays would be
 * one of those that process.cwd can name as /proc/self/fd/N: CVE-2024-21626. */
static inline void init_end_of_row(struct actor_context *ctx, int slot)
{
	const struct step *now = &ctx->plan->steps[ctx->at];
	if (ctx->at + 1 == ctx->plan->n_steps || now[1].row != now->row)
		init_set_slot(ctx, slot, -1);
}

/* 0: the calling thread. 0 or a negative errno. */
int set_scheduler(pid_t thread, const struct scheduler_step *s);

/* A detached new file system with its parameters; says in ctx->error what the file system itself
 * has to say. A descriptor or a negative errno. */
int new_mount(struct actor_context *ctx, const char *type, size_t n,
	const struct mount_parameter *parameters, unsigned attr);

/* The host's /dev/null as a detached mount, proven to be it: CVE-2025-31133. */
int detached_dev_null(struct actor_context *ctx);

/* Write to a file of the host's procfs: no links, no other mounts on the way. */
int write_proc(struct actor_context *ctx, const char *path, const char *value);
