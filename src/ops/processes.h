/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cgroup/cgroup.h"
#include "state/store.h"

/*
 * All processes of a container: by its cgroup, or, where it has none of its own, by its PID
 * namespace, or, where it shares that as well, its init alone.
 */
int processes_list(
	const struct container *c, struct arena *arena, struct pid_list *ret, struct error *e);
/* Signal each of them. None left is success. */
int processes_signal(const struct container *c, int signal, struct error *e);
/* SIGKILL for all, in whatever state they are, and wait for init's end, which may take as long as
 * the kernel needs for it, but not for ever. */
int processes_kill_and_wait(const struct container *c, struct error *e);
