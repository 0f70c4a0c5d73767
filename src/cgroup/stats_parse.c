/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of a cgroup's files, by a table of them: Documentation/admin-guide/cgroup-v2.rst,
 * cgroup-v1/. PURE. What a later kernel adds to a file is passed over.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/stats.h"

/* Digits at *p, which is moved behind them. */
static bool scan_u64(const char **p, uint64_t *ret)
{
	uint64_t v = 0;
	const char *start = *p;
	for (; **p >= '0' && **p <= '9'; (*p)++)
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(**p - '0'), &v))
			return false;
	*ret = v;
	return *p > start;
}

static const char *next_line(const char *p)
{
	p += strcspn(p, "\n");
	return p + (*p == '\n');
}

/* How many entries at most: each ends with one of these. */
static size_t count(const char *text, const char *ends)
{
	size_t n = 1;
	for (; *text; text++)
		n += strchr(ends, *text) != NULL;
	return n;
}

bool stats_number(const char *text, uint64_t *ret)
{
	uint64_t v;
	if (strncmp(text, "max", 3) == 0) {
		text += 3;
		v = UINT64_MAX;
	} else if (!scan_u64(&text, &v)) {
		return false;
	}
	if (*text && strcmp(text, "\n") != 0)
		return false;
	*ret = v;
	return true;
}

static void *field(struct cgroup_stats *s, const struct stats_file *f)
{
	return (char *)s + f->offset;
}

static int parse_number(
	const struct stats_file *f, struct arena *arena, const char *text, struct cgroup_stats *s)
{
	return stats_number(text, field(s, f)) ? 0 : -EINVAL;
}

/* Has a sign: -1 is "the system's default". */
static int parse_signed(
	const struct stats_file *f, struct arena *arena, const char *text, struct cgroup_stats *s)
{
	int64_t *to = field(s, f);
	bool is_negative = *text == '-';
	uint64_t v;
	if (!stats_number(text + is_negative, &v) || v > INT64_MAX)
		return -EINVAL;
	*to = is_negative ? -(int64_t)v : (int64_t)v;
	return 0;
}

/* Lines of "key number". */
struct key {
	const char *name;
	size_t offset;
	uint64_t unit;
};
#define KEY(name, member, unit)                                                                    \
	{                                                                                          \
		name, offsetof(struct cgroup_stats, member), unit                                  \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

enum { MICROSECOND = 1000, TICK = 10000000 /* USER_HZ is 100 in all of Linux's interfaces */ };

static const struct key cpu_stat_v2[] = {
	KEY("usage_usec", cpu.total, MICROSECOND),
	KEY("user_usec", cpu.user, MICROSECOND),
	KEY("system_usec", cpu.kernel, MICROSECOND),
	KEY("nr_periods", cpu.periods, 1),
	KEY("nr_throttled", cpu.throttled_periods, 1),
	KEY("throttled_usec", cpu.throttled_time, MICROSECOND),
	END,
};
static const struct key cpu_stat_v1[] = {
	KEY("nr_periods", cpu.periods, 1),
	KEY("nr_throttled", cpu.throttled_periods, 1),
	KEY("throttled_time", cpu.throttled_time, 1),
	END,
};
static const struct key cpuacct_stat[] = {
	KEY("user", cpu.user, TICK),
	KEY("system", cpu.kernel, TICK),
	END,
};
static const struct key memory_events[] = {
	KEY("max", memory.usage.failcnt, 1),
	END,
};
static const struct key swap_events[] = {
	KEY("fail", memory.swap.failcnt, 1),
	END,
};

static int parse_keys(
	const struct stats_file *f, struct arena *arena, const char *text, struct cgroup_stats *s)
{
	for (const char *p = text; *p; p = next_line(p)) {
		size_t n = strcspn(p, " \n");
		for (const struct key *k = f->of; k->name; k++) {
			uint64_t v;
			if (strlen(k->name) != n || memcmp(k->name, p, n) != 0)
				continue;
			const char *number = p + n + (p[n] == ' ');
			if (!scan_u64(&number, &v))
				return -EINVAL;
			*(uint64_t *)((char *)s + k->offset) = v * k->unit;
		}
	}
	return 0;
}

static int parse_memory_stat(
	const struct stats_file *f, struct arena *arena, const char *text, struct cgroup_stats *s)
{
	struct named_value *v = ARENA_ARRAY(arena, count(text, "\n"), struct named_value);
	size_t n = 0;
	if (!v)
		return -ENOMEM;
	for (const char *p = text; *p; p = next_line(p)) {
		size_t len = strcspn(p, " \n");
		const char *number = p + len + (p[len] == ' ');
		if (!scan_u64(&number, &v[n].value))
			return -EINVAL;
		v[n].name = arena_strndup(arena, p, len);
		if (!v[n].name)
			return -ENOMEM;
		if (strcmp(v[n].name, f->of) == 0)
			s->memory.cache = v[n].value;
		n++;
	}
	s->memory.raw.n = n;
	s->memory.raw.v = v;
	return 0;
}

/* "some avg10=0.12 avg60=0.00 avg300=0.00 total=34" */
static bool scan_hundredths(const char **p, uint64_t *ret)
{
	uint64_t whole, part;
	if (!scan_u64(p, &whole) || *(*p)++ != '.')
		return false;
	const char *start = *p;
	if (!scan_u64(p, &part) || *p - start != 2)
		return false;
	*ret = whole * 100 + part;
	return true;
}

static bool scan_pressure(const char *p, struct pressure_line *ret)
{
	static const struct {
		const char *name;
		size_t offset;
	} averages[] = {
		{ "avg10=", offsetof(struct pressure_line, avg10) },
		{ "avg60=", offsetof(struct pressure_line, avg60) },
		{ "avg300=", offsetof(struct pressure_line, avg300) },
	};
	for (size_t i = 0; i < ARRAY_SIZE(averages); i++) {
		size_t n = strlen(averages[i].name);
		p += *p == ' ';
		if (strncmp(p, averages[i].name, n) != 0)
			return false;
		p += n;
		if (!scan_hundredths(&p, (uint64_t *)((char *)ret + averages[i].offset)))
			return false;
	}
	if (strncmp(p, " total=", 7) != 0)
		return false;
	p += 7;
	return scan_u64(&p, &ret->total);
}

static int parse_pressure(
	const struct stats_file *f, struct arena *arena, const char *text, struct cgroup_stats *s)
{
	struct pressure *to = field(s, f);
	for (const char *p = text; *p; p = next_line(p)) {
		if (strncmp(p, "some ", 5) == 0 && !scan_pressure(p + 5, &to->some))
			return -EINVAL;
		if (strncmp(p, "full ", 5) == 0 && !scan_pressure(p + 5, &to->full))
			return -EINVAL;
	}
	to->present = true;
	return 0;
}

/* "0-3,7" */
static int parse_list(
	const struct stats_file *f, struct arena *arena, const char *text, struct cgroup_stats *s)
{
	enum { MOST = 65536 };
	struct u64_list *to = field(s, f), list = { 0 };
	for (int fill = 0; fill < 2; fill++) {
		list.n = 0;
		for (const char *p = text; *p && *p != '\n'; p += *p == ',') {
			uint64_t first, last;
			if (!scan_u64(&p, &first))
				return -EINVAL;
			last = first;
			if (*p == '-' && (p++, !scan_u64(&p, &last)))
				return -EINVAL;
			if (last < first || last >= MOST || (*p && *p != ',' && *p != '\n'))
				return -EINVAL;
			for (uint64_t i = first; i <= last; i++, list.n++)
				if (fill)
					list.v[list.n] = i;
		}
		if (!fill && !(list.v = ARENA_ARRAY(arena, list.n + 1, uint64_t)))
			return -ENOMEM;
	}
	*to = list;
	return 0;
}

/* cpuacct.usage_percpu: one line of numbers */
static int parse_row(
	const struct stats_file *f, struct arena *arena, const char *text, struct cgroup_stats *s)
{
	struct u64_list *to = field(s, f);
	uint64_t *v = ARENA_ARRAY(arena, count(text, " "), uint64_t);
	size_t n = 0;
	if (!v)
		return -ENOMEM;
	for (const char *p = text; *p && *p != '\n'; p += strspn(p, " "))
		if (!scan_u64(&p, &v[n++]))
			return -EINVAL;
	*to = (struct u64_list){ n, v };
	return 0;
}

/* cpuacct.usage_all: "cpu user system", then a line for each CPU */
static int parse_usage_all(
	const struct stats_file *f, struct arena *arena, const char *text, struct cgroup_stats *s)
{
	uint64_t *user = ARENA_ARRAY(arena, count(text, "\n"), uint64_t),
		 *kernel = ARENA_ARRAY(arena, count(text, "\n"), uint64_t), cpu;
	size_t n = 0;
	if (!user || !kernel)
		return -ENOMEM;
	for (const char *p = next_line(text); *p; p = next_line(p), n++)
		if (!scan_u64(&p, &cpu) || *p++ != ' ' || !scan_u64(&p, &user[n]) || *p++ != ' ' ||
			!scan_u64(&p, &kernel[n]))
			return -EINVAL;
	s->cpu.per_cpu_user = (struct u64_list){ n, user };
	s->cpu.per_cpu_kernel = (struct u64_list){ n, kernel };
	return 0;
}

static int add_io(struct cgroup_stats *s, enum io_table table, struct arena *arena, size_t most,
	struct io_entry entry)
{
	if (!s->io.tables[table].v)
		s->io.tables[table].v = ARENA_ARRAY(arena, most, struct io_entry);
	if (!s->io.tables[table].v)
		return -ENOMEM;
	s->io.tables[table].v[s->io.tables[table].n++] = entry;
	return 0;
}

/* io.stat: "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6". A device that has done nothing
 * may be there with no more than its number. */
static int parse_io_stat(
	const struct stats_file *f, struct arena *arena, const char *text, struct cgroup_stats *s)
{
	static const struct {
		const char *key, *op;
		enum io_table table;
	} keys[] = {
		{ "rbytes=", "Read", IO_SERVICE_BYTES },
		{ "wbytes=", "Write", IO_SERVICE_BYTES },
		{ "dbytes=", "Discard", IO_SERVICE_BYTES },
		{ "rios=", "Read", IO_SERVICED },
		{ "wios=", "Write", IO_SERVICED },
		{ "dios=", "Discard", IO_SERVICED },
	};
	size_t most = count(text, " ");
	for (const char *p = text; *p; p = next_line(p)) {
		struct io_entry e;
		if (!scan_u64(&p, &e.major) || *p++ != ':' || !scan_u64(&p, &e.minor))
			return -EINVAL;
		while (*p == ' ') {
			p++;
			for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
				size_t n = strlen(keys[i].key);
				const char *number = p + n;
				if (strncmp(p, keys[i].key, n) != 0)
					continue;
				e.op = keys[i].op;
				if (!scan_u64(&number, &e.value))
					return -EINVAL;
				int r = add_io(s, keys[i].table, arena, most, e);
				if (r < 0)
					return r;
			}
			p += strcspn(p, " \n");
		}
	}
	return 0;
}

/* v1: "8:0 Read 123", "8:0 123", and a last line "Total 123". Several files fill one table, from
 * whichever scheduler is at work: the first with anything in it counts. */
static int parse_blkio(
	const struct stats_file *f, struct arena *arena, const char *text, struct cgroup_stats *s)
{
	const enum io_table *table = f->of;
	if (s->io.tables[*table].n)
		return 0;
	size_t most = count(text, "\n");
	for (const char *p = text; *p; p = next_line(p)) {
		struct io_entry e = { .op = "" };
		if (strncmp(p, "Total", 5) == 0)
			continue;
		if (!scan_u64(&p, &e.major) || *p++ != ':' || !scan_u64(&p, &e.minor) ||
			*p++ != ' ')
			return -EINVAL;
		size_t n = strcspn(p, " \n");
		if (p[n] == ' ') {
			e.op = arena_strndup(arena, p, n);
			p += n + 1;
		}
		if (!scan_u64(&p, &e.value))
			return -EINVAL;
		int r = e.op ? add_io(s, *table, arena, most, e) : -ENOMEM;
		if (r < 0)
			return r;
	}
	return 0;
}

static const enum io_table tables[IO_TABLE_COUNT] = { IO_SERVICE_BYTES, IO_SERVICED, IO_QUEUED,
	IO_SERVICE_TIME, IO_WAIT_TIME, IO_MERGED, IO_TIME, IO_SECTORS };

static int parse_pids_current(
	const struct stats_file *f, struct arena *arena, const char *text, struct cgroup_stats *s)
{
	s->pids.is_counted = true;
	return parse_number(f, arena, text, s);
}

#define AT(member) offsetof(struct cgroup_stats, member)
/* clang-format off */
const struct stats_file stats_files[] = {
	{ CGROUP_CPU, true, "cpu.stat", parse_keys, 0, cpu_stat_v2 },
	{ CGROUP_CPU, true, "cpu.pressure", parse_pressure, AT(cpu.pressure), NULL },
	{ CGROUP_CPUSET, true, "cpuset.cpus", parse_list, AT(cpuset.cpus), NULL },
	{ CGROUP_CPUSET, true, "cpuset.mems", parse_list, AT(cpuset.mems), NULL },
	{ CGROUP_MEMORY, true, "memory.stat", parse_memory_stat, 0, "file" },
	{ CGROUP_MEMORY, true, "memory.current", parse_number, AT(memory.usage.usage), NULL },
	{ CGROUP_MEMORY, true, "memory.max", parse_number, AT(memory.usage.limit), NULL },
	{ CGROUP_MEMORY, true, "memory.peak", parse_number, AT(memory.usage.max), NULL },
	{ CGROUP_MEMORY, true, "memory.events", parse_keys, 0, memory_events },
	{ CGROUP_MEMORY, true, "memory.swap.current", parse_number, AT(memory.swap.usage), NULL },
	{ CGROUP_MEMORY, true, "memory.swap.max", parse_number, AT(memory.swap.limit), NULL },
	{ CGROUP_MEMORY, true, "memory.swap.events", parse_keys, 0, swap_events },
	{ CGROUP_MEMORY, true, "memory.pressure", parse_pressure, AT(memory.pressure), NULL },
	{ CGROUP_PIDS, true, "pids.current", parse_pids_current, AT(pids.current), NULL },
	{ CGROUP_PIDS, true, "pids.max", parse_number, AT(pids.limit), NULL },
	{ CGROUP_IO, true, "io.stat", parse_io_stat, 0, NULL },
	{ CGROUP_IO, true, "io.pressure", parse_pressure, AT(io.pressure), NULL },

	{ CGROUP_CPU, false, "cpu.stat", parse_keys, 0, cpu_stat_v1 },
	{ CGROUP_CPUACCT, false, "cpuacct.stat", parse_keys, 0, cpuacct_stat },
	{ CGROUP_CPUACCT, false, "cpuacct.usage", parse_number, AT(cpu.total), NULL },
	{ CGROUP_CPUACCT, false, "cpuacct.usage_percpu", parse_row, AT(cpu.per_cpu), NULL },
	{ CGROUP_CPUACCT, false, "cpuacct.usage_all", parse_usage_all, 0, NULL },
	{ CGROUP_CPUSET, false, "cpuset.cpus", parse_list, AT(cpuset.cpus), NULL },
	{ CGROUP_CPUSET, false, "cpuset.mems", parse_list, AT(cpuset.mems), NULL },
	{ CGROUP_CPUSET, false, "cpuset.cpu_exclusive", parse_number, AT(cpuset.cpu_exclusive), NULL },
	{ CGROUP_CPUSET, false, "cpuset.mem_exclusive", parse_number, AT(cpuset.mem_exclusive), NULL },
	{ CGROUP_CPUSET, false, "cpuset.mem_hardwall", parse_number, AT(cpuset.mem_hardwall), NULL },
	{ CGROUP_CPUSET, false, "cpuset.memory_migrate", parse_number, AT(cpuset.memory_migrate), NULL },
	{ CGROUP_CPUSET, false, "cpuset.memory_spread_page", parse_number, AT(cpuset.memory_spread_page), NULL },
	{ CGROUP_CPUSET, false, "cpuset.memory_spread_slab", parse_number, AT(cpuset.memory_spread_slab), NULL },
	{ CGROUP_CPUSET, false, "cpuset.memory_pressure", parse_number, AT(cpuset.memory_pressure), NULL },
	{ CGROUP_CPUSET, false, "cpuset.sched_load_balance", parse_number, AT(cpuset.sched_load_balance), NULL },
	{ CGROUP_CPUSET, false, "cpuset.sched_relax_domain_level", parse_signed, AT(cpuset.sched_relax_domain_level), NULL },
	{ CGROUP_MEMORY, false, "memory.stat", parse_memory_stat, 0, "cache" },
	{ CGROUP_MEMORY, false, "memory.usage_in_bytes", parse_number, AT(memory.usage.usage), NULL },
	{ CGROUP_MEMORY, false, "memory.limit_in_bytes", parse_number, AT(memory.usage.limit), NULL },
	{ CGROUP_MEMORY, false, "memory.max_usage_in_bytes", parse_number, AT(memory.usage.max), NULL },
	{ CGROUP_MEMORY, false, "memory.failcnt", parse_number, AT(memory.usage.failcnt), NULL },
	{ CGROUP_MEMORY, false, "memory.memsw.usage_in_bytes", parse_number, AT(memory.swap.usage), NULL },
	{ CGROUP_MEMORY, false, "memory.memsw.limit_in_bytes", parse_number, AT(memory.swap.limit), NULL },
	{ CGROUP_MEMORY, false, "memory.memsw.max_usage_in_bytes", parse_number, AT(memory.swap.max), NULL },
	{ CGROUP_MEMORY, false, "memory.memsw.failcnt", parse_number, AT(memory.swap.failcnt), NULL },
	{ CGROUP_MEMORY, false, "memory.kmem.usage_in_bytes", parse_number, AT(memory.kernel.usage), NULL },
	{ CGROUP_MEMORY, false, "memory.kmem.limit_in_bytes", parse_number, AT(memory.kernel.limit), NULL },
	{ CGROUP_MEMORY, false, "memory.kmem.max_usage_in_bytes", parse_number, AT(memory.kernel.max), NULL },
	{ CGROUP_MEMORY, false, "memory.kmem.failcnt", parse_number, AT(memory.kernel.failcnt), NULL },
	{ CGROUP_MEMORY, false, "memory.kmem.tcp.usage_in_bytes", parse_number, AT(memory.kernel_tcp.usage), NULL },
	{ CGROUP_MEMORY, false, "memory.kmem.tcp.limit_in_bytes", parse_number, AT(memory.kernel_tcp.limit), NULL },
	{ CGROUP_MEMORY, false, "memory.kmem.tcp.max_usage_in_bytes", parse_number, AT(memory.kernel_tcp.max), NULL },
	{ CGROUP_MEMORY, false, "memory.kmem.tcp.failcnt", parse_number, AT(memory.kernel_tcp.failcnt), NULL },
	{ CGROUP_PIDS, false, "pids.current", parse_pids_current, AT(pids.current), NULL },
	{ CGROUP_PIDS, false, "pids.max", parse_number, AT(pids.limit), NULL },
	/* the scheduler's own figures before those of the throttling layer above it */
	{ CGROUP_IO, false, "blkio.bfq.io_service_bytes_recursive", parse_blkio, 0, &tables[IO_SERVICE_BYTES] },
	{ CGROUP_IO, false, "blkio.bfq.io_serviced_recursive", parse_blkio, 0, &tables[IO_SERVICED] },
	{ CGROUP_IO, false, "blkio.bfq.io_queued_recursive", parse_blkio, 0, &tables[IO_QUEUED] },
	{ CGROUP_IO, false, "blkio.bfq.io_service_time_recursive", parse_blkio, 0, &tables[IO_SERVICE_TIME] },
	{ CGROUP_IO, false, "blkio.bfq.io_wait_time_recursive", parse_blkio, 0, &tables[IO_WAIT_TIME] },
	{ CGROUP_IO, false, "blkio.bfq.io_merged_recursive", parse_blkio, 0, &tables[IO_MERGED] },
	{ CGROUP_IO, false, "blkio.bfq.time_recursive", parse_blkio, 0, &tables[IO_TIME] },
	{ CGROUP_IO, false, "blkio.bfq.sectors_recursive", parse_blkio, 0, &tables[IO_SECTORS] },
	{ CGROUP_IO, false, "blkio.throttle.io_service_bytes_recursive", parse_blkio, 0, &tables[IO_SERVICE_BYTES] },
	{ CGROUP_IO, false, "blkio.throttle.io_serviced_recursive", parse_blkio, 0, &tables[IO_SERVICED] },
	{ CGROUP_IO, false, "blkio.throttle.io_service_bytes", parse_blkio, 0, &tables[IO_SERVICE_BYTES] },
	{ CGROUP_IO, false, "blkio.throttle.io_serviced", parse_blkio, 0, &tables[IO_SERVICED] },
};
/* clang-format on */
const size_t n_stats_files = ARRAY_SIZE(stats_files);

bool stats_hugetlb_size(const char *file, const char **ret_size, size_t *ret_n)
{
	static const char prefix[] = "hugetlb.";
	if (strncmp(file, prefix, sizeof prefix - 1) != 0)
		return false;
	const char *size = file + sizeof prefix - 1;
	size_t n = strcspn(size, ".");
	/* not .rsvd.current: one file for each size */
	if (strcmp(size + n, ".current") != 0 && strcmp(size + n, ".usage_in_bytes") != 0)
		return false;
	*ret_size = size;
	*ret_n = n;
	return true;
}

void stats_complete(struct cgroup_stats *s, bool is_v2)
{
	if (s->pids.limit == UINT64_MAX)
		s->pids.limit = 0;
	if (!is_v2)
		return;
	/* v1 counts swap together with memory, and so do the readers of this */
	s->memory.swap.usage += s->memory.usage.usage;
	if (s->memory.swap.limit != UINT64_MAX && s->memory.usage.limit != UINT64_MAX)
		s->memory.swap.limit += s->memory.usage.limit;
	else
		s->memory.swap.limit = UINT64_MAX;
}
