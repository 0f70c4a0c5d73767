/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt run */
#include "cli/cmd_create.h"
#include "cli/command.h"

#define FIELD(member) offsetof(struct create_options, member)

static const struct option_row rows[] = {
	CREATE_ROWS(0),
	{ "detach", 'd', NULL, OPTION_FLAG, FIELD(detach), "return once the program runs" },
	{ "keep", 0, NULL, OPTION_FLAG, FIELD(keep), "do not delete the container when it exits" },
	{ "no-subreaper", 0, NULL, OPTION_FLAG, FIELD(no_subreaper),
		"do not adopt the orphans of the container" },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct create_options *o = in->options;
	o->id = in->arguments.v[0];
	return op_run(in->global, o, ret_status, e);
}

const struct command cmd_run = {
	.name = "run",
	.summary = "create a container, start it, wait for it and delete it",
	.arguments = "ID",
	.details = "Exits with the status of the container's program, or 128 + the signal that "
		   "ended it.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct create_options),
	.run = run,
};
