/* SPDX-License-Identifier: Apache-2.0 */
/* The container's root mount. Runs as INIT: no allocation, no stdio. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "steps/actor.h"
#include "steps/init/init.h"
#include "steps/init/mountinfo.h"
#include "sys/mount_api.h"
#include "sys/process.h"

/*
 * The mount that holds the directory fd becomes private, or a slave: its root is found by going up
 * until the kernel takes it (mount_setattr wants the root of a mount: EINVAL elsewhere). Closes fd.
 */
static int make_holder(struct actor_context *ctx, int fd, uint64_t propagation)
{
	for (int depth = 0; fd >= 0 && depth < 256; depth++) {
		int r = sys_mount_setattr(fd, false, 0, 0, propagation);
		if (r != -EINVAL) {
			close(fd);
			return r < 0 ? act_failed(ctx, "mount_setattr", r) : 0;
		}
		int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = up;
	}
	return act_failed(ctx, "open", fd < 0 ? -errno : -ELOOP);
}

/* Needs: an own mount namespace; the working directory is the rootfs. After: no mount made here
 * reaches the host, but below mounts that the config wants shared. */
int act_root_propagation(struct actor_context *ctx, const struct step *step)
{
	if (step->u.propagation.propagation == MS_SHARED)
		return make_holder(
			ctx, openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC), MS_PRIVATE);
	/* mount(2): one call that every kernel has; the root is the only path it is used on */
	if (mount(NULL, "/", NULL, MS_REC | step->u.propagation.propagation, NULL) < 0)
		return act_failed(ctx, "mount", -errno);
	return 0;
}

/*
 * Needs: act_root_propagation; the working directory, inherited from HOST through the fork, is the
 * rootfs in this mount namespace: its path is not used again.
 * After: SLOT_ROOTFS is the copy, attached on the rootfs's directory.
 */
int act_root(struct actor_context *ctx, const struct step *step)
{
	if (step->u.mount.source_slot < 0 && chdir(step->u.mount.source) < 0)
		return act_failed(ctx, "chdir", -errno);
	AUTO_CLOSE int here = openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (here < 0)
		return act_failed(ctx, "open", -errno);
	if (!step->u.mount.recursive) {
		init_set_slot(ctx, SLOT_ROOTFS, TAKE_FD(here));
		return 0;
	}
	AUTO_CLOSE int copy = sys_open_tree_clone(AT_FDCWD, "", true, true);
	if (copy < 0)
		return act_failed(ctx, "open_tree", copy);
	int r = sys_move_mount(copy, here);
	if (r < 0)
		return act_failed(ctx, "move_mount", r);
	init_set_slot(ctx, SLOT_ROOTFS, TAKE_FD(copy));
	return 0;
}

static int pivot(struct actor_context *ctx)
{
	AUTO_CLOSE int old_root = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (old_root < 0)
		return act_failed(ctx, "open", -errno);
	/* pivot_root(2): "." twice puts the old root on top of the new one, no directory needed */
	int r = sys_pivot_root(".", ".");
	if (r < 0)
		return act_failed(ctx, "pivot_root", r);
	/* "." is the new root to mount(2), and only to umount2(2) what lies on top of it */
	if (fchdir(old_root) < 0)
		return act_failed(ctx, "fchdir", -errno);
	/* where the host's mounts stayed shared, their unmounting must not reach the host */
	if (mount(NULL, ".", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return act_failed(ctx, "mount", -errno);
	return umount2(".", MNT_DETACH) < 0 ? act_failed(ctx, "umount2", -errno) : 0;
}

/*
 * The old root stays below the new one, and with it a procfs and a sysfs that nothing masks. The
 * kernel takes those for what this mount namespace may see, and so would let a user namespace made
 * in the container mount a procfs without masks of its own. Where they cannot be unmounted (locked:
 * they came from another user namespace), something lies over them.
 */
static int hide_mount(struct actor_context *ctx, const char *path)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) /* gone with one that was above it */
		return 0;
	/* rootfsPropagation may have left it shared: the host's must not go */
	int r = make_holder(ctx, openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC), MS_SLAVE);
	if (r < 0)
		return r;
	if (umount2(path, MNT_DETACH) == 0)
		return 0;
	return mount("none", path, "tmpfs", MS_RDONLY, "size=0k") < 0
		       ? act_failed(ctx, "mount", -errno)
		       : 0;
}

static int hide_proc_and_sys(struct actor_context *ctx)
{
	struct mountinfo_reader reader;
	char rootfs[PATH_MAX];
	int r = sys_getcwd(rootfs, sizeof rootfs);
	if (r < 0)
		return act_failed(ctx, "getcwd", r);
	AUTO_CLOSE int fd =
		openat(ctx->slots[SLOT_PROC], "self/mountinfo", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return act_failed(ctx, "open", -errno);
	mountinfo_start(&reader, fd);
	while ((r = mountinfo_next(&reader)) > 0) {
		bool shows = !strcmp(reader.type, "proc") || !strcmp(reader.type, "sysfs");
		if (!shows || path_rest(reader.target, rootfs))
			continue;
		r = hide_mount(ctx, reader.target);
		if (r < 0)
			return r;
	}
	return r < 0 ? act_failed(ctx, "read", r) : 0;
}

static int move_over_root(struct actor_context *ctx)
{
	int r = hide_proc_and_sys(ctx);
	if (r < 0)
		return r;
	/* mount(2) moves what is attached; the path is the working directory, not a name */
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return act_failed(ctx, "mount(MS_MOVE)", -errno);
	return 0;
}

/* Needs: everything that takes the host's paths is done. */
int act_change_root(struct actor_context *ctx, const struct step *step)
{
	if (fchdir(ctx->slots[SLOT_ROOTFS]) < 0)
		return act_failed(ctx, "fchdir", -errno);
	int r = 0;
	if (step->u.number == ROOT_BY_PIVOT)
		r = pivot(ctx);
	else if (step->u.number == ROOT_BY_MOVE)
		r = move_over_root(ctx);
	if (r < 0)
		return r;
	if (step->u.number != ROOT_BY_PIVOT && chroot(".") < 0)
		return act_failed(ctx, "chroot", -errno);
	return chdir("/") < 0 ? act_failed(ctx, "chdir", -errno) : 0;
}

int act_root_readonly(struct actor_context *ctx, const struct step *step)
{
	int r = sys_mount_setattr(ctx->slots[SLOT_ROOTFS], false, MOUNT_ATTR_RDONLY, 0, 0);
	return r < 0 ? act_failed(ctx, "mount_setattr", r) : 0;
}

int act_final_propagation(struct actor_context *ctx, const struct step *step)
{
	int r = sys_mount_setattr(ctx->slots[SLOT_ROOTFS], step->u.propagation.recursive, 0, 0,
		step->u.propagation.propagation);
	return r < 0 ? act_failed(ctx, "mount_setattr", r) : 0;
}
