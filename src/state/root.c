/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of all states: where it is, that it is ours, what is in it. HOST only. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/identity.h"
#include "base/io.h"
#include "state/store.h"

static bool is_own_directory(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

/* XDG_RUNTIME_DIR, where it decides; else NULL. */
static const char *users_runtime_dir(void)
{
	const char *dir = is_real_root() ? NULL : getenv("XDG_RUNTIME_DIR");
	return dir && dir[0] == '/' ? dir : NULL;
}

static void default_path(char buffer[static PATH_MAX])
{
	const char *runtime_dir = users_runtime_dir();
	if (is_real_root()) {
		snprintf(buffer, PATH_MAX, "/run/oci-rt");
		return;
	}
	if (runtime_dir) {
		snprintf(buffer, PATH_MAX, "%s/oci-rt", runtime_dir);
		return;
	}
	int n = snprintf(buffer, PATH_MAX, "/run/user/%u", geteuid());
	if (is_own_directory(buffer))
		snprintf(buffer + n, (size_t)(PATH_MAX - n), "/oci-rt");
	else
		snprintf(buffer, PATH_MAX, "/tmp/oci-rt-%u", geteuid());
}

int state_root_path(const char *path, char buffer[static PATH_MAX])
{
	char cwd[PATH_MAX] = "";
	if (!path) {
		default_path(buffer);
		return 0;
	}
	if (path[0] != '/' && !getcwd(cwd, sizeof cwd))
		return -errno;
	int n = snprintf(buffer, PATH_MAX, "%s%s%s", cwd, cwd[0] ? "/" : "", path);
	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* Somebody who can write here could plant a state that makes us kill or remove what we shouldn't */
static int check_owner(int fd, const char *path, struct error *e)
{
	struct stat st;
	if (!has_defence(DEFENCE_STATE_OWNER))
		return 0;
	if (fstat(fd, &st) < 0)
		return error_errno(e, errno, "state directory '%s'", path);
	if (st.st_uid != geteuid())
		return error_set(e, ERROR_SYSTEM, EACCES,
			"state directory '%s' belongs to uid %u and we are uid %u", path, st.st_uid,
			geteuid());
	if ((st.st_mode & 02) || ((st.st_mode & 020) && st.st_gid != getegid()))
		return error_set(e, ERROR_SYSTEM, EACCES,
			"state directory '%s' is writable by others (mode %04o)", path,
			(unsigned)st.st_mode & 07777);
	return 0;
}

/* Nobody has named the directory: say where it comes from. */
static int not_had(int r, const char *what, const char *path, bool is_default, struct error *e)
{
	error_errno(e, -r, "%s state directory '%s'", what, path);
	if (is_default && users_runtime_dir())
		error_append(e,
			": XDG_RUNTIME_DIR has to be a directory of uid %u; unset it, or name "
			"another place with --root",
			geteuid());
	else if (is_default)
		error_append(e, "; name another place with --root");
	return r;
}

int state_root_open(const char *path, bool make, struct state_root *ret, struct error *e)
{
	char buffer[PATH_MAX];
	if (!path)
		default_path(buffer);
	else if (snprintf(buffer, sizeof buffer, "%s", path) >= (int)sizeof buffer || !path[0])
		return error_set(e, ERROR_USAGE, EINVAL, "state directory: bad path");
	/* O_NOFOLLOW is void for a path that ends with a slash */
	for (size_t n = strlen(buffer); n > 1 && buffer[n - 1] == '/'; n--)
		buffer[n - 1] = '\0';
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	AUTO_CLOSE int fd = openat(AT_FDCWD, buffer, flags);
	if (fd < 0 && errno == ENOENT && make) {
		int cut;
		/* sticky: the XDG base directory rules let cleaners prune what doesn't have it */
		int r = io_make_directories(buffer, 0700 | S_ISVTX, &cut);
		if (r < 0)
			return not_had(r, "make", buffer, !path, e);
		fd = openat(AT_FDCWD, buffer, flags);
	}
	if (fd < 0 && errno == ENOENT)
		return error_set(e, ERROR_STATE, ENOENT, "container does not exist");
	if (fd < 0)
		return not_had(-errno, "open", buffer, !path, e);
	int r = check_owner(fd, buffer, e);
	if (r < 0)
		return r;
	ret->fd = TAKE_FD(fd);
	return 0;
}

int state_root_open_all(const char *path, struct state_root *ret, struct error *e)
{
	struct error why;
	int r = state_root_open(path, false, ret, &why);
	if (r == 0)
		return 0;
	if (r != -ENOENT) {
		*e = why;
		return r;
	}
	if (path)
		return error_set(e, ERROR_STATE, ENOENT,
			"open state directory '%s': no such file or directory; nothing was created "
			"with this --root",
			path);
	ret->fd = -1;
	return 0;
}

void state_root_close(struct state_root *root)
{
	if (root->fd >= 0)
		close(root->fd);
	root->fd = -1;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int append_id(struct arena *arena, struct string_list *list, size_t *room, const char *id)
{
	if (list->n + 1 >= *room) {
		*room = *room ? 2 * *room : 64;
		const char **bigger = ARENA_ARRAY(arena, *room, const char *);
		if (!bigger)
			return -ENOMEM;
		if (list->n)
			memcpy(bigger, list->v, list->n * sizeof *bigger);
		list->v = bigger;
	}
	list->v[list->n] = arena_strdup(arena, id);
	return list->v[list->n++] ? 0 : -ENOMEM;
}

int state_root_list(const struct state_root *root, struct arena *arena, struct string_list *ret,
	struct error *e)
{
	struct string_list list = { 0 };
	size_t room = 0;
	*ret = list;
	if (root->fd < 0)
		return 0;
	AUTO_CLOSE int fd = openat(root->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSEDIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return error_errno(e, errno, "read state directory");
	fd = -1; /* dir's now */
	struct dirent *d;
	while ((errno = 0, d = readdir(dir))) {
		if (d->d_type != DT_DIR && d->d_type != DT_UNKNOWN)
			continue;
		if (state_id_check(d->d_name, NULL) < 0)
			continue;
		if (append_id(arena, &list, &room, d->d_name) < 0)
			return error_errno(e, ENOMEM, "list containers");
	}
	if (errno)
		return error_errno(e, errno, "read state directory");
	if (list.n)
		qsort(list.v, list.n, sizeof *list.v, compare_ids);
	*ret = list;
	return 0;
}
