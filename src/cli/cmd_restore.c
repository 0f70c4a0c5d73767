/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt restore */
#include <errno.h>

#include "cli/command.h"
#include "cli/criu_rows.h"

#define FIELD(member) offsetof(struct restore_options, member)

static int refuse_no_pivot(const char *value, void *options, struct arena *a, struct error *e)
{
	return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
		"CRIU always changes the root with pivot_root; put the bundle on a disk or a "
		"tmpfs");
}

static int refuse_network_lock(const char *value, void *options, struct arena *a, struct error *e)
{
	return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
		"the image says how its network is let go again; the option is one of "
		"checkpoint's");
}

static const struct option_row rows[] = {
	CRIU_ROWS(FIELD(common)),
	{ "bundle", 'b', "DIR", OPTION_TEXT, FIELD(bundle),
		"bundle directory (default: the working directory)" },
	{ "console-socket", 0, "SOCKET", OPTION_TEXT, FIELD(console_socket),
		"unix socket that receives the terminal's master end" },
	{ "pid-file", 0, "FILE", OPTION_TEXT, FIELD(pid_file),
		"write the container's process id to FILE" },
	{ "detach", 'd', NULL, OPTION_FLAG, FIELD(detach), "return once the processes run" },
	{ "keep", 0, NULL, OPTION_FLAG, FIELD(keep), "do not delete the container when it exits" },
	{ "no-subreaper", 0, NULL, OPTION_FLAG, FIELD(no_subreaper),
		"do not adopt the orphans of the container" },
	{ "no-new-keyring", 0, NULL, OPTION_FLAG, FIELD(no_new_keyring),
		"keep the caller's session keyring" },
	{ "no-pivot", 0, "BOOL", OPTION_CALL, 0, "refused: CRIU cannot", NULL, refuse_no_pivot },
	{ "network-lock", 0, "METHOD", OPTION_CALL, 0, "refused: the image says which", NULL,
		refuse_network_lock },
	{ "tcp-close", 0, NULL, OPTION_FLAG, FIELD(tcp_close),
		"close the TCP connections that were open" },
	{ "lsm-profile", 0, "TYPE:NAME", OPTION_TEXT, FIELD(lsm_profile),
		"AppArmor profile or SELinux label in place of the saved one" },
	{ "lsm-mount-context", 0, "CONTEXT", OPTION_TEXT, FIELD(lsm_mount_context),
		"SELinux context of mounts in place of the saved one" },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct restore_options *o = in->options;
	o->id = in->arguments.v[0];
	return op_restore(in->global, o, ret_status, e);
}

const struct command cmd_restore = {
	.name = "restore",
	.summary = "make a container again out of what `checkpoint` has saved",
	.arguments = "ID",
	.details =
		"Exits with the status of the container's program, or 128 + the signal that "
		"ended it.\nNeeds root and a criu that works here: without, --help exits with 1.\n",
	.check_help = op_check_restore,
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct restore_options),
	.run = run,
};
