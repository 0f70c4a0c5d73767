/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "state/store.h"

/*
 * What a container is doing now. Nothing of it is saved: it is asked of the kernel each time.
 *   creating   no pid yet, and a command holds the lock
 *   created    init waits for `start`: somebody listens on start.sock
 *   running    it doesn't any more, and is not about to end
 *   paused     its cgroup is frozen
 *   stopped    init is gone, ends or is a zombie, or the pid belongs to another process by now
 */
int container_status(const struct state_entry *entry, const struct container *c,
	enum oci_status *ret, struct error *e);
/* The saved state, and the status that goes with it. */
int container_read(const struct state_entry *entry, struct arena *arena, struct container *ret,
	enum oci_status *ret_status, struct error *e);

/* Is init alive, and not about to end: 1, 0 or a negative errno. */
int container_goes_on(const struct container *c);

/* "created" and so on */
const char *container_status_name(enum oci_status status);

/* A pidfd of init, proven to be the process of the saved state: signals sent through it reach no
 * other, whatever the kernel does with the number. -ESRCH: it is gone or a zombie. */
int container_pidfd(const struct container *c);
