/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt spec: write a config.json to start from. HOST only. */
#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "libocispec/document.h"
#include "ops/ops.h"
#include "ops/spec_template.h"

static bool is_unified(void)
{
	struct statfs st;
	return statfs("/sys/fs/cgroup", &st) == 0 && st.f_type == CGROUP2_SUPER_MAGIC;
}

static int write_config(int dir_fd, const char *text, size_t len, struct error *e)
{
	/* O_EXCL: a file that is there is somebody's work */
	AUTO_CLOSE int fd =
		openat(dir_fd, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return error_set(
			e, ERROR_USAGE, EEXIST, "File config.json exists. Remove it first");
	if (fd < 0)
		return error_errno(e, errno, "create config.json");
	int r = fd_write_all(fd, text, len);
	if (r < 0) {
		unlinkat(dir_fd, "config.json", 0);
		return error_errno(e, -r, "write config.json");
	}
	return 0;
}

int op_spec(const struct global_options *g, const struct spec_options *o, struct error *e)
{
	const char *bundle = o->bundle ? o->bundle : ".";
	AUTO_CLOSE int dir_fd = open(bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return error_errno(e, errno, "open bundle '%s'", bundle);
	const struct spec_choices choices = {
		.rootless = o->rootless,
		.cgroup_namespace = is_unified(),
		.uid = geteuid(),
		.gid = getegid(),
	};
	struct arena arena;
	char *text;
	size_t len = 0;
	arena_init(&arena);
	int r = spec_template(&choices, &arena, &text, &len, e);
	if (r == 0)
		r = write_config(dir_fd, text, len, e);
	arena_free(&arena);
	return r;
}
