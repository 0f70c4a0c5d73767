/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.memory. Pure. 0 is "not given", as in the peers: clients that fill whole structs
 * send it. */
#include <errno.h>

#include "base/cleanup.h"
#include "cgroup/limits.h"

#define P "linux.resources.memory."

static int64_t given(struct opt_i64 v)
{
	return v.set ? v.v : 0;
}

static int check_value(struct opt_i64 v, const char *path, struct error *e)
{
	if (v.set && v.v < -1)
		return error_field(e, path, "expected bytes or -1, found %lld", (long long)v.v);
	return 0;
}

static int check(struct limits *l, const struct oci_memory *m)
{
	int r = check_value(m->limit, P "limit", l->e);
	if (r == 0)
		r = check_value(m->reservation, P "reservation", l->e);
	if (r == 0)
		r = check_value(m->swap, P "swap", l->e);
	if (r < 0)
		return r;
	if (m->swappiness.set && m->swappiness.v > 100)
		return error_field(l->e, P "swappiness", "expected 0 to 100, found %llu",
			(unsigned long long)m->swappiness.v);
	return 0;
}

/* The spec has kernel memory as NOT RECOMMENDED; the kernel dropped the limit in 5.16. */
static int say_kernel_memory(struct limits *l, const struct oci_memory *m, bool is_v2)
{
	int r = 0;
	if (given(m->kernel) > 0)
		r = limit_left_out(l, P "kernel is not applied: kernels since 5.16 have no "
					"separate limit of kernel memory");
	if (r == 0 && is_v2 && given(m->kernel_tcp) > 0)
		r = limit_left_out(l, P "kernelTCP is not applied: cgroup v2 counts it in "
					"memory.limit");
	return r;
}

static int write_bytes_v2(struct limits *l, const char *path, const char *file, const char *verb,
	int64_t bytes, bool is_optional)
{
	if (bytes < 0)
		return limit_write(l, CGROUP_WRITE_IF_PRESENT, path, file,
			limit_text(l, "set no limit: %s", file), "max");
	return limit_write(l, is_optional ? CGROUP_WRITE_IF_PRESENT : CGROUP_WRITE_REQUIRE, path,
		file, limit_text(l, "%s %s", verb, limit_bytes(l, (uint64_t)bytes)), "%lld",
		(long long)bytes);
}

/* `swap` in the spec is memory and swap together; v2 limits swap alone. */
static int say_swap_v2(struct limits *l, const struct oci_memory *m)
{
	int64_t both = given(m->swap), memory = given(m->limit);
	if (memory == 0 && l->current->memory_max.set)
		memory = l->current->memory_max.v;
	if (both == 0) /* as the peers: no limit of memory takes the one of swap away, too */
		return given(m->limit) == -1 ? write_bytes_v2(l, P "limit", "memory.swap.max",
						       "limit swap to", -1, true)
					     : 0;
	if (both < 0)
		return write_bytes_v2(l, P "swap", "memory.swap.max", "limit swap to", -1, true);
	if (memory == 0)
		return error_field(l->e, P "swap",
			"memory and swap are limited together: it needs linux.resources.memory."
			"limit");
	int64_t swap = memory < 0 ? both : both - memory;
	if (swap < 0)
		return error_field(l->e, P "swap", "%lld is less than the memory limit of %lld",
			(long long)both, (long long)memory);
	/* a kernel without swap accounting has nothing to forbid */
	return write_bytes_v2(l, P "swap", "memory.swap.max", "limit swap to", swap, swap == 0);
}

/* v1 refuses a limit that is below the usage; v2 would kill for it. Of two that are, the one that
 * includes the other is told. */
static int check_usage(struct limits *l, const struct oci_memory *m)
{
	const struct opt_u64 *usage = &l->current->memory_usage;
	const struct {
		const char *path, *name;
		int64_t limit;
	} limits[] = {
		{ P "swap", "memory+swap", given(m->swap) },
		{ P "limit", "memory", given(m->limit) },
	};
	if (!m->check_before_update.set || !m->check_before_update.v || !usage->set)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (limits[i].limit > 0 && (uint64_t)limits[i].limit < usage->v)
			return error_field(l->e, limits[i].path,
				"rejecting %s limit %lld: it is less than the %llu bytes in use, "
				"and checkBeforeUpdate is set",
				limits[i].name, (long long)limits[i].limit,
				(unsigned long long)usage->v);
	return 0;
}

static int refuse_on_v2(struct limits *l, const struct oci_memory *m)
{
	if (m->disable_oom_killer.set && m->disable_oom_killer.v)
		return error_unsupported(
			l->e, P "disableOOMKiller", "cgroup v2 cannot disable the OOM killer");
	if (m->swappiness.set)
		return error_unsupported(l->e, P "swappiness",
			"cgroup v2 has no swappiness of its own; limit swap instead");
	if (m->use_hierarchy.set && !m->use_hierarchy.v)
		return error_unsupported(
			l->e, P "useHierarchy", "cgroup v2 always counts hierarchically");
	return 0;
}

int say_memory_v2(struct limits *l)
{
	const struct oci_memory *m = l->resources->memory;
	if (!m)
		return 0;
	int r = check(l, m);
	if (r == 0)
		r = refuse_on_v2(l, m);
	if (r == 0)
		r = check_usage(l, m);
	if (r == 0)
		r = say_swap_v2(l, m);
	if (r == 0 && given(m->limit) != 0)
		r = write_bytes_v2(
			l, P "limit", "memory.max", "limit memory to", given(m->limit), false);
	if (r == 0 && given(m->reservation) != 0)
		r = write_bytes_v2(l, P "reservation", "memory.low", "protect memory up to",
			given(m->reservation), false);
	return r < 0 ? r : say_kernel_memory(l, m, true);
}

static int write_bytes_v1(struct limits *l, enum cgroup_write_policy policy, const char *path,
	const char *file, const char *verb, int64_t bytes)
{
	if (bytes < 0)
		return limit_write(l, CGROUP_WRITE_IF_PRESENT, path, file,
			limit_text(l, "set no limit: %s", file), "-1");
	return limit_write(l, policy, path, file,
		limit_text(l, "%s %s", verb, limit_bytes(l, (uint64_t)bytes)), "%lld",
		(long long)bytes);
}

/* The kernel keeps memsw >= limit at every moment. Lowering goes limit first, which is refused
 * when raising; then memsw goes first and the limit is tried again. Without limits memsw has to go
 * first. */
static int say_limits_v1(struct limits *l, const struct oci_memory *m)
{
	static const char limit_file[] = "memory.limit_in_bytes";
	static const char both_file[] = "memory.memsw.limit_in_bytes";
	int64_t limit = given(m->limit), both = given(m->swap);
	int r = 0;
	if (limit > 0 && both > 0 && both < limit)
		return error_field(l->e, P "swap", "%lld is less than the memory limit of %lld",
			(long long)both, (long long)limit);
	if (limit == -1 && both == 0)
		both = -1;
	if (both < 0)
		r = write_bytes_v1(l, CGROUP_WRITE_REQUIRE, P "swap", both_file,
			"limit memory and swap together to", both);
	if (r == 0 && limit != 0)
		r = write_bytes_v1(
			l, CGROUP_WRITE_RETRY, P "limit", limit_file, "limit memory to", limit);
	if (r == 0 && both > 0)
		r = write_bytes_v1(l, CGROUP_WRITE_REQUIRE, P "swap", both_file,
			"limit memory and swap together to", both);
	return r;
}

int say_memory_v1(struct limits *l)
{
	const struct oci_memory *m = l->resources->memory;
	if (!m)
		return 0;
	int r = check(l, m);
	/* before there are children or processes */
	if (r == 0 && m->use_hierarchy.set && m->use_hierarchy.v)
		r = limit_write(l, CGROUP_WRITE_IF_PRESENT, P "useHierarchy",
			"memory.use_hierarchy", "count memory hierarchically", "1");
	if (r == 0 && m->use_hierarchy.set && !m->use_hierarchy.v)
		r = limit_write(l, CGROUP_WRITE_REQUIRE, P "useHierarchy", "memory.use_hierarchy",
			"count memory without hierarchy", "0");
	if (r == 0)
		r = say_limits_v1(l, m);
	if (r == 0 && given(m->reservation) != 0)
		r = write_bytes_v1(l, CGROUP_WRITE_REQUIRE, P "reservation",
			"memory.soft_limit_in_bytes", "reserve memory up to",
			given(m->reservation));
	if (r == 0 && given(m->kernel_tcp) != 0)
		r = write_bytes_v1(l, CGROUP_WRITE_REQUIRE, P "kernelTCP",
			"memory.kmem.tcp.limit_in_bytes", "limit TCP buffers to",
			given(m->kernel_tcp));
	if (r == 0 && m->disable_oom_killer.set)
		r = limit_write(l,
			m->disable_oom_killer.v ? CGROUP_WRITE_REQUIRE : CGROUP_WRITE_IF_PRESENT,
			P "disableOOMKiller", "memory.oom_control",
			m->disable_oom_killer.v ? "disable the OOM killer"
						: "leave the OOM killer on",
			"%d", m->disable_oom_killer.v);
	if (r == 0 && m->swappiness.set)
		r = limit_write(l, CGROUP_WRITE_REQUIRE, P "swappiness", "memory.swappiness",
			"set swappiness", "%llu", (unsigned long long)m->swappiness.v);
	return r < 0 ? r : say_kernel_memory(l, m, false);
}
