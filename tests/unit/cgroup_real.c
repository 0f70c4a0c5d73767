/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests on real cgroups share: made, entered, looked at; the views of one version alone.
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
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "cgroup/tree.h"
#include "cgroup_real.h"

struct arena arena;
char id[64];
char scratch[64];

void must(int r, const struct error *e)
{
	char text[1200];
	if (r >= 0)
		return;
	error_format(e, text, sizeof text);
	fail_msg("%s", text);
}

struct cgroup_host probe(const struct cgroup_request *request)
{
	struct error e = { 0 };
	struct cgroup_host host = { 0 };
	must(cgroup_probe(&arena, request, &host, &e), &e);
	return host;
}

struct cgroup_plan plan_for(const char *path, const struct oci_resources *resources)
{
	struct error e = { 0 };
	struct cgroup_plan plan = { 0 };
	struct cgroup_request request = { .id = id, .cgroups_path = path, .resources = resources };
	struct cgroup_host *host = ARENA_NEW(&arena, struct cgroup_host);
	*host = probe(&request);
	must(cgroup_decide(&arena, &request, host, &plan, &e), &e);
	return plan;
}

const char *dir_of(const struct cgroup_plan *plan, enum cgroup_controller c)
{
	for (size_t i = 0; i < plan->dirs.n; i++)
		if (plan->dirs.v[i].hierarchy->controllers & CGROUP_BIT(c))
			return arena_printf(&arena, "%s/%s", plan->dirs.v[i].hierarchy->mount,
				plan->dirs.v[i].path);
	return NULL;
}

void assert_file(const char *dir, const char *file, const char *wanted)
{
	char *text;
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(io_read_file(fd, file, 4096, &arena, &text, NULL), 0);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, wanted);
	close(fd);
}

bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

void assert_all_gone(const struct cgroup_plan *plan)
{
	assert_true(plan->location.created.n > 0);
	for (size_t i = 0; i < plan->location.created.n; i++)
		assert_false(exists(plan->location.created.v[i]));
}

pid_t spawn(const struct cgroup_plan *plan, int v2_fd, void (*body)(void *), void *arg)
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

void sleep_for_ever(void *arg)
{
	for (;;)
		pause();
}

void reap(pid_t pid, int signal)
{
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), signal);
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

int cgroup_real_run(int argc, char **argv, const struct CMUnitTest *tests, size_t n)
{
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
	int r = _cmocka_run_group_tests("tests", tests, n, NULL, NULL);
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
