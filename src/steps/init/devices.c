/* SPDX-License-Identifier: Apache-2.0 */
/* Device nodes and the links under /dev. Runs as INIT: no allocation, no stdio. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "fsroot/inroot.h"
#include "steps/init/init.h"
#include "sys/mount_api.h"

static size_t parent_length(const char *path)
{
	size_t n = strlen(path);
	while (n > 0 && path[n - 1] != '/')
		n--;
	return n;
}

/*
 * The directory for `path`, which stays in SLOT_MADE_IN: most steps of a row make something in that
 * of the step just before, and nothing has happened in between. `before`: what that one made, NULL.
 */
static int parent_of(struct actor_context *ctx, const char *path, const char *before,
	char name[INROOT_NAME_SIZE])
{
	size_t n = parent_length(path);
	int dir = ctx->slots[SLOT_MADE_IN];
	if (dir >= 0 && before && parent_length(before) == n && memcmp(path, before, n) == 0 &&
		path[n] && strlen(path + n) < INROOT_NAME_SIZE) {
		memcpy(name, path + n, strlen(path + n) + 1);
		return dir;
	}
	dir = inroot_open_parent(ctx->slots[SLOT_ROOTFS], path, 0755, name);
	if (dir < 0)
		return act_failed(ctx, "openat2", dir);
	init_set_slot(ctx, SLOT_MADE_IN, dir);
	return dir;
}

/* The step before, if it is of the same row. */
static const struct step *step_before(const struct actor_context *ctx)
{
	const struct step *now = &ctx->plan->steps[ctx->at];
	return ctx->at > 0 && now[-1].row == now->row ? &now[-1] : NULL;
}

static int end_of_step(struct actor_context *ctx)
{
	init_end_of_row(ctx, SLOT_MADE_IN);
	return 0;
}

/* A node that the image already has is taken only when it is the same device. */
static int check_existing(
	struct actor_context *ctx, int dir, const char *name, const struct device_step *dev)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return act_failed(ctx, "fstatat", -errno);
	if ((st.st_mode & S_IFMT) == (dev->mode & S_IFMT) &&
		(S_ISFIFO(st.st_mode) || st.st_rdev == dev->dev))
		return 0;
	if (!has_defence(DEFENCE_DEVICE))
		return 0;
	return act_message(ctx, ERROR_SYSTEM, EEXIST, ctx->plan->steps[ctx->at].summary,
		": the root filesystem has another file of that name", NULL);
}

int act_make_device(struct actor_context *ctx, const struct step *step)
{
	const struct device_step *dev = &step->u.device;
	const struct step *before = step_before(ctx);
	char name[INROOT_NAME_SIZE];
	int dir = parent_of(ctx, dev->path, before ? before->u.device.path : NULL, name);
	if (dir < 0)
		return dir;
	/* umask is 0 here: the mode is exact */
	if (mknodat(dir, name, dev->mode, dev->dev) < 0) {
		if (errno != EEXIST)
			return act_failed(ctx, "mknodat", -errno);
		int r = check_existing(ctx, dir, name, dev);
		if (r < 0)
			return r;
	}
	if ((dev->uid || dev->gid) &&
		fchownat(dir, name, dev->uid, dev->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return act_failed(ctx, "fchownat", -errno);
	return end_of_step(ctx);
}

int act_bind_device(struct actor_context *ctx, const struct step *step)
{
	const struct device_step *dev = &step->u.device;
	AUTO_CLOSE int source = sys_open_tree_clone(AT_FDCWD, dev->source, false, true);
	if (source < 0)
		return act_failed(ctx, "open_tree", source);
	struct stat st;
	if (fstat(source, &st) < 0)
		return act_failed(ctx, "fstat", -errno);
	if ((st.st_mode & S_IFMT) != (dev->mode & S_IFMT) || st.st_rdev != dev->dev)
		return act_message(ctx, ERROR_SYSTEM, ENODEV, ctx->plan->steps[ctx->at].summary,
			": the host has another device there", NULL);
	AUTO_CLOSE int target = inroot_open(
		ctx->slots[SLOT_ROOTFS], dev->path, INROOT_NOFOLLOW_LAST, INROOT_MAKE_FILE, 0755);
	if (target < 0)
		return act_failed(ctx, "openat2", target);
	int r = sys_move_mount(source, target);
	return r < 0 ? act_failed(ctx, "move_mount", r) : 0;
}

static int make_link(struct actor_context *ctx, int dir, const char *name, const char *to)
{
	if (symlinkat(to, dir, name) == 0)
		return 0;
	if (errno != EEXIST)
		return act_failed(ctx, "symlinkat", -errno);
	/* an image's own link stays; a ptmx of its own would be the host's terminal: replaced */
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return 0;
	if (strcmp(name, "ptmx") != 0)
		return 0;
	if (unlinkat(dir, name, 0) < 0 || symlinkat(to, dir, name) < 0)
		return act_failed(ctx, "symlinkat", -errno);
	return 0;
}

int act_dev_link(struct actor_context *ctx, const struct step *step)
{
	const struct step *before = step_before(ctx);
	char name[INROOT_NAME_SIZE];
	int dir = parent_of(ctx, step->u.text.path, before ? before->u.text.path : NULL, name);
	int r = dir < 0 ? dir : make_link(ctx, dir, name, step->u.text.value);
	return r < 0 ? r : end_of_step(ctx);
}
