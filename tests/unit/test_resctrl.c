/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classes of service, on a tree as the kernel shows it of a machine with two L3 caches. The code is
 * the real one; what the kernel does beyond a plain filesystem (files in a new directory, removing
 * it with them) is done by the wrappers of mkdir and rmdir.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "resctrl/resctrl.h"

static struct arena arena;
static char root[] = "/tmp/oci-rt-resctrl-XXXXXX";
static unsigned groups_left; /* the hardware has few */

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_rmdir(const char *path);
int __real_rmdir(const char *path);

static void make_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const char *file(const char *name)
{
	char *text;
	const char *path = arena_printf(&arena, "%s/%s", root, name);
	int r = io_read_file(AT_FDCWD, path, 4096, &arena, &text, NULL);
	return r < 0 ? NULL : text;
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	char below[256];
	if (!groups_left) {
		errno = ENOSPC;
		make_file(root, "info/last_cmd_status", "out of CLOSIDs\n");
		return -1;
	}
	if (__real_mkdir(path, mode) < 0)
		return -1;
	groups_left--;
	make_file(path, "tasks", "");
	if (strstr(path, "/mon_groups/"))
		return 0;
	make_file(path, "schemata", "    L3:0=fffff;1=fffff\n    MB:0=100;1=100\n");
	snprintf(below, sizeof below, "%s/mon_groups", path);
	return __real_mkdir(below, mode);
}

/* The files go with it, and the groups below. */
int __wrap_rmdir(const char *path)
{
	char command[300];
	if (access(path, F_OK) < 0)
		return -1;
	snprintf(command, sizeof command, "rm -r '%s'", path);
	return system(command) == 0 ? 0 : -1;
}

static int setup(void **state)
{
	char info[64];
	strcpy(root + strlen(root) - 6, "XXXXXX");
	arena_init(&arena);
	assert_non_null(mkdtemp(root));
	groups_left = 15;
	snprintf(info, sizeof info, "%s/info", root);
	assert_int_equal(__real_mkdir(info, 0755), 0);
	make_file(root, "info/last_cmd_status", "ok\n");
	make_file(root, "tasks", "");
	make_file(root, "schemata", "    L3:0=fffff;1=fffff\n    MB:0=100;1=100\n");
	snprintf(info, sizeof info, "%s/mon_groups", root);
	return __real_mkdir(info, 0755);
}

static int teardown(void **state)
{
	arena_free(&arena);
	return __wrap_rmdir(root);
}

static int plan_for(const struct oci_intel_rdt *config, struct resctrl_plan *ret, struct error *e)
{
	struct resctrl_host host;
	int r = resctrl_look(&arena, root, resctrl_name(config, "c1"), &host, e);
	assert_int_equal(r, 0);
	return resctrl_decide(&arena, config, "c1", &host, ret, e);
}

static const char *l3[] = { "L3:0=7f0;1=1f" }, *all[] = { "L3:0=7f0;1=1f", "MB:0=20;1=70" };

static void schemata_are_compared_as_numbers(void **state)
{
	static const char text[] = "    L3:0=07f0;1=1f\nL3CODE:0=ff\n    MB:0= 20;1=100\n";
	assert_true(resctrl_schemata_has(text, "L3:0=7f0"));
	assert_true(resctrl_schemata_has(text, "L3:1=01F;0=7f0"));
	assert_true(resctrl_schemata_has(text, "MB:0=20;1=100"));
	assert_false(resctrl_schemata_has(text, "L3:0=7f"));
	assert_false(resctrl_schemata_has(text, "L3:2=7f0"));
	assert_false(resctrl_schemata_has(text, "L3:0=ff"));
	assert_false(resctrl_schemata_has(text, "L2:0=ff"));
	assert_false(resctrl_schemata_has(text, "nonsense"));
}

static void a_class_of_its_own_comes_and_goes(void **state)
{
	const struct oci_intel_rdt config = {
		.schemata = { 2, all }, .l3_cache_schema = "L3:0=ff", .mem_bw_schema = "MB:0=10"
	};
	struct resctrl_plan plan;
	struct error e;
	assert_int_equal(plan_for(&config, &plan, &e), 0);
	assert_int_equal(resctrl_create(&plan, &e), 0);
	/* l3CacheSchema, memBwSchema, schemata */
	assert_string_equal(file("c1/schemata"), "L3:0=ff\nMB:0=10\nL3:0=7f0;1=1f\nMB:0=20;1=70\n");
	assert_int_equal(resctrl_attach(&plan.group, 4711, &e), 0);
	assert_string_equal(file("c1/tasks"), "4711");
	assert_string_equal(file("tasks"), "");
	assert_int_equal(resctrl_update(&plan.group, "MB:0=30\n", &e), 0);
	assert_non_null(strstr(file("c1/schemata"), "MB:0=30\n"));
	assert_int_equal(resctrl_destroy(&plan.group, &e), 0);
	assert_null(file("c1/tasks"));
	assert_int_equal(resctrl_destroy(&plan.group, &e), 0);
}

static void monitored(void **state)
{
	const struct oci_intel_rdt config = { .clos_id = "/", .enable_monitoring = true };
	struct resctrl_plan plan;
	struct error e;
	assert_int_equal(plan_for(&config, &plan, &e), 0);
	assert_int_equal(resctrl_create(&plan, &e), 0);
	assert_int_equal(resctrl_attach(&plan.group, 4711, &e), 0);
	assert_string_equal(file("tasks"), "4711");
	assert_string_equal(file("mon_groups/c1/tasks"), "4711");
	assert_non_null(strstr(file("schemata"), "L3:0=fffff;1=fffff"));
	assert_int_equal(resctrl_destroy(&plan.group, &e), 0);
	assert_null(file("mon_groups/c1/tasks"));
	assert_non_null(file("schemata"));
}

static void a_named_class_stays(void **state)
{
	const struct oci_intel_rdt config = { .clos_id = "gold", .schemata = { 1, l3 } };
	struct resctrl_plan plan;
	struct error e;
	assert_int_equal(plan_for(&config, &plan, &e), 0);
	assert_int_equal(resctrl_create(&plan, &e), 0);
	assert_memory_equal(file("gold/schemata"), "L3:0=7f0;1=1f\n", 14);
	assert_int_equal(resctrl_destroy(&plan.group, &e), 0);
	assert_non_null(file("gold/schemata"));

	/* the next container finds it as its config says, and does not write */
	make_file(root, "gold/schemata", "    L3:0=07f0;1=01f\n    MB:0=100\n");
	assert_int_equal(plan_for(&config, &plan, &e), 0);
	assert_int_equal(resctrl_create(&plan, &e), 0);
	assert_string_equal(file("gold/schemata"), "    L3:0=07f0;1=01f\n    MB:0=100\n");

	make_file(root, "gold/schemata", "    L3:0=ff;1=01f\n");
	assert_int_equal(plan_for(&config, &plan, &e), -EINVAL);
	assert_string_equal(e.path, "linux.intelRdt.schemata[0]");
}

static void a_class_that_must_be_there(void **state)
{
	const struct oci_intel_rdt config = { .clos_id = "silver" }, info = { .clos_id = "info" };
	struct resctrl_plan plan;
	struct error e;
	assert_int_equal(plan_for(&config, &plan, &e), -EINVAL);
	assert_string_equal(e.path, "linux.intelRdt.closID");
	assert_int_equal(plan_for(&info, &plan, &e), -EINVAL);
	assert_non_null(strstr(e.text, "is not a class of service"));
}

static void failures_tell_the_kernels_reason_and_leave_nothing(void **state)
{
	const struct oci_intel_rdt config = { .schemata = { 1, l3 }, .enable_monitoring = true };
	struct resctrl_plan plan;
	struct error e;
	assert_int_equal(plan_for(&config, &plan, &e), 0);
	groups_left = 0;
	assert_int_equal(resctrl_create(&plan, &e), -ENOSPC);
	assert_non_null(strstr(e.text, "(the kernel says: out of CLOSIDs)"));

	groups_left = 1; /* enough for the class, not for its monitor */
	assert_int_equal(resctrl_create(&plan, &e), -ENOSPC);
	assert_null(file("c1/tasks"));

	groups_left = 2;
	assert_int_equal(resctrl_create(&plan, &e), 0);
	resctrl_undo(&plan);
	assert_null(file("c1/tasks"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schemata_are_compared_as_numbers),
		cmocka_unit_test_setup_teardown(a_class_of_its_own_comes_and_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(monitored, setup, teardown),
		cmocka_unit_test_setup_teardown(a_named_class_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(a_class_that_must_be_there, setup, teardown),
		cmocka_unit_test_setup_teardown(
			failures_tell_the_kernels_reason_and_leave_nothing, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
