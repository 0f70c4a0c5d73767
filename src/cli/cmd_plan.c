/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt plan */
#include "base/cleanup.h"
#include "cli/cmd_create.h"
#include "cli/command.h"

struct arguments {
	struct plan_options plan;
	int format;
};

enum { FORMAT_TEXT, FORMAT_JSON };
static const char *const formats[] = { [FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", NULL };

static const struct option_row rows[] = {
	CREATE_ROWS(offsetof(struct arguments, plan.create)),
	{ "format", 0, "FORMAT", OPTION_CHOICE, offsetof(struct arguments, format),
		"text (default) or json", formats },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct arguments *a = in->options;
	a->plan.create.id = in->arguments.n ? in->arguments.v[0] : NULL;
	a->plan.json = a->format == FORMAT_JSON;
	return op_plan(in->global, &a->plan, e);
}

const struct command cmd_plan = {
	.name = "plan",
	.alias = "explain",
	.summary = "show what `create` would do with a bundle on this host, and do nothing",
	.arguments = "[ID]",
	.max_arguments = 1,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct arguments),
	.run = run,
};
