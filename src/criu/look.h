/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "criu/request.h"

/* Of the container whose first process this is: what criu_decide_dump() needs to know of its
 * mounts, namespaces and descriptors. The rest of *facts stays. */
int criu_look(struct arena *arena, pid_t pid, const struct oci_config *config,
	struct criu_facts *facts, struct error *e);
