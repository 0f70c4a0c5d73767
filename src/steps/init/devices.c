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

static int parent_of(struct actor_context *ctx, const char *path, char *name)
{
	int dir = inroot_open_parent(ctx->slots[SLOT_ROOTFS], path, 0755, name);
	return dir < 0 ? act_failed(ctx, "openat2", dir) : dir;
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
	char name[INROOT_NAME_SIZE];
	AUTO_CLOSE int dir = parent_of(ctx, dev->path, name);
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
	return 0;
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

int act_dev_link(struct actor_context *ctx, const struct step *step)
{
	char name[INROOT_NAME_SIZE];
	AUTO_CLOSE int dir = parent_of(ctx, step->u.text.path, name);
	if (dir < 0)
		return dir;
	if (symlinkat(step->u.text.value, dir, name) == 0)
		return 0;
	if (errno != EEXIST)
		return act_failed(ctx, "symlinkat", -errno);
	/* an image's own link stays; a ptmx of its own would be the host's terminal: replaced */
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return 0;
	if (strcmp(name, "ptmx") != 0)
		return 0;
	if (unlinkat(dir, name, 0) < 0 || symlinkat(step->u.text.value, dir, name) < 0)
		return act_failed(ctx, "symlinkat", -errno);
	return 0;
}
