/* SPDX-License-Identifier: Apache-2.0 */
/* Real cgroups: made, limited, with devices filtered, frozen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup_real.h"
#include "skip.h"

static void count(void *arg)
{
	volatile unsigned long *n = arg;
	for (;;)
		++*n;
}

static void limits_are_set_and_updated(void **state)
{
	struct error e;
	struct oci_pids pids = { .limit = 50 };
	struct oci_memory memory = { .limit = SET(67108864) };
	struct oci_hugepage_limit pages[] = { { "2MB", 4194304 } };
	struct oci_resources r = { 0 };
	struct cgroup_plan none = plan_for(NULL, NULL);
	AUTO_CLOSE int v2_fd = -1;
	const char *dir;
	if (dir_of(&none, CGROUP_PIDS))
		r.pids = &pids;
	if (dir_of(&none, CGROUP_MEMORY))
		r.memory = &memory;
	if (dir_of(&none, CGROUP_HUGETLB)) {
		r.hugepage_limits.n = 1;
		r.hugepage_limits.v = pages;
	}
	struct cgroup_plan plan = plan_for("/oci-rt-test/limits", &r);
	must(cgroup_create(&plan, &v2_fd, &e), &e);
	for (int round = 0; round < 2; round++) {
		if ((dir = dir_of(&plan, CGROUP_PIDS)))
			assert_file(dir, "pids.max", round ? "60" : "50");
		if ((dir = dir_of(&plan, CGROUP_HUGETLB)))
			assert_file(dir, "hugetlb.2MB.max", round ? "2097152" : "4194304");
		pids.limit = 60;
		pages[0].limit = 2097152;
		memory.limit.v = 33554432;
		must(cgroup_update(&arena, &plan.location, &r, false, &e), &e);
	}
	/* raised, with memory and swap together: the order of the two writes turns round */
	dir = dir_of(&plan, CGROUP_MEMORY);
	for (int64_t limit = 134217728; dir && limit >= 33554432; limit /= 4) {
		memory.limit.v = limit;
		if (exists(arena_printf(&arena, "%s/memory.memsw.limit_in_bytes", dir)))
			memory.swap = (struct opt_i64){ true, 2 * limit };
		must(cgroup_update(&arena, &plan.location, &r, false, &e), &e);
		assert_file(dir, plan.location.v1.n ? "memory.limit_in_bytes" : "memory.max",
			arena_printf(&arena, "%lld", (long long)limit));
	}
	must(cgroup_destroy(&plan.location, &e), &e);
	assert_all_gone(&plan);
}

static void a_limit_that_cannot_be_set_is_named_and_nothing_stays(void **state)
{
	struct error e;
	struct oci_cpu cpu = { .cpus = "4095" };
	struct oci_hugepage_limit pages[] = { { "3MB", 1 } };
	struct oci_resources r = { 0 };
	struct cgroup_plan none = plan_for(NULL, NULL);
	int v2_fd = -1;
	const char *wanted = "linux.resources.hugepageLimits[0]";
	if (dir_of(&none, CGROUP_CPUSET)) {
		r.cpu = &cpu;
		wanted = "linux.resources.cpu.cpus";
	} else if (dir_of(&none, CGROUP_HUGETLB)) {
		r.hugepage_limits.n = 1;
		r.hugepage_limits.v = pages;
	} else {
		SKIP_BECAUSE("every controller is there: no limit to refuse");
	}
	struct cgroup_plan plan = plan_for("/oci-rt-test/refused", &r);
	assert_true(cgroup_create(&plan, &v2_fd, &e) < 0);
	assert_string_equal(e.path, wanted);
	assert_null(strstr(e.text, "No such file"));
	assert_all_gone(&plan);
}

static void open_devices(void *arg)
{
	int *result = arg;
	int fd = open("/dev/null", O_RDWR);
	char path[128];
	snprintf(path, sizeof path, "%s/kmsg", scratch);
	result[0] = fd >= 0 ? 0 : errno;
	result[1] = open(path, O_RDONLY) >= 0 ? 0 : errno;
	result[2] = 1;
}

static int try_devices(const struct cgroup_plan *plan, int v2_fd, int *result)
{
	memset(result, 0, 3 * sizeof *result);
	pid_t pid = spawn(plan, v2_fd, open_devices, result);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(result[2], 1);
	assert_int_equal(result[0], 0);
	return result[1];
}

static void devices_are_filtered_and_updated(void **state)
{
	struct error e;
	struct oci_device_rule rules[] = { { .allow = false },
		{ .allow = true, .type = OCI_DEVICE_CHAR, .major = SET(1), .minor = SET(11) } };
	struct oci_resources r = { .devices = { 1, rules } };
	AUTO_CLOSE int v2_fd = -1;
	int *result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char path[128];
	snprintf(path, sizeof path, "%s/kmsg", scratch);
	if (mknod(path, S_IFCHR | 0600, makedev(1, 11)) < 0)
		SKIP_BECAUSE("no device node can be made in %s", scratch);
	AUTO_CLOSE int probe_fd = open(path, O_RDONLY);
	if (probe_fd < 0)
		SKIP_BECAUSE("an outer container filters the device already");
	struct cgroup_plan plan = plan_for(NULL, &r);
	must(cgroup_create(&plan, &v2_fd, &e), &e);
	must(cgroup_attach_device_filter(&plan, &e), &e);
	assert_int_equal(try_devices(&plan, v2_fd, result), EPERM);
	r.devices.n = 2;
	must(cgroup_update(&arena, &plan.location, &r, false, &e), &e);
	assert_int_equal(try_devices(&plan, v2_fd, result), 0);
	r.devices.n = 1;
	must(cgroup_update(&arena, &plan.location, &r, false, &e), &e);
	assert_int_equal(try_devices(&plan, v2_fd, result), EPERM);
	must(cgroup_destroy(&plan.location, &e), &e);
	assert_all_gone(&plan);
	unlink(path);
	munmap(result, 4096);
}

static void frozen_stands_still_until_thawed(void **state)
{
	struct error e;
	AUTO_CLOSE int v2_fd = -1;
	bool is_frozen = true;
	volatile unsigned long *n =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct cgroup_plan plan = plan_for(NULL, NULL);
	must(cgroup_create(&plan, &v2_fd, &e), &e);
	pid_t pid = spawn(&plan, v2_fd, count, (void *)n);
	while (*n == 0)
		sched_yield();
	must(cgroup_is_frozen(&plan.location, &is_frozen, &e), &e);
	assert_false(is_frozen);
	must(cgroup_freeze(&plan.location, &e), &e);
	must(cgroup_is_frozen(&plan.location, &is_frozen, &e), &e);
	assert_true(is_frozen);
	unsigned long before = *n;
	usleep(20000);
	assert_int_equal(*n, before);
	must(cgroup_thaw(&plan.location, &e), &e);
	while (*n == before)
		sched_yield();
	/* a signal reaches a frozen container and leaves it frozen, SIGKILL ends it */
	must(cgroup_freeze(&plan.location, &e), &e);
	must(cgroup_kill(&plan.location, SIGUSR1, &e), &e);
	must(cgroup_is_frozen(&plan.location, &is_frozen, &e), &e);
	assert_true(is_frozen);
	must(cgroup_kill(&plan.location, SIGKILL, &e), &e);
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	must(cgroup_destroy(&plan.location, &e), &e);
	assert_all_gone(&plan);
	munmap((void *)n, 4096);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_set_and_updated),
		cmocka_unit_test(a_limit_that_cannot_be_set_is_named_and_nothing_stays),
		cmocka_unit_test(devices_are_filtered_and_updated),
		cmocka_unit_test(frozen_stands_still_until_thawed),
	};
	return cgroup_real_run(argc, argv, tests, ARRAY_SIZE(tests));
}
