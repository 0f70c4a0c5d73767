/* SPDX-License-Identifier: Apache-2.0 */
/* Masked and read-only paths, sysctls, the working directory. Runs as INIT: no allocation. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/io.h"
#include "fsroot/inroot.h"
#include "steps/init/init.h"
#include "sys/mount_api.h"
#include "sys/open.h"
#include "sys/process.h"

int init_open_root(struct actor_context *ctx)
{
	int root = ctx->slots[SLOT_ROOTFS];
	int fd = root >= 0 ? fcntl(root, F_DUPFD_CLOEXEC, 0)
			   : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? act_failed(ctx, "open", -errno) : fd;
}

/* 1: *ret_fd is the path in the root; 0: nothing is there, and nothing has to be done. */
static int open_if_there(struct actor_context *ctx, const char *path, int *ret_fd)
{
	int fd = inroot_open(ctx->slots[SLOT_ROOTFS], path, INROOT_FOLLOW, INROOT_EXISTING, 0);
	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return act_failed(ctx, "openat2", fd);
	*ret_fd = fd;
	return 1;
}

/* One empty tmpfs serves all directories: the first gets it, the others copies of what is attached
 * there (Linux < 6.15 copies no mount that isn't). */
static int mask_of_directory(struct actor_context *ctx, const char *context)
{
	const struct mount_parameter empty[] = { { "size", "0" }, { "nr_inodes", "1" },
		{ "mode", "755" }, { "context", context } };
	if (ctx->slots[SLOT_MASK] >= 0)
		return sys_open_tree_clone(ctx->slots[SLOT_MASK], "", false, true);
	return new_mount(ctx, "tmpfs", context ? 4 : 3, empty, MOUNT_ATTR_RDONLY);
}

/* What is not there needs no mask. */
static int mask_path(struct actor_context *ctx, const struct step *step)
{
	AUTO_CLOSE int target = -1;
	int r = open_if_there(ctx, step->u.text.path, &target);
	if (r <= 0)
		return r;
	struct stat st;
	if (fstat(target, &st) < 0)
		return act_failed(ctx, "fstat", -errno);
	bool directory = S_ISDIR(st.st_mode);
	AUTO_CLOSE int mask =
		directory ? mask_of_directory(ctx, step->u.text.value) : detached_dev_null(ctx);
	if (mask < 0)
		return ctx->call ? mask : act_failed(ctx, "open_tree", mask);
	r = sys_move_mount(mask, target);
	if (r < 0)
		return act_failed(ctx, "move_mount", r);
	if (directory && ctx->slots[SLOT_MASK] < 0)
		init_set_slot(ctx, SLOT_MASK, TAKE_FD(mask));
	return 0;
}

/* spec: config-linux.md#masked-paths */
int act_mask(struct actor_context *ctx, const struct step *step)
{
	int r = mask_path(ctx, step);
	if (r == 0)
		init_end_of_row(ctx, SLOT_MASK);
	return r;
}

/* spec: config-linux.md#readonly-paths */
int act_readonly_path(struct actor_context *ctx, const struct step *step)
{
	AUTO_CLOSE int target = -1;
	int r = open_if_there(ctx, step->u.text.path, &target);
	if (r <= 0)
		return r;
	AUTO_CLOSE int copy = sys_open_tree_clone(target, "", true, true);
	if (copy < 0)
		return act_failed(ctx, "open_tree", copy);
	r = sys_mount_setattr(copy, true, MOUNT_ATTR_RDONLY, 0, 0);
	bool later = r == -ENOSYS || r == -EINVAL; /* Linux < 5.12 */
	if (r < 0 && !later)
		return act_failed(ctx, "mount_setattr", r);
	r = sys_move_mount(copy, target);
	if (r < 0)
		return act_failed(ctx, "move_mount", r);
	if (later && (r = sys_mount_setattr(copy, false, MOUNT_ATTR_RDONLY, 0, 0)) < 0)
		return act_failed(ctx, "mount_setattr", r);
	return 0;
}

int write_proc(struct actor_context *ctx, const char *path, const char *value)
{
	int proc = ctx->slots[SLOT_PROC];
	uint64_t resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
	AUTO_CLOSE int fd = sys_openat2(proc, path, O_WRONLY | O_NOCTTY, 0,
		has_defence(DEFENCE_PROC_BENEATH) ? resolve : 0);
	if (fd == -ENOSYS || fd == -EPERM) { /* the handle itself was verified by HOST */
		fd = openat(proc, path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	if (fd < 0)
		return act_failed(ctx, "openat2", fd);
	return write(fd, value, strlen(value)) < 0 ? act_failed(ctx, "write", -errno) : 0;
}

int act_sysctl(struct actor_context *ctx, const struct step *step)
{
	return write_proc(ctx, step->u.text.path, step->u.text.value);
}

int act_make_cwd(struct actor_context *ctx, const struct step *step)
{
	if (!has_defence(DEFENCE_CWD_INSIDE)) /* it refuses links of procfs, too */
		return 0;
	AUTO_CLOSE int fd = inroot_open(ctx->slots[SLOT_ROOTFS], step->u.text.path, INROOT_FOLLOW,
		INROOT_MAKE_DIRECTORY, 0755);
	return fd < 0 ? act_failed(ctx, "mkdir", fd) : 0;
}

/* A cwd of /proc/self/fd/N would be a directory of the host's: CVE-2024-21626. The kernel's own
 * answer begins with '/' only for places inside the root. */
static int check_inside(struct actor_context *ctx)
{
	char here[PATH_MAX];
	int r = sys_getcwd(here, sizeof here);
	if (r < 0)
		return act_failed(ctx, "getcwd", r);
	if (here[0] != '/' && has_defence(DEFENCE_CWD_INSIDE))
		return act_message(ctx, ERROR_SYSTEM, EXDEV,
			"the working directory is outside the container's root", NULL);
	return 0;
}

/* Root may enter where the user may not (and, on NFS, the other way round): tried as both. */
int act_enter_cwd(struct actor_context *ctx, const struct step *step)
{
	if (chdir(step->u.text.path) < 0)
		return errno == EACCES || errno == EPERM ? 0 : act_failed(ctx, "chdir", -errno);
	ctx->in_cwd = true;
	return check_inside(ctx);
}

int act_enter_cwd_again(struct actor_context *ctx, const struct step *step)
{
	if (ctx->in_cwd)
		return 0;
	if (chdir(step->u.text.path) < 0)
		return act_failed(ctx, "chdir", -errno);
	return check_inside(ctx);
}
