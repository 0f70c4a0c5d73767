/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt checkpoint */
#include "cli/command.h"
#include "cli/criu_rows.h"

#define FIELD(member) offsetof(struct checkpoint_options, member)

static const struct option_row rows[] = {
	CRIU_ROWS(FIELD(common)),
	{ "leave-running", 'R', NULL, OPTION_FLAG, FIELD(leave_running),
		"let the container go on" },
	{ "pre-dump", 0, NULL, OPTION_FLAG, FIELD(pre_dump),
		"save memory alone, and let the container go on" },
	{ "parent-path", 0, "DIR", OPTION_TEXT, FIELD(parent_path),
		"save what changed since that image; relative to the image path" },
	{ "page-server", 0, "ADDRESS:PORT", OPTION_TEXT, FIELD(page_server),
		"send memory to a CRIU page server; with --lazy-pages: serve it there" },
	{ "status-fd", 0, "FD", OPTION_OPT_I64, FIELD(status_fd),
		"descriptor that gets a zero byte when lazy pages can be fetched" },
	{ "network-lock", 0, "METHOD", OPTION_CHOICE, FIELD(network_lock),
		"how its network stands still: iptables, nftables, skip; default: criu's own",
		criu_network_lock_names },
	{ "tcp-skip-in-flight", 0, NULL, OPTION_FLAG, FIELD(tcp_skip_in_flight),
		"leave out connections that are not accepted yet" },
	{ "link-remap", 0, NULL, OPTION_FLAG, FIELD(link_remap),
		"give open files that were unlinked a name again, for the image" },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct checkpoint_options *o = in->options;
	o->id = in->arguments.v[0];
	return op_checkpoint(in->global, o, e);
}

const struct command cmd_checkpoint = {
	.name = "checkpoint",
	.summary = "save the processes of a container by CRIU, and end it",
	.arguments = "ID",
	.details = "The container is deleted then; `restore` makes it again out of the bundle and "
		   "the image.\nNeeds root and a criu that works here: without, --help exits with "
		   "1.\n",
	.check_help = op_check_checkpoint,
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct checkpoint_options),
	.run = run,
};
