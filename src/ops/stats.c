/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stats: what containers use, as a table for people. Programs have `events --stats`. Runs as HOST;
 * takes no lock, changes nothing. A container that ends meanwhile is left out.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/size_text.h"
#include "cgroup/stats.h"
#include "ops/memory_kills.h"
#include "ops/session.h"
#include "ops/table.h"

struct sample {
	uint64_t at; /* ns */
	struct cgroup_stats stats;
	uint64_t kills;
};

struct measured {
	const char *id;
	bool is_there[2];
	struct sample samples[2];
};

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int take(const struct global_options *g, const char *id, struct arena *arena,
	struct sample *ret, struct error *e)
{
	AUTO_SESSION struct session s = SESSION_NONE;
	int r = session_open(g, id, STATE_READ, &s, e);
	if (r == 0)
		r = session_check_alive(&s, e);
	if (r < 0)
		return r;
	ret->at = now_ns();
	ret->kills = memory_kills_so_far(&s.container);
	return cgroup_stats_read(arena, &s.container.cgroup, &ret->stats, e);
}

static const char *bytes(struct arena *a, uint64_t v)
{
	char text[SIZE_TEXT];
	return v == UINT64_MAX ? "-" : arena_strdup(a, size_text(v, text));
}

static const char *pressure(struct arena *a, const struct pressure *p)
{
	return p->present ? arena_printf(a, "%llu.%02llu", (unsigned long long)p->some.avg10 / 100,
				    (unsigned long long)p->some.avg10 % 100)
			  : "-";
}

/* Hundredths of one CPU between two moments. */
static uint64_t share_of_cpu(const struct sample *from, const struct sample *to)
{
	uint64_t ns = to->at - from->at, used = to->stats.cpu.total - from->stats.cpu.total;
	return ns && to->stats.cpu.total >= from->stats.cpu.total ? used * 10000 / ns : 0;
}

enum { COLUMNS = 12 };
static const char *const titles[COLUMNS] = { "ID", "CPU %", "CPU TIME s", "MEMORY", "LIMIT", "PEAK",
	"KILLS", "PIDS", "PIDS LIMIT", "CPU PSI %", "MEM PSI %", "IO PSI %" };

static int fill_row(struct arena *a, const struct measured *m, const char **row)
{
	const struct sample *s = &m->samples[1];
	const struct cgroup_stats *c = &s->stats;
	uint64_t share = share_of_cpu(&m->samples[0], s);
	const char *cells[COLUMNS] = {
		m->id,
		arena_printf(a, "%llu.%02llu", (unsigned long long)share / 100,
			(unsigned long long)share % 100),
		arena_printf(a, "%llu.%02llu", (unsigned long long)c->cpu.total / 1000000000,
			(unsigned long long)c->cpu.total / 10000000 % 100),
		bytes(a, c->memory.usage.usage),
		bytes(a, c->memory.usage.limit ? c->memory.usage.limit : UINT64_MAX),
		bytes(a, c->memory.usage.max),
		arena_printf(a, "%llu", (unsigned long long)s->kills),
		arena_printf(a, "%llu", (unsigned long long)c->pids.current),
		c->pids.limit ? arena_printf(a, "%llu", (unsigned long long)c->pids.limit) : "-",
		pressure(a, &c->cpu.pressure),
		pressure(a, &c->memory.pressure),
		pressure(a, &c->io.pressure),
	};
	for (size_t k = 0; k < COLUMNS; k++)
		if (!cells[k])
			return -ENOMEM;
	memcpy(row, cells, sizeof cells);
	return 0;
}

static int print(struct arena *a, const struct measured *m, size_t n, struct error *e)
{
	const char **cells = ARENA_ARRAY(a, n * COLUMNS + 1, const char *);
	size_t rows = 0;
	int r = cells ? 0 : -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++)
		if (m[i].is_there[1])
			r = fill_row(a, &m[i], cells + rows++ * COLUMNS);
	if (r < 0)
		return error_errno(e, -r, "stats");
	print_table(titles, COLUMNS, cells, rows);
	return 0;
}

/* Of those that were named a failure is told; of all, who does not run is nobody to show. */
static int take_all(const struct global_options *g, struct arena *a, struct measured *m, size_t n,
	int which, bool named, struct error *e)
{
	for (size_t i = 0; i < n; i++) {
		struct error one;
		int r = which == 0 || m[i].is_there[0]
				? take(g, m[i].id, a, &m[i].samples[which], &one)
				: -ESRCH;
		m[i].is_there[which] = r == 0;
		if (r < 0 && named && which == 0) {
			error_prefix(&one, "container '%s'", m[i].id);
			*e = one;
			return r;
		}
	}
	return 0;
}

static int find_all(
	const struct global_options *g, struct arena *a, struct string_list *ret, struct error *e)
{
	AUTO_ROOT struct state_root root = ROOT_NONE;
	int r = state_root_open_all(g->root, &root, e);
	return r < 0 ? r : state_root_list(&root, a, ret, e);
}

static int measure(const struct global_options *g, const struct stats_options *o, struct arena *a,
	struct error *e)
{
	struct string_list ids = o->ids;
	bool named = ids.n > 0;
	int r = named ? 0 : find_all(g, a, &ids, e);
	if (r < 0)
		return r;
	struct measured *m = ARENA_ARRAY(a, ids.n + 1, struct measured);
	if (!m)
		return error_errno(e, ENOMEM, "stats");
	for (size_t i = 0; i < ids.n; i++)
		m[i].id = ids.v[i];
	r = take_all(g, a, m, ids.n, 0, named, e);
	if (r < 0)
		return r;
	struct timespec pause = { (time_t)(o->interval_ms / 1000),
		(long)(o->interval_ms % 1000) * 1000000 };
	if (ids.n)
		nanosleep(&pause, NULL);
	r = take_all(g, a, m, ids.n, 1, named, e);
	return r < 0 ? r : print(a, m, ids.n, e);
}

int op_stats(const struct global_options *g, const struct stats_options *o, struct error *e)
{
	struct arena arena;
	arena_init(&arena);
	int r = measure(g, o, &arena, e);
	arena_free(&arena);
	return r;
}
