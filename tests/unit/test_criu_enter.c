/* SPDX-License-Identifier: Apache-2.0 */
/* What criu finds at restore: the container's root as a mount, with a place for each of its mounts.
 * Needs root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "criu/enter.h"
#include "skip.h"

static char top[] = "/tmp/oci-rt-test-XXXXXX";
static char place[64], source[64], file[64];

static int make_tree(void **state)
{
	static const char *const dirs[] = { "root", "images", "work", "place", "source",
		"source/inner" };
	if (!mkdtemp(top) || chdir(top) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (mkdir(dirs[i], 0755) < 0)
			return -1;
	if (creat("root/of-the-root", 0644) < 0 || creat("images/of-the-images", 0644) < 0 ||
		creat("source/of-the-source", 0644) < 0)
		return -1;
	snprintf(place, sizeof place, "%s/place", top);
	snprintf(source, sizeof source, "%s/source", top);
	snprintf(file, sizeof file, "%s/source/of-the-source", top);
	return 0;
}

static int remove_tree(void **state)
{
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", top);
	return chdir("/") < 0 || system(command) != 0 ? -1 : 0;
}

static bool is_there(const char *name)
{
	struct stat st;
	return lstat(name, &st) == 0;
}

static struct criu_start start_of(const struct criu_mount_place *places, size_t n)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	return (struct criu_start){
		.images_fd = open("images", flags),
		.work_fd = open("work", flags),
		.root_fd = open("root", flags),
		.mount_path = place,
		.places = places,
		.n_places = n,
	};
}

/* 0: as it should be; else which of them is not. Runs in a child: the namespace ends with it. */
static int enter(void)
{
	const struct criu_mount_place places[] = {
		{ .target = "/proc" },
		{ .target = "/proc/below" },
		{ .target = "/data", .source = source },
		{ .target = "/data/inner" },
		{ .target = "/etc/hosts", .source = file },
	};
	struct error e;
	char cwd[PATH_MAX];
	struct criu_start s = start_of(places, ARRAY_SIZE(places));
	int r = criu_enter_root(&s, &e);
	if (r < 0)
		return r == -EPERM ? 77 : 1;
	if (!getcwd(cwd, sizeof cwd) || strcmp(cwd, "/") != 0)
		return 2;
	/* the descriptors are of this namespace */
	if (faccessat(s.images_fd, "of-the-images", F_OK, 0) < 0)
		return 3;
	if (chdir(place) < 0 || !is_there("of-the-root"))
		return 4;
	if (!is_there("proc") || !is_there("data") || !is_there("etc/hosts"))
		return 5;
	/* places alone: criu mounts on them */
	return is_there("data/of-the-source") ? 6 : 0;
}

static int end_of(int (*body)(void))
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(body());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void the_root_is_a_mount_with_places(void **state)
{
	struct stat st;
	int end = end_of(enter);
	if (end == 77)
		SKIP_BECAUSE("no mount namespace can be made here");
	assert_int_equal(end, 0);
	/* what was missing is made in the root itself, as create does it */
	assert_true(is_there("root/proc"));
	assert_true(is_there("root/data"));
	assert_int_equal(stat("root/etc/hosts", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	/* but what lies below a new mount comes with that one, and a source brings its own */
	assert_false(is_there("root/proc/below"));
	assert_false(is_there("root/data/inner"));
	/* no mount has reached the host */
	assert_false(is_there("place/of-the-root"));
	assert_false(is_there("root/data/of-the-source"));
}

static int enter_without_source(void)
{
	const struct criu_mount_place places[] = { { .target = "/x", .source = "/nowhere" } };
	struct error e;
	struct criu_start s = start_of(places, 1);
	int r = criu_enter_root(&s, &e);
	if (r != -ENOENT)
		return r == -EPERM ? 77 : 1;
	return strcmp(e.text, "mount /nowhere on /x: no such file or directory") != 0;
}

static void a_source_that_is_missing_is_named(void **state)
{
	int end = end_of(enter_without_source);
	if (end == 77)
		SKIP_BECAUSE("no mount namespace can be made here");
	assert_int_equal(end, 0);
	assert_false(is_there("root/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_root_is_a_mount_with_places),
		cmocka_unit_test(a_source_that_is_missing_is_named),
	};
	if (geteuid() != 0) {
		printf("skipped: not root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
