/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt state */
#include "cli/command.h"

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	return op_state(in->global, in->arguments.v[0], e);
}

const struct command cmd_state = {
	.name = "state",
	.summary = "show the state of a container as JSON",
	.arguments = "ID",
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { .outer = &global_table },
	.run = run,
};
