/* SPDX-License-Identifier: Apache-2.0 */
/* From a JSON path to line and column. */
#include "spec_data.h"

#include <errno.h>

#include "libocispec/locate.h"

static const char document[] = "{\n"
			       "  \"root\": { \"path\": \"r\" },\n"
			       "  \"mounts\": [ { \"source\": \"a\" },\n"
			       "    {}, { \"source\": [ [ 1, 2 ], [ 3 ] ] } ],\n"
			       "\t\"annotations\": { \"a.b\": \"1\", \"a\": { \"b\": 2 },\n"
			       "    \"a.b.c\": \"3\", \"x[0]\": \"4\", \"esc\\u0061ped\": 5 },\n"
			       "  \"nothing\": null, \"no\":\n"
			       "    -1.5e3 }";

static void check(const char *path, uint32_t expected_line, uint32_t expected_column)
{
	uint32_t line = 0, column = 0;
	char *exact = exactly(document, sizeof document - 1);
	assert_int_equal(oci_locate(exact, sizeof document - 1, path, &line, &column), 0);
	free(exact);
	assert_int_equal(line, expected_line);
	assert_int_equal(column, expected_column);
}

static void test_values(void **state)
{
	check("root.path", 2, 21);
	check("root", 2, 11);
	check("mounts", 3, 13);
	check("mounts[0].source", 3, 27);
	check("mounts[1]", 4, 5);
	check("mounts[2].source[0][1]", 4, 28);
	check("mounts[2].source[1]", 4, 33);
	check("nothing", 7, 14);
	check("no", 8, 5);
}

static void test_nearest_ancestor(void **state)
{
	check("", 1, 1);
	check("process.args[0]", 1, 1);
	check("root.readonly", 2, 11);
	check("mounts[7].source", 3, 13);
	check("mounts[1].source", 4, 5);
	check("mounts[2].source[0][1].deeper", 4, 28);
	check("mounts[2].source[0][2]", 4, 23);
	check("noth", 1, 1);
	check("nothing2", 1, 1);
	check("mounts[x]", 3, 13);
	check("mounts[", 3, 13);
}

static void test_keys_with_dots(void **state)
{
	check("annotations.a.b.c", 6, 14);
	check("annotations.x[0]", 6, 27);
	check("annotations.escaped", 6, 48);
	check("annotations.a", 5, 36);
	check("annotations.a.b", 5, 26);
}

static void test_not_a_document(void **state)
{
	uint32_t line = 7, column = 7;
	assert_int_equal(oci_locate("{", 1, "a", &line, &column), -EINVAL);
	assert_int_equal(line, 7);
	assert_int_equal(column, 7);
}

static void test_error(void **state)
{
	struct error e;
	error_field(&e, "mounts[0].source", "no such device");
	error_locate(&e, "config.json", document, sizeof document - 1);
	assert_error(&e, "config.json:3:27: mounts[0].source: no such device");
	/* a position that is known is better than one that is looked up */
	e.line = 1;
	e.column = 2;
	error_locate(&e, "other.json", document, sizeof document - 1);
	assert_error(&e, "other.json:1:2: mounts[0].source: no such device");
	/* what the document did not cause has no place in it */
	error_set(&e, ERROR_STATE, EEXIST, "it exists");
	error_locate(&e, "config.json", document, sizeof document - 1);
	assert_error(&e, "it exists");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_nearest_ancestor),
		cmocka_unit_test(test_keys_with_dots),
		cmocka_unit_test(test_not_a_document),
		cmocka_unit_test(test_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
