/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt spec */
#include "cli/command.h"

#define FIELD(member) offsetof(struct spec_options, member)

static const struct option_row rows[] = {
	{ "bundle", 'b', "DIR", OPTION_TEXT, FIELD(bundle),
		"directory to write to (default: the working directory)" },
	{ "rootless", 0, NULL, OPTION_FLAG, FIELD(rootless),
		"for a user who is not root: with a user namespace that maps the caller to root" },
	{ "idmap", 0, "MODE", OPTION_TEXT, FIELD(idmap),
		"with --rootless, ids to map: single (default), subuid, auto or none" },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	return op_spec(in->global, in->options, e);
}

const struct command cmd_spec = {
	.name = "spec",
	.summary = "write a config.json to start from",
	.arguments = "",
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct spec_options),
	.needs_no_identity = true,
	.run = run,
};
