/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "inspect/inspect.h"
#include "state/store.h"

int inspect_print_json(const struct container *c, const struct oci_config *config,
	const struct seen *seen, const struct findings *findings, struct error *e);
