/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/runtime/config.h"

/* Where the listener of the config's filter goes. PURE: for the decisions, and for `start`, which
 * makes no plan. spec: config-linux.md#seccomp */
struct seccomp_listener {
	const char *path;      /* of the agent's socket; NULL: none is given */
	const char *metadata;  /* NULL: none */
	const char *json_path; /* where the path is from */
};

/* False: the filter has no listener. "If the SCMP_ACT_NOTIFY action is not used this value is
 * ignored." */
bool seccomp_find_listener(const struct oci_config *config, struct seccomp_listener *ret);
