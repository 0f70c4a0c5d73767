/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root of a container without a mount namespace of its own: one mount in ours, below which
 * everything of the container is mounted, and which goes with it. Runs as HOST, as a step of create
 * and from delete. May not unmount anything that is not proven to be that mount.
 *
 * Its id is in the state before it is attached. Killed before that, it was never anywhere; killed
 * after, the id names it. Ids of STATX_MNT_ID_UNIQUE (Linux 6.8) are never used twice; older ones
 * may be, so there the place has to be the root filesystem as well, which it has always to be.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/mountinfo.h"
#include "steps/host/host.h"
#include "sys/constants.h"
#include "sys/mount_api.h"
#include "sys/mount_id.h"

enum { MOUNTINFO_MAX = 64 << 20 };

/*
 * Needs: the state is there, nothing is forked. After: SLOT_ROOTFS, where init will start, is a
 * mount of its own, which neither sends mounts to others nor gets theirs.
 */
int act_shared_root(struct actor_context *ctx, const struct step *step)
{
	struct container *c = ctx->host->container;
	AUTO_CLOSE int copy = sys_open_tree_clone(ctx->slots[SLOT_ROOTFS], "", true, true);
	if (copy < 0)
		return act_failed(ctx, "open_tree", copy);
	int r = sys_mount_setattr(copy, true, 0, 0, MS_PRIVATE);
	if (r < 0 && r != -ENOSYS && r != -EINVAL) /* below 5.12 attached mounts only */
		return act_failed(ctx, "mount_setattr", r);
	r = sys_mount_id(copy, &c->root_mount_id, &c->root_mount_unique);
	if (r < 0)
		return act_failed(ctx, "statx", r);
	r = state_save(&ctx->host->entry, c, &ctx->error);
	if (r < 0)
		return r;
	r = sys_move_mount(copy, ctx->slots[SLOT_ROOTFS]);
	if (r < 0)
		return act_failed(ctx, "move_mount", r);
	/* again: on a shared mount the kernel has made it shared */
	r = sys_mount_setattr(copy, true, 0, 0, MS_PRIVATE);
	if (r < 0)
		return act_failed(ctx, "mount_setattr", r);
	close(ctx->slots[SLOT_ROOTFS]);
	ctx->slots[SLOT_ROOTFS] = TAKE_FD(copy);
	return 0;
}

void undo_shared_root(struct actor_context *ctx, const struct step *step)
{
	struct error ignored;
	shared_root_detach(ctx->host->container, &ignored);
}

/* Is the mount of this id attached on this place, though it is not what is seen there? */
static bool is_covered(struct arena *arena, uint64_t id, const char *place)
{
	char *text, digits[DIGITS_SIZE];
	if (io_read_file(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, arena, &text, NULL) < 0)
		return false;
	struct span rest = { text, strlen(text) }, line;
	struct mountinfo_line m;
	format_u64(digits, id);
	while (span_next(&rest, '\n', &line)) {
		if (!mountinfo_parse(line, &m) || !span_is(m.id, digits))
			continue;
		const char *at = mountinfo_unescape(arena, m.point);
		return at && strcmp(at, place) == 0;
	}
	return false;
}

static int not_on_top(const struct container *c, int fd, struct error *e)
{
	char magic[FD_PATH_SIZE], place[4096];
	ssize_t n = readlink(fd_path(fd, magic), place, sizeof place - 1);
	if (n < 0)
		return error_errno(e, errno, "readlink");
	place[n] = '\0';
	struct arena arena;
	arena_init(&arena);
	bool covered = is_covered(&arena, c->root_mount_id, place);
	arena_free(&arena);
	return covered ? error_set(e, ERROR_STATE, EBUSY,
				 "the container's mount on %s is below another one: unmount that "
				 "first",
				 c->rootfs)
		       : 0;
}

int shared_root_detach(const struct container *c, struct error *e)
{
	if (!c->root_mount_id)
		return 0;
	AUTO_CLOSE int fd = open(c->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0; /* a place with a mount on it can't be removed */
	if (fd < 0)
		return error_errno(e, errno, "open %s", c->rootfs);
	uint64_t id, unique;
	int r = sys_mount_id(fd, &id, &unique);
	if (r < 0)
		return error_errno(e, -r, "statx %s", c->rootfs);
	if (id != c->root_mount_id || unique != c->root_mount_unique)
		return not_on_top(c, fd, e);
	/* what the container has made shared must not take the host's mounts along */
	r = sys_mount_setattr(fd, true, 0, 0, MS_PRIVATE);
	if (r < 0)
		return error_errno(e, -r, "make the mounts on %s private", c->rootfs);
	char magic[FD_PATH_SIZE];
	if (umount2(fd_path(fd, magic), MNT_DETACH) < 0)
		return error_errno(e, errno, "unmount %s", c->rootfs);
	return 0;
}
