/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt delete */
#include "cli/command.h"

struct arguments {
	bool force;
};

static const struct option_row rows[] = {
	{ "force", 'f', NULL, OPTION_FLAG, offsetof(struct arguments, force),
		"kill a container that has not stopped; one that doesn't exist is no error" },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	const struct arguments *a = in->options;
	return op_delete(in->global, in->arguments.v[0], a->force, e);
}

const struct command cmd_delete = {
	.name = "delete",
	.summary = "delete a stopped container and what `create` made for it",
	.arguments = "ID",
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct arguments),
	.run = run,
};
