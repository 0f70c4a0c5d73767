/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits as unit properties, made from what is to be written into the files, so that the two
 * cannot differ in meaning. One more property is one more row. Pure.
 *
 * Devices are not among them: on v2 our own filter is attached beside whatever systemd has, which
 * never removes it, and DeviceAllow= can say less than the specification (no rule for a bare
 * number range, no order of rules).
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse_num.h"
#include "cgroup/plan.h"

struct limits_in_words {
	struct arena *arena;
	struct systemd_properties *list;
	unsigned version;
	struct opt_i64 v1_quota;
	struct opt_u64 v1_period;
};

struct rule {
	const char *file, *property;
	/* 0, also where the value cannot be said in systemd's words; -ENOMEM */
	int (*say)(struct limits_in_words *, const struct rule *, const struct cgroup_write *);
	unsigned since; /* this version of systemd */
	bool only_v2;
};

static int add(
	struct limits_in_words *l, const struct cgroup_write *w, const char *property, uint64_t v)
{
	return systemd_add(l->arena, l->list, w->json_path, property,
		(struct systemd_value){ SYSTEMD_U64, { .u = v } });
}

/* "max" or "-1" is systemd's infinity */
static int say_number(
	struct limits_in_words *l, const struct rule *rule, const struct cgroup_write *w)
{
	uint64_t v = UINT64_MAX;
	bool is_infinite = strcmp(w->value, "max") == 0 || strcmp(w->value, "-1") == 0;
	return is_infinite || parse_u64(w->value, &v) ? add(l, w, rule->property, v) : 0;
}

/* systemd refuses TasksMax=0; the file gets it all the same */
static int say_tasks(
	struct limits_in_words *l, const struct rule *rule, const struct cgroup_write *w)
{
	if (strcmp(w->value, "0") == 0)
		return add(l, w, rule->property, 1);
	return say_number(l, rule, w);
}

/* Of weights the one for all devices, "default 50" or "50". */
static int say_weight(
	struct limits_in_words *l, const struct rule *rule, const struct cgroup_write *w)
{
	static const char word[] = "default ";
	const char *text = w->value;
	uint64_t v;
	if (strncmp(text, word, sizeof word - 1) == 0)
		text += sizeof word - 1;
	return parse_u64(text, &v) ? add(l, w, rule->property, v) : 0;
}

/* systemd.resource-control(5): CPUWeight=idle, which is 0 on the bus */
static int say_idle(
	struct limits_in_words *l, const struct rule *rule, const struct cgroup_write *w)
{
	return strcmp(w->value, "1") == 0 ? add(l, w, rule->property, 0) : 0;
}

/* systemd keeps hundredths of a CPU, and rounds down: what is less than was asked for would hold
 * until the file is written. */
static int add_quota(
	struct limits_in_words *l, const struct cgroup_write *w, uint64_t quota, uint64_t period)
{
	enum { STEP = 10000, SECOND = 1000000 };
	if (period == 0 || quota > UINT64_MAX / SECOND)
		return 0;
	uint64_t per_second = quota * SECOND / period;
	if (per_second % STEP)
		per_second += STEP - per_second % STEP;
	return add(l, w, "CPUQuotaPerSecUSec", per_second);
}

static int add_period(struct limits_in_words *l, const struct cgroup_write *w, uint64_t period)
{
	return l->version >= 242 ? add(l, w, "CPUQuotaPeriodUSec", period) : 0;
}

/* "max 100000" or "50000 100000"; `unified` may leave the period out */
static int say_cpu_max(
	struct limits_in_words *l, const struct rule *rule, const struct cgroup_write *w)
{
	uint64_t quota, period = 100000;
	size_t n = strcspn(w->value, " ");
	char *first = arena_strndup(l->arena, w->value, n);
	if (!first)
		return -ENOMEM;
	if (w->value[n] && !parse_u64(w->value + n + 1, &period))
		return 0;
	int r = w->value[n] ? add_period(l, w, period) : 0;
	if (r < 0)
		return r;
	if (strcmp(first, "max") == 0)
		return add(l, w, rule->property, UINT64_MAX);
	return parse_u64(first, &quota) ? add_quota(l, w, quota, period) : 0;
}

/* v1 has quota and period in two files, in either order */
static int say_cfs(struct limits_in_words *l, const struct rule *rule, const struct cgroup_write *w)
{
	uint64_t period;
	int64_t quota;
	if (strcmp(w->file, "cpu.cfs_period_us") == 0) {
		if (!parse_u64(w->value, &period))
			return 0;
		l->v1_period = (struct opt_u64){ true, period };
		int r = add_period(l, w, period);
		if (r < 0 || !l->v1_quota.set)
			return r;
	} else {
		if (!parse_i64(w->value, &quota))
			return 0;
		l->v1_quota = (struct opt_i64){ true, quota };
	}
	if (l->v1_quota.v < 0)
		return add(l, w, rule->property, UINT64_MAX);
	return add_quota(l, w, (uint64_t)l->v1_quota.v, l->v1_period.set ? l->v1_period.v : 100000);
}

/* "0-3,7" as bits, the lowest first */
static bool parse_set(const char *text, uint8_t *bits, size_t size)
{
	while (*text) {
		char number[16];
		uint32_t from = 0, to;
		for (unsigned i = 0; i < 2; i++) {
			size_t n = strspn(text, "0123456789");
			if (n == 0 || n >= sizeof number)
				return false;
			memcpy(number, text, n);
			number[n] = '\0';
			if (!parse_u32(number, &to))
				return false;
			text += n;
			from = i == 0 ? to : from;
			if (i == 1 || *text != '-')
				break;
			text++;
		}
		if (from > to || to >= 8 * size)
			return false;
		for (uint32_t i = from; i <= to; i++)
			bits[i / 8] |= (uint8_t)(1U << (i % 8));
		if (*text && *text++ != ',')
			return false;
	}
	return true;
}

static int say_set(struct limits_in_words *l, const struct rule *rule, const struct cgroup_write *w)
{
	enum { SIZE = 1024 }; /* 8192 CPUs, the kernel's maximum */
	uint8_t *bits = arena_alloc(l->arena, SIZE);
	if (!bits)
		return -ENOMEM;
	size_t n = SIZE;
	if (!parse_set(w->value, bits, SIZE))
		return 0; /* the kernel may take it in the file, or says what is wrong */
	while (n > 0 && !bits[n - 1])
		n--;
	return systemd_add(l->arena, l->list, w->json_path, rule->property,
		(struct systemd_value){ SYSTEMD_BYTES, { .bytes = { n, bits } } });
}

/* docs/features-vs-peers.md; systemd.resource-control(5) */
static const struct rule rules[] = {
	{ "memory.max", "MemoryMax", say_number },
	{ "memory.high", "MemoryHigh", say_number },
	{ "memory.low", "MemoryLow", say_number },
	{ "memory.min", "MemoryMin", say_number },
	{ "memory.swap.max", "MemorySwapMax", say_number },
	{ "cpu.weight", "CPUWeight", say_number },
	{ "cpu.idle", "CPUWeight", say_idle, 252, true },
	{ "cpu.max", "CPUQuotaPerSecUSec", say_cpu_max },
	{ "cpuset.cpus", "AllowedCPUs", say_set, 244 },
	{ "cpuset.mems", "AllowedMemoryNodes", say_set, 244 },
	{ "pids.max", "TasksMax", say_tasks },
	{ "io.weight", "IOWeight", say_weight },
	/* v1 */
	{ "memory.limit_in_bytes", "MemoryLimit", say_number },
	{ "cpu.shares", "CPUShares", say_number },
	{ "cpu.cfs_quota_us", "CPUQuotaPerSecUSec", say_cfs },
	{ "cpu.cfs_period_us", "CPUQuotaPerSecUSec", say_cfs },
	{ "blkio.weight", "BlockIOWeight", say_weight },
};

int systemd_add_limits(struct arena *arena, const struct cgroup_plan *plan, unsigned version,
	struct systemd_properties *list)
{
	struct limits_in_words l = { .arena = arena, .list = list, .version = version };
	for (size_t i = 0; i < plan->writes.n; i++) {
		const struct cgroup_write *w = &plan->writes.v[i];
		for (size_t k = 0; k < ARRAY_SIZE(rules); k++) {
			if (strcmp(rules[k].file, w->file) != 0 || version < rules[k].since ||
				(rules[k].only_v2 && !plan->dirs.v[w->dir].hierarchy->is_v2))
				continue;
			int r = rules[k].say(&l, &rules[k], w);
			if (r < 0)
				return r;
		}
	}
	return 0;
}
