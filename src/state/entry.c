/* SPDX-License-Identifier: Apache-2.0 */
/* One container's directory: made complete and locked, opened, locked, removed. HOST only. After
 * the open only the descriptor is used; the name could mean another container by then. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/io.h"
#include "state/state_json.h"
#include "state/store.h"
#include "sys/open.h"

/* How long another command is waited for that holds a name which leads nowhere yet, or no more. */
enum { PASSING_MS = 1000 };

static const int dir_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/* All that an entry may hold. state.json goes last: an entry whose removal was interrupted is still
 * a container that can be deleted. */
static const char *const known_names[] = { ".start.new", "start.sock", "config.json",
	"state.json" };

static int does_not_exist(struct error *e)
{
	return error_set(e, ERROR_STATE, ENOENT, "container does not exist");
}

static int already_exists(struct error *e)
{
	return error_set(e, ERROR_STATE, EEXIST, "container with given ID already exists");
}

/* Is fd what `name` leads to? A name that leads nowhere: no. Not to know is an errno, no answer. */
static int is_linked(int root_fd, const char *name, int fd)
{
	struct stat a, b;
	if (fstat(fd, &a) < 0)
		return -errno;
	if (fstatat(root_fd, name, &b, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* What a killed process left of a file written aside: ".state.json.1234" */
static int remove_temporaries(int dir_fd)
{
	AUTO_CLOSE int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSEDIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return -errno;
	fd = -1; /* dir's now */
	struct dirent *d;
	while ((d = readdir(dir))) {
		if (d->d_name[0] != '.' || strcmp(d->d_name, ".") == 0 ||
			strcmp(d->d_name, "..") == 0)
			continue;
		if (unlinkat(dir_fd, d->d_name, 0) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

static int clear(int dir_fd)
{
	if (unlinkat(dir_fd, "notify/notify.sock", 0) < 0 && errno != ENOENT)
		return -errno;
	if (unlinkat(dir_fd, "notify", AT_REMOVEDIR) < 0 && errno != ENOENT)
		return -errno;
	if (unlinkat(dir_fd, STATE_CRIU_ROOT, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(known_names); i++)
		if (unlinkat(dir_fd, known_names[i], 0) < 0 && errno != ENOENT)
			return -errno;
	return 0;
}

/* Remove the directory that dir_fd is open on. */
static int remove_directory(int root_fd, const char *name, int dir_fd)
{
	int r = clear(dir_fd);
	if (r < 0)
		return r;
	if (unlinkat(root_fd, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST) {
		r = is_linked(root_fd, name, dir_fd);
		if (r <= 0)
			return r; /* ours is gone; a new one has the name */
		r = remove_temporaries(dir_fd);
		if (r < 0 || unlinkat(root_fd, name, AT_REMOVEDIR) == 0)
			return r;
	}
	return errno == ENOENT ? 0 : -errno;
}

/* ret_locked_fd: NULL, or where it is kept, locked. */
static int write_new(int dir_fd, const char *name, const char *data, size_t n, int *ret_locked_fd)
{
	AUTO_CLOSE int fd =
		openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno : fd_write_all(fd, data, n);
	if (r == 0 && ret_locked_fd)
		r = io_lock(fd, LOCK_EX);
	if (r == 0 && ret_locked_fd)
		*ret_locked_fd = TAKE_FD(fd);
	return r;
}

static int fill(int dir_fd, const struct container *c, const char *config, size_t n,
	int *ret_making_fd, struct error *e)
{
	struct arena arena;
	arena_init(&arena);
	char *text;
	size_t len;
	int r = state_encode(c, &arena, &text, &len, e);
	if (r == 0) {
		r = write_new(dir_fd, "config.json", config, n, ret_making_fd);
		if (r == 0)
			r = write_new(dir_fd, "state.json", text, len, NULL);
		if (r < 0)
			error_errno(e, -r, "write state of container '%s'", c->id);
	}
	arena_free(&arena);
	return r;
}

/* The hidden directory, locked and empty. One that a killed command left is taken over: its lock
 * is free. -EEXIST: another command is making this container now. */
static int open_hidden(int root_fd, const char *hidden)
{
	for (;;) {
		bool made = mkdirat(root_fd, hidden, 0700) == 0;
		if (!made && errno != EEXIST)
			return -errno;
		AUTO_CLOSE int fd = openat(root_fd, hidden, dir_flags);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0) {
			int r = -errno;
			if (made)
				unlinkat(root_fd, hidden, AT_REMOVEDIR);
			return r;
		}
		int r = io_lock(fd, LOCK_EX | LOCK_NB);
		if (r == -EWOULDBLOCK)
			return -EEXIST;
		if (r < 0) {
			if (made)
				unlinkat(root_fd, hidden, AT_REMOVEDIR);
			return r;
		}
		r = is_linked(root_fd, hidden, fd);
		if (r == 0)
			continue; /* its maker has renamed it since */
		if (r < 0) {
			if (made)
				unlinkat(root_fd, hidden, AT_REMOVEDIR);
			return r;
		}
		r = made ? 0 : clear(fd);
		if (r == 0 && !made)
			r = remove_temporaries(fd);
		return r < 0 ? r : TAKE_FD(fd);
	}
}

static int publish(int root_fd, const char *hidden, const char *id)
{
	int r = sys_rename_new(root_fd, hidden, id);
	/* file systems without the flag: a rename never replaces a directory that isn't empty */
	if (r == -EINVAL)
		r = renameat(root_fd, hidden, root_fd, id) < 0 ? -errno : 0;
	return r == -ENOTEMPTY ? -EEXIST : r;
}

/* Is ROOT/ID there without state.json, as a removal leaves it for its last moment? To those who
 * read it there is no such container any more. */
static bool is_leaving(int root_fd, const char *id)
{
	char path[STATE_ID_MAX + sizeof "/state.json"];
	struct stat st;
	snprintf(path, sizeof path, "%s/state.json", id);
	return fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

/* The hidden directory of a name that is free; -EEXIST. Whoever holds either name is gone in a
 * moment: a create that renames it, a `delete --force` that sweeps, a removal that ends. */
static int reserve(int root_fd, const char *id, const char *hidden)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	struct stat st;
	for (int ms = 0;; ms++) {
		int r = -EEXIST;
		if (fstatat(root_fd, id, &st, AT_SYMLINK_NOFOLLOW) < 0)
			r = open_hidden(root_fd, hidden);
		else if (!is_leaving(root_fd, id))
			return r;
		if (r != -EEXIST || ms >= PASSING_MS)
			return r;
		nanosleep(&moment, NULL);
	}
}

int state_entry_create(const struct state_root *root, const struct container *c, const char *config,
	size_t config_len, struct state_entry *ret, struct error *e)
{
	int r = state_id_check(c->id, e);
	if (r < 0)
		return r;
	char hidden[STATE_ID_MAX + 2];
	snprintf(hidden, sizeof hidden, ".%s", c->id);
	AUTO_CLOSE int fd = reserve(root->fd, c->id, hidden);
	if (fd == -EEXIST)
		return already_exists(e);
	if (fd < 0)
		return error_errno(e, -fd, "make state of container '%s'", c->id);
	AUTO_CLOSE int making_fd = -1;
	r = fill(fd, c, config, config_len, &making_fd, e);
	if (r == 0) {
		r = publish(root->fd, hidden, c->id);
		if (r == -EEXIST)
			already_exists(e);
		else if (r < 0)
			error_errno(e, -r, "make state of container '%s'", c->id);
	}
	if (r < 0) {
		remove_directory(root->fd, hidden, fd);
		return r;
	}
	*ret = (struct state_entry){
		.root_fd = root->fd,
		.dir_fd = TAKE_FD(fd),
		.making_fd = TAKE_FD(making_fd),
		.locked = true,
	};
	snprintf(ret->id, sizeof ret->id, "%s", c->id);
	return 0;
}

void state_entry_sweep(const struct state_root *root, const char *id)
{
	char hidden[STATE_ID_MAX + 2];
	snprintf(hidden, sizeof hidden, ".%s", id);
	AUTO_CLOSE int fd = openat(root->fd, hidden, dir_flags);
	if (fd < 0 || io_lock(fd, LOCK_EX | LOCK_NB) < 0 || is_linked(root->fd, hidden, fd) <= 0)
		return;
	remove_directory(root->fd, hidden, fd);
}

/* A file or a link of that name is no container. One that could not be opened this time is none of
 * these: delete --force would answer that it is gone. */
static bool is_no_entry(int root_fd, const char *id, int err)
{
	struct stat st;
	if (err != ENOTDIR && err != ELOOP)
		return err == ENOENT;
	if (fstatat(root_fd, id, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	return !S_ISDIR(st.st_mode);
}

int state_entry_open(const struct state_root *root, const char *id, enum state_access access,
	struct state_entry *ret, struct error *e)
{
	int r = state_id_check(id, e);
	if (r < 0)
		return r;
	for (;;) {
		AUTO_CLOSE int fd = openat(root->fd, id, dir_flags);
		if (fd < 0 && is_no_entry(root->fd, id, errno))
			return does_not_exist(e);
		if (fd < 0)
			return error_errno(e, errno, "open state of container '%s'", id);
		if (access == STATE_LOCK) {
			r = io_lock(fd, LOCK_EX);
			if (r < 0)
				return error_errno(e, -r, "lock container '%s'", id);
			/* deleted, and perhaps made again, while we waited */
			r = is_linked(root->fd, id, fd);
			if (r == 0)
				continue;
			if (r < 0)
				return error_errno(e, -r, "open state of container '%s'", id);
		}
		*ret = (struct state_entry){
			.root_fd = root->fd,
			.dir_fd = TAKE_FD(fd),
			.making_fd = -1,
			.locked = access == STATE_LOCK,
		};
		snprintf(ret->id, sizeof ret->id, "%s", id);
		return 0;
	}
}

void state_entry_unlock(struct state_entry *entry)
{
	/* explicit: a child may share the open file, which alone would keep the lock */
	if (entry->locked)
		flock(entry->dir_fd, LOCK_UN);
	entry->locked = false;
}

void state_entry_made(struct state_entry *entry)
{
	/* explicit, as above */
	if (entry->making_fd >= 0) {
		flock(entry->making_fd, LOCK_UN);
		close(entry->making_fd);
	}
	entry->making_fd = -1;
}

int state_entry_lock(struct state_entry *entry, struct error *e)
{
	int r = io_lock(entry->dir_fd, LOCK_EX);
	if (r < 0)
		return error_errno(e, -r, "lock container '%s'", entry->id);
	entry->locked = true;
	r = is_linked(entry->root_fd, entry->id, entry->dir_fd);
	if (r < 0)
		return error_errno(e, -r, "open state of container '%s'", entry->id);
	return r ? 0 : does_not_exist(e);
}

void state_entry_close(struct state_entry *entry)
{
	if (entry->dir_fd < 0)
		return;
	state_entry_made(entry);
	state_entry_unlock(entry);
	close(entry->dir_fd);
	entry->dir_fd = -1;
}

int state_entry_remove(struct state_entry *entry, struct error *e)
{
	int r = remove_directory(entry->root_fd, entry->id, entry->dir_fd);
	if (r < 0)
		return error_errno(e, -r, "remove state of container '%s'", entry->id);
	return 0;
}
