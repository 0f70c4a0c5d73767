/* SPDX-License-Identifier: Apache-2.0 */
/* Names of units and values of properties: input -> expected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/systemd_unit.h"

static struct arena arena;

static void same(const char *input, const char *got, const char *wanted)
{
	if (!got != !wanted || (got && strcmp(got, wanted) != 0))
		fail_msg("%s: got %s, wanted %s", input, got ? got : "NULL",
			wanted ? wanted : "NULL");
}

/* As gvariant_text() says them again; NULL: refused. */
static const struct {
	const char *text, *wanted;
} values[] = {
	{ "true", "true" },
	{ " false ", "false" },
	{ "boolean true", "true" },
	{ "@b false", "false" },
	{ "5", "5" },
	{ "-5", "-5" },
	{ "+5", "5" },
	{ "2147483647", "2147483647" },
	{ "-2147483648", "-2147483648" },
	{ "2147483648", NULL },
	{ "int32 7", "7" },
	{ "uint32 4294967295", "uint32 4294967295" },
	{ "uint32 4294967296", NULL },
	{ "uint32 -1", NULL },
	{ "int64 -9223372036854775808", "int64 -9223372036854775808" },
	{ "int64 9223372036854775808", NULL },
	{ "uint64 18446744073709551615", "uint64 18446744073709551615" },
	{ "uint64 18446744073709551616", NULL },
	{ "@t 0x10", "uint64 16" },
	{ "@t 010", "uint64 8" },
	{ "@t 08", NULL },
	{ "@x 5", "int64 5" },
	{ "@u 5", "uint32 5" },
	{ "@i 5", "5" },
	{ "uint64 1.5", NULL },
	{ "1.5", "1.500000" },
	{ "double 2", "2.000000" },
	{ "-0.25", "-0.250000" },
	{ "1e5", NULL },
	{ "''", "''" },
	{ "'a \"b\"'", "'a \"b\"'" },
	{ "\"it's\"", "'it\\'s'" },
	{ "'a\\\\b\\tc\\'d'", "'a\\\\b\tc\\'d'" },
	{ "'\\u00e9\\U0001f600'", "'\u00e9\U0001f600'" },
	{ "'\\ud800'", NULL },
	{ "'\\u0000'", NULL },
	{ "'\\u00'", NULL },
	{ "'a", NULL },
	{ "'a\\", NULL },
	{ "'a' b", NULL },
	{ "string 'x'", "'x'" },
	{ "@s 'x'", "'x'" },
	{ "['a', 'b' , \"c\"]", "['a', 'b', 'c']" },
	{ "['a',]", "['a']" },
	{ "@as []", "@as []" },
	{ "@as ['x']", "['x']" },
	{ "[]", NULL },
	{ "[1]", NULL },
	{ "['a' 'b']", NULL },
	{ "['a'", NULL },
	{ "", NULL },
	{ "word", NULL },
	{ "trueish", NULL },
	{ "byte 5", NULL },
	{ "@ay [1]", NULL },
	{ "(1, 2)", NULL },
	{ "<5>", NULL },
	{ "{'a': 1}", NULL },
	{ "-", NULL },
	{ "0x", NULL },
};

static void values_are_parsed(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct systemd_value v;
		const char *why = NULL;
		int r = gvariant_parse(&arena, values[i].text, &v, &why);
		same(values[i].text, r == 0 ? gvariant_text(&arena, &v) : NULL, values[i].wanted);
		if (r < 0) {
			assert_int_equal(r, -EINVAL);
			assert_non_null(why);
		}
	}
}

static void slices_are_expanded(void **state)
{
	static const char *const cases[][2] = {
		{ "a.slice", "/a.slice" },
		{ "a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice" },
		{ "-.slice", "" },
		{ "user-1000.slice", "/user.slice/user-1000.slice" },
		{ "a_b.c.slice", "/a_b.c.slice" },
		{ "-a.slice", NULL },
		{ "a-.slice", NULL },
		{ "a--b.slice", NULL },
		{ ".slice", NULL },
		{ "a.scope", NULL },
		{ "a", NULL },
		{ "a b.slice", NULL },
		{ "a/b.slice", NULL },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		same(cases[i][0], systemd_expand_slice(&arena, cases[i][0]), cases[i][1]);
}

/* What systemd-escape(1) does with them. */
static void names_are_escaped(void **state)
{
	static const char *const cases[][2] = {
		{ "libpod-4f_2.x:y", "libpod-4f_2.x:y" },
		{ "a+b", "a\\x2bb" },
		{ "a@b", "a\\x40b" },
		{ "\u00e9", "\\xc3\\xa9" },
		{ "", "" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		same(cases[i][0], systemd_escape_name(&arena, cases[i][0]), cases[i][1]);
}

static void addresses_are_escaped(void **state)
{
	same("bus", systemd_bus_address(&arena, "/run/user/1000/bus"),
		"unix:path=/run/user/1000/bus");
	same("odd", systemd_bus_address(&arena, "/a b,c;d=%"), "unix:path=/a%20b%2cc%3bd%3d%25");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_parsed),
		cmocka_unit_test(slices_are_expanded),
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(addresses_are_escaped),
	};
	arena_init(&arena);
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&arena);
	return r;
}
