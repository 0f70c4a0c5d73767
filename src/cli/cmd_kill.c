/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt kill */
#include <errno.h>
#include <signal.h>

#include "cli/command.h"
#include "libocispec/runtime/signals.h"

#define FIELD(member) offsetof(struct kill_options, member)

static const struct option_row rows[] = {
	{ "all", 'a', NULL, OPTION_FLAG, FIELD(all), "signal every process of the container" },
	{ "regex", 'r', NULL, OPTION_FLAG, FIELD(regex),
		"ID is an extended regular expression: signal every container that it matches" },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct kill_options *o = in->options;
	o->id = in->arguments.v[0];
	o->signal = SIGTERM;
	if (in->arguments.n > 1 && !signal_parse(in->arguments.v[1], &o->signal))
		return error_set(e, ERROR_USAGE, EINVAL, "unknown signal '%s'", in->arguments.v[1]);
	return op_kill(in->global, o, e);
}

const struct command cmd_kill = {
	.name = "kill",
	.summary = "send a signal to the first process of a container",
	.arguments = "ID [SIGNAL]",
	.details = "SIGNAL is a number or a name such as KILL or SIGKILL (default: TERM).\n",
	.min_arguments = 1,
	.max_arguments = 2,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct kill_options),
	.run = run,
};
