/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/prepare.h"

/* A container that a command makes: create, run, and restore. ops/create.c */
struct creation {
	struct preparation p;
	struct state_root root;
	struct host_context host;
	struct actor_context ctx;
};

#define AUTO_CREATION __attribute__((cleanup(creation_close)))
#define CREATION_NONE                                                                              \
	{                                                                                          \
		.root = ROOT_NONE, .host = {.entry = ENTRY_NONE, .notify_fd = -1, .relay_fd = -1 } \
	}

void creation_close(struct creation *c);
/* Read and decide. After: the working directory is the bundle. */
int creation_prepare(const struct global_options *g, const struct create_options *o, enum verb verb,
	struct creation *c, struct error *e);
/* Act; what has failed is undone. */
int creation_walk(struct creation *c, struct error *e);
/* Act, and stay with the process until its end, unless it is detached. */
int creation_run(
	struct creation *c, const struct create_options *o, int *ret_status, struct error *e);
