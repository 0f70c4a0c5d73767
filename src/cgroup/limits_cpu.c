/* SPDX-License-Identifier: Apache-2.0 */
/* CPU time: linux.resources.cpu without the cpuset part. Pure. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "cgroup/limits.h"

#define P "linux.resources.cpu."

/* Where only the quota is given. admin-guide/cgroup-v2.rst, cpu.max */
enum { DEFAULT_PERIOD = 100000 };

/* Logarithm and power by series, so that one conversion does not load libm. The unit test compares
 * every possible value with libm's. */
static double log2_of(uint64_t v)
{
	int exponent = 63 - __builtin_clzll(v);
	double m = (double)v / (double)(1ULL << exponent);
	double s = (m - 1) / (m + 1), power = s, sum = 0;
	for (int k = 1; k < 60; k += 2, power *= s * s)
		sum += power / k;
	return exponent + 2 * sum / M_LN2;
}

static double power_of_10(double x)
{
	double term = 1, sum = 1, scale = 1;
	while (x >= 1) {
		scale *= 10;
		x -= 1;
	}
	for (int k = 1; k < 40; k++) {
		term *= x * M_LN10 / k;
		sum += term;
	}
	return scale * sum;
}

uint64_t cpu_weight_from_shares(uint64_t shares)
{
	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	double l = log2_of(shares);
	double weight = power_of_10((l * l + 125 * l) / 612.0 - 7.0 / 34.0);
	/* rounded up; 1024 is exactly 100, whatever the last bit says */
	uint64_t whole = (uint64_t)weight;
	return weight - (double)whole > 1e-9 ? whole + 1 : whole;
}

static int check_idle(const struct oci_cpu *cpu, struct error *e)
{
	if (cpu->idle.set && cpu->idle.v != 0 && cpu->idle.v != 1)
		return error_field(
			e, P "idle", "expected 0 or 1, found %lld", (long long)cpu->idle.v);
	return 0;
}

static int check(const struct oci_cpu *cpu, struct error *e)
{
	/* spec: burst MUST be no larger than any positive quota */
	if (cpu->quota.set && cpu->quota.v > 0 && cpu->burst.set &&
		cpu->burst.v > (uint64_t)cpu->quota.v)
		return error_field(e, P "burst", "%llu is larger than the quota of %lld",
			(unsigned long long)cpu->burst.v, (long long)cpu->quota.v);
	return check_idle(cpu, e);
}

static int say_idle(struct limits *l, const struct oci_cpu *cpu, int64_t when)
{
	if (!cpu->idle.set || cpu->idle.v != when)
		return 0;
	return limit_write(l, CGROUP_WRITE_REQUIRE, P "idle", "cpu.idle",
		when ? "run only when the CPU is idle" : "run with normal priority", "%lld",
		(long long)when);
}

/* The kernel takes no weight while a group is idle: not idle first, idle last. */
static int say_weight(struct limits *l, const struct oci_cpu *cpu, bool is_v2)
{
	int r = say_idle(l, cpu, 0);
	if (r == 0 && cpu->shares.set && cpu->shares.v != 0) {
		uint64_t weight = is_v2 ? cpu_weight_from_shares(cpu->shares.v) : cpu->shares.v;
		r = limit_write(l, CGROUP_WRITE_REQUIRE, P "shares",
			is_v2 ? "cpu.weight" : "cpu.shares",
			limit_text(l, "give %llu CPU shares", (unsigned long long)cpu->shares.v),
			"%llu", (unsigned long long)weight);
	}
	return r < 0 ? r : say_idle(l, cpu, 1);
}

static const char *what_quota(struct limits *l, int64_t quota, uint64_t period)
{
	if (quota < 0)
		return limit_text(l, "set no limit of CPU time");
	return limit_text(l, "limit CPU time to %lld of every %llu microseconds", (long long)quota,
		(unsigned long long)period);
}

/* Quota and period are one file: what an update does not give is taken from the cgroup. */
static int say_bandwidth_v2(struct limits *l, const struct oci_cpu *cpu)
{
	const struct cgroup_current *now = l->current;
	bool has_quota = cpu->quota.set && cpu->quota.v != 0;
	bool has_period = cpu->period.set && cpu->period.v != 0;
	if (!has_quota && !has_period)
		return 0;
	uint64_t period = has_period		? cpu->period.v
			  : now->cpu_period.set ? now->cpu_period.v
						: DEFAULT_PERIOD;
	int64_t quota = has_quota ? cpu->quota.v : now->cpu_quota.set ? now->cpu_quota.v : -1;
	const char *path = has_quota ? P "quota" : P "period";
	const char *what = what_quota(l, quota, period);
	if (quota < 0)
		return limit_write(l, has_period ? CGROUP_WRITE_REQUIRE : CGROUP_WRITE_IF_PRESENT,
			path, "cpu.max", what, "max %llu", (unsigned long long)period);
	return limit_write(l, CGROUP_WRITE_REQUIRE, path, "cpu.max", what, "%lld %llu",
		(long long)quota, (unsigned long long)period);
}

/* A burst above the old quota is refused until the new quota is there. */
static int say_burst(struct limits *l, const struct oci_cpu *cpu, const char *file)
{
	if (!cpu->burst.set)
		return 0;
	return limit_write(l, cpu->burst.v ? CGROUP_WRITE_RETRY : CGROUP_WRITE_IF_PRESENT,
		P "burst", file,
		limit_text(l, "let CPU time burst by %llu microseconds",
			(unsigned long long)cpu->burst.v),
		"%llu", (unsigned long long)cpu->burst.v);
}

int say_cpu_v2(struct limits *l)
{
	const struct oci_cpu *cpu = l->resources->cpu;
	if (!cpu)
		return 0;
	int r = check(cpu, l->e);
	if (r < 0)
		return r;
	if (cpu->realtime_runtime.set && cpu->realtime_runtime.v != 0)
		return error_unsupported(
			l->e, P "realtimeRuntime", "cgroup v2 has no realtime limits");
	if (cpu->realtime_period.set && cpu->realtime_period.v != 0)
		return error_unsupported(
			l->e, P "realtimePeriod", "cgroup v2 has no realtime limits");
	r = say_weight(l, cpu, true);
	if (r == 0)
		r = say_burst(l, cpu, "cpu.max.burst");
	return r < 0 ? r : say_bandwidth_v2(l, cpu);
}

/* Before a process enters: one that is SCHED_RR already cannot without runtime. */
static int say_realtime_v1(struct limits *l, const struct oci_cpu *cpu)
{
	int r = 0;
	if (cpu->realtime_period.set && cpu->realtime_period.v != 0)
		r = limit_write(l, CGROUP_WRITE_RETRY, P "realtimePeriod", "cpu.rt_period_us",
			"set the realtime period", "%llu",
			(unsigned long long)cpu->realtime_period.v);
	if (r == 0 && cpu->realtime_runtime.set && cpu->realtime_runtime.v != 0)
		r = limit_write(l, CGROUP_WRITE_RETRY, P "realtimeRuntime", "cpu.rt_runtime_us",
			"limit realtime CPU time", "%lld", (long long)cpu->realtime_runtime.v);
	return r;
}

int say_cpu_v1(struct limits *l)
{
	const struct oci_cpu *cpu = l->resources->cpu;
	if (!cpu)
		return 0;
	int r = check(cpu, l->e);
	if (r == 0)
		r = say_realtime_v1(l, cpu);
	if (r == 0)
		r = say_weight(l, cpu, false);
	if (r == 0 && cpu->period.set && cpu->period.v != 0)
		r = limit_write(l, CGROUP_WRITE_RETRY, P "period", "cpu.cfs_period_us",
			"set the period of the CPU quota", "%llu",
			(unsigned long long)cpu->period.v);
	if (r == 0)
		r = say_burst(l, cpu, "cpu.cfs_burst_us");
	if (r == 0 && cpu->quota.set && cpu->quota.v != 0)
		r = limit_write(l, cpu->quota.v < 0 ? CGROUP_WRITE_IF_PRESENT : CGROUP_WRITE_RETRY,
			P "quota", "cpu.cfs_quota_us",
			what_quota(l, cpu->quota.v,
				cpu->period.set && cpu->period.v ? cpu->period.v : DEFAULT_PERIOD),
			"%lld", (long long)(cpu->quota.v < 0 ? -1 : cpu->quota.v));
	return r;
}
