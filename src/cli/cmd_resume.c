/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt resume */
#include "cli/command.h"

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	return op_resume(in->global, in->arguments.v[0], e);
}

const struct command cmd_resume = {
	.name = "resume",
	.summary = "let the processes of a paused container run again",
	.arguments = "ID",
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { .outer = &global_table },
	.run = run,
};
