/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt mounts add, oci-rt mounts remove */
#include <errno.h>
#include <string.h>

#include "cli/command.h"

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	const char *what = in->arguments.v[0];
	struct mounts_options o = {
		.id = in->arguments.v[1],
		.file = in->arguments.v[2],
		.remove = strcmp(what, "remove") == 0,
	};
	if (!o.remove && strcmp(what, "add") != 0)
		return error_set(e, ERROR_USAGE, EINVAL,
			"expected 'add' or 'remove' after mounts, found '%s'", what);
	return op_mounts(in->global, &o, e);
}

const struct command cmd_mounts = {
	.name = "mounts",
	.summary = "change the mounts of a container that runs",
	.arguments = "add|remove ID FILE",
	.details =
		"FILE has the `mounts` of config.json, or the array alone. All of them are made, "
		"or "
		"none;\nremove looks at their destinations only, and takes the last one first.\n",
	.min_arguments = 3,
	.max_arguments = 3,
	.table = { .outer = &global_table },
	.run = run,
};
