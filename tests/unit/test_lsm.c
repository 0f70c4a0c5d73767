/* SPDX-License-Identifier: Apache-2.0 */
/* Writing of profiles and labels, into a directory that has the shape of procfs: few kernels have
 * both modules, and this one may have none. */
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

#include "steps/actor.h"

struct fake {
	char dir[64];
	int slots[1];
	struct step step;
	struct plan plan;
	struct actor_context ctx;
};

static void make(struct fake *f, const char *value)
{
	*f = (struct fake){ .dir = "/tmp/oci-rt-lsm-XXXXXX" };
	assert_non_null(mkdtemp(f->dir));
	f->slots[SLOT_PROC] = open(f->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_return_code(mkdirat(f->slots[SLOT_PROC], "self", 0755), errno);
	assert_return_code(mkdirat(f->slots[SLOT_PROC], "self/attr", 0755), errno);
	f->step.summary = "execute under p";
	f->step.u.text.path = "self/attr/apparmor/exec";
	f->step.u.text.fallback = "self/attr/exec";
	f->step.u.text.value = value;
	f->plan.steps = &f->step;
	f->plan.n_steps = 1;
	f->ctx.plan = &f->plan;
	f->ctx.slots = f->slots;
}

static void add_file(const struct fake *f, const char *path)
{
	int fd = openat(f->slots[SLOT_PROC], path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	assert_return_code(fd, errno);
	close(fd);
}

static void assert_holds(const struct fake *f, const char *path, const char *text)
{
	char buffer[64] = "";
	int fd = openat(f->slots[SLOT_PROC], path, O_RDONLY);
	assert_return_code(fd, errno);
	assert_return_code(read(fd, buffer, sizeof buffer - 1), errno);
	close(fd);
	assert_string_equal(buffer, text);
}

static void drop(struct fake *f)
{
	char command[96];
	close(f->slots[SLOT_PROC]);
	assert_int_equal(
		snprintf(command, sizeof command, "rm -r %s", f->dir) > 0 && system(command) == 0,
		1);
}

static void the_module_s_own_file_is_preferred(void **state)
{
	struct fake f;
	make(&f, "exec p");
	assert_return_code(mkdirat(f.slots[SLOT_PROC], "self/attr/apparmor", 0755), errno);
	add_file(&f, "self/attr/apparmor/exec");
	add_file(&f, "self/attr/exec");
	assert_int_equal(act_exec_attribute(&f.ctx, &f.step), 0);
	assert_holds(&f, "self/attr/apparmor/exec", "exec p");
	assert_holds(&f, "self/attr/exec", "");
	drop(&f);
}

static void older_kernels_have_one_file(void **state)
{
	struct fake f;
	make(&f, "exec p");
	add_file(&f, "self/attr/exec");
	assert_int_equal(act_exec_attribute(&f.ctx, &f.step), 0);
	assert_holds(&f, "self/attr/exec", "exec p");
	drop(&f);
}

/* SELinux has one place; no other may take its label. */
static void no_file_is_an_error(void **state)
{
	struct fake f;
	make(&f, "label");
	add_file(&f, "self/attr/exec");
	f.step.u.text.fallback = NULL;
	assert_int_equal(act_exec_attribute(&f.ctx, &f.step), -ENOENT);
	assert_int_equal(f.ctx.error.kind, ERROR_NONE); /* the walker says the call and errno */
	assert_holds(&f, "self/attr/exec", "");
	drop(&f);
}

/* CVE-2019-16884: what looks like the file and is a way to another must not be written through. */
static void a_link_out_of_procfs_is_not_followed(void **state)
{
	struct fake f;
	make(&f, "exec p");
	char outside[96];
	snprintf(outside, sizeof outside, "%s.outside", f.dir);
	int fd = open(outside, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_return_code(fd, errno);
	close(fd);
	assert_return_code(symlinkat(outside, f.slots[SLOT_PROC], "self/attr/exec"), errno);
	assert_int_equal(act_exec_attribute(&f.ctx, &f.step), -EXDEV);
	struct stat st;
	assert_return_code(stat(outside, &st), errno);
	assert_int_equal(st.st_size, 0);
	unlink(outside);
	drop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_module_s_own_file_is_preferred),
		cmocka_unit_test(older_kernels_have_one_file),
		cmocka_unit_test(no_file_is_an_error),
		cmocka_unit_test(a_link_out_of_procfs_is_not_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
