/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt create */
#include "cli/cmd_create.h"

#include "cli/command.h"

static const struct option_row rows[] = { CREATE_ROWS(0) };

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct create_options *o = in->options;
	o->id = in->arguments.v[0];
	return op_create(in->global, o, e);
}

const struct command cmd_create = {
	.name = "create",
	.summary = "create a container from a bundle; `start` then runs its program",
	.arguments = "ID",
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct create_options),
	.run = run,
};
