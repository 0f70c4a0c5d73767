/* SPDX-License-Identifier: Apache-2.0 */
/* From ranges to maps: no id twice, all of them or an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/subid.h"
#include "plan/idmap.h"

enum { NO_OWN = 0xffffffff };

static const char *text_of(struct arena *a, const struct oci_id_mapping_list *l)
{
	const char *text = "";
	for (size_t i = 0; i < l->n; i++)
		text = arena_printf(a, "%s%s%u:%u:%u", text, i ? " " : "", l->v[i].container_id,
			l->v[i].host_id, l->v[i].size);
	return text;
}

static void ranges_become_a_map(void **state)
{
	static const struct {
		uint32_t own;
		size_t n;
		struct id_range v[10];
		const char *expected;
	} cases[] = {
		{ 1000, 0, { { 0 } }, "0:1000:1" },
		{ NO_OWN, 1, { { 100000, 65536 } }, "0:100000:65536" },
		{ 1000, 1, { { 100000, 65536 } }, "0:1000:1 1:100000:65536" },
		/* by name and by number */
		{ 1000, 2, { { 7, 3 }, { 7, 3 } }, "0:1000:1 1:7:3" },
		{ NO_OWN, 2, { { 10, 10 }, { 15, 10 } }, "0:10:10 10:20:5" },
		{ NO_OWN, 2, { { 15, 10 }, { 10, 10 } }, "0:15:10 10:10:5" },
		{ NO_OWN, 2, { { 15, 2 }, { 10, 10 } }, "0:15:2 2:10:5 7:17:3" },
		/* a range with one's own id in it */
		{ 12, 1, { { 10, 5 } }, "0:12:1 1:10:2 3:13:2" },
		{ 1000, 9,
			{ { 10, 1 }, { 20, 1 }, { 30, 1 }, { 40, 1 }, { 50, 1 }, { 60, 1 },
				{ 70, 1 }, { 80, 1 }, { 90, 1 } },
			"0:1000:1 1:10:1 2:20:1 3:30:1 4:40:1 5:50:1 6:60:1 7:70:1 8:80:1 9:90:1" },
		/* container ids end before -1 */
		{ 5, 2, { { 10, 0xfffffff0 }, { 6, 4 } }, "0:5:1 1:10:4294967280 4294967281:6:4" },
		{ NO_OWN, 2, { { 0, 0xffffffff }, { 0, 5 } }, "0:0:4294967295" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena a;
		struct oci_id_mapping_list l;
		struct error e;
		arena_init(&a);
		const struct id_range_list ranges = { cases[i].n, (struct id_range *)cases[i].v };
		assert_int_equal(idmap_of_ranges(&a, cases[i].own, &ranges, "p", &l, &e), 0);
		assert_string_equal(text_of(&a, &l), cases[i].expected);
		arena_free(&a);
	}
}

static int map_many(uint32_t n, uint32_t step)
{
	struct arena a;
	struct id_range_list ranges = { 0 };
	struct oci_id_mapping_list l;
	struct error e = { 0 };
	arena_init(&a);
	for (uint32_t i = 0; i < n; i++)
		assert_true(subid_add(&a, &ranges, i * step, 1));
	assert_int_equal(ranges.n, n);
	int r = idmap_of_ranges(&a, NO_OWN, &ranges, "linux.uidMappings", &l, &e);
	if (r < 0) {
		assert_string_equal(e.path, "linux.uidMappings");
		assert_non_null(strstr(e.text, "more than a user namespace takes"));
	} else {
		assert_int_equal(l.n, n);
	}
	arena_free(&a);
	return r;
}

static void all_or_an_error(void **state)
{
	assert_int_equal(map_many(200, 2), 0);
	assert_int_equal(map_many(341, 2), -E2BIG);
	/* fewer lines than the kernel takes, but longer ones */
	assert_int_equal(map_many(300, 10000000), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_become_a_map),
		cmocka_unit_test(all_or_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
