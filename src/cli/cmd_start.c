/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt start */
#include "cli/command.h"

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	return op_start(in->global, in->arguments.v[0], e);
}

const struct command cmd_start = {
	.name = "start",
	.summary = "run the program of a created container",
	.arguments = "ID",
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { .outer = &global_table },
	.run = run,
};
