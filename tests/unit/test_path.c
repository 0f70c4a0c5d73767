/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as text, and directories made with those above them. */
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
#include "base/path.h"

static void what_is_below_a_directory(void **state)
{
	static const struct {
		const char *path, *top, *rest;
	} cases[] = {
		{ "/a/b", "/a", "/b" },
		{ "/a/b", "/a//", "/b" },
		{ "/a", "/a", "" },
		{ "/a", "/a/", "" },
		{ "/a/", "/a", "/" },
		{ "/ab", "/a", NULL },
		{ "/a", "/a/b", NULL },
		{ "/b/a", "/a", NULL },
		{ "/a", "/", NULL },
		{ "/", "/", NULL },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *rest = path_rest(cases[i].path, cases[i].top);
		if (!cases[i].rest) {
			assert_null(rest);
		} else {
			assert_non_null(rest);
			assert_string_equal(rest, cases[i].rest);
		}
	}
}

static mode_t mode_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void directories_are_made_with_those_above(void **state)
{
	int cut = 0;
	char top[] = "/tmp/oci-rt-test-XXXXXX";
	assert_non_null(mkdtemp(top));
	assert_int_equal(chdir(top), 0);
	assert_int_equal(io_make_directories("a/b/c", 0700 | S_ISVTX, &cut), 0);
	assert_int_equal(mode_of("a/b"), 0700);
	assert_int_equal(mode_of("a/b/c"), 01700);
	/* those that are there stay as they are */
	assert_int_equal(io_make_directories("a/b/", 0700 | S_ISVTX, &cut), 0);
	assert_int_equal(mode_of("a/b"), 0700);
	assert_int_equal(io_make_directories("", 0700, &cut), 0);
	int fd = creat("a/file", 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(io_make_directories("a/file/x/y", 0700, &cut), -ENOTDIR);
	assert_int_equal(cut, strlen("a/file/x"));
	assert_int_equal(unlink("a/file"), 0);
	assert_int_equal(rmdir("a/b/c"), 0);
	assert_int_equal(rmdir("a/b"), 0);
	assert_int_equal(rmdir("a"), 0);
	assert_int_equal(rmdir(top), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_below_a_directory),
		cmocka_unit_test(directories_are_made_with_those_above),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
