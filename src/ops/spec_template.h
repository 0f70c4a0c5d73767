/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libocispec/arena.h"
#include "libocispec/runtime/namespaces.h"

struct spec_choices {
	bool rootless;
	bool cgroup_namespace; /* v2: what a container should see of it is its own part */
	struct oci_id_mapping_list uids, gids; /* rootless; empty: create decides */
};

/* The text of the config. */
int spec_template(const struct spec_choices *choices, struct arena *arena, char **ret_text,
	size_t *ret_len, struct error *e);
