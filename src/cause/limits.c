/* SPDX-License-Identifier: Apache-2.0 */
/* Why limits, devices and cgroups are refused. PURE. */
#include <errno.h>
#include <string.h>

#include "cause/cause.h"

struct cause cause_of_rlimit(
	struct arena *a, const struct limit_facts *l, const char *name, uint64_t asked)
{
	bool counts_files = strcmp(name, "RLIMIT_NOFILE") == 0;
	if (counts_files && l->nr_open && asked > l->nr_open)
		return (struct cause){ arena_printf(a, "fs.nr_open is %llu",
					       (unsigned long long)l->nr_open),
			arena_printf(a,
				"ask for at most that, or as root: sysctl -w fs.nr_open=%llu",
				(unsigned long long)asked) };
	if (asked <= l->hard || l->has_sys_resource)
		return (struct cause){ 0 };
	return (struct cause){
		arena_printf(a, "the hard limit here is %llu, and more takes CAP_SYS_RESOURCE",
			(unsigned long long)l->hard),
		arena_printf(a,
			"ask for at most %llu, or give --degrade=rlimits to make do with it",
			(unsigned long long)l->hard)
	};
}

struct cause cause_of_oom_score(struct arena *a, const struct limit_facts *l, int64_t asked)
{
	if (!l->oom_score_adj.set || asked >= l->oom_score_adj.v || l->has_sys_resource)
		return (struct cause){ 0 };
	long long held = l->oom_score_adj.v;
	return (struct cause){ arena_printf(
				       a, "it is %lld here, and less takes CAP_SYS_RESOURCE", held),
		arena_printf(a,
			"ask for at least %lld, or give --degrade=oom-score to make do with it",
			held) };
}

struct cause cause_of_mknod(struct arena *a, const struct process_facts *p, int err)
{
	if (err != EPERM)
		return (struct cause){ 0 };
	if (!p->has_mknod)
		return (struct cause){ "CAP_MKNOD is not held here",
			"run the outer container with --cap-add MKNOD, or bind the host's node" };
	return (struct cause){ 0 };
}

struct cause cause_of_cgroup_move(struct arena *a, const struct move_facts *m, int err)
{
	if ((err != EACCES && err != EPERM) || !m->common || m->may_write_common)
		return (struct cause){ 0 };
	/* cgroup-v2.rst, "Delegation Containment" */
	return (struct cause){
		arena_printf(a,
			"to come from %s to %s takes write access to cgroup.procs in %s, which "
			"belongs to uid %u",
			m->own, m->target, m->common, m->common_owner),
		m->has_user_systemd
			? "start it by `systemd-run --user --scope -p Delegate=yes`, or give "
			  "--systemd-cgroup"
			: "start it in a cgroup that is delegated to this user"
	};
}

struct cause cause_of_no_process(struct arena *a, const struct limit_facts *l)
{
	if (!l->full_cgroup)
		return (struct cause){ 0 };
	return (struct cause){
		arena_printf(a,
			"the cgroup %s holds as many processes as its pids.max of %lld lets",
			l->full_cgroup, (long long)l->pids_max),
		arena_printf(a, "as root: echo max > %s/pids.max", l->full_cgroup)
	};
}
