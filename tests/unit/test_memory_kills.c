/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of the cgroup in, the words of the message out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "cgroup/oom.h"

static void test_words(void **state)
{
	static const struct {
		struct memory_kills m;
		const char *text;
	} cases[] = {
		{ { 1, 4 << 20, 4 << 20 }, "limit 4 MiB, peak 4 MiB" },
		{ { 1, 4096, 0 }, "limit 4 KiB" },
		{ { 1, 4 << 20, (4 << 20) - 8192 }, "limit 4 MiB, peak 4 MiB" },
		{ { 1, 1500, 1536 }, "limit 1.5 KiB, peak 1.5 KiB" },
		{ { 1, 0, 100 }, "limit 0 B, peak 100 B" },
		{ { 3, UINT64_MAX, 5ULL << 40 }, "no limit of its own, peak 5 TiB" },
		{ { 3, UINT64_MAX - 1, 1 }, "limit 16777216 TiB, peak 1 B" },
	};
	char text[MEMORY_KILLS_TEXT];
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(memory_kills_text(&cases[i].m, text), cases[i].text);
}

static void test_nobody_counts(void **state)
{
	struct memory_kills m;
	const struct cgroup_location none = { .manager = CGROUP_MANAGER_DISABLED };
	/* a directory that was there before the container: what it counts is not the container's */
	const struct cgroup_location others = { .unified = "/sys/fs/cgroup" };
	assert_int_equal(cgroup_memory_kills(&none, &m), -ENODEV);
	assert_int_equal(cgroup_memory_kills(&others, &m), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_nobody_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
