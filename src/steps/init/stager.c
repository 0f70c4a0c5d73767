/* SPDX-License-Identifier: Apache-2.0 */
/* The stager's fork of init. Runs as STAGER, and in the child as INIT: no allocation, no stdio. */
#include <sched.h>
#include <unistd.h>

#include "steps/actor.h"
#include "steps/message.h"
#include "sys/process.h"

/* Into the cgroup where the ids of the joined namespaces allow it; else HOST moves init there. */
int act_stager_spawn(struct actor_context *ctx, const struct step *step)
{
	struct spawn s = { .flags = step->u.spawn.flags | CLONE_PARENT, .cgroup_fd = -1 };
	if (step->u.spawn.into_cgroup)
		s.cgroup_fd = ctx->slots[SLOT_CGROUP];
	pid_t pid = sys_spawn(&s);
	if (pid < 0 && s.cgroup_fd >= 0) {
		s.cgroup_fd = -1;
		pid = sys_spawn(&s);
	}
	if (pid == 0) {
		ctx->me = ACTOR_INIT;
		if (ctx->slots[SLOT_CGROUP] >= 0)
			close(ctx->slots[SLOT_CGROUP]);
		return 0;
	}
	if (pid < 0)
		return act_failed(ctx, "clone3", pid);
	struct message m = { .kind = MESSAGE_PID, .step = s.cgroup_fd >= 0, .value = pid };
	int r = message_send(ctx->channel, &m);
	if (r < 0) /* HOST closes its channel for init, which ends at its first meeting */
		return act_failed(ctx, "send", r);
	_exit(0);
}
