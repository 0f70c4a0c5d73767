/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt stats */
#include "cli/command.h"

#define FIELD(member) offsetof(struct stats_options, member)

static const struct option_row rows[] = {
	{ "interval", 0, "DURATION", OPTION_DURATION, FIELD(interval_ms),
		"time that the share of CPU time is taken over (default: 1s)" },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct stats_options *o = in->options;
	o->ids = in->arguments;
	if (!o->interval_ms)
		o->interval_ms = 1000;
	return op_stats(in->global, o, e);
}

const struct command cmd_stats = {
	.name = "stats",
	.summary = "show what containers use, as a table",
	.arguments = "[ID...]",
	.details = "All that run, where none is named. 100 % of CPU is one of them; PSI is the "
		   "share of "
		   "the last 10 s\nin which something waited for it. For programs: `events "
		   "--stats`.\n",
	.max_arguments = ANY_NUMBER,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct stats_options),
	.run = run,
};
