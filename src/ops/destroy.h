/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/runtime/config.h"
#include "state/store.h"

/*
 * Kill what is left of a container, remove its cgroup and its state, run its poststop hooks.
 * The entry is locked. config may be NULL when it cannot be read: no hooks then.
 * spec: runtime.md#delete, #lifecycle
 */
int container_destroy(struct state_entry *entry, const struct container *c,
	const struct oci_config *config, struct error *e);

/* Run by whoever started the container's process, after it. The first that fails is the error. */
int run_poststart_hooks(struct arena *arena, const struct oci_config *config,
	const struct container *c, struct error *e);

/* When all else is gone; a failing one is a warning. config may be NULL: no hooks then. */
void run_poststop_hooks(const struct oci_config *config, const struct container *c);
