/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts of a container that runs, from inside of it. Runs as INIT: no allocation, no stdio. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "fsroot/inroot.h"
#include "steps/init/init.h"
#include "sys/constants.h"
#include "sys/mount_id.h"

/* After: paths are resolved below what the container's init has as its root. */
int act_live_root(struct actor_context *ctx, const struct step *step)
{
	int fd = init_open_root(ctx);
	if (fd < 0)
		return fd;
	init_set_slot(ctx, SLOT_ROOTFS, fd);
	return 0;
}

/* By descriptor: the path may mean something else the next moment. The host's procfs, since the
 * container may have none, or a wrong one. -ENXIO: nothing is mounted there. */
static int unmount(struct actor_context *ctx, const struct mount_step *m)
{
	char path[FD_PATH_SIZE];
	AUTO_CLOSE int fd = inroot_open(ctx->slots[SLOT_ROOTFS], m->target,
		m->target_nofollow ? INROOT_NOFOLLOW_LAST : INROOT_FOLLOW, INROOT_EXISTING, 0);
	if (fd < 0)
		return fd;
	int r = sys_is_mount_root(fd);
	if (r <= 0)
		return r < 0 ? r : -ENXIO;
	if (fchdir(ctx->slots[SLOT_PROC]) < 0)
		return -errno;
	return umount2(fd_path_in_proc(fd, path), MNT_DETACH) < 0 ? -errno : 0;
}

int act_unmount(struct actor_context *ctx, const struct step *step)
{
	int r = unmount(ctx, &step->u.mount);
	if (r == -ENXIO)
		return act_message(ctx, ERROR_STATE, EINVAL, "nothing is mounted on ",
			step->u.mount.target, " in the container", NULL);
	return r < 0 ? act_failed(ctx, "umount2", r) : 0;
}

/* All of the command's mounts, or none. */
int act_live_mount(struct actor_context *ctx, const struct step *step)
{
	int r = act_mount(ctx, step);
	if (r == 0)
		return 0;
	for (size_t i = ctx->at; i-- > 0 && ctx->plan->steps[i].row == step->row;)
		if (ctx->plan->steps[i].u.mount.kind != MOUNT_CHANGE)
			unmount(ctx, &ctx->plan->steps[i].u.mount);
	return r;
}
