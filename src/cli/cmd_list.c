/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt list */
#include "cli/command.h"

struct arguments {
	bool quiet;
	int format;
};

enum { FORMAT_TABLE, FORMAT_JSON };
static const char *const formats[] = { [FORMAT_TABLE] = "table", [FORMAT_JSON] = "json", NULL };

#define FIELD(member) offsetof(struct arguments, member)

static const struct option_row rows[] = {
	{ "quiet", 'q', NULL, OPTION_FLAG, FIELD(quiet), "show only ids" },
	{ "format", 'f', "FORMAT", OPTION_CHOICE, FIELD(format), "table (default) or json",
		formats },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	const struct arguments *a = in->options;
	const struct list_options o = { .quiet = a->quiet, .json = a->format == FORMAT_JSON };
	return op_list(in->global, &o, e);
}

const struct command cmd_list = {
	.name = "list",
	.summary = "list the containers of the state directory",
	.arguments = "",
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct arguments),
	.run = run,
};
