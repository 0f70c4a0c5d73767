/* SPDX-License-Identifier: Apache-2.0 */
/* The use of resources as JSON, in the words of runc's types/events.go. Data only. */
#include "ops/events_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "libocispec/json_writer.h"

static void key(struct json_writer *w, const char *name)
{
	json_write_string(w, name);
}

static void number(struct json_writer *w, const char *name, uint64_t v)
{
	key(w, name);
	json_write_u64(w, v);
}

static void open_object(struct json_writer *w, const char *name)
{
	key(w, name);
	json_begin_object(w);
}

static void numbers(struct json_writer *w, const char *name, const struct u64_list *l)
{
	if (!l->n)
		return;
	key(w, name);
	json_begin_array(w);
	for (size_t i = 0; i < l->n; i++)
		json_write_u64(w, l->v[i]);
	json_end_array(w);
}

static void percent(struct json_writer *w, const char *name, uint64_t hundredths)
{
	char text[32];
	snprintf(text, sizeof text, "%llu.%02llu", (unsigned long long)(hundredths / 100),
		(unsigned long long)(hundredths % 100));
	key(w, name);
	json_write_number(w, text);
}

static void pressure_line(struct json_writer *w, const char *name, const struct pressure_line *p)
{
	open_object(w, name);
	percent(w, "avg10", p->avg10);
	percent(w, "avg60", p->avg60);
	percent(w, "avg300", p->avg300);
	number(w, "total", p->total);
	json_end_object(w);
}

static void pressure(struct json_writer *w, const struct pressure *p)
{
	if (!p->present)
		return;
	open_object(w, "psi");
	pressure_line(w, "some", &p->some);
	pressure_line(w, "full", &p->full);
	json_end_object(w);
}

static void cpu(struct json_writer *w, const struct cgroup_stats *s)
{
	open_object(w, "cpu");
	open_object(w, "usage");
	number(w, "total", s->cpu.total);
	numbers(w, "percpu", &s->cpu.per_cpu);
	numbers(w, "percpu_kernel", &s->cpu.per_cpu_kernel);
	numbers(w, "percpu_user", &s->cpu.per_cpu_user);
	number(w, "kernel", s->cpu.kernel);
	number(w, "user", s->cpu.user);
	json_end_object(w);
	open_object(w, "throttling");
	number(w, "periods", s->cpu.periods);
	number(w, "throttledPeriods", s->cpu.throttled_periods);
	number(w, "throttledTime", s->cpu.throttled_time);
	json_end_object(w);
	pressure(w, &s->cpu.pressure);
	json_end_object(w);
}

static void cpuset(struct json_writer *w, const struct cgroup_stats *s)
{
	const struct {
		const char *name;
		uint64_t v;
	} flags[] = {
		{ "cpu_exclusive", s->cpuset.cpu_exclusive },
		{ "mem_hardwall", s->cpuset.mem_hardwall },
		{ "mem_exclusive", s->cpuset.mem_exclusive },
		{ "memory_migrate", s->cpuset.memory_migrate },
		{ "memory_spread_page", s->cpuset.memory_spread_page },
		{ "memory_spread_slab", s->cpuset.memory_spread_slab },
		{ "memory_pressure", s->cpuset.memory_pressure },
		{ "sched_load_balance", s->cpuset.sched_load_balance },
	};
	open_object(w, "cpuset");
	numbers(w, "cpus", &s->cpuset.cpus);
	numbers(w, "mems", &s->cpuset.mems);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		number(w, flags[i].name, flags[i].v);
	key(w, "sched_relax_domain_level");
	json_write_i64(w, s->cpuset.sched_relax_domain_level);
	json_end_object(w);
}

static void memory_use(struct json_writer *w, const char *name, const struct memory_use *m)
{
	open_object(w, name);
	number(w, "limit", m->limit);
	number(w, "usage", m->usage);
	number(w, "max", m->max);
	number(w, "failcnt", m->failcnt);
	json_end_object(w);
}

static void memory(struct json_writer *w, const struct cgroup_stats *s)
{
	open_object(w, "memory");
	number(w, "cache", s->memory.cache);
	memory_use(w, "usage", &s->memory.usage);
	memory_use(w, "swap", &s->memory.swap);
	memory_use(w, "kernel", &s->memory.kernel);
	memory_use(w, "kernelTCP", &s->memory.kernel_tcp);
	open_object(w, "raw");
	for (size_t i = 0; i < s->memory.raw.n; i++)
		number(w, s->memory.raw.v[i].name, s->memory.raw.v[i].value);
	json_end_object(w);
	pressure(w, &s->memory.pressure);
	json_end_object(w);
}

static void io(struct json_writer *w, const struct cgroup_stats *s)
{
	static const char *const names[IO_TABLE_COUNT] = {
		[IO_SERVICE_BYTES] = "ioServiceBytesRecursive",
		[IO_SERVICED] = "ioServicedRecursive",
		[IO_QUEUED] = "ioQueueRecursive",
		[IO_SERVICE_TIME] = "ioServiceTimeRecursive",
		[IO_WAIT_TIME] = "ioWaitTimeRecursive",
		[IO_MERGED] = "ioMergedRecursive",
		[IO_TIME] = "ioTimeRecursive",
		[IO_SECTORS] = "sectorsRecursive",
	};
	open_object(w, "blkio");
	for (int t = 0; t < IO_TABLE_COUNT; t++) {
		if (!s->io.tables[t].n)
			continue;
		key(w, names[t]);
		json_begin_array(w);
		for (size_t i = 0; i < s->io.tables[t].n; i++) {
			const struct io_entry *entry = &s->io.tables[t].v[i];
			json_begin_object(w);
			number(w, "major", entry->major);
			number(w, "minor", entry->minor);
			if (*entry->op) {
				key(w, "op");
				json_write_string(w, entry->op);
			}
			number(w, "value", entry->value);
			json_end_object(w);
		}
		json_end_array(w);
	}
	pressure(w, &s->io.pressure);
	json_end_object(w);
}

/* The one line of the schemata that begins so. */
static void schema(
	struct json_writer *w, const char *name, const struct resctrl_stats *r, const char *prefix)
{
	for (size_t i = 0; i < r->schemata.n; i++)
		if (strncmp(r->schemata.v[i], prefix, strlen(prefix)) == 0) {
			key(w, name);
			json_write_string(w, r->schemata.v[i]);
			return;
		}
}

static void bandwidth(struct json_writer *w, const struct resctrl_stats *r)
{
	key(w, "mbm_stats");
	json_begin_array(w);
	for (size_t i = 0; i < r->n; i++) {
		json_begin_object(w);
		number(w, "mbm_total_bytes", r->v[i].total_bytes);
		number(w, "mbm_local_bytes", r->v[i].local_bytes);
		json_end_object(w);
	}
	json_end_array(w);
}

static void occupancy(struct json_writer *w, const struct resctrl_stats *r)
{
	key(w, "cmt_stats");
	json_begin_array(w);
	for (size_t i = 0; i < r->n; i++) {
		json_begin_object(w);
		number(w, "llc_occupancy", r->v[i].occupancy);
		json_end_object(w);
	}
	json_end_array(w);
}

static void resctrl(struct json_writer *w, const struct resctrl_stats *r)
{
	open_object(w, "intel_rdt");
	if (r) {
		schema(w, "l3_cache_schema", r, "L3:");
		schema(w, "mem_bw_schema", r, "MB:");
	}
	if (r && r->schemata.n) {
		key(w, "schemata");
		json_begin_array(w);
		for (size_t i = 0; i < r->schemata.n; i++)
			json_write_string(w, r->schemata.v[i]);
		json_end_array(w);
	}
	/* what one cache counts all do */
	if (r && r->n && r->v[0].has_bandwidth)
		bandwidth(w, r);
	if (r && r->n && r->v[0].has_occupancy)
		occupancy(w, r);
	json_end_object(w);
}

static void data(struct json_writer *w, const struct container_use *use)
{
	const struct cgroup_stats *s = use->cgroup;
	open_object(w, "data");
	cpu(w, s);
	cpuset(w, s);
	memory(w, s);
	open_object(w, "pids");
	number(w, "current", s->pids.current);
	number(w, "limit", s->pids.limit);
	json_end_object(w);
	io(w, s);
	open_object(w, "hugetlb");
	for (size_t i = 0; i < s->hugetlb.n; i++) {
		open_object(w, s->hugetlb.v[i].page_size);
		number(w, "usage", s->hugetlb.v[i].usage);
		number(w, "max", s->hugetlb.v[i].max);
		number(w, "failcnt", s->hugetlb.v[i].failcnt);
		json_end_object(w);
	}
	json_end_object(w);
	resctrl(w, use->resctrl);
	/* as with runc, which lists the devices that it has made itself: none since 2015 */
	key(w, "network_interfaces");
	json_begin_array(w);
	json_end_array(w);
	json_end_object(w);
}

int event_encode(struct arena *arena, const char *type, const char *id,
	const struct container_use *use, char **ret_text, struct error *e)
{
	struct json_writer *w = json_writer_new(arena, false);
	if (!w)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	json_begin_object(w);
	key(w, "type");
	json_write_string(w, type);
	key(w, "id");
	json_write_string(w, id);
	if (use)
		data(w, use);
	json_end_object(w);
	int r = json_writer_finish(w, ret_text, NULL);
	return r < 0 ? error_errno(e, -r, "write an event") : 0;
}
