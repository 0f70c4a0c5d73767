/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "state/store.h"

/*
 * What a container is doing now. Nothing of it is saved: it is asked of the kernel each time.
 *   creating   no pid yet, and a command holds the lock
 *   created    init waits for `start`: somebody listens on start.sock
 *   running    it doesn't any more
 *   paused     its cgroup is frozen
 *   stopped    init is gone, a zombie, or the pid belongs to another process by now
 */
int container_status(const struct state_entry *entry, const struct container *c,
	enum oci_status *ret, struct error *e);

/* "created" and so on */
const char *container_status_name(enum oci_status status);

/* A pidfd of init, proven to be the process of the saved state: signals sent through it reach no
 * other, whatever the kernel does with the number. -ESRCH: it is gone or a zombie. */
int container_pidfd(const struct container *c);
