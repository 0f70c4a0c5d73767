/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans of made-up configs, compared as text with tests/golden/plan/NAME.txt. argv[1]: that
 * directory. With UPDATE_GOLDEN=1 in the environment the files are written instead; read the
 * difference before committing it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <linux/capability.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "plan_fixture.h"

static const char *golden_dir;

static void plans_are_as_recorded(void **state)
{
	int failures = 0;
	AUTO_CLOSE int dir_fd = open(golden_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir_fd >= 0);
	for (size_t i = 0; i < n_plan_cases; i++) {
		struct fixture f;
		fixture_decide(&f, &plan_cases[i]);
		const char *got = fixture_text(&f, &plan_cases[i]);
		const char *file = arena_printf(&f.arena, "%s.txt", plan_cases[i].name);
		char *wanted = (char *)"";
		if (getenv("UPDATE_GOLDEN"))
			assert_int_equal(io_replace_file(dir_fd, file, got, strlen(got), 0644), 0);
		io_read_file(dir_fd, file, 1 << 20, &f.arena, &wanted, NULL);
		if (f.error.kind != ERROR_NONE || strcmp(got, wanted) != 0) {
			print_error("%s: got\n%swanted\n%s", plan_cases[i].name, got, wanted);
			failures++;
		}
		fixture_free(&f);
	}
	assert_int_equal(failures, 0);
}

/* Every file in golden/ belongs to a case. */
static void no_golden_file_is_stale(void **state)
{
	AUTO_CLOSEDIR DIR *d = opendir(golden_dir);
	assert_non_null(d);
	for (struct dirent *entry; (entry = readdir(d));) {
		size_t n = strcspn(entry->d_name, ".");
		bool is_known = n == 0 || strcmp(entry->d_name, "errors.txt") == 0;
		for (size_t i = 0; i < n_plan_cases; i++)
			is_known |= strlen(plan_cases[i].name) == n &&
				    strncmp(plan_cases[i].name, entry->d_name, n) == 0;
		if (!is_known)
			fail_msg("%s has no test case", entry->d_name);
	}
}

static const struct plan_case *case_of(const char *name)
{
	for (size_t i = 0; i < n_plan_cases; i++)
		if (strcmp(plan_cases[i].name, name) == 0)
			return &plan_cases[i];
	fail_msg("no case %s", name);
	return NULL;
}

static const struct step *step_of(const struct fixture *f, decide_function *decide)
{
	for (size_t i = 0; i < f->plan.n_steps; i++)
		if (create_sequence.rows[f->plan.steps[i].row].decide == decide)
			return &f->plan.steps[i];
	fail_msg("no step of this row");
	return NULL;
}

/* What the summaries do not tell: seccomp(2) takes CAP_SYS_ADMIN without no_new_privs, and only
 * then is it kept up to execve. */
static void a_privileged_filter_keeps_sys_admin(void **state)
{
	struct fixture f;
	uint64_t admin = UINT64_C(1) << CAP_SYS_ADMIN;
	assert_int_equal(fixture_decide(&f, case_of("seccomp-privileged")), 0);
	assert_true(step_of(&f, decide_capabilities)->u.caps.permitted == admin);
	assert_true(step_of(&f, decide_capabilities)->u.caps.effective == admin);
	assert_true(step_of(&f, decide_capabilities)->u.caps.inheritable == 0);
	assert_true(step_of(&f, decide_capabilities)->u.caps.ambient == 0);
	/* or execve, which computes permitted anew, would give it back to a setuid program */
	assert_true(step_of(&f, decide_bounding_set)->u.caps.bounding_drop & admin);
	fixture_free(&f);
	assert_int_equal(fixture_decide(&f, case_of("seccomp")), 0);
	assert_true(step_of(&f, decide_capabilities)->u.caps.permitted == 0);
	fixture_free(&f);
}

/* A slot beyond the array would be written by an act in a process that may not even report it. */
static void slots_are_within_the_plan(void **state)
{
	for (size_t i = 0; i < n_plan_cases; i++) {
		struct fixture f;
		fixture_decide(&f, &plan_cases[i]);
		const struct sequence *seq = fixture_sequence(&plan_cases[i]);
		for (size_t k = 0; k < f.plan.n_steps; k++) {
			const struct step *s = &f.plan.steps[k];
			decide_function *decide = seq->rows[s->row].decide;
			if (decide == decide_open_sources || decide == decide_mounts)
				assert_true(s->u.mount.source_slot < (int)f.plan.n_slots);
			if (decide == decide_open_namespaces || decide == decide_stager_joins)
				assert_in_range(s->u.ns.slot, SLOT_NAMESPACE, SLOT_SOURCE - 1);
		}
		fixture_free(&f);
	}
}

/* Whoever waits is waited for: between two forks of a plan no meeting is without its other side. */
static void meetings_come_after_the_fork(void **state)
{
	for (size_t i = 0; i < n_plan_cases; i++) {
		struct fixture f;
		fixture_decide(&f, &plan_cases[i]);
		const struct sequence *seq = fixture_sequence(&plan_cases[i]);
		bool init_exists = false;
		for (size_t k = 0; k < f.plan.n_steps; k++) {
			const struct row *row = &seq->rows[f.plan.steps[k].row];
			init_exists |= row->decide == decide_host_spawn ||
				       row->decide == decide_receive_init;
			if (row->who == ROW_INIT || row->who == ROW_INIT_WAITS ||
				row->who == ROW_HOST_WAITS)
				assert_true(init_exists);
			assert_int_equal(row->act == NULL,
				row->who == ROW_INIT_WAITS || row->who == ROW_HOST_WAITS);
		}
		fixture_free(&f);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_are_as_recorded),
		cmocka_unit_test(no_golden_file_is_stale),
		cmocka_unit_test(a_privileged_filter_keeps_sys_admin),
		cmocka_unit_test(slots_are_within_the_plan),
		cmocka_unit_test(meetings_come_after_the_fork),
	};
	if (argc != 2)
		return 2;
	golden_dir = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
