/* SPDX-License-Identifier: Apache-2.0 */
/* Signals as users write them. */
#include "spec_data.h"

#include <signal.h>

#include "libocispec/runtime/signals.h"

static void test_accepted(void **state)
{
	static const struct {
		const char *text;
		int number;
	} cases[] = {
		{ "KILL", SIGKILL },
		{ "SIGKILL", SIGKILL },
		{ "sigkill", SIGKILL },
		{ "Term", SIGTERM },
		{ "9", SIGKILL },
		{ "0", 0 },
		{ "15", SIGTERM },
		{ "64", 64 },
		{ "CHLD", SIGCHLD },
		{ "SIGCLD", SIGCHLD },
		{ "SIGIO", SIGIO },
		{ "SIGPOLL", SIGIO },
		{ "SIGRTMIN", 34 },
		{ "SIGRTMIN+3", 37 },
		{ "RTMIN+15", 49 },
		{ "rtmin+30", 64 },
		{ "SIGRTMAX", 64 },
		{ "RTMAX-1", 63 },
		{ "RTMAX-30", 34 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int number = -1;
		assert_true(signal_parse(cases[i].text, &number));
		assert_int_equal(number, cases[i].number);
	}
}

static void test_refused(void **state)
{
	static const char *const cases[] = { "", "SIG", "SIGSIGKILL", "KILLER", "KIL", "-9", "+9",
		" 9", "9 ", "65", "009", "999999999999", "0x9", "RTMIN+31", "RTMIN+", "RTMIN-1",
		"RTMIN3", "RTMAX+1", "RTMAX-31", "RTMAX--1", "9.0", "SIG9" };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int number = -1;
		if (signal_parse(cases[i], &number))
			fail_msg("\"%s\" was taken as %d", cases[i], number);
		assert_int_equal(number, -1);
	}
}

static void test_names(void **state)
{
	assert_string_equal(signal_name(SIGKILL), "SIGKILL");
	assert_string_equal(signal_name(SIGCHLD), "SIGCHLD");
	assert_null(signal_name(40));
	for (int i = 1; i < 32; i++) {
		int number = -1;
		assert_non_null(signal_name(i));
		assert_true(signal_parse(signal_name(i), &number));
		assert_int_equal(number, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
