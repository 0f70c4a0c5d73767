/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of recorded cgroups -> figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/stats.h"

static struct arena arena;
static struct cgroup_stats s;

static int parse(bool is_v2, const char *name, const char *text)
{
	for (size_t i = 0; i < n_stats_files; i++)
		if (stats_files[i].is_v2 == is_v2 && strcmp(stats_files[i].name, name) == 0)
			return stats_files[i].parse(&stats_files[i], &arena, text, &s);
	fail_msg("no row for %s", name);
	return -1;
}
#define V1(name, text) assert_int_equal(parse(false, name, text), 0)
#define V2(name, text) assert_int_equal(parse(true, name, text), 0)

static void cpu_v2(void **state)
{
	V2("cpu.stat", "usage_usec 3204\nuser_usec 1602\nsystem_usec 1601\nnice_usec 9\n"
		       "core_sched.force_idle_usec 0\nnr_periods 7\nnr_throttled 3\n"
		       "throttled_usec 12345\nnr_bursts 0\nburst_usec 0\n");
	assert_int_equal(s.cpu.total, 3204000);
	assert_int_equal(s.cpu.user, 1602000);
	assert_int_equal(s.cpu.kernel, 1601000);
	assert_int_equal(s.cpu.periods, 7);
	assert_int_equal(s.cpu.throttled_periods, 3);
	assert_int_equal(s.cpu.throttled_time, 12345000);
	/* the root's has no throttling, a short one is as good */
	V2("cpu.stat", "usage_usec 1");
	assert_int_equal(s.cpu.total, 1000);
	assert_int_equal(parse(true, "cpu.stat", "usage_usec x\n"), -EINVAL);
	assert_int_equal(parse(true, "cpu.stat", "usage_usec 99999999999999999999\n"), -EINVAL);
}

static void cpu_v1(void **state)
{
	V1("cpuacct.usage", "6120973\n");
	V1("cpuacct.stat", "user 2\nsystem 14\n");
	V1("cpuacct.usage_percpu", "4115064 2005909 \n");
	V1("cpuacct.usage_all", "cpu user system\n0 1000 4114064\n1 0 2005909\n");
	V1("cpu.stat", "nr_periods 3\nnr_throttled 2\nthrottled_time 77\nwait_sum 5\n");
	assert_int_equal(s.cpu.total, 6120973);
	assert_int_equal(s.cpu.user, 20000000);
	assert_int_equal(s.cpu.kernel, 140000000);
	assert_int_equal(s.cpu.per_cpu.n, 2);
	assert_int_equal(s.cpu.per_cpu.v[1], 2005909);
	assert_int_equal(s.cpu.per_cpu_user.n, 2);
	assert_int_equal(s.cpu.per_cpu_user.v[0], 1000);
	assert_int_equal(s.cpu.per_cpu_kernel.v[1], 2005909);
	assert_int_equal(s.cpu.throttled_time, 77);
	assert_int_equal(parse(false, "cpuacct.usage_percpu", "1 x\n"), -EINVAL);
	assert_int_equal(parse(false, "cpuacct.usage_all", "cpu user system\n0 1\n"), -EINVAL);
}

static void memory_v2(void **state)
{
	V2("memory.stat", "anon 57344\nfile 4096\nkernel 1\nsock 0\n");
	V2("memory.current", "163840\n");
	V2("memory.max", "67108864\n");
	V2("memory.peak", "200000\n");
	V2("memory.events", "low 0\nhigh 0\nmax 5\noom 1\noom_kill 1\noom_group_kill 0\n");
	V2("memory.swap.current", "10\n");
	V2("memory.swap.max", "100\n");
	stats_complete(&s, true);
	assert_int_equal(s.memory.cache, 4096);
	assert_int_equal(s.memory.raw.n, 4);
	assert_string_equal(s.memory.raw.v[3].name, "sock");
	assert_int_equal(s.memory.raw.v[0].value, 57344);
	assert_int_equal(s.memory.usage.usage, 163840);
	assert_int_equal(s.memory.usage.limit, 67108864);
	assert_int_equal(s.memory.usage.max, 200000);
	assert_int_equal(s.memory.usage.failcnt, 5);
	/* as v1 has it: both together */
	assert_int_equal(s.memory.swap.usage, 163850);
	assert_int_equal(s.memory.swap.limit, 67108964);
}

static void memory_without_a_limit(void **state)
{
	V2("memory.max", "max\n");
	V2("memory.swap.max", "100\n");
	V2("pids.max", "max\n");
	V2("pids.current", "4\n");
	stats_complete(&s, true);
	assert_true(s.memory.usage.limit == UINT64_MAX && s.memory.swap.limit == UINT64_MAX);
	assert_int_equal(s.pids.limit, 0);
	assert_int_equal(s.pids.current, 4);
	assert_true(s.pids.is_counted);
	assert_int_equal(parse(true, "memory.max", "maximal\n"), -EINVAL);
	assert_int_equal(parse(true, "memory.max", "\n"), -EINVAL);
	assert_int_equal(parse(true, "memory.max", "-1\n"), -EINVAL);
}

static void memory_v1(void **state)
{
	V1("memory.stat", "cache 8192\nrss 4096\ntotal_cache 8192\n");
	V1("memory.usage_in_bytes", "12288\n");
	V1("memory.limit_in_bytes", "9223372036854771712\n");
	V1("memory.memsw.usage_in_bytes", "16384\n");
	V1("memory.kmem.usage_in_bytes", "512\n");
	V1("memory.kmem.tcp.failcnt", "2\n");
	stats_complete(&s, false);
	assert_int_equal(s.memory.cache, 8192);
	assert_int_equal(s.memory.usage.usage, 12288);
	assert_true(s.memory.usage.limit == 9223372036854771712u);
	assert_int_equal(s.memory.swap.usage, 16384);
	assert_int_equal(s.memory.kernel.usage, 512);
	assert_int_equal(s.memory.kernel_tcp.failcnt, 2);
}

static void pressure_stalls(void **state)
{
	V2("cpu.pressure", "some avg10=56.91 avg60=26.50 avg300=0.05 total=2097126374\n"
			   "full avg10=0.00 avg60=100.00 avg300=0.00 total=1\n");
	assert_true(s.cpu.pressure.present);
	assert_int_equal(s.cpu.pressure.some.avg10, 5691);
	assert_int_equal(s.cpu.pressure.some.avg300, 5);
	assert_int_equal(s.cpu.pressure.some.total, 2097126374);
	assert_int_equal(s.cpu.pressure.full.avg60, 10000);
	assert_int_equal(s.cpu.pressure.full.total, 1);
	/* io's has no full line on old kernels */
	V2("io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
	assert_int_equal(s.io.pressure.some.total, 5);
	static const char *const wrong[] = { "some avg10=1\n", "some avg10=1.5 avg60=\n",
		"some avg60=0.00 avg10=0.00 avg300=0.00 total=5\n", "full \n" };
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(parse(true, "memory.pressure", wrong[i]), -EINVAL);
}

static void io_v2(void **state)
{
	V2("io.stat", "253:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n7:0 \n8:16\n"
		      "8:0 rbytes=5 cost.usage=1 wios=6\n");
	assert_int_equal(s.io.tables[IO_SERVICE_BYTES].n, 4);
	assert_int_equal(s.io.tables[IO_SERVICED].n, 4);
	const struct io_entry *e = s.io.tables[IO_SERVICE_BYTES].v;
	assert_true(e[1].major == 253 && e[1].minor == 0 && e[1].value == 8192);
	assert_string_equal(e[1].op, "Write");
	assert_true(e[3].major == 8 && e[3].value == 5);
	assert_int_equal(s.io.tables[IO_SERVICED].v[3].value, 6);
	assert_int_equal(parse(true, "io.stat", "rbytes=5\n"), -EINVAL);
}

static void io_v1(void **state)
{
	/* no disk has this scheduler */
	V1("blkio.bfq.io_service_bytes_recursive", "Total 0\n");
	V1("blkio.throttle.io_service_bytes_recursive",
		"253:0 Read 5\n253:0 Write 6\n253:0 Total 11\nTotal 11\n");
	/* not a second time */
	V1("blkio.throttle.io_service_bytes", "253:0 Read 5\nTotal 5\n");
	V1("blkio.bfq.time_recursive", "8:0 77\nTotal 77\n");
	assert_int_equal(s.io.tables[IO_SERVICE_BYTES].n, 3);
	assert_string_equal(s.io.tables[IO_SERVICE_BYTES].v[2].op, "Total");
	assert_int_equal(s.io.tables[IO_SERVICE_BYTES].v[2].value, 11);
	assert_int_equal(s.io.tables[IO_TIME].n, 1);
	assert_string_equal(s.io.tables[IO_TIME].v[0].op, "");
	assert_int_equal(s.io.tables[IO_TIME].v[0].value, 77);
	assert_int_equal(parse(false, "blkio.bfq.sectors_recursive", "8:0\n"), -EINVAL);
}

static void cpusets(void **state)
{
	V1("cpuset.cpus", "0-2,7,9-9\n");
	V1("cpuset.mems", "\n");
	V1("cpuset.sched_relax_domain_level", "-1\n");
	V1("cpuset.sched_load_balance", "1\n");
	assert_int_equal(s.cpuset.cpus.n, 5);
	assert_int_equal(s.cpuset.cpus.v[2], 2);
	assert_int_equal(s.cpuset.cpus.v[4], 9);
	assert_int_equal(s.cpuset.mems.n, 0);
	assert_int_equal(s.cpuset.sched_relax_domain_level, -1);
	assert_int_equal(s.cpuset.sched_load_balance, 1);
	static const char *const wrong[] = { "0-\n", "3-1\n", "x\n", "0 1\n", "0-4294967295\n" };
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(parse(true, "cpuset.cpus", wrong[i]), -EINVAL);
}

static void page_sizes(void **state)
{
	const char *size;
	size_t n;
	assert_true(stats_hugetlb_size("hugetlb.2MB.current", &size, &n));
	assert_true(n == 3 && memcmp(size, "2MB", 3) == 0);
	assert_true(stats_hugetlb_size("hugetlb.1GB.usage_in_bytes", &size, &n));
	assert_false(stats_hugetlb_size("hugetlb.2MB.rsvd.current", &size, &n));
	assert_false(stats_hugetlb_size("hugetlb.2MB.events", &size, &n));
	assert_false(stats_hugetlb_size("memory.current", &size, &n));
}

static int setup(void **state)
{
	arena_init(&arena);
	s = (struct cgroup_stats){ 0 };
	return 0;
}

static int teardown(void **state)
{
	arena_free(&arena);
	return 0;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(cpu_v2),
		TEST(cpu_v1),
		TEST(memory_v2),
		TEST(memory_without_a_limit),
		TEST(memory_v1),
		TEST(pressure_stalls),
		TEST(io_v2),
		TEST(io_v1),
		TEST(cpusets),
		TEST(page_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
