/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions of limits, and what an update takes from the cgroup as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "cgroup/limits.h"

static void weight_of_every_share(void **state)
{
	assert_int_equal(cpu_weight_from_shares(0), 1);
	assert_int_equal(cpu_weight_from_shares(2), 1);
	assert_int_equal(cpu_weight_from_shares(1024), 100);
	assert_int_equal(cpu_weight_from_shares(262144), 10000);
	assert_int_equal(cpu_weight_from_shares(UINT64_MAX), 10000);
	for (uint64_t shares = 3; shares < 262144; shares++) {
		double l = log2((double)shares);
		double exact = ceil(pow(10, (l * l + 125 * l) / 612.0 - 7.0 / 34.0));
		if (cpu_weight_from_shares(shares) != (uint64_t)exact)
			fail_msg("%llu: %llu, expected %.0f", (unsigned long long)shares,
				(unsigned long long)cpu_weight_from_shares(shares), exact);
	}
}

static void weight_of_io(void **state)
{
	assert_int_equal(io_weight_from_blkio(10), 1);
	assert_int_equal(io_weight_from_blkio(500), 4950);
	assert_int_equal(io_weight_from_blkio(1000), 10000);
}

#define SET(value)                                                                                 \
	{                                                                                          \
		true, value                                                                        \
	}

static struct arena arena;

/* "file=value;" of an update on a v2 machine with everything enabled */
static const char *update(const struct oci_resources *resources,
	const struct cgroup_current *current, struct error *e)
{
	static struct cgroup_level root = {
		.path = "", .can_create = true, .available = ~0u, .enabled = ~0u, .can_enable = true
	};
	static struct cgroup_hierarchy h = { .is_v2 = true,
		.name = "",
		.controllers = ~0u,
		.mount = "/sys/fs/cgroup",
		.levels = { 1, &root },
		.target_exists = true };
	static const struct cgroup_host host = { CGROUP_MODE_UNIFIED, 1, &h };
	struct cgroup_dir dir = { .hierarchy = &h, .path = "x" };
	struct cgroup_plan plan = { .dirs = { 1, &dir } };
	struct cgroup_request request = { .resources = resources, .is_update = true };
	const char *text = "";
	if (cgroup_decide_limits(&arena, &request, &host, current, &plan, e) < 0)
		return e->path;
	for (size_t i = 0; i < plan.writes.n; i++)
		text = arena_printf(
			&arena, "%s%s=%s;", text, plan.writes.v[i].file, plan.writes.v[i].value);
	assert_int_equal(plan.device_filter.n, 0);
	return text;
}

static void update_keeps_what_is_not_given(void **state)
{
	struct error e;
	struct oci_cpu cpu = { .period = SET(50000) };
	struct oci_memory memory = { .swap = SET(3000) };
	struct oci_resources r = { .cpu = &cpu };
	struct cgroup_current now = {
		.cpu_quota = SET(20000), .cpu_period = SET(100000), .memory_max = SET(1000)
	};
	assert_string_equal(update(&r, &now, &e), "cpu.max=20000 50000;");
	cpu = (struct oci_cpu){ .quota = SET(70000) };
	assert_string_equal(update(&r, &now, &e), "cpu.max=70000 100000;");
	now.cpu_period.v = 250000;
	assert_string_equal(update(&r, &now, &e), "cpu.max=70000 250000;");
	cpu.quota.v = -1;
	assert_string_equal(update(&r, &now, &e), "cpu.max=max 250000;");
	r = (struct oci_resources){ .memory = &memory };
	assert_string_equal(update(&r, &now, &e), "memory.swap.max=2000;");
	now.memory_max.v = -1;
	assert_string_equal(update(&r, &now, &e), "memory.swap.max=3000;");
}

static void swap_is_what_is_left_of_both(void **state)
{
	static const struct {
		int64_t limit, swap;
		const char *wanted;
	} rows[] = {
		{ 1000, 3000, "memory.swap.max=2000;memory.max=1000;" },
		{ 1000, 1000, "memory.swap.max=0;memory.max=1000;" },
		{ 1000, -1, "memory.swap.max=max;memory.max=1000;" },
		{ 1000, 0, "memory.max=1000;" },
		{ -1, 0, "memory.swap.max=max;memory.max=max;" },
		{ -1, 500, "memory.swap.max=500;memory.max=max;" },
		{ 1000, 999, "linux.resources.memory.swap" },
		{ 0, 500, "linux.resources.memory.swap" },
		{ -2, 0, "linux.resources.memory.limit" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error e;
		struct oci_memory memory = { .limit = SET(rows[i].limit),
			.swap = SET(rows[i].swap) };
		struct oci_resources r = { .memory = &memory };
		struct cgroup_current now = { 0 };
		assert_string_equal(update(&r, &now, &e), rows[i].wanted);
	}
}

static void check_before_update_refuses_less_than_is_used(void **state)
{
	struct error e;
	struct oci_memory memory = { .limit = SET(1000), .check_before_update = SET(true) };
	struct oci_resources r = { .memory = &memory };
	struct cgroup_current now = { .memory_usage = SET(1001) };
	assert_string_equal(update(&r, &now, &e), "linux.resources.memory.limit");
	now.memory_usage.v = 1000;
	assert_string_equal(update(&r, &now, &e), "memory.max=1000;");
	memory.check_before_update.v = false;
	now.memory_usage.v = 5000;
	assert_string_equal(update(&r, &now, &e), "memory.max=1000;");
	memory = (struct oci_memory){ .swap = SET(2000), .check_before_update = SET(true) };
	memory.limit = (struct opt_i64)SET(1000);
	assert_string_equal(update(&r, &now, &e), "linux.resources.memory.swap");
	assert_non_null(strstr(e.text, "rejecting memory+swap limit 2000: "));
	memory.swap.v = 6000;
	assert_string_equal(update(&r, &now, &e), "linux.resources.memory.limit");
	assert_non_null(strstr(e.text, "rejecting memory limit 1000: "));
}

static void wrong_values_name_their_place(void **state)
{
	struct error e;
	struct cgroup_current now = { 0 };
	struct oci_cpu cpu = { .quota = SET(1000), .burst = SET(1001) };
	struct oci_block_io io = { .weight = SET(9) };
	struct oci_hugepage_limit pages[] = { { "2MB", 1 }, { "../x", 1 } };
	struct oci_resources r = { .cpu = &cpu };
	assert_string_equal(update(&r, &now, &e), "linux.resources.cpu.burst");
	cpu = (struct oci_cpu){ .idle = SET(2) };
	assert_string_equal(update(&r, &now, &e), "linux.resources.cpu.idle");
	cpu = (struct oci_cpu){ .realtime_runtime = SET(1) };
	assert_string_equal(update(&r, &now, &e), "linux.resources.cpu.realtimeRuntime");
	r = (struct oci_resources){ .block_io = &io };
	assert_string_equal(update(&r, &now, &e), "linux.resources.blockIO.weight");
	r = (struct oci_resources){ .hugepage_limits = { 2, pages } };
	assert_string_equal(update(&r, &now, &e), "linux.resources.hugepageLimits[1].pageSize");
}

static void idle_is_set_last_and_unset_first(void **state)
{
	struct error e;
	struct cgroup_current now = { 0 };
	struct oci_cpu cpu = { .idle = SET(1), .shares = SET(1024) };
	struct oci_resources r = { .cpu = &cpu };
	assert_string_equal(update(&r, &now, &e), "cpu.weight=100;cpu.idle=1;");
	cpu.idle.v = 0;
	assert_string_equal(update(&r, &now, &e), "cpu.idle=0;cpu.weight=100;");
}

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weight_of_every_share),
		cmocka_unit_test(weight_of_io),
		cmocka_unit_test(update_keeps_what_is_not_given),
		cmocka_unit_test(swap_is_what_is_left_of_both),
		cmocka_unit_test(check_before_update_refuses_less_than_is_used),
		cmocka_unit_test(wrong_values_name_their_place),
		cmocka_unit_test(idle_is_set_last_and_unset_first),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
