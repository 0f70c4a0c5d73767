/* SPDX-License-Identifier: Apache-2.0 */
/* Scheduling, CPUs, memory nodes, personality, clocks. Runs as INIT or STAGER: no allocation. */
#include <errno.h>

#include "sys/sched.h"

#include "steps/init/init.h"
#include "sys/constants.h"
#include "sys/process.h"

/* Needs: CAP_SYS_NICE for what is better than ordinary. Mustn't: come before a fork (hooks) with a
 * deadline policy that is not reset by it. */
int act_scheduler(struct actor_context *ctx, const struct step *step)
{
	int r = set_scheduler(0, &step->u.scheduler);
	/* sched_setattr(2): EPERM where the affinity does not include all CPUs of the system */
	if (r == -EPERM && step->u.scheduler.cpus_limited)
		return act_message(ctx, ERROR_SYSTEM, EPERM, step->summary,
			": sched_setattr: operation not permitted: this process scheduler can't be "
			"used together with AllowedCPUs (linux.resources.cpu.cpus)",
			NULL);
	return r < 0 ? act_failed(ctx, "sched_setattr", r) : 0;
}

int set_scheduler(pid_t thread, const struct scheduler_step *s)
{
	struct sys_sched_attr attr = {
		.size = sizeof attr,
		.policy = s->policy,
		.flags = s->flags,
		.nice = s->nice,
		.priority = s->priority,
		.runtime = s->runtime,
		.deadline = s->deadline,
		.period = s->period,
	};
	return sys_sched_setattr(thread, &attr);
}

int act_io_priority(struct actor_context *ctx, const struct step *step)
{
	int r = sys_ioprio_set(step->u.io_priority.class, step->u.io_priority.level);
	return r < 0 ? act_failed(ctx, "ioprio_set", r) : 0;
}

int act_affinity(struct actor_context *ctx, const struct step *step)
{
	int r = sys_sched_setaffinity(sizeof step->u.mask->words, step->u.mask->words);
	/* not asked for by the config, and an outer seccomp profile may refuse it: it stays as it
	 * is */
	if (r == -EPERM && !step->json_path)
		return 0;
	return r < 0 ? act_failed(ctx, "sched_setaffinity", r) : 0;
}

int act_memory_policy(struct actor_context *ctx, const struct step *step)
{
	const struct bit_mask *nodes = step->u.memory_policy.nodes;
	/* one more than the number of bits: the kernel counts the mask's end, set_mempolicy(2) */
	int r = sys_set_mempolicy(step->u.memory_policy.mode, nodes ? nodes->words : NULL,
		nodes ? BIT_MASK_BITS + 1 : 0);
	return r < 0 ? act_failed(ctx, "set_mempolicy", r) : 0;
}

int act_personality(struct actor_context *ctx, const struct step *step)
{
	int r = sys_personality((unsigned long)step->u.number);
	return r < 0 ? act_failed(ctx, "personality", r) : 0;
}

/* Runs as STAGER: offsets can be written only while nobody is in the namespace, and clone3 would
 * put its child there at once. The children of this process are born in it. */
int act_time_namespace(struct actor_context *ctx, const struct step *step)
{
	int r = sys_unshare(CLONE_NEWTIME);
	if (r < 0)
		return act_failed(ctx, "unshare", r);
	return write_proc(ctx, step->u.text.path, step->u.text.value);
}
