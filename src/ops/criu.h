/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "criu/request.h"
#include "ops/ops.h"

/* What checkpoint and restore have in common. */

/* "checkpoint needs ...", where CRIU could not do it. */
int criu_check_rights(const char *verb, struct error *e);
/* Are the security modules on that the options name, and the profile loaded? CRIU would take no
 * notice of a context that nobody looks at, and does not end where a profile is missing. */
int criu_check_labels(
	const struct restore_options *o, const struct oci_config *config, struct error *e);
/* Refuse what no image can hold. */
int criu_check_config(const struct oci_config *config, struct error *e);
/* The file that may change what CRIU is asked for: docs/CHECKPOINT.md. NULL: none. */
const char *criu_config_file(const struct string_map *annotations);
/* Of the image and of the work path; with `make`, what is missing is made, for us alone. *ret_work
 * stays -1 where no work path is given. */
int criu_open_directories(const struct criu_common_options *o, bool make, int *ret_images,
	int *ret_work, struct error *e);
/* --debug: what CRIU is asked for. */
void criu_debug_request(struct arena *arena, const struct criu_request *request);
