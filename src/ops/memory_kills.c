/* SPDX-License-Identifier: Apache-2.0 */
/* What the user is told of kills for want of memory. Runs as HOST, while the cgroup is still there.
 */
#include "ops/memory_kills.h"

#include <errno.h>
#include <signal.h>

#include "base/log.h"
#include "cgroup/oom.h"
#include "steps/host/host.h"

uint64_t memory_kills_so_far(const struct container *c)
{
	struct memory_kills m;
	return cgroup_memory_kills(&c->cgroup, &m) < 0 ? 0 : m.kills;
}

void look_for_memory_kill(struct actor_context *ctx)
{
	struct memory_kills m;
	char text[MEMORY_KILLS_TEXT];
	if (!ctx->init_died || cgroup_memory_kills(&ctx->host->container->cgroup, &m) < 0 ||
		m.kills <= ctx->host->kills_before)
		return;
	ctx->host->killed_for_memory = true;
	act_message(ctx, ERROR_SYSTEM, EPIPE,
		"the container's init was killed by the OOM killer: ", memory_kills_text(&m, text),
		NULL);
}

void tell_memory_kill(const struct container *c, int status)
{
	struct memory_kills m;
	char text[MEMORY_KILLS_TEXT];
	struct error notice;
	/* a shell ends so as well when it was its last program that was killed */
	if (status != 128 + SIGKILL || cgroup_memory_kills(&c->cgroup, &m) < 0 || m.kills == 0)
		return;
	error_set(&notice, ERROR_SYSTEM, ENOMEM, "container '%s' was killed for want of memory: %s",
		c->id, memory_kills_text(&m, text));
	log_notice(&notice);
}
