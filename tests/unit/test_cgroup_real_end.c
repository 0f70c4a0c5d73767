/* SPDX-License-Identifier: Apache-2.0 */
/* Real cgroups: everybody in one killed, and what was made removed again, no more and no less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "cgroup/tree.h"
#include "cgroup_real.h"

#define SUB(path) ((const struct string_list){ 1, (const char *[]){ path } })

static void kill_reaches_sub_cgroups_and_destroy_removes_them(void **state)
{
	struct error e;
	AUTO_CLOSE int v2_fd = -1, sub_fd = -1;
	struct pid_list pids;
	struct cgroup_plan plan = plan_for("/oci-rt-test/deep/kill", NULL);
	must(cgroup_create(&plan, &v2_fd, &e), &e);
	for (size_t i = 0; i < plan.dirs.n; i++) {
		const char *sub = arena_printf(
			&arena, "%s/%s/sub", plan.dirs.v[i].hierarchy->mount, plan.dirs.v[i].path);
		assert_int_equal(mkdir(sub, 0755), 0);
		assert_int_equal(mkdir(arena_printf(&arena, "%s/more", sub), 0755), 0);
		/* an empty cpuset takes nobody */
		if (plan.dirs.v[i].hierarchy->controllers & CGROUP_BIT(CGROUP_CPUSET) &&
			!plan.dirs.v[i].hierarchy->is_v2)
			for (int k = 0; k < 2; k++) {
				AUTO_CLOSE int fd = -1;
				char *text;
				cgroup_open_dir(sub, &fd);
				io_read_file(fd, k ? "../cpuset.mems" : "../cpuset.cpus", 4096,
					&arena, &text, NULL);
				io_write_control(fd, k ? "cpuset.mems" : "cpuset.cpus", text);
			}
	}
	pid_t a = spawn(&plan, v2_fd, sleep_for_ever, NULL);
	pid_t b = spawn(&plan, v2_fd, sleep_for_ever, NULL);
	assert_true(cgroup_attach(&plan.location, &SUB("../kill"), b, false, &e) < 0);
	assert_true(cgroup_open_v2(&plan.location, &SUB("sub/../.."), &sub_fd, &e) < 0);
	must(cgroup_attach(&plan.location, &SUB("sub"), b, false, &e), &e);
	must(cgroup_procs(&plan.location, &arena, &pids, &e), &e);
	assert_int_equal(pids.n, 2);
	assert_true((pids.v[0] == a && pids.v[1] == b) || (pids.v[0] == b && pids.v[1] == a));
	must(cgroup_kill(&plan.location, SIGKILL, &e), &e);
	reap(a, SIGKILL);
	reap(b, SIGKILL);
	must(cgroup_destroy(&plan.location, &e), &e);
	assert_all_gone(&plan);
	/* gone is fine */
	must(cgroup_kill(&plan.location, SIGKILL, &e), &e);
	must(cgroup_destroy(&plan.location, &e), &e);
}

static void destroy_waits_for_the_dying(void **state)
{
	struct error e;
	AUTO_CLOSE int v2_fd = -1;
	struct cgroup_plan plan = plan_for(NULL, NULL);
	must(cgroup_create(&plan, &v2_fd, &e), &e);
	pid_t pids[20];
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = spawn(&plan, v2_fd, sleep_for_ever, NULL);
	must(cgroup_kill(&plan.location, SIGKILL, &e), &e);
	must(cgroup_destroy(&plan.location, &e), &e);
	assert_all_gone(&plan);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		reap(pids[i], SIGKILL);
}

/* As after a SIGKILL in the middle of creation: some of the directories are there. */
static void half_a_creation_is_cleared_up(void **state)
{
	struct error e;
	struct cgroup_plan plan = plan_for("/oci-rt-test/half", NULL);
	size_t n = plan.location.created.n;
	for (size_t i = 0; i < (n + 1) / 2; i++)
		assert_int_equal(mkdir(plan.location.created.v[i], 0755), 0);
	must(cgroup_destroy(&plan.location, &e), &e);
	assert_all_gone(&plan);
}

static void a_directory_that_was_there_stays(void **state)
{
	struct error e;
	AUTO_CLOSE int v2_fd = -1;
	struct cgroup_plan first = plan_for("/oci-rt-test/first", NULL);
	must(cgroup_create(&first, &v2_fd, &e), &e);
	struct cgroup_plan second = plan_for("/oci-rt-test/first", NULL);
	AUTO_CLOSE int second_fd = -1;
	assert_int_equal(second.location.created.n, 0);
	must(cgroup_create(&second, &second_fd, &e), &e);
	must(cgroup_destroy(&second.location, &e), &e);
	for (size_t i = 0; i < first.location.created.n; i++)
		assert_true(exists(first.location.created.v[i]));
	/* one in use is refused, and left as it is */
	pid_t pid = spawn(&first, v2_fd, sleep_for_ever, NULL);
	close(second_fd);
	second_fd = -1;
	assert_int_equal(cgroup_create(&second, &second_fd, &e), -EBUSY);
	assert_non_null(strstr(e.text, "not empty"));
	must(cgroup_kill(&first.location, SIGKILL, &e), &e);
	reap(pid, SIGKILL);
	must(cgroup_destroy(&first.location, &e), &e);
	assert_all_gone(&first);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kill_reaches_sub_cgroups_and_destroy_removes_them),
		cmocka_unit_test(destroy_waits_for_the_dying),
		cmocka_unit_test(half_a_creation_is_cleared_up),
		cmocka_unit_test(a_directory_that_was_there_stays),
	};
	return cgroup_real_run(argc, argv, tests, ARRAY_SIZE(tests));
}
