/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of --degrade and of its annotation: what they say, and what they may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "plan/policy.h"

static const char *said(const char *option, const char *annotation)
{
	static char line[512];
	struct string_pair pair = { "org.oci-rt.degrade", annotation };
	const struct string_map map = { annotation ? 1 : 0, &pair };
	struct policies p;
	struct error e = { 0 };
	int n = 0;
	if (policies_choose(option, &map, &p, &e) < 0) {
		error_format(&e, line, sizeof line);
		return line;
	}
	line[0] = '\0';
	for (int i = 0; i < PART_COUNT; i++)
		if (p.v[i] != POLICY_DEFAULT)
			n += snprintf(line + n, sizeof line - (size_t)n, "%s%s=%s", n ? " " : "",
				part_name((enum part)i), policy_name(p.v[i]));
	return line;
}

static void lists(void **state)
{
	static const struct {
		const char *option, *annotation, *expected;
	} cases[] = {
		{ NULL, NULL, "" },
		{ "rlimits", NULL, "rlimits=prefer" },
		{ "rlimits,cgroup=skip,devices=require", NULL,
			"cgroup=skip devices=require rlimits=prefer" },
		{ NULL, "oom-score=skip", "oom-score=skip" },
		{ "rlimits=require", "rlimits,sysfs=require", "rlimits=require sysfs=require" },
		{ "tty-group,tty-group=require", NULL, "tty-group=require" },
		{ "", NULL,
			"option '--degrade': expected cgroup, devices, oom-score, rlimits, sysfs, "
			"tty-group, found ''" },
		{ "rlimits,", NULL,
			"option '--degrade': expected cgroup, devices, oom-score, rlimits, sysfs, "
			"tty-group, found ''" },
		{ "rlimit", NULL,
			"option '--degrade': expected cgroup, devices, oom-score, rlimits, sysfs, "
			"tty-group, found 'rlimit'" },
		{ "rlimits=skip", NULL,
			"option '--degrade': expected rlimits=require, prefer, found 'skip'" },
		{ "cgroup=", NULL,
			"option '--degrade': expected cgroup=require, prefer or skip, found ''" },
		{ "seccomp", NULL,
			"option '--degrade': seccomp: a security control is never left out" },
		{ "cgroup,capabilities=skip", NULL,
			"option '--degrade': capabilities: a security control is never left out" },
		{ "memory=skip", NULL,
			"option '--degrade': memory: a limit that is asked for is never left out" },
		{ NULL, "pids",
			"annotations.org.oci-rt.degrade: pids: a limit that is asked for is never "
			"left out" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(said(cases[i].option, cases[i].annotation), cases[i].expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lists) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
