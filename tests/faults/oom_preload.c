/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The N-th allocation fails: by LD_PRELOAD, for oom.py. glibc alone.
 *
 * OOM_AT=N: that one; OOM_ON=1: and every one after it. OOM_IMAGE=2: counted from where the runtime
 * has executed itself again. OOM_REPORT=FILE is made when it has come to that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static struct {
	bool is_known, is_on;
	unsigned long at, count;
	const char *report;
} oom;

static void look(void)
{
	const char *at = getenv("OOM_AT"), *image = getenv("OOM_IMAGE");
	bool is_again = getenv("_OCI_RT_PROTECTED") != NULL;
	oom.is_known = true;
	oom.is_on = getenv("OOM_ON") != NULL;
	oom.report = getenv("OOM_REPORT");
	if (at && oom.report && (image && strcmp(image, "2") == 0) == is_again)
		oom.at = strtoul(at, NULL, 10);
}

static bool fails(void)
{
	/* not from a constructor: the environment is there before any of them */
	if (!oom.is_known)
		look();
	if (oom.at == 0 || ++oom.count < oom.at || (oom.count > oom.at && !oom.is_on))
		return false;
	if (oom.count == oom.at)
		close(open(oom.report, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}
