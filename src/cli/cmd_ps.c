/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt ps */
#include "cli/command.h"

struct arguments {
	int format;
};

enum { FORMAT_TABLE, FORMAT_JSON };
static const char *const formats[] = { [FORMAT_TABLE] = "table", [FORMAT_JSON] = "json", NULL };

static const struct option_row rows[] = {
	{ "format", 'f', "FORMAT", OPTION_CHOICE, offsetof(struct arguments, format),
		"table (default) or json", formats },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	const struct arguments *a = in->options;
	const struct ps_options o = {
		.id = in->arguments.v[0],
		.json = a->format == FORMAT_JSON,
		.ps_args = { in->arguments.n - 1, in->arguments.v + 1 },
	};
	return op_ps(in->global, &o, e);
}

const struct command cmd_ps = {
	.name = "ps",
	.summary = "show the processes of a container",
	.arguments = "ID [PS OPTION...]",
	.details = "The options after ID are those of the host's ps (default: -ef).\n",
	.min_arguments = 1,
	.max_arguments = ANY_NUMBER,
	.table = { OPTION_ROWS(rows), .stop_at_argument = true },
	.options_size = sizeof(struct arguments),
	.run = run,
};
