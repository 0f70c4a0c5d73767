/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt pause */
#include "cli/command.h"

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	return op_pause(in->global, in->arguments.v[0], e);
}

const struct command cmd_pause = {
	.name = "pause",
	.summary = "freeze all processes of a container",
	.arguments = "ID",
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { .outer = &global_table },
	.run = run,
};
