/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When and where the process runs: policy, I/O priority, CPUs, memory nodes, personality.
 * PURE. spec: config.md#linux-process (scheduler, ioPriority, execCPUAffinity),
 * config-linux.md#memory-policy, #personality
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/personality.h>

#include <linux/capability.h>
#include <linux/sched.h>

#include "libocispec/runtime/tables.h"
#include "plan/decide.h"
#include "plan/seccomp.h"

static const uint32_t kernel_policy[OCI_SCHED_COUNT] = {
	[OCI_SCHED_OTHER] = SCHED_OTHER,
	[OCI_SCHED_FIFO] = SCHED_FIFO,
	[OCI_SCHED_RR] = SCHED_RR,
	[OCI_SCHED_BATCH] = SCHED_BATCH,
	[OCI_SCHED_ISO] = 4, /* reserved in the kernel, which refuses it */
	[OCI_SCHED_IDLE] = SCHED_IDLE,
	[OCI_SCHED_DEADLINE] = 6,
};

static uint64_t scheduler_flags(const struct oci_scheduler *s)
{
	uint64_t flags = 0;
	for (size_t i = 0; i < s->flags.n; i++)
		flags |= (uint64_t)s->flags.v[i];
	return flags;
}

/*
 * sched(7): under SCHED_DEADLINE fork fails, unless its children are to be reset to SCHED_OTHER.
 * With hooks still to be forked that is how the policy is set first, so that one that cannot be is
 * told at create; after them it is set as asked. To take the flag off takes CAP_SYS_NICE.
 */
bool scheduler_comes_twice(const struct decision *d)
{
	const struct oci_scheduler *s = d->process ? d->process->scheduler : NULL;
	const struct oci_hooks *h = d->config->hooks;
	return s && s->policy == OCI_SCHED_DEADLINE && !enters_container(d) && h &&
	       h->start_container.n && !(scheduler_flags(s) & SCHED_FLAG_RESET_ON_FORK);
}

/*
 * init waits in user space for a thread of its own, and a thread of a realtime policy keeps all
 * others off its CPU, that one too: for ever, where the container has a single CPU. It is back at
 * SCHED_OTHER while it waits.
 */
bool scheduler_waits_for_listener(const struct decision *d)
{
	static const bool is_realtime[OCI_SCHED_COUNT] = {
		[OCI_SCHED_FIFO] = true,
		[OCI_SCHED_RR] = true,
		[OCI_SCHED_DEADLINE] = true,
	};
	const struct oci_scheduler *s = d->process ? d->process->scheduler : NULL;
	struct seccomp_listener listener;
	return s && is_realtime[s->policy] && d->filter &&
	       seccomp_find_listener(d->config, &listener);
}

static void fill_scheduler(
	struct scheduler_step *to, const struct oci_scheduler *s, uint64_t more_flags)
{
	*to = (struct scheduler_step){ .policy = kernel_policy[s->policy],
		.nice = s->nice.v,
		.priority = (uint32_t)s->priority.v,
		.runtime = s->runtime.v,
		.deadline = s->deadline.v,
		.period = s->period.v,
		.flags = scheduler_flags(s) | more_flags };
}

const struct scheduler_step *scheduler_after_listener(struct decision *d)
{
	struct scheduler_step *to =
		scheduler_waits_for_listener(d) ? ARENA_NEW(d->arena, struct scheduler_step) : NULL;
	if (to)
		fill_scheduler(to, d->process->scheduler, 0);
	return to;
}

static int add_scheduler(struct decision *d, uint64_t more_flags, struct error *e)
{
	const struct oci_scheduler *s = d->process->scheduler;
	struct step *step = plan_add(d, "process.scheduler", "set the scheduling policy %s%s",
		names_of(&oci_sched_policy_names, (int)s->policy),
		more_flags ? ", reset by fork" : "");
	if (!step)
		return plan_status(d, e);
	const struct oci_resources *res = decision_linux(d)->resources;
	fill_scheduler(&step->u.scheduler, s, more_flags);
	step->u.scheduler.cpus_limited =
		s->policy == OCI_SCHED_DEADLINE && res && res->cpu && res->cpu->cpus;
	return 0;
}

int decide_scheduler(struct decision *d, struct error *e)
{
	if (!d->process || !d->process->scheduler)
		return 0;
	return add_scheduler(d, scheduler_comes_twice(d) ? SCHED_FLAG_RESET_ON_FORK : 0, e);
}

int decide_final_scheduler(struct decision *d, struct error *e)
{
	return scheduler_comes_twice(d) && !scheduler_waits_for_listener(d) ? add_scheduler(d, 0, e)
									    : 0;
}

int decide_io_priority(struct decision *d, struct error *e)
{
	const struct oci_io_priority *p = d->process ? d->process->io_priority : NULL;
	if (!p)
		return 0;
	struct step *step = plan_add(d, "process.ioPriority", "set the I/O priority %s, level %d",
		names_of(&oci_ioprio_class_names, (int)p->class), p->priority.v);
	if (step) {
		/* the kernel counts from 1 in the order of the spec's list; ioprio_set(2) */
		step->u.io_priority.class = (int)p->class + 1;
		/* idle has no levels: the kernel refuses others than 0 */
		step->u.io_priority.level = p->class == OCI_IOPRIO_IDLE ? 0 : p->priority.v;
	}
	return plan_status(d, e);
}

/* The number that *text begins with; false: none, or none that the mask has room for. */
static bool take_number(const char **text, unsigned *ret)
{
	unsigned v = 0;
	const char *p = *text;
	while (*p >= '0' && *p <= '9' && v < BIT_MASK_BITS)
		v = v * 10 + (unsigned)(*p++ - '0');
	bool good = p != *text && v < BIT_MASK_BITS;
	*text = p;
	*ret = v;
	return good;
}

/* "0-3,7": each number a bit. false: not such a list, or beyond the mask. */
static bool parse_bit_list(const char *text, struct bit_mask *mask)
{
	for (text += strspn(text, " ,"); *text; text += strspn(text, " ,")) {
		unsigned from, to;
		if (!take_number(&text, &from))
			return false;
		to = from;
		if (*text == '-' && (text++, !take_number(&text, &to)))
			return false;
		if (to < from || (*text && !strchr(" ,", *text)))
			return false;
		for (unsigned i = from; i <= to; i++)
			mask->words[i / 64] |= UINT64_C(1) << i % 64;
	}
	return true;
}

static int add_affinity(struct decision *d, const char *list, const char *path, const char *summary,
	struct error *e)
{
	struct bit_mask *mask = ARENA_NEW(d->arena, struct bit_mask);
	if (!mask)
		return plan_status(d, e);
	if (!parse_bit_list(list, mask))
		return error_field(e, path,
			"expected a list of CPUs like 0-3,7 below %d, found '%s'", BIT_MASK_BITS,
			list);
	struct step *step = plan_add(d, path, "%s %s", summary, list);
	if (step)
		step->u.mask = mask;
	return plan_status(d, e);
}

static const struct oci_cpu_affinity *affinity(const struct decision *d)
{
	return d->choices->verb == VERB_EXEC && d->process ? d->process->exec_cpu_affinity : NULL;
}

/* Before the container's cgroup is entered, so that the way there keeps off other CPUs, too. */
int decide_initial_affinity(struct decision *d, struct error *e)
{
	const struct oci_cpu_affinity *a = affinity(d);
	return a && a->initial && *a->initial
		       ? add_affinity(d, a->initial, "process.execCPUAffinity.initial",
				 "enter on the CPUs", e)
		       : 0;
}

int decide_final_affinity(struct decision *d, struct error *e)
{
	const struct oci_cpu_affinity *a = affinity(d);
	if (a && a->final && *a->final)
		return add_affinity(
			d, a->final, "process.execCPUAffinity.final", "run on the CPUs", e);
	/* Where the caller was let run (taskset) says nothing of the container. The spec's default:
	 * the CPUs of the cgroup, to which the kernel cuts "all" */
	struct bit_mask *all = ARENA_NEW(d->arena, struct bit_mask);
	struct step *step = plan_add(d, NULL, "run on all CPUs of the cgroup");
	if (all && step) {
		memset(all, 0xff, sizeof *all);
		step->u.mask = all;
	}
	return plan_status(d, e);
}

static unsigned count(const struct bit_mask *mask)
{
	unsigned n = 0;
	for (size_t i = 0; i < sizeof mask->words / sizeof mask->words[0]; i++)
		n += (unsigned)__builtin_popcountll(mask->words[i]);
	return n;
}

int decide_memory_policy(struct decision *d, struct error *e)
{
	const struct oci_memory_policy *m = decision_linux(d)->memory_policy;
	if (!m)
		return 0;
	struct bit_mask *nodes = NULL;
	if (m->nodes && *m->nodes) {
		nodes = ARENA_NEW(d->arena, struct bit_mask);
		if (nodes && !parse_bit_list(m->nodes, nodes))
			return error_field(e, "linux.memoryPolicy.nodes",
				"invalid memory policy nodes: expected a list like 0-3,7 below %d, "
				"found '%s'",
				BIT_MASK_BITS, m->nodes);
		/* set_mempolicy(2) */
		if (nodes && (m->mode == OCI_MPOL_DEFAULT || m->mode == OCI_MPOL_LOCAL))
			return error_field(e, "linux.memoryPolicy.nodes",
				"invalid memory policy nodes: the %s mode requires 0 nodes but got "
				"%u",
				names_of(&oci_mempolicy_mode_names, (int)m->mode), count(nodes));
	}
	struct step *step = plan_add(d, "linux.memoryPolicy", "set the memory policy %s%s%s",
		names_of(&oci_mempolicy_mode_names, (int)m->mode), nodes ? " on the nodes " : "",
		nodes ? m->nodes : "");
	if (step) {
		step->u.memory_policy.nodes = nodes;
		step->u.memory_policy.mode = (int)m->mode;
		for (size_t i = 0; i < m->flags.n; i++)
			step->u.memory_policy.mode |= m->flags.v[i];
	}
	return plan_status(d, e);
}

int decide_personality(struct decision *d, struct error *e)
{
	const struct oci_personality *p = decision_linux(d)->personality;
	if (!p)
		return 0;
	struct step *step = plan_add(d, "linux.personality", "set the personality %s",
		names_of(&oci_personality_domain_names, (int)p->domain));
	if (step)
		step->u.number = p->domain == OCI_PER_LINUX32 ? PER_LINUX32 : PER_LINUX;
	return plan_status(d, e);
}

/* "monotonic 86400 0\nboottime 0 0\n"; time_namespaces(7) */
int decide_time_offsets(struct decision *d, struct error *e)
{
	const struct oci_time_offsets *t = decision_linux(d)->time_offsets;
	if (!t)
		return 0;
	/* the stager makes it, before there is a user namespace that would give it the right */
	if (!host_can(d->host, CAP_SYS_ADMIN))
		return error_unsupported(e, "linux.timeOffsets",
			"not supported yet together with a user namespace made by a user");
	const struct oci_time_offset none = { 0 };
	const struct oci_time_offset *m = t->monotonic ? t->monotonic : &none;
	const struct oci_time_offset *b = t->boottime ? t->boottime : &none;
	const char *text = plan_path(d, "monotonic %lld %u\nboottime %lld %u\n", (long long)m->secs,
		m->nanosecs, (long long)b->secs, b->nanosecs);
	struct step *step = plan_add(d, "linux.timeOffsets",
		"make a time namespace, monotonic %+lld s, boottime %+lld s", (long long)m->secs,
		(long long)b->secs);
	if (step) {
		step->u.text.path = "self/timens_offsets";
		step->u.text.value = text;
	}
	return plan_status(d, e);
}
