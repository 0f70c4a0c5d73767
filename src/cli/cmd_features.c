/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt features */
#include "cli/command.h"

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	return op_features(in->global, e);
}

const struct command cmd_features = {
	.name = "features",
	.summary = "show what this build can do, as JSON",
	.arguments = "",
	.table = { .outer = &global_table },
	.needs_no_identity = true,
	.run = run,
};
