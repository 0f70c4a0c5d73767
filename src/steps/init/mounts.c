/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mount: made or cloned detached, given its attributes, then moved onto a descriptor of its
 * target, which was resolved inside the root. No path of the container is used twice
 * (CVE-2021-30465). Runs as INIT: no allocation, no stdio.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/fd.h"
#include "fsroot/inroot.h"
#include "steps/init/copy_up.h"
#include "steps/init/init.h"
#include "sys/mount_api.h"

/* The file system context is a log: "e tmpfs: Bad value for 'size'"; fsopen(2). */
static int file_system_failed(struct actor_context *ctx, int fs_fd, const char *call, int r)
{
	char log[256];
	ssize_t n;
	while ((n = read(fs_fd, log, sizeof log - 1)) > 0) {
		log[n] = '\0';
		if (n > 2 && log[0] == 'e')
			return act_message(ctx, ERROR_SYSTEM, -r, ctx->plan->steps[ctx->at].summary,
				": ", log + 2, NULL);
	}
	return act_failed(ctx, call, r);
}

int new_mount(struct actor_context *ctx, const char *type, size_t n,
	const struct mount_parameter *parameters, unsigned attr)
{
	AUTO_CLOSE int fs = sys_fsopen(type);
	if (fs < 0)
		return act_failed(ctx, "fsopen", fs);
	for (size_t i = 0; i < n; i++) {
		const struct mount_parameter *p = &parameters[i];
		int r = p->value ? sys_fsconfig_string(fs, p->key, p->value)
				 : sys_fsconfig_flag(fs, p->key);
		if (r == -EINVAL && !p->value) /* mode= and the like: an empty string, not a flag */
			r = sys_fsconfig_string(fs, p->key, "");
		if (r < 0)
			return file_system_failed(ctx, fs, "fsconfig", r);
	}
	int r = sys_fsconfig_create(fs);
	if (r < 0)
		return file_system_failed(ctx, fs, "fsconfig", r);
	int mount_fd = sys_fsmount(fs, attr);
	return mount_fd < 0 ? act_failed(ctx, "fsmount", mount_fd) : mount_fd;
}

/* What tests/hostile shows to be wrong: CVE-2025-31133. */
static int dev_null_of_image(struct actor_context *ctx)
{
	AUTO_CLOSE int fd =
		inroot_open(ctx->slots[SLOT_ROOTFS], "dev/null", INROOT_FOLLOW, INROOT_EXISTING, 0);
	return fd < 0 ? fd : sys_open_tree_clone(fd, "", false, false);
}

int detached_dev_null(struct actor_context *ctx)
{
	if (!has_defence(DEFENCE_HOST_NULL))
		return dev_null_of_image(ctx);
	AUTO_CLOSE int fd = sys_open_tree_clone(AT_FDCWD, "/dev/null", false, false);
	if (fd < 0)
		return act_failed(ctx, "open_tree", fd);
	struct stat st;
	if (fstat(fd, &st) < 0)
		return act_failed(ctx, "fstat", -errno);
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return act_message(ctx, ERROR_SYSTEM, ENODEV,
			"the host's /dev/null is not the null device (1:3)", NULL);
	return TAKE_FD(fd);
}

static int copy_in_root(struct actor_context *ctx, const struct mount_step *m)
{
	AUTO_CLOSE int fd = inroot_open(ctx->slots[SLOT_ROOTFS], m->source_in_root,
		m->source_nofollow ? INROOT_NOFOLLOW_LAST : INROOT_FOLLOW, INROOT_EXISTING, 0);
	return fd < 0 ? fd : sys_open_tree_clone(fd, "", m->recursive, true);
}

/* The kernel's reasons, mount_setattr(2): their numbers alone say nothing. */
int map_source_ids(struct actor_context *ctx, const struct mount_step *m, int mount_fd)
{
	int r = sys_mount_idmap(mount_fd, m->id_map_recursive, ctx->slots[m->id_map_slot]);
	if (r == 0)
		return 0;
	const char *why = r == -EINVAL	 ? "a file system there does not support mapped ids"
			  : r == -EPERM	 ? "not permitted: its ids are mapped already, or its file "
					   "system belongs to another user namespace than ours"
			  : r == -ENOSYS ? "this kernel is older than 5.12"
					 : NULL;
	if (!why)
		return act_failed(ctx, "mount_setattr(MOUNT_ATTR_IDMAP)", r);
	return act_message(ctx, ERROR_SYSTEM, -r, "map the ids of the bind source ", m->source,
		": mount_setattr: ", why, NULL);
}

static int bind_source(struct actor_context *ctx, const struct mount_step *m)
{
	if (m->source_slot >= 0 && ctx->slots[m->source_slot] >= 0) {
		int fd = ctx->slots[m->source_slot];
		ctx->slots[m->source_slot] = -1;
		return fd;
	}
	AUTO_CLOSE int fd = m->source_in_root ? copy_in_root(ctx, m)
					      : sys_open_tree_clone(AT_FDCWD, m->source,
							m->recursive, !m->source_nofollow);
	if (fd < 0)
		return act_failed(ctx, "open_tree", fd);
	int r = m->id_map_slot ? map_source_ids(ctx, m, fd) : 0;
	return r < 0 ? r : TAKE_FD(fd);
}

/* After: the number that was reserved for the source is that of a detached copy of it. */
int act_copy_source(struct actor_context *ctx, const struct step *step)
{
	const struct mount_step *m = &step->u.mount;
	int reserved = ctx->slots[m->source_slot];
	AUTO_CLOSE int fd = copy_in_root(ctx, m);
	if (fd < 0)
		return act_failed(ctx, "open_tree", fd);
	if (dup2(fd, reserved) < 0 || fcntl(reserved, F_SETFD, FD_CLOEXEC) < 0)
		return act_failed(ctx, "dup2", -errno);
	return 0;
}

static bool takes_from_target(const struct mount_step *m)
{
	return m->tmpcopyup || m->owner_of_target;
}

static int open_existing_target(struct actor_context *ctx, const struct mount_step *m)
{
	return inroot_open(ctx->slots[SLOT_ROOTFS], m->target, INROOT_FOLLOW, INROOT_EXISTING, 0);
}

/* The number of parameters: one more where there is a directory whose mode is to be taken. It is
 * said to the file system, not changed afterwards: so the container can read it in its mounts. */
static size_t mode_from_target(struct actor_context *ctx, const struct mount_step *m)
{
	struct stat st;
	AUTO_CLOSE int target = m->mode_text ? open_existing_target(ctx, m) : -1;
	if (target < 0 || fstat(target, &st) < 0)
		return m->n_parameters;
	for (int digit = 0; digit < MODE_TEXT_SIZE - 1; digit++)
		m->mode_text[digit] = (char)('0' + ((st.st_mode & 07777) >> 3 * (4 - digit) & 7));
	return m->n_parameters + 1;
}

/* A tmpfs looks like the directory that it hides, where the image has one. */
static int take_from_target(struct actor_context *ctx, const struct mount_step *m, int mount_fd)
{
	if (!takes_from_target(m))
		return 0;
	const struct copy_what what = { m->tmpcopyup, m->owner_of_target };
	AUTO_CLOSE int target = open_existing_target(ctx, m);
	if (target == -ENOENT)
		return 0;
	if (target < 0)
		return act_failed(ctx, "openat2", target);
	int r = copy_up(target, mount_fd, ctx->slots[SLOT_PROC], &what);
	return r < 0 ? act_failed(ctx, "copying up", r) : 0;
}

static int set_attributes(struct actor_context *ctx, int fd, const struct mount_step *m)
{
	int r = sys_mount_setattr(fd, false, m->attr_set, m->attr_clear, 0);
	if (r == 0)
		r = sys_mount_setattr(fd, true, m->rec_set, m->rec_clear, 0);
	if (r == 0)
		r = sys_mount_setattr(fd, m->propagation_recursive, 0, 0, m->propagation);
	return r < 0 ? act_failed(ctx, "mount_setattr", r) : 0;
}

static int detached(struct actor_context *ctx, const struct mount_step *m)
{
	if (m->kind == MOUNT_BIND)
		return bind_source(ctx, m);
	/* fsmount(2) does not know the first; the second would keep copy_up() from its work */
	unsigned later = MOUNT_ATTR_NOSYMFOLLOW | (takes_from_target(m) ? MOUNT_ATTR_RDONLY : 0);
	int fd = new_mount(ctx, m->fs_type, mode_from_target(ctx, m), m->parameters,
		(unsigned)m->attr_set & ~later);
	if (fd == -EPERM && m->fallback_bind) {
		ctx->error = (struct error){ 0 };
		AUTO_CLOSE int copy = sys_open_tree_clone(AT_FDCWD, m->source, false, false);
		if (copy < 0)
			return act_failed(ctx, "open_tree", copy);
		/* what the new mount would have been made with, and `ro` before all */
		int r = set_attributes(ctx, copy, m);
		return r < 0 ? r : TAKE_FD(copy);
	}
	return fd;
}

static int open_target(struct actor_context *ctx, const struct mount_step *m, int source_fd)
{
	struct stat st = { .st_mode = S_IFDIR }; /* as the root of each new file system is */
	if (source_fd >= 0 && m->kind != MOUNT_NEW && fstat(source_fd, &st) < 0)
		return act_failed(ctx, "fstat", -errno);
	enum inroot_create create = source_fd < 0	  ? INROOT_EXISTING
				    : S_ISDIR(st.st_mode) ? INROOT_MAKE_DIRECTORY
							  : INROOT_MAKE_FILE;
	enum inroot_follow follow = m->target_no_symlinks && has_defence(DEFENCE_PROC_TARGET)
					    ? INROOT_NO_SYMLINKS
				    : m->target_nofollow ? INROOT_NOFOLLOW_LAST
							 : INROOT_FOLLOW;
	int fd = inroot_open(ctx->slots[SLOT_ROOTFS], m->target, follow, create, 0755);
	if (fd == -ELOOP && m->target_no_symlinks)
		return act_message(ctx, ERROR_SYSTEM, ELOOP, ctx->plan->steps[ctx->at].summary,
			": ", m->fs_type, " must be mounted on ordinary directory; ", m->target,
			" is a symbolic link in the root filesystem", NULL);
	return fd < 0 ? act_failed(ctx, "openat2", fd) : fd;
}

/* Another mount may have been put on the directory between its being made and now; the root of what
 * is mounted there is looked up anew. */
static int change_mount(struct actor_context *ctx, const struct mount_step *m)
{
	AUTO_CLOSE int fd = open_target(ctx, m, -1);
	return fd < 0 ? fd : set_attributes(ctx, fd, m);
}

/* The link itself, as crun does: what it points to is the container's. One that says the same may
 * be there already, of an earlier container on this root file system; anything else is kept and
 * told. */
static int copy_symlink(struct actor_context *ctx, const struct mount_step *m, int source_fd)
{
	char to[PATH_MAX], there[PATH_MAX], name[INROOT_NAME_SIZE];
	ssize_t n = readlinkat(source_fd, "", to, sizeof to - 1);
	if (n < 0)
		return act_failed(ctx, "readlinkat", -errno);
	to[n] = '\0';
	AUTO_CLOSE int dir = inroot_open_parent(ctx->slots[SLOT_ROOTFS], m->target, 0755, name);
	if (dir < 0)
		return act_failed(ctx, "openat2", dir);
	if (symlinkat(to, dir, name) == 0)
		return 0;
	if (errno != EEXIST)
		return act_failed(ctx, "symlinkat", -errno);
	if (readlinkat(dir, name, there, sizeof there) == n && memcmp(there, to, (size_t)n) == 0)
		return 0;
	return act_message(ctx, ERROR_CONFIG, EEXIST, ctx->plan->steps[ctx->at].summary, ": ",
		m->target, " is there already, and is no symbolic link to ", to, NULL);
}

static bool is_symlink(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
}

int act_mount(struct actor_context *ctx, const struct step *step)
{
	const struct mount_step *m = &step->u.mount;
	if (m->kind == MOUNT_CHANGE)
		return change_mount(ctx, m);
	AUTO_CLOSE int mount_fd = detached(ctx, m);
	if (mount_fd < 0)
		return mount_fd;
	if (m->copy_symlink && is_symlink(mount_fd))
		return copy_symlink(ctx, m, mount_fd);
	int r = take_from_target(ctx, m, mount_fd);
	if (r < 0)
		return r;
	AUTO_CLOSE int target = open_target(ctx, m, mount_fd);
	if (target < 0)
		return target;
	bool before = m->kind == MOUNT_BIND || (m->attr_set & MOUNT_ATTR_NOSYMFOLLOW) ||
		      takes_from_target(m) || m->rec_set || m->rec_clear || m->propagation;
	r = before ? set_attributes(ctx, mount_fd, m) : 0;
	bool later = r == -ENOSYS || r == -EINVAL; /* below 5.12 only attached mounts change */
	if (r < 0 && !later)
		return r;
	int moved = sys_move_mount(mount_fd, target);
	if (moved < 0)
		return act_failed(ctx, "move_mount", moved);
	return later ? set_attributes(ctx, mount_fd, m) : 0;
}
