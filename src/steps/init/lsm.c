/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profile and label that the next execve takes on. Runs as INIT: no allocation, no stdio.
 *
 * They are set when the container is created, so that a profile that is not loaded is told then and
 * not at `start`, and so that startContainer hooks, programs of the image, are confined as well.
 */
#include <errno.h>
#include <string.h>

#include "steps/init/init.h"

/* Is it the file that is missing, and not what was written into it that the kernel did not find? */
static bool no_such_file(const struct actor_context *ctx, int r)
{
	return r == -ENOENT && strcmp(ctx->call, "write") != 0;
}

/* Needs: createContainer hooks, which are the host's programs, are done. After: execve confines.
 * Mustn't: go through a procfs of the container's: CVE-2019-16884. */
int act_exec_attribute(struct actor_context *ctx, const struct step *step)
{
	int r = write_proc(ctx, step->u.text.path, step->u.text.value);
	if (no_such_file(ctx, r) && step->u.text.fallback)
		r = write_proc(ctx, step->u.text.fallback, step->u.text.value);
	const char *why = r >= 0 || no_such_file(ctx, r) ? NULL
			  : r == -ENOENT		 ? "it is not loaded in the kernel"
			  : r == -EINVAL		 ? "the kernel's policy does not know it"
			  : r == -EACCES || r == -EPERM
				  ? "the policy does not let the runtime change to it"
				  : NULL;
	if (why)
		return act_message(
			ctx, ERROR_SYSTEM, -r, ctx->plan->steps[ctx->at].summary, ": ", why, NULL);
	return r;
}
