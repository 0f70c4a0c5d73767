/* SPDX-License-Identifier: Apache-2.0 */
/* The hierarchies of recorded machines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cgroup/host.h"

static struct arena arena;

static struct cgroup_host parse(const char *self_cgroup, const char *mountinfo)
{
	struct cgroup_host host;
	assert_int_equal(cgroup_host_parse(&arena, self_cgroup, mountinfo, &host), 0);
	return host;
}

static void unified(void **state)
{
	struct cgroup_host h = parse("0::/user.slice/user-1000.slice/session-2.scope\n",
		"29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
	assert_int_equal(h.mode, CGROUP_MODE_UNIFIED);
	assert_int_equal(h.n, 1);
	assert_true(h.v[0].is_v2);
	assert_false(h.v[0].is_read_only);
	assert_string_equal(h.v[0].mount, "/sys/fs/cgroup");
	assert_string_equal(h.v[0].own, "user.slice/user-1000.slice/session-2.scope");
}

static void hybrid(void **state)
{
	struct cgroup_host h = parse(
		"9:name=systemd:/x\n4:memory:/process/a\n1:cpuacct,cpu:/\n0::/\n",
		"31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
		"32 31 0:29 / /mnt/elsewhere rw - cgroup cgroup rw,cpu,cpuacct\n"
		"33 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
		"34 31 0:32 / /sys/fs/cgroup/memory ro,relatime - cgroup cgroup rw,memory\n"
		"35 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
		"36 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
	assert_int_equal(h.mode, CGROUP_MODE_HYBRID);
	assert_int_equal(h.n, 4);
	assert_string_equal(h.v[0].name, "name=systemd");
	assert_int_equal(h.v[0].controllers, 0);
	assert_string_equal(h.v[1].mount, "/sys/fs/cgroup/memory");
	assert_string_equal(h.v[1].own, "process/a");
	assert_true(h.v[1].is_read_only);
	assert_string_equal(h.v[2].mount, "/sys/fs/cgroup/cpu,cpuacct");
	assert_int_equal(h.v[2].controllers, CGROUP_BIT(CGROUP_CPU) | CGROUP_BIT(CGROUP_CPUACCT));
	assert_true(h.v[3].is_v2);
}

/* A container with the host's cgroup namespace sees its own subtree as the mount. */
static void bind_mounted_subtree(void **state)
{
	struct cgroup_host h = parse("5:memory:/docker/abc/in\n4:pids:/elsewhere\n2:cpuset:/../x\n",
		"40 30 0:32 /docker/abc /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n"
		"41 30 0:33 /docker/abc /sys/fs/cgroup/a\\040b rw - cgroup cgroup rw,pids\n"
		"42 30 0:34 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n");
	assert_int_equal(h.mode, CGROUP_MODE_LEGACY);
	assert_string_equal(h.v[0].own, "in");
	assert_null(h.v[1].own);
	assert_string_equal(h.v[1].mount, "/sys/fs/cgroup/a b");
	assert_null(h.v[2].own);
}

static void nothing_mounted(void **state)
{
	struct cgroup_host h =
		parse("0::/\n", "25 1 0:23 / /proc rw - proc proc rw\nbroken line\n");
	assert_int_equal(h.mode, CGROUP_MODE_NONE);
	assert_int_equal(h.n, 0);
}

static void location_of_a_hierarchy(void **state)
{
	const char *v1[] = { "name=systemd=/sys/fs/cgroup/systemd/x",
		"cpu,cpuacct=/sys/fs/cgroup/cpu/x" };
	struct cgroup_location l = { .unified = "/sys/fs/cgroup/unified/a/b", .v1 = { 2, v1 } };
	struct cgroup_hierarchy h = {
		.is_v2 = true, .name = "", .mount = "/sys/fs/cgroup/unified"
	};
	assert_string_equal(cgroup_location_below(&l, &h), "a/b");
	h.mount = "/sys/fs/cgroup/uni";
	assert_null(cgroup_location_below(&l, &h));
	h = (struct cgroup_hierarchy){ .name = "name=systemd", .mount = "/sys/fs/cgroup/systemd" };
	assert_string_equal(cgroup_location_below(&l, &h), "x");
	h = (struct cgroup_hierarchy){ .name = "cpu", .mount = "/sys/fs/cgroup/cpu" };
	assert_null(cgroup_location_below(&l, &h));
}

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unified),
		cmocka_unit_test(hybrid),
		cmocka_unit_test(bind_mounted_subtree),
		cmocka_unit_test(nothing_mounted),
		cmocka_unit_test(location_of_a_hierarchy),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
