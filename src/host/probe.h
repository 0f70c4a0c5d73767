/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "libocispec/error.h"
#include "plan/host_facts.h"

/* Look at this machine and this process once. 0 or a negative errno. */
int host_probe(struct host_facts *ret, struct error *e);

/* LISTEN_FDS, sd_listen_fds(3): how many descriptors from 3 on were handed to us. */
unsigned host_listen_fds(void);

/* Is setgroups(2) denied in the user namespace of this process? user_namespaces(7) */
bool host_setgroups_denied(pid_t pid);
