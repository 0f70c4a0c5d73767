/* SPDX-License-Identifier: Apache-2.0 */
/* A file of settings that the image does not have, for --emulate-ids. Runs as INIT: no allocation,
 * no stdio. The image keeps an empty file, as below every file that is mounted. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "fsroot/inroot.h"
#include "plan/emulation.h"
#include "steps/init/init.h"
#include "sys/mount_api.h"

static int make_file(int dir, const char *text)
{
	AUTO_CLOSE int fd = openat(dir, "f", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));
}

/* Take away what is mounted where `mount` is; the working directory stays. */
static int detach(int mount)
{
	AUTO_CLOSE int cwd = open(".", O_PATH | O_CLOEXEC);
	if (cwd < 0 || fchdir(mount) < 0)
		return -errno;
	int r = umount2(".", MNT_DETACH) < 0 ? -errno : 0;
	return fchdir(cwd) < 0 ? -errno : r;
}

/* A detached mount of one file. Linux < 6.15 clones attached mounts only, so its file system is on
 * `place` for a moment. */
static int file_mount(struct actor_context *ctx, int place, const char *text)
{
	const struct mount_parameter small[] = { { "size", "4096" }, { "nr_inodes", "2" },
		{ "mode", "755" } };
	AUTO_CLOSE int fs = new_mount(ctx, "tmpfs", ARRAY_SIZE(small), small,
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (fs < 0)
		return fs;
	int r = make_file(fs, text);
	if (r < 0)
		return act_failed(ctx, "write", r);
	r = sys_move_mount(fs, place);
	if (r < 0)
		return act_failed(ctx, "move_mount", r);
	AUTO_CLOSE int file = sys_open_tree_clone(fs, "f", false, false);
	r = detach(fs);
	if (r < 0)
		return act_failed(ctx, "umount2", r);
	return file < 0 ? act_failed(ctx, "open_tree", file) : TAKE_FD(file);
}

/* Needs: the root's mounts are there, and the root can be written. Where it cannot, apt has nothing
 * to do there either. */
int act_apt_setting(struct actor_context *ctx, const struct step *step)
{
	int root = ctx->slots[SLOT_ROOTFS];
	AUTO_CLOSE int dir =
		inroot_open(root, EMULATION_APT_DIRECTORY, INROOT_FOLLOW, INROOT_EXISTING, 0);
	if (dir == -ENOENT || dir == -ENOTDIR)
		return 0;
	if (dir < 0)
		return act_failed(ctx, "openat2", dir);
	AUTO_CLOSE int target =
		inroot_open(root, step->u.text.path, INROOT_NOFOLLOW_LAST, INROOT_MAKE_FILE, 0755);
	if (target == -EROFS || target == -EACCES)
		return 0;
	if (target < 0)
		return act_failed(ctx, "openat2", target);
	AUTO_CLOSE int file = file_mount(ctx, dir, step->u.text.value);
	if (file < 0)
		return file;
	int r = sys_move_mount(file, target);
	return r < 0 ? act_failed(ctx, "move_mount", r) : 0;
}
