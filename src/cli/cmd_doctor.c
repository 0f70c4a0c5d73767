/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt doctor */
#include "cli/command.h"

#define FIELD(member) offsetof(struct doctor_options, member)

static const struct option_row rows[] = {
	{ "json", 0, NULL, OPTION_FLAG, FIELD(json), "the same as JSON: docs/ROOTLESS.md" },
	{ "for", 0, "WHOM", OPTION_TEXT, FIELD(for_whom),
		"podman, docker, containerd, or a bundle: what that needs decides the exit "
		"status" },
};

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	return op_doctor(in->global, in->options, ret_status, e);
}

const struct command cmd_doctor = {
	.name = "doctor",
	.summary = "try what containers need of this host; say what is missing and what mends it",
	.arguments = "",
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct doctor_options),
	.needs_no_identity = true, /* that nobody can tell is one of its answers */
	.run = run,
};
