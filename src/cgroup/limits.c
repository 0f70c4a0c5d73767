/* SPDX-License-Identifier: Apache-2.0 */
/* The table of limits, and the short ones: cpuset, pids, hugetlb, rdma, network. Pure. */
#include "cgroup/limits.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"

#define R "linux.resources."

static int no_memory(struct limits *l)
{
	return error_errno(l->e, ENOMEM, "plan the container's limits");
}

static int reserve(struct limits *l)
{
	if (l->plan->writes.n < l->writes_size)
		return 0;
	size_t size = l->writes_size ? 2 * l->writes_size : 16;
	struct cgroup_write *v = ARENA_ARRAY(l->arena, size, struct cgroup_write);
	if (!v)
		return no_memory(l);
	if (l->plan->writes.n)
		memcpy(v, l->plan->writes.v, l->plan->writes.n * sizeof *v);
	l->plan->writes.v = v;
	l->writes_size = size;
	return 0;
}

int limit_write(struct limits *l, enum cgroup_write_policy policy, const char *json_path,
	const char *file, const char *what, const char *format, ...)
{
	va_list ap;
	int r = reserve(l);
	if (r < 0)
		return r;
	va_start(ap, format);
	const char *value = arena_vprintf(l->arena, format, ap);
	va_end(ap);
	if (!value || arena_failed(l->arena))
		return no_memory(l);
	l->plan->writes.v[l->plan->writes.n++] = (struct cgroup_write){
		.dir = l->dir,
		.policy = policy,
		.file = file,
		.value = value,
		.json_path = json_path,
		.what = what,
	};
	return 0;
}

int limit_left_out(struct limits *l, const char *sentence)
{
	struct string_list *list = &l->plan->degraded;
	const char **v = ARENA_ARRAY(l->arena, list->n + 2, const char *);
	if (!v)
		return no_memory(l);
	if (list->n)
		memcpy(v, list->v, list->n * sizeof *v);
	v[list->n] = sentence;
	*list = (struct string_list){ .n = list->n + 1, .v = v };
	return 0;
}

const char *limit_text(struct limits *l, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	const char *text = arena_vprintf(l->arena, format, ap);
	va_end(ap);
	return text ? text : "";
}

const char *limit_bytes(struct limits *l, uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	size_t u = 0;
	while (bytes && bytes % 1024 == 0 && u + 1 < ARRAY_SIZE(units)) {
		bytes /= 1024;
		u++;
	}
	return limit_text(l, "%llu %s", (unsigned long long)bytes, units[u]);
}

static const char *asked_cpu(const struct oci_resources *r)
{
	const struct oci_cpu *c = r->cpu;
	if (!c)
		return NULL;
	if (c->shares.set && c->shares.v)
		return R "cpu.shares";
	if (c->quota.set && c->quota.v > 0)
		return R "cpu.quota";
	if (c->period.set && c->period.v)
		return R "cpu.period";
	if (c->burst.set && c->burst.v)
		return R "cpu.burst";
	if (c->realtime_runtime.set && c->realtime_runtime.v)
		return R "cpu.realtimeRuntime";
	if (c->realtime_period.set && c->realtime_period.v)
		return R "cpu.realtimePeriod";
	return c->idle.set && c->idle.v ? R "cpu.idle" : NULL;
}

static const char *asked_cpuset(const struct oci_resources *r)
{
	if (r->cpu && r->cpu->cpus && *r->cpu->cpus)
		return R "cpu.cpus";
	return r->cpu && r->cpu->mems && *r->cpu->mems ? R "cpu.mems" : NULL;
}

static const char *asked_memory(const struct oci_resources *r)
{
	const struct oci_memory *m = r->memory;
	if (!m)
		return NULL;
	if (m->limit.set && m->limit.v > 0)
		return R "memory.limit";
	if (m->swap.set && m->swap.v > 0)
		return R "memory.swap";
	if (m->reservation.set && m->reservation.v > 0)
		return R "memory.reservation";
	if (m->swappiness.set)
		return R "memory.swappiness";
	return m->disable_oom_killer.set && m->disable_oom_killer.v ? R "memory.disableOOMKiller"
								    : NULL;
}

static const char *asked_pids(const struct oci_resources *r)
{
	return r->pids && r->pids->limit >= 0 ? R "pids.limit" : NULL;
}

static const char *asked_io(const struct oci_resources *r)
{
	const struct oci_block_io *io = r->block_io;
	if (!io)
		return NULL;
	if (io->weight.set && io->weight.v)
		return R "blockIO.weight";
	if (io->leaf_weight.set && io->leaf_weight.v)
		return R "blockIO.leafWeight";
	if (io->weight_device.n)
		return R "blockIO.weightDevice";
	if (io->throttle_read_bps.n)
		return R "blockIO.throttleReadBpsDevice";
	if (io->throttle_write_bps.n)
		return R "blockIO.throttleWriteBpsDevice";
	if (io->throttle_read_iops.n)
		return R "blockIO.throttleReadIOPSDevice";
	return io->throttle_write_iops.n ? R "blockIO.throttleWriteIOPSDevice" : NULL;
}

static const char *asked_hugetlb(const struct oci_resources *r)
{
	return r->hugepage_limits.n ? R "hugepageLimits" : NULL;
}

static const char *asked_rdma(const struct oci_resources *r)
{
	return r->rdma.n ? R "rdma" : NULL;
}

static const char *asked_net_cls(const struct oci_resources *r)
{
	return r->network && r->network->class_id.set && r->network->class_id.v ? R
		       "network.classID"
										: NULL;
}

static const char *asked_net_prio(const struct oci_resources *r)
{
	return r->network && r->network->priorities.n ? R "network.priorities" : NULL;
}

static int say_cpuset(struct limits *l)
{
	const struct oci_cpu *c = l->resources->cpu;
	int r = 0;
	if (!c)
		return 0;
	if (c->cpus && *c->cpus)
		r = limit_write(l, CGROUP_WRITE_REQUIRE, R "cpu.cpus", "cpuset.cpus",
			limit_text(l, "run on CPUs %s", c->cpus), "%s", c->cpus);
	if (r == 0 && c->mems && *c->mems)
		r = limit_write(l, CGROUP_WRITE_REQUIRE, R "cpu.mems", "cpuset.mems",
			limit_text(l, "use memory of the nodes %s", c->mems), "%s", c->mems);
	return r;
}

/* spec: 0 is a limit. It is written as 1: the container's own process counts, so the effect is the
 * same, but with 0 clone3(CLONE_INTO_CGROUP) could not even make that one. */
static int say_pids(struct limits *l)
{
	if (!l->resources->pids)
		return 0;
	int64_t limit = l->resources->pids->limit;
	if (limit < 0)
		return limit_write(l, CGROUP_WRITE_IF_PRESENT, R "pids.limit", "pids.max",
			"set no limit of tasks", "max");
	return limit_write(l, CGROUP_WRITE_REQUIRE, R "pids.limit", "pids.max",
		limit_text(l, "limit tasks to %lld", (long long)limit), "%lld",
		(long long)(limit ? limit : 1));
}

/* 2MB, 64KB, 1GB: becomes a part of a file name */
static bool is_page_size(const char *s)
{
	size_t digits = strspn(s, "0123456789");
	return digits > 0 && digits < 10 && strchr("KMG", s[digits]) && s[digits] &&
	       strcmp(s + digits + 1, "B") == 0;
}

static int say_hugetlb(struct limits *l, const char *suffix)
{
	for (size_t i = 0; i < l->resources->hugepage_limits.n; i++) {
		const struct oci_hugepage_limit *h = &l->resources->hugepage_limits.v[i];
		if (!is_page_size(h->page_size))
			return error_field(l->e, limit_text(l, R "hugepageLimits[%zu].pageSize", i),
				"expected a size such as 2MB, found %s", h->page_size);
		const char *path = limit_text(l, R "hugepageLimits[%zu]", i);
		const char *what = limit_text(
			l, "limit huge pages of %s to %s", h->page_size, limit_bytes(l, h->limit));
		unsigned long long limit = h->limit;
		int r = limit_write(l, CGROUP_WRITE_REQUIRE, path,
			limit_text(l, "hugetlb.%s.%s", h->page_size, suffix), what, "%llu", limit);
		/* spec: limit reservations where the kernel (5.7) counts them; usage is limited
		 * besides, for mappings without a reservation */
		if (r == 0)
			r = limit_write(l, CGROUP_WRITE_IF_PRESENT, path,
				limit_text(l, "hugetlb.%s.rsvd.%s", h->page_size, suffix), what,
				"%llu", limit);
		if (r < 0)
			return r;
	}
	return 0;
}

static int say_hugetlb_v1(struct limits *l)
{
	return say_hugetlb(l, "limit_in_bytes");
}

static int say_hugetlb_v2(struct limits *l)
{
	return say_hugetlb(l, "max");
}

static int say_rdma(struct limits *l)
{
	for (size_t i = 0; i < l->resources->rdma.n; i++) {
		const struct oci_rdma *d = &l->resources->rdma.v[i];
		const char *path = limit_text(l, R "rdma[\"%s\"]", d->device);
		if (!d->hca_handles.set && !d->hca_objects.set)
			return error_field(l->e, path, "it needs hcaHandles or hcaObjects");
		const char *handles =
			d->hca_handles.set ? limit_text(l, " hca_handle=%u", d->hca_handles.v) : "";
		const char *objects =
			d->hca_objects.set ? limit_text(l, " hca_object=%u", d->hca_objects.v) : "";
		int r = limit_write(l, CGROUP_WRITE_REQUIRE, path, "rdma.max",
			limit_text(l, "limit RDMA on %s", d->device), "%s%s%s", d->device, handles,
			objects);
		if (r < 0)
			return r;
	}
	return 0;
}

static int say_net_cls(struct limits *l)
{
	if (!asked_net_cls(l->resources))
		return 0;
	return limit_write(l, CGROUP_WRITE_REQUIRE, R "network.classID", "net_cls.classid",
		"tag network packets", "%u", l->resources->network->class_id.v);
}

static int say_net_prio(struct limits *l)
{
	const struct oci_network *n = l->resources->network;
	if (!n)
		return 0;
	for (size_t i = 0; i < n->priorities.n; i++) {
		const struct oci_interface_priority *p = &n->priorities.v[i];
		int r = limit_write(l, CGROUP_WRITE_REQUIRE,
			limit_text(l, R "network.priorities[%zu]", i), "net_prio.ifpriomap",
			limit_text(l, "set the priority of traffic on %s", p->name), "%s %u",
			p->name, p->priority);
		if (r < 0)
			return r;
	}
	return 0;
}

/* In the order in which they are applied. NULL: that version has no such limit. */
const struct limit_row limit_rows[] = {
	{ CGROUP_CPUSET, asked_cpuset, say_cpuset, say_cpuset },
	{ CGROUP_CPU, asked_cpu, say_cpu_v1, say_cpu_v2 },
	{ CGROUP_MEMORY, asked_memory, say_memory_v1, say_memory_v2 },
	{ CGROUP_PIDS, asked_pids, say_pids, say_pids },
	{ CGROUP_IO, asked_io, say_io_v1, say_io_v2 },
	{ CGROUP_HUGETLB, asked_hugetlb, say_hugetlb_v1, say_hugetlb_v2 },
	{ CGROUP_RDMA, asked_rdma, say_rdma, say_rdma },
	{ CGROUP_NET_CLS, asked_net_cls, say_net_cls, NULL },
	{ CGROUP_NET_PRIO, asked_net_prio, say_net_prio, NULL },
};
const size_t n_limit_rows = ARRAY_SIZE(limit_rows);

const char *cgroup_first_limit(const struct oci_resources *resources)
{
	if (!resources)
		return NULL;
	for (size_t i = 0; i < n_limit_rows; i++) {
		const char *path = limit_rows[i].asked(resources);
		if (path)
			return path;
	}
	return resources->unified.n ? R "unified" : NULL;
}
