/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt inspect */
#include <errno.h>

#include "cli/command.h"

#define FIELD(member) offsetof(struct inspect_options, member)

static const struct option_row rows[] = {
	{ "security", 0, NULL, OPTION_FLAG, FIELD(security),
		"what isolates it, against what its config asked for" },
	{ "json", 0, NULL, OPTION_FLAG, FIELD(json), "all that was seen, as JSON" },
};

enum { ERROR_STATUS = 2 };

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct inspect_options *o = in->options;
	o->id = in->arguments.v[0];
	*ret_status = ERROR_STATUS;
	if (!o->security)
		return error_set(e, ERROR_USAGE, EINVAL, "inspect needs '--security'");
	return op_inspect(in->global, o, ret_status, e);
}

const struct command cmd_inspect = {
	.name = "inspect",
	.summary = "compare what a running container has with what its config asked for",
	.arguments = "ID",
	.details = "Each difference is a line. The exit status is 0 if there is none, 1 if there "
		   "is one,\n"
		   "2 if it could not be found out.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct inspect_options),
	.error_status = ERROR_STATUS,
	.run = run,
};
