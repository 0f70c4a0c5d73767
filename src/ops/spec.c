/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt spec: write a config.json to start from. HOST only. */
#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "host/subid.h"
#include "libocispec/document.h"
#include "ops/ops.h"
#include "ops/spec_template.h"
#include "plan/idmap.h"

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

/* A config travels: one id works on every host, so that is what others have to be asked for. */
static int choose_ids(
	const struct spec_options *o, struct arena *arena, struct spec_choices *c, struct error *e)
{
	static const struct string_map no_annotations;
	struct subid_facts f = { 0 };
	enum idmap_mode mode;
	int r = idmap_mode_choose(o->idmap ? o->idmap : "single", &no_annotations, &mode, e);
	if (r < 0 || mode == IDMAP_NONE)
		return r;
	if (mode != IDMAP_SINGLE)
		r = host_probe_subids(arena, &f, e);
	const struct missing *missing =
		r < 0 || mode == IDMAP_SINGLE ? NULL : subids_missing(&f, false);
	if (missing && mode == IDMAP_SUBUID)
		return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP, "--idmap=subuid: %s; %s",
			missing->what, missing->remedy);
	if (missing)
		f = (struct subid_facts){ 0 };
	if (r == 0)
		r = idmap_of_ranges(arena, geteuid(), &f.uids, "linux.uidMappings", &c->uids, e);
	if (r == 0)
		r = idmap_of_ranges(arena, getegid(), &f.gids, "linux.gidMappings", &c->gids, e);
	return r;
}

int op_spec(const struct global_options *g, const struct spec_options *o, struct error *e)
{
	const char *bundle = o->bundle ? o->bundle : ".";
	AUTO_CLOSE int dir_fd = open(bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return error_errno(e, errno, "open bundle '%s'", bundle);
	if (o->idmap && !o->rootless)
		return error_set(e, ERROR_USAGE, EINVAL, "option '--idmap' needs '--rootless'");
	struct spec_choices choices = {
		.rootless = o->rootless,
		.cgroup_namespace = is_unified(),
	};
	struct arena arena;
	char *text;
	size_t len = 0;
	arena_init(&arena);
	int r = o->rootless ? choose_ids(o, &arena, &choices, e) : 0;
	if (r == 0)
		r = spec_template(&choices, &arena, &text, &len, e);
	if (r == 0)
		r = write_config(dir_fd, text, len, e);
	arena_free(&arena);
	return r;
}
