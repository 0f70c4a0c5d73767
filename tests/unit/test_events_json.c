/* SPDX-License-Identifier: Apache-2.0 */
/* Figures -> the text that go-runc reads, and the counters of a class of service on a made-up tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/events_json.h"

static struct arena arena;
static struct error error;
static char *text;

static void contains(const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s\nis not in\n%s", part, text);
}

static void an_event_without_data(void **state)
{
	assert_int_equal(event_encode(&arena, "oom", "c1", NULL, &text, &error), 0);
	assert_string_equal(text, "{\"type\":\"oom\",\"id\":\"c1\"}");
}

static void figures(void **state)
{
	uint64_t cpus[] = { 5, 6 };
	struct io_entry io[] = { { 8, 1, "Read", 7 }, { 8, 2, "", 9 } };
	struct named_value raw[] = { { "anon", 3 } };
	struct hugetlb_use huge[] = { { "2MB", 1, 2, 3 } };
	struct cgroup_stats s = {
		.cpu = { .total = 10,
			.per_cpu = { 2, cpus },
			.pressure = { true, { 5691, 5, 10000, 77 }, { 0, 0, 0, 0 } } },
		.memory = { .usage = { UINT64_MAX, 1, 2, 3 }, .raw = { 1, raw } },
		.cpuset = { .sched_relax_domain_level = -1 },
	};
	s.io.tables[IO_SERVICED].n = 2;
	s.io.tables[IO_SERVICED].v = io;
	s.hugetlb.n = 1;
	s.hugetlb.v = huge;
	const struct container_use use = { &s, NULL };
	assert_int_equal(event_encode(&arena, "stats", "c1", &use, &text, &error), 0);
	assert_ptr_equal(
		strstr(text, "{\"type\":\"stats\",\"id\":\"c1\",\"data\":{\"cpu\":{"), text);
	contains("\"usage\":{\"total\":10,\"percpu\":[5,6],\"kernel\":0,\"user\":0}");
	contains("\"psi\":{\"some\":{\"avg10\":56.91,\"avg60\":0.05,\"avg300\":100.00,\"total\":"
		 "77}");
	contains("\"usage\":{\"limit\":18446744073709551615,\"usage\":1,\"max\":2,\"failcnt\":3}");
	contains("\"raw\":{\"anon\":3}");
	contains("\"sched_relax_domain_level\":-1");
	contains("\"ioServicedRecursive\":[{\"major\":8,\"minor\":1,\"op\":\"Read\",\"value\":7},"
		 "{\"major\":8,\"minor\":2,\"value\":9}]");
	contains("\"hugetlb\":{\"2MB\":{\"usage\":1,\"max\":2,\"failcnt\":3}}");
	contains("\"intel_rdt\":{},\"network_interfaces\":[]");
}

static void make(const char *root, const char *path, const char *content)
{
	char *full = arena_printf(&arena, "%s/%s", root, path);
	if (!content) {
		assert_int_equal(mkdir(full, 0755), 0);
		return;
	}
	int fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	assert_true(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content));
	close(fd);
}

static const struct {
	const char *path, *content;
} tree[] = {
	{ "schemata", "    L3:0=fffff;1=7f0\n    MB:0=100;1=20\n" },
	{ "mon_data", NULL },
	{ "mon_data/mon_L3_00", NULL },
	{ "mon_data/mon_L3_00/llc_occupancy", "4096\n" },
	{ "mon_data/mon_L3_00/mbm_total_bytes", "100\n" },
	{ "mon_data/mon_L3_00/mbm_local_bytes", "90\n" },
	{ "mon_data/mon_L3_01", NULL },
	{ "mon_data/mon_L3_01/llc_occupancy", "Unavailable\n" },
	{ "mon_data/mon_L3_01/mbm_total_bytes", "7\n" },
};

static void a_class_of_service(void **state)
{
	enum { N = sizeof tree / sizeof tree[0] };
	char root[] = "/tmp/oci-rt-events-XXXXXX";
	struct cgroup_stats none = { 0 };
	struct resctrl_stats stats;
	const struct resctrl_group group = { .path = root };
	const struct container_use use = { &none, &stats };
	assert_non_null(mkdtemp(root));
	for (size_t i = 0; i < N; i++)
		make(root, tree[i].path, tree[i].content);
	assert_int_equal(resctrl_stats_read(&arena, &group, &stats, &error), 0);
	assert_int_equal(event_encode(&arena, "stats", "c1", &use, &text, &error), 0);
	contains("\"intel_rdt\":{\"l3_cache_schema\":\"L3:0=fffff;1=7f0\","
		 "\"mem_bw_schema\":\"MB:0=100;1=20\","
		 "\"schemata\":[\"L3:0=fffff;1=7f0\",\"MB:0=100;1=20\"],"
		 "\"mbm_stats\":[{\"mbm_total_bytes\":100,\"mbm_local_bytes\":90},"
		 "{\"mbm_total_bytes\":7,\"mbm_local_bytes\":0}],"
		 "\"cmt_stats\":[{\"llc_occupancy\":4096},{\"llc_occupancy\":0}]}");
	for (size_t i = N; i-- > 0;)
		assert_int_equal(remove(arena_printf(&arena, "%s/%s", root, tree[i].path)), 0);
	rmdir(root);
	/* gone meanwhile */
	assert_int_equal(resctrl_stats_read(&arena, &group, &stats, &error), 0);
	assert_true(stats.n == 0 && stats.schemata.n == 0);
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
		cmocka_unit_test_setup_teardown(an_event_without_data, setup, teardown),
		cmocka_unit_test_setup_teardown(figures, setup, teardown),
		cmocka_unit_test_setup_teardown(a_class_of_service, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
