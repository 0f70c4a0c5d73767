/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mounts of a container, what its config's paths lead to, and what init's descriptors point to.
 * Runs as HOST. Paths are taken in the container's root (fsroot/inroot.h), whose owner may be
 * against us; nothing is opened but as a place (O_PATH), and no file system of the container's is
 * asked for anything that mountinfo knows.
 */
#include "inspect/look.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/mountinfo.h"
#include "base/parse_num.h"
#include "fsroot/inroot.h"
#include "libocispec/runtime/mount_options.h"
#include "sys/mount_id.h"

enum { MOUNTINFO_MAX = 64 << 20 };

static const char *plain(struct arena *arena, struct span s)
{
	char *text = mountinfo_unescape(arena, s);
	return text ? seen_text(arena, text, strlen(text)) : "";
}

int look_at_mounts_of(struct arena *arena, int proc_fd, struct seen *ret, struct error *e)
{
	char *text;
	size_t n = 0;
	int r = io_read_file(proc_fd, "mountinfo", MOUNTINFO_MAX, arena, &text, NULL);
	if (r < 0)
		return error_errno(e, -r, "read the container's mounts");
	for (const char *c = text; *c; c++)
		n += *c == '\n';
	ret->all_mounts.v = ARENA_ARRAY(arena, n + 1, struct seen_mount);
	if (!ret->all_mounts.v)
		return error_errno(e, ENOMEM, "container's mounts");
	struct span rest = { text, strlen(text) }, line;
	struct mountinfo_line m;
	while (ret->all_mounts.n < n && span_next(&rest, '\n', &line)) {
		if (!mountinfo_parse(line, &m))
			continue;
		ret->all_mounts.v[ret->all_mounts.n++] = (struct seen_mount){
			.id = strtoull(m.id.s, NULL, 10),
			.point = plain(arena, m.point),
			.type = plain(arena, m.type),
			.options = plain(arena, m.options),
			.super_options = plain(arena, m.super_options),
		};
	}
	return 0;
}

static const struct seen_mount *mount_by_id(const struct seen *s, uint64_t id)
{
	for (size_t i = 0; i < s->all_mounts.n; i++)
		if (s->all_mounts.v[i].id == id)
			return &s->all_mounts.v[i];
	return NULL;
}

static uint64_t attributes_of(const struct seen_mount *m)
{
	const char *texts[] = { m->options, m->super_options };
	uint64_t found = 0;
	/* of the file system's own options "ro" holds as well as the mount's */
	for (size_t t = 0; t < ARRAY_SIZE(texts); t++) {
		struct span rest = { texts[t], strlen(texts[t]) }, word;
		while (span_next(&rest, ',', &word))
			for (size_t i = 0; i < (t == 0 ? MOUNT_ATTRIBUTES : 1); i++)
				if (span_is(word, mount_attributes[i].name))
					found |= mount_attributes[i].bit;
	}
	return found;
}

static struct seen_path look_at_path(
	const struct seen *s, int root_fd, const char *path, enum inroot_follow follow)
{
	uint64_t id, unique;
	struct stat st;
	AUTO_CLOSE int fd = inroot_open(root_fd, path, follow, INROOT_EXISTING, 0);
	if (fd == -ENOENT || fd == -ENOTDIR)
		return (struct seen_path){ .state = SEEN_ABSENT };
	if (fd < 0)
		return (struct seen_path){ .state = SEEN_UNKNOWN, .err = -fd };
	int r = sys_mount_id(fd, &id, &unique);
	const struct seen_mount *m = r < 0 ? NULL : mount_by_id(s, id);
	if (!m || fstat(fd, &st) < 0)
		return (struct seen_path){ .state = SEEN_UNKNOWN, .err = r < 0 ? -r : ESTALE };
	struct seen_path p = { .state = SEEN,
		.is_mount = sys_is_mount_root(fd) == 1,
		.attributes = attributes_of(m) };
	p.is_null = S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
	p.is_masked =
		p.is_mount && (p.is_null || (S_ISDIR(st.st_mode) && strcmp(m->type, "tmpfs") == 0 &&
						    (p.attributes & MOUNT_ATTR_RDONLY)));
	return p;
}

static struct seen_path *look_at_list(
	struct arena *arena, const struct seen *s, int root_fd, const struct string_list *l)
{
	struct seen_path *v = ARENA_ARRAY(arena, l->n + 1, struct seen_path);
	for (size_t i = 0; v && i < l->n; i++)
		v[i] = look_at_path(s, root_fd, l->v[i], INROOT_FOLLOW);
	return v;
}

int look_at_paths(struct arena *arena, int proc_fd, const struct oci_config *config,
	struct seen *ret, struct error *e)
{
	AUTO_CLOSE int root_fd = openat(proc_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return error_errno(e, errno, "open the container's root");
	ret->root = look_at_path(ret, root_fd, "/", INROOT_FOLLOW);
	ret->mounts = ARENA_ARRAY(arena, config->mounts.n + 1, struct seen_path);
	for (size_t i = 0; ret->mounts && i < config->mounts.n; i++)
		ret->mounts[i] =
			look_at_path(ret, root_fd, config->mounts.v[i].destination, INROOT_FOLLOW);
	if (config->linux_) {
		ret->masked = look_at_list(arena, ret, root_fd, &config->linux_->masked_paths);
		ret->readonly = look_at_list(arena, ret, root_fd, &config->linux_->readonly_paths);
	}
	return 0;
}

/* Files and devices have a mount that somebody has; pipes, sockets, memfds and what else the kernel
 * keeps on mounts of its own have none, and are no way out. */
static bool is_of_host(const struct seen *s, int proc_fd, const char *number, const char *target)
{
	char path[64], text[512];
	struct stat st;
	unsigned long long id;
	if (target[0] != '/' || strncmp(target, "/memfd:", 7) == 0 ||
		strncmp(target, "/dev/zero (deleted)", 19) == 0)
		return false;
	snprintf(path, sizeof path, "fdinfo/%s", number);
	AUTO_CLOSE int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	const char *key = strstr(text, "mnt_id:");
	snprintf(path, sizeof path, "fd/%s", number);
	if (!key || sscanf(key, "mnt_id: %llu", &id) != 1 || fstatat(proc_fd, path, &st, 0) < 0)
		return false;
	return !S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode) && !mount_by_id(s, id);
}

static void add_descriptor(struct arena *arena, int proc_fd, uint32_t fd, struct seen *ret)
{
	char path[32], number[16], target[PATH_MAX];
	snprintf(number, sizeof number, "%u", fd);
	snprintf(path, sizeof path, "fd/%s", number);
	ssize_t n = readlinkat(proc_fd, path, target, sizeof target - 1);
	if (n < 0)
		return; /* closed since */
	target[n] = '\0';
	ret->descriptors.v[ret->descriptors.n++] = (struct seen_descriptor){
		.fd = (int)fd,
		.target = seen_text(arena, target, (size_t)n),
		.of_host = is_of_host(ret, proc_fd, number, target),
	};
}

int look_at_descriptors(struct arena *arena, int proc_fd, struct seen *ret, struct error *e)
{
	enum { MOST = 4096 };
	AUTO_CLOSE int fd = openat(proc_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSEDIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return error_errno(e, errno, "list the descriptors of the container's init");
	fd = -1; /* dir's now */
	ret->descriptors.v = ARENA_ARRAY(arena, MOST, struct seen_descriptor);
	if (!ret->descriptors.v)
		return error_errno(e, ENOMEM, "container's descriptors");
	for (struct dirent *d; ret->descriptors.n < MOST && (d = readdir(dir));) {
		uint32_t number;
		if (parse_u32(d->d_name, &number) && number > 2)
			add_descriptor(arena, proc_fd, number, ret);
	}
	return 0;
}
