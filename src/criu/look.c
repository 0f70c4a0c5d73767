/* SPDX-License-Identifier: Apache-2.0 */
/* What CRIU has to be told of a container that runs. HOST only; changes nothing. */
#include "criu/look.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/mountinfo.h"
#include "fsroot/inroot.h"
#include "plan/namespace_types.h"

enum { MOUNTINFO_MAX = 16 << 20 };

struct looking {
	struct arena *arena;
	pid_t pid;
	const struct oci_config *config;
	struct criu_facts *facts;
};

/* Where the container has it now, links followed: that is how CRIU knows a mount. NULL: as it is
 * written. */
static const char *place_of(struct looking *l, int root_fd, const char *path, mode_t *ret_mode)
{
	char magic[FD_PATH_SIZE], link[PATH_MAX];
	struct stat st;
	AUTO_CLOSE int fd = inroot_open(root_fd, path, INROOT_FOLLOW, INROOT_EXISTING, 0);
	*ret_mode = 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	*ret_mode = st.st_mode;
	ssize_t n = readlink(fd_path(fd, magic), link, sizeof link);
	return n > 0 && (size_t)n < sizeof link && link[0] == '/'
		       ? arena_strndup(l->arena, link, (size_t)n)
		       : NULL;
}

static int look_at_mounts(struct looking *l, struct error *e)
{
	const struct oci_config *config = l->config;
	const struct string_list none = { 0 };
	const struct string_list *masked = config->linux_ ? &config->linux_->masked_paths : &none;
	char path[64];
	mode_t mode;
	const char **places = ARENA_ARRAY(l->arena, config->mounts.n + 1, const char *);
	const char **files = ARENA_ARRAY(l->arena, masked->n + 1, const char *);
	if (!places || !files)
		return error_errno(e, ENOMEM, "checkpoint");
	snprintf(path, sizeof path, "/proc/%lld/root", (long long)l->pid);
	AUTO_CLOSE int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_errno(e, errno, "open the container's root");
	for (size_t i = 0; i < config->mounts.n; i++)
		places[i] = place_of(l, root, config->mounts.v[i].destination, &mode);
	l->facts->places = places;
	l->facts->masked_files.v = files;
	for (size_t i = 0; i < masked->n; i++) {
		const char *place = place_of(l, root, masked->v[i], &mode);
		if (mode && !S_ISDIR(mode))
			files[l->facts->masked_files.n++] = place ? place : masked->v[i];
	}
	return 0;
}

/* A namespace that the config names by a path is not the container's, and not saved. */
static void look_at_namespaces(struct looking *l)
{
	const struct oci_linux *linux_config = l->config->linux_;
	char path[64];
	struct stat st;
	for (size_t i = 0; linux_config && i < linux_config->namespaces.n; i++) {
		enum oci_namespace_type t = linux_config->namespaces.v[i].type;
		snprintf(path, sizeof path, "/proc/%lld/ns/%s", (long long)l->pid,
			namespace_types[t].file);
		if (linux_config->namespaces.v[i].path && stat(path, &st) == 0)
			l->facts->joined[t] = st.st_ino;
	}
}

static bool has_mount(const char *mountinfo, unsigned long id)
{
	struct span text = { mountinfo, strlen(mountinfo) }, line;
	struct mountinfo_line m;
	char digits[24];
	snprintf(digits, sizeof digits, "%lu", id);
	while (span_next(&text, '\n', &line))
		if (mountinfo_parse(line, &m) && span_is(m.id, digits))
			return true;
	return false;
}

static bool mount_of_descriptor(struct looking *l, int fd, unsigned long *ret)
{
	char path[64], *text;
	size_t n;
	snprintf(path, sizeof path, "/proc/%lld/fdinfo/%d", (long long)l->pid, fd);
	if (io_read_file(AT_FDCWD, path, 65536, l->arena, &text, &n) < 0)
		return false;
	const char *at = strstr(text, "mnt_id:");
	return at && sscanf(at, "mnt_id: %lu", ret) == 1;
}

/* The first process's standard input and outputs. A file on a mount that the container has not, the
 * caller's log or /dev/null, cannot be opened again from inside: it is handed over, as a pipe is.
 */
static const char *name_of_descriptor(
	struct looking *l, const char *mountinfo, int fd, const char **ret_path)
{
	char path[64], link[PATH_MAX];
	unsigned long mount;
	struct stat st;
	snprintf(path, sizeof path, "/proc/%lld/fd/%d", (long long)l->pid, fd);
	ssize_t n = readlink(path, link, sizeof link);
	if (n < 0 || (size_t)n >= sizeof link)
		return "";
	const char *name = arena_strndup(l->arena, link, (size_t)n);
	*ret_path = name ? name : "";
	bool is_plain = stat(path, &st) == 0 &&
			(S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && major(st.st_rdev) == 1));
	if (name && is_plain && mount_of_descriptor(l, fd, &mount) && !has_mount(mountinfo, mount))
		name = arena_printf(
			l->arena, "file[%lx:%llx]", mount, (unsigned long long)st.st_ino);
	return name ? name : "";
}

static int look_at_stdio(struct looking *l, struct error *e)
{
	char path[64], *mountinfo;
	size_t n;
	snprintf(path, sizeof path, "/proc/%lld/mountinfo", (long long)l->pid);
	int r = io_read_file(AT_FDCWD, path, MOUNTINFO_MAX, l->arena, &mountinfo, &n);
	if (r < 0)
		return error_errno(e, -r, "%s", path);
	for (int fd = 0; fd < CRIU_STDIO; fd++)
		l->facts->files[fd] =
			name_of_descriptor(l, mountinfo, fd, &l->facts->files[CRIU_STDIO + fd]);
	return 0;
}

int criu_look(struct arena *arena, pid_t pid, const struct oci_config *config,
	struct criu_facts *facts, struct error *e)
{
	struct looking l = { arena, pid, config, facts };
	facts->pid = pid;
	look_at_namespaces(&l);
	int r = look_at_mounts(&l, e);
	return r == 0 ? look_at_stdio(&l, e) : r;
}
