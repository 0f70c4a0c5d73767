/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt events */
#include "cli/command.h"

#define FIELD(member) offsetof(struct events_options, member)

static const struct option_row rows[] = {
	{ "interval", 0, "DURATION", OPTION_DURATION, FIELD(interval_ms),
		"time between two of the figures (default: 5s)" },
	{ "stats", 0, NULL, OPTION_FLAG, FIELD(stats), "print the figures once and exit" },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct events_options *o = in->options;
	o->id = in->arguments.v[0];
	if (!o->interval_ms)
		o->interval_ms = 5000;
	return op_events(in->global, o, e);
}

const struct command cmd_events = {
	.name = "events",
	.summary = "show what a container uses, and its kills for want of memory, as JSON",
	.arguments = "ID",
	.details =
		"Prints a line for each event, of type stats or oom, until the container ends.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct events_options),
	.run = run,
};
