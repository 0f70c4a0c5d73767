/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before criu restores: its root. Runs in the child of HOST that becomes criu.
 *
 * CRIU wants a root that is a mount, whose parent nothing lies over, with a place for all that it
 * mounts. The rootfs may be neither, and a fresh copy of an image has no places.
 */
#include "criu/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "fsroot/inroot.h"
#include "sys/mount_api.h"
#include "sys/process.h"

/* What is below a new mount comes out of the image, or from the kernel. */
static bool comes_with_another(const struct criu_start *s, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		const char *rest = path_rest(s->places[i].target, s->places[k].target);
		if (!s->places[k].source && rest && *rest)
			return true;
	}
	return false;
}

/* As create does: the path is the container's, and never leaves its root. */
static int make_place(int root, const struct criu_mount_place *place, struct error *e)
{
	struct stat st = { .st_mode = S_IFDIR };
	AUTO_CLOSE int source = -1;
	if (place->source) {
		source = sys_open_tree_clone(AT_FDCWD, place->source, place->recursive, true);
		if (source < 0 || fstat(source, &st) < 0)
			return error_errno(e, source < 0 ? -source : errno, "mount %s on %s",
				place->source, place->target);
	}
	AUTO_CLOSE int target = inroot_open(root, place->target, INROOT_FOLLOW,
		S_ISDIR(st.st_mode) ? INROOT_MAKE_DIRECTORY : INROOT_MAKE_FILE, 0755);
	if (target < 0)
		return error_errno(e, -target, "make a place for %s", place->target);
	/* a later mount's place may be in this one */
	int r = source >= 0 ? sys_move_mount(source, target) : 0;
	return r < 0 ? error_errno(e, -r, "mount %s on %s", place->source, place->target) : 0;
}

/* The working directory is the container's root. */
static int attach_root(int place_fd, int *ret_root_fd, struct error *e)
{
	AUTO_CLOSE int root = sys_open_tree_clone(AT_FDCWD, ".", true, true);
	int r = root < 0 ? root : sys_move_mount(root, place_fd);
	if (r < 0)
		return error_errno(e, -r, "make the container's root a mount for criu");
	*ret_root_fd = TAKE_FD(root);
	return 0;
}

static int make_places(const struct criu_start *s, int place_fd, struct error *e)
{
	char path[FD_PATH_SIZE];
	AUTO_CLOSE int root = -1;
	int r = attach_root(place_fd, &root, e);
	for (size_t i = 0; r == 0 && i < s->n_places; i++)
		if (!comes_with_another(s, i))
			r = make_place(root, &s->places[i], e);
	if (r == 0 && umount2(fd_path(root, path), MNT_DETACH) < 0)
		r = error_errno(e, errno, "umount2");
	return r;
}

/* What is open was opened in the namespace that is left; no one can mount on that. */
static int open_again(int *fd, char *path, size_t size, bool is_left, struct error *e)
{
	char magic[FD_PATH_SIZE];
	if (*fd < 0)
		return 0;
	if (!is_left) {
		ssize_t n = readlink(fd_path(*fd, magic), path, size - 1);
		path[n > 0 ? n : 0] = '\0';
		return n < 0 ? error_errno(e, errno, "directory of the image") : 0;
	}
	int again = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (again < 0)
		return error_errno(e, errno, "%s", path);
	*fd = again;
	return 0;
}

int criu_enter_root(struct criu_start *s, struct error *e)
{
	char images[PATH_MAX], work[PATH_MAX];
	int found = open_again(&s->images_fd, images, sizeof images, false, e);
	if (found == 0)
		found = open_again(&s->work_fd, work, sizeof work, false, e);
	if (found < 0)
		return found;
	/* of what is open only the working directory is taken along into a new namespace */
	if (fchdir(s->root_fd) < 0)
		return error_errno(e, errno, "enter the container's root");
	int r = sys_unshare(CLONE_NEWNS);
	if (r < 0)
		return error_errno(e, -r, "a mount namespace for criu");
	/* what the host mounts from here on may be seen, what we mount may not leave */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return error_errno(e, errno, "mount");
	AUTO_CLOSE int place = open(s->mount_path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_CLOSE int root = -1;
	if (place < 0)
		return error_errno(e, errno, "%s", s->mount_path);
	r = make_places(s, place, e);
	if (r == 0)
		r = attach_root(place, &root, e);
	if (r == 0 && chdir("/") < 0)
		r = error_errno(e, errno, "chdir");
	if (r == 0)
		r = open_again(&s->images_fd, images, sizeof images, true, e);
	if (r == 0)
		r = open_again(&s->work_fd, work, sizeof work, true, e);
	return r;
}
