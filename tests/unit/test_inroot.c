/* SPDX-License-Identifier: Apache-2.0 */
/* Paths inside a root whose owner made the links: by openat2, and by the walk that stands in for
 * it. */
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

#include "base/cleanup.h"
#include "fsroot/inroot.h"

/* TOP/root is the root; TOP/dir and TOP/secret are outside of it. */
static char top[] = "/tmp/oci-rt-test-XXXXXX";
static int root = -1;

static void link_to(const char *to, const char *name)
{
	assert_int_equal(symlinkat(to, root, name), 0);
}

static void make_file(int dir, const char *name)
{
	AUTO_CLOSE int fd = openat(dir, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
}

static int make_root(void **state)
{
	char name[16], to[16];
	if (!mkdtemp(top) || chdir(top) < 0)
		return -1;
	assert_int_equal(mkdir("root", 0755), 0);
	assert_int_equal(mkdir("dir", 0755), 0);
	make_file(AT_FDCWD, "secret");
	root = open("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	assert_int_equal(mkdirat(root, "dir", 0755), 0);
	assert_int_equal(mkdirat(root, "dir/sub", 0755), 0);
	make_file(root, "dir/file");
	make_file(root, "secret");
	link_to("/dir", "absolute");
	link_to("../../../../secret", "up");
	link_to("dir/sub", "relative");
	link_to("/nowhere/at/all", "dangling");
	link_to("again", "again");
	link_to("/proc/self/root", "magic");
	for (int i = 0; i < 45; i++) {
		snprintf(name, sizeof name, "chain%d", i);
		snprintf(to, sizeof to, i ? "chain%d" : "dir", i - 1);
		link_to(to, name);
	}
	return 0;
}

static int remove_root(void **state)
{
	char command[64];
	close(root);
	snprintf(command, sizeof command, "rm -rf %s", top);
	return chdir("/") < 0 || system(command) != 0 ? -1 : 0;
}

/* what: a path without links below the root; NULL: an errno is expected */
static void leads_to(const char *path, enum inroot_follow follow, const char *what, int err)
{
	struct stat found, wanted;
	AUTO_CLOSE int fd = inroot_open(root, path, follow, INROOT_EXISTING, 0755);
	if (!what) {
		assert_int_equal(fd, -err);
		return;
	}
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &found), 0);
	assert_int_equal(fstatat(root, what, &wanted, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(found.st_ino, wanted.st_ino);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void what_is_there(void **state)
{
	inroot_without_openat2 = *state != NULL;
	leads_to("dir/file", INROOT_FOLLOW, "dir/file", 0);
	leads_to("//dir//./sub/../file", INROOT_FOLLOW, "dir/file", 0);
	leads_to("", INROOT_FOLLOW, ".", 0);
	leads_to("/", INROOT_FOLLOW, ".", 0);
	leads_to("dir/..", INROOT_FOLLOW, ".", 0);
	leads_to("nothing", INROOT_FOLLOW, NULL, ENOENT);
	leads_to("dir/file/x", INROOT_FOLLOW, NULL, ENOTDIR);
	leads_to("dir/file", INROOT_DIRECTORY, NULL, ENOTDIR);
	leads_to("dir/sub", INROOT_DIRECTORY, "dir/sub", 0);
}

static void nothing_leads_out(void **state)
{
	inroot_without_openat2 = *state != NULL;
	leads_to("../secret", INROOT_FOLLOW, "secret", 0);
	leads_to("dir/../../../secret", INROOT_FOLLOW, "secret", 0);
	leads_to("up", INROOT_FOLLOW, "secret", 0);
	leads_to("dir/../up", INROOT_FOLLOW, "secret", 0);
	leads_to("absolute/file", INROOT_FOLLOW, "dir/file", 0);
	leads_to("relative/../file", INROOT_FOLLOW, "dir/file", 0);
	/* a name like others: there is no procfs in this root */
	leads_to("magic", INROOT_FOLLOW, NULL, ENOENT);
}

static void links_that_are_not_followed(void **state)
{
	inroot_without_openat2 = *state != NULL;
	leads_to("absolute", INROOT_NOFOLLOW_LAST, "absolute", 0);
	leads_to("absolute/sub", INROOT_NOFOLLOW_LAST, "dir/sub", 0);
	leads_to("absolute", INROOT_NO_SYMLINKS, NULL, ELOOP);
	leads_to("absolute/sub", INROOT_NO_SYMLINKS, NULL, ELOOP);
	leads_to("dir/sub", INROOT_NO_SYMLINKS, "dir/sub", 0);
	leads_to("again", INROOT_FOLLOW, NULL, ELOOP);
	leads_to("chain30", INROOT_FOLLOW, "dir", 0);
	leads_to("chain44", INROOT_FOLLOW, NULL, ELOOP);
}

static void makes(const char *path, enum inroot_create create, const char *what, mode_t mode)
{
	struct stat found, wanted;
	AUTO_CLOSE int fd = inroot_open(root, path, INROOT_FOLLOW, create, 0750);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &found), 0);
	assert_int_equal(fstatat(root, what, &wanted, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(found.st_ino, wanted.st_ino);
	assert_int_equal(found.st_mode, mode);
}

static void what_is_missing_is_made_inside(void **state)
{
	struct stat st;
	inroot_without_openat2 = *state != NULL;
	makes("absolute/new/deep", INROOT_MAKE_DIRECTORY, "dir/new/deep", S_IFDIR | 0750);
	makes("absolute/new/file", INROOT_MAKE_FILE, "dir/new/file", S_IFREG | 0644);
	makes("dangling/x", INROOT_MAKE_DIRECTORY, "nowhere/at/all/x", S_IFDIR | 0750);
	makes("../../beside", INROOT_MAKE_FILE, "beside", S_IFREG | 0644);
	/* what is there stays, whatever it is */
	makes("dir/new/file", INROOT_MAKE_DIRECTORY, "dir/new/file", S_IFREG | 0644);
	assert_int_equal(inroot_open(root, "dir/new/file/x", INROOT_FOLLOW, INROOT_MAKE_FILE, 0750),
		-ENOTDIR);
	assert_int_equal(stat("beside", &st), -1);
	assert_int_equal(stat("dir/new", &st), -1);
	assert_int_equal(unlinkat(root, "dir/new/deep", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "dir/new/file", 0), 0);
	assert_int_equal(unlinkat(root, "dir/new", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "nowhere/at/all/x", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "nowhere/at/all", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "nowhere/at", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "nowhere", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "beside", 0), 0);
}

static void the_directory_above(void **state)
{
	static const char *const none[] = { "", "/", "..", "dir/.", "dir/.." };
	char name[INROOT_NAME_SIZE], longer[INROOT_NAME_SIZE + 8];
	struct stat found, wanted;
	inroot_without_openat2 = *state != NULL;
	AUTO_CLOSE int fd = inroot_open_parent(root, "absolute/sub//", 0750, name);
	assert_true(fd >= 0);
	assert_string_equal(name, "sub");
	assert_int_equal(fstat(fd, &found), 0);
	assert_int_equal(fstatat(root, "dir", &wanted, 0), 0);
	assert_int_equal(found.st_ino, wanted.st_ino);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_int_equal(inroot_open_parent(root, none[i], 0750, name), -EINVAL);
	assert_int_equal(inroot_open_parent(root, "secret/x", 0750, name), -ENOTDIR);
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(inroot_open_parent(root, longer, 0750, name), -ENAMETOOLONG);
	assert_int_equal(
		inroot_open(root, longer, INROOT_FOLLOW, INROOT_MAKE_FILE, 0750), -ENAMETOOLONG);
}

/* Each twice: the state is whether openat2 is kept from being used. */
#define TWICE(test)                                                                                \
	{ #test, test, NULL, NULL, NULL },                                                         \
	{                                                                                          \
#test " by walking", test, NULL, NULL, top                                         \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TWICE(what_is_there),
		TWICE(nothing_leads_out),
		TWICE(links_that_are_not_followed),
		TWICE(what_is_missing_is_made_inside),
		TWICE(the_directory_above),
	};
	umask(022);
	return cmocka_run_group_tests(tests, make_root, remove_root);
}
