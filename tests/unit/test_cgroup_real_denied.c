/* SPDX-License-Identifier: Apache-2.0 */
/* Real cgroups of which little or nothing may be written: read-only, not delegated, delegated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "cgroup/tree.h"
#include "cgroup_real.h"
#include "skip.h"

static const char *dirname_of(const char *path)
{
	return arena_strndup(&arena, path, (size_t)(strrchr(path, '/') - path));
}

/* R1, in a child: the mount is read-only there alone. */
static void read_only_is_a_degraded_run(void **state)
{
	pid_t pid = fork();
	if (pid == 0) {
		struct error e;
		struct cgroup_plan plan;
		struct oci_pids pids = { .limit = 5 };
		struct oci_resources r = { .pids = &pids };
		struct cgroup_request request = { .id = id };
		struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
		int fd = -1;
		if (unshare(CLONE_NEWNS) < 0 ||
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
			mount_setattr(
				AT_FDCWD, "/sys/fs/cgroup", AT_RECURSIVE, &attr, sizeof attr) < 0)
			_exit(77);
		struct cgroup_host host;
		if (cgroup_probe(&arena, &request, &host, &e) < 0 ||
			cgroup_decide(&arena, &request, &host, &plan, &e) < 0)
			_exit(1);
		if (plan.dirs.n != 0 || plan.degraded.n != 1 || cgroup_exists(&plan.location) ||
			cgroup_create(&plan, &fd, &e) < 0 || fd != -1)
			_exit(2);
		request.resources = &r;
		if (cgroup_decide(&arena, &request, &host, &plan, &e) != -EOPNOTSUPP ||
			strcmp(e.path, "linux.resources.pids.limit") != 0)
			_exit(3);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		SKIP_BECAUSE("/sys/fs/cgroup cannot be made read-only in a mount namespace");
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Run as an ordinary user, in a cgroup of this directory. 0: as expected; 77: skipped. */
static int as_user(const char *cgroup, int (*body)(void))
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		if (cgroup) {
			AUTO_CLOSE int fd = -1;
			if (cgroup_open_dir(cgroup, &fd) < 0 ||
				io_write_control(fd, "cgroup.procs", "0") < 0)
				_exit(100);
		}
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(101);
		_exit(body());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int decide_as_user(const struct oci_resources *r, struct cgroup_plan *plan, struct error *e)
{
	struct cgroup_request request = { .id = id, .resources = r, .is_rootless = true };
	struct cgroup_host *host = ARENA_NEW(&arena, struct cgroup_host);
	int err = cgroup_probe(&arena, &request, host, e);
	return err < 0 ? err : cgroup_decide(&arena, &request, host, plan, e);
}

static int undelegated(void)
{
	struct error e;
	struct cgroup_plan plan;
	struct oci_cpu cpu = { .shares = SET(2) };
	struct oci_resources r = { .cpu = &cpu };
	if (decide_as_user(NULL, &plan, &e) < 0)
		return 1;
	if (plan.dirs.n != 0 || plan.degraded.n != 1)
		return 2;
	if (decide_as_user(&r, &plan, &e) != -EOPNOTSUPP ||
		strcmp(e.path, "linux.resources.cpu.shares") != 0)
		return 3;
	return 0;
}

static void rootless_without_delegation_runs_unless_limited(void **state)
{
	assert_int_equal(as_user(NULL, undelegated), 0);
}

/* The process is alone in the delegated cgroup, and the limit needs a controller there: it has to
 * step aside, into a cgroup of its own. */
static int delegated(void)
{
	struct error e;
	struct cgroup_plan plan;
	struct oci_hugepage_limit pages[] = { { "2MB", 2097152 } };
	struct oci_resources r = { .hugepage_limits = { 1, pages } };
	int fd = -1;
	if (decide_as_user(&r, &plan, &e) < 0)
		return strcmp(e.path, "linux.resources.hugepageLimits") == 0 ? 77 : 1;
	if (plan.dirs.n != 1 || !strstr(plan.location.unified, "/oci-rt-delegated/"))
		return 2;
	if (cgroup_create(&plan, &fd, &e) < 0)
		return 3;
	bool is_there = faccessat(fd, "hugetlb.2MB.max", F_OK, 0) == 0;
	close(fd);
	if (cgroup_destroy(&plan.location, &e) < 0)
		return 4;
	return is_there && !exists(plan.location.unified) ? 0 : 5;
}

static void rootless_in_a_delegated_cgroup_gets_limits(void **state)
{
	static const char *const files[] = { "", "/cgroup.procs", "/cgroup.subtree_control" };
	struct cgroup_request request = { .id = id };
	struct cgroup_host host = probe(&request);
	const char *dir = NULL;
	for (size_t i = 0; i < host.n; i++)
		if (host.v[i].is_v2 && (host.v[i].controllers & CGROUP_BIT(CGROUP_HUGETLB)))
			dir = arena_printf(&arena, "%s/oci-rt-delegated", host.v[i].mount);
	if (!dir)
		SKIP_BECAUSE("no v2 hierarchy with hugetlb to delegate");
	AUTO_CLOSE int root_fd = open(dirname_of(dir), O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(io_write_control(root_fd, "cgroup.subtree_control", "+hugetlb"), 0);
	assert_int_equal(mkdir(dir, 0755), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		assert_int_equal(
			chown(arena_printf(&arena, "%s%s", dir, files[i]), 65534, 65534), 0);
	int r = as_user(dir, delegated);
	rmdir(arena_printf(&arena, "%s/oci-rt", dir));
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(r, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_only_is_a_degraded_run),
		cmocka_unit_test(rootless_without_delegation_runs_unless_limited),
		cmocka_unit_test(rootless_in_a_delegated_cgroup_gets_limits),
	};
	return cgroup_real_run(argc, argv, tests, ARRAY_SIZE(tests));
}
