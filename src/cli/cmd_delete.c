/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt delete */
#include "cli/command.h"

#define FIELD(member) offsetof(struct delete_options, member)

static const struct option_row rows[] = {
	{ "force", 'f', NULL, OPTION_FLAG, FIELD(force),
		"kill a container that has not stopped; one that doesn't exist is no error" },
	{ "regex", 'r', NULL, OPTION_FLAG, FIELD(regex),
		"ID is an extended regular expression: delete every container that it matches" },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct delete_options *o = in->options;
	o->id = in->arguments.v[0];
	return op_delete(in->global, o, e);
}

const struct command cmd_delete = {
	.name = "delete",
	.summary = "delete a stopped container and what `create` made for it",
	.arguments = "ID",
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct delete_options),
	.run = run,
};
