/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real cgroups: made, limited, frozen, killed and removed. argv[1]: "host" takes this machine's
 * hierarchies as they are; "v2" and "v1" work in a private view with hierarchies of that version
 * alone. Skipped
 * (77) where we are not root or have no cgroups. The machine's own cgroups are left alone, and a
 * controller that had to be passed on is taken back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "cgroup/plan.h"
#include "cgroup/tree.h"
#include "skip.h"

#define SET(value)                                                                                 \
	{                                                                                          \
		true, value                                                                        \
	}

static struct arena arena;
static char id[64];
static char scratch[64];

#define SUB(path) ((const struct string_list){ 1, (const char *[]){ path } })

static void must(int r, const struct error *e)
{
	char text[1200];
	if (r >= 0)
		return;
	error_format(e, text, sizeof text);
	fail_msg("%s", text);
}

static struct cgroup_host probe(const struct cgroup_request *request)
{
	struct error e = { 0 };
	struct cgroup_host host = { 0 };
	must(cgroup_probe(&arena, request, &host, &e), &e);
	return host;
}

static struct cgroup_plan plan_for(const char *path, const struct oci_resources *resources)
{
	struct error e = { 0 };
	struct cgroup_plan plan = { 0 };
	struct cgroup_request request = { .id = id, .cgroups_path = path, .resources = resources };
	struct cgroup_host *host = ARENA_NEW(&arena, struct cgroup_host);
	*host = probe(&request);
	must(cgroup_decide(&arena, &request, host, &plan, &e), &e);
	return plan;
}

/* Directory of the container that has this controller, NULL: not on this machine. */
static const char *dir_of(const struct cgroup_plan *plan, enum cgroup_controller c)
{
	for (size_t i = 0; i < plan->dirs.n; i++)
		if (plan->dirs.v[i].hierarchy->controllers & CGROUP_BIT(c))
			return arena_printf(&arena, "%s/%s", plan->dirs.v[i].hierarchy->mount,
				plan->dirs.v[i].path);
	return NULL;
}

static void assert_file(const char *dir, const char *file, const char *wanted)
{
	char *text;
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(io_read_file(fd, file, 4096, &arena, &text, NULL), 0);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, wanted);
	close(fd);
}

static const char *dirname_of(const char *path)
{
	return arena_strndup(&arena, path, (size_t)(strrchr(path, '/') - path));
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void assert_all_gone(const struct cgroup_plan *plan)
{
	assert_true(plan->location.created.n > 0);
	for (size_t i = 0; i < plan->location.created.n; i++)
		assert_false(exists(plan->location.created.v[i]));
}

/* A child inside the container's cgroup, as create does it. */
static pid_t spawn(const struct cgroup_plan *plan, int v2_fd, void (*body)(void *), void *arg)
{
	struct error e;
	struct clone_args args = { .exit_signal = SIGCHLD };
	int go[2];
	if (v2_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)v2_fd;
	}
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	assert_true(pid >= 0);
	if (pid == 0) {
		char c;
		close(go[1]);
		if (read(go[0], &c, 1) == 1)
			body(arg);
		_exit(0);
	}
	close(go[0]);
	must(cgroup_attach(&plan->location, NULL, pid, v2_fd >= 0, &e), &e);
	assert_int_equal(write(go[1], "x", 1), 1);
	close(go[1]);
	return pid;
}

static void sleep_for_ever(void *arg)
{
	for (;;)
		pause();
}

static void count(void *arg)
{
	volatile unsigned long *n = arg;
	for (;;)
		++*n;
}

static void reap(pid_t pid, int signal)
{
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), signal);
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

static int enter_v2_view(void)
{
	return unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	       umount2("/sys/fs/cgroup", MNT_DETACH) < 0 ||
	       mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL) < 0;
}

static int enter_v1_view(void)
{
	return unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	       umount2("/sys/fs/cgroup/unified", MNT_DETACH) < 0;
}

static const char *v2_mount(void)
{
	return exists("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_set_and_updated),
		cmocka_unit_test(a_limit_that_cannot_be_set_is_named_and_nothing_stays),
		cmocka_unit_test(devices_are_filtered_and_updated),
		cmocka_unit_test(frozen_stands_still_until_thawed),
		cmocka_unit_test(kill_reaches_sub_cgroups_and_destroy_removes_them),
		cmocka_unit_test(destroy_waits_for_the_dying),
		cmocka_unit_test(half_a_creation_is_cleared_up),
		cmocka_unit_test(a_directory_that_was_there_stays),
		cmocka_unit_test(read_only_is_a_degraded_run),
		cmocka_unit_test(rootless_without_delegation_runs_unless_limited),
		cmocka_unit_test(rootless_in_a_delegated_cgroup_gets_limits),
	};
	if (argc != 2)
		return 2;
	if (geteuid() != 0) {
		printf("skipped: not root\n");
		return 77;
	}
	AUTO_CLOSE int root_fd = open(v2_mount(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char before[1024] = "";
	if (root_fd < 0 || access(v2_mount(), W_OK) < 0) {
		printf("skipped: %s is not writable\n", v2_mount());
		return 77;
	}
	if ((strcmp(argv[1], "v2") == 0 && enter_v2_view()) ||
		(strcmp(argv[1], "v1") == 0 && enter_v1_view())) {
		printf("skipped: no private view of %s hierarchies: %s\n", argv[1],
			strerror(errno));
		return 77;
	}
	cgroup_read(root_fd, "cgroup.subtree_control", before, sizeof before);
	arena_init(&arena);
	snprintf(id, sizeof id, "oci-rt-test-%d", getpid());
	strcpy(scratch, "/tmp/oci-rt-test-XXXXXX");
	if (!mkdtemp(scratch))
		return 1;
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(scratch);
	arena_free(&arena);
	unsigned had = cgroup_controllers_parse(before, strlen(before));
	for (int c = 0; c < CGROUP_CONTROLLER_COUNT; c++) {
		char text[64];
		snprintf(text, sizeof text, "-%s", cgroup_controller_name(c, true));
		if (!(had & CGROUP_BIT(c)))
			io_write_control(root_fd, "cgroup.subtree_control", text);
	}
	return r;
}
