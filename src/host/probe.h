/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "libocispec/arena.h"
#include "libocispec/error.h"
#include "libocispec/runtime/config.h"
#include "plan/host_facts.h"

/* Look at this machine and this process once. 0 or a negative errno. */
int host_probe(struct host_facts *ret, struct error *e);

/* For the decisions on limits, where a process has any: facts->hard_limits, oom_score_adj. */
int host_probe_limits(struct arena *arena, const struct oci_process *p, struct host_facts *facts,
	struct error *e);

/* Where this host has each of linux.devices: at the same path, or by its number in /dev/char and
 * /dev/block. Into facts->device_sources. */
int host_probe_devices(
	struct arena *arena, const struct oci_linux *l, struct host_facts *facts, struct error *e);

/* LISTEN_FDS, sd_listen_fds(3): how many descriptors from 3 on were handed to us. */
unsigned host_listen_fds(void);

/* Is setgroups(2) denied in the user namespace of this process? user_namespaces(7) */
bool host_setgroups_denied(pid_t pid);
