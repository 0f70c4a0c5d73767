/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about newuidmap, newgidmap, and the ranges that they go by. Runs as HOST. Reads only. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/identity.h"
#include "base/io.h"
#include "base/mountinfo.h"
#include "base/parse_num.h"
#include "cause/look.h"

enum { SUBID_MAX = 16 << 20, MOUNTINFO_MAX = 16 << 20 };

static const char *executable_in(struct arena *a, const char *dir, size_t n, const char *name)
{
	const char *path = arena_printf(a, "%.*s/%s", (int)n, dir, name);
	struct stat st;
	return path && access(path, X_OK) == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode)
		       ? path
		       : NULL;
}

/* As HOST looks for it when it runs it: PATH, then the usual place. */
static const char *find_program(struct arena *a, const char *name)
{
	const char *p = getenv("PATH");
	while (p && *p) {
		size_t n = strcspn(p, ":");
		const char *path = n ? executable_in(a, p, n, name) : NULL;
		if (path)
			return path;
		p += n + (p[n] == ':');
	}
	return executable_in(a, "/usr/bin", 8, name);
}

/* The longest mount point above it; of two on one place the later. */
static const char *mount_of(struct arena *a, const char *path)
{
	char *text;
	const char *best = NULL;
	if (io_read_file(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, a, &text, NULL) < 0)
		return NULL;
	struct span rest = { text, strlen(text) }, line;
	struct mountinfo_line m;
	while (span_next(&rest, '\n', &line)) {
		const char *point =
			mountinfo_parse(line, &m) ? mountinfo_unescape(a, m.point) : NULL;
		size_t n = point ? strlen(point) : 0;
		bool is_above = point && strncmp(path, point, n) == 0 &&
				(n == 1 || path[n] == '/' || path[n] == '\0');
		if (is_above && (!best || n >= strlen(best)))
			best = point;
	}
	return best;
}

void look_at_helper(struct arena *a, const char *name, struct helper_facts *ret)
{
	struct stat st;
	struct statvfs fs;
	*ret = (struct helper_facts){ .name = name, .path = find_program(a, name) };
	char *real = ret->path ? realpath(ret->path, NULL) : NULL;
	if (!real)
		return;
	ret->path = arena_strdup(a, real);
	free(real);
	if (!ret->path || stat(ret->path, &st) < 0 || statvfs(ret->path, &fs) < 0)
		return;
	ret->is_setuid_root = (st.st_mode & S_ISUID) && st.st_uid == 0;
	ret->has_file_caps = getxattr(ret->path, "security.capability", NULL, 0) > 0;
	ret->on_nosuid = (fs.f_flag & ST_NOSUID) != 0;
	ret->mount = ret->on_nosuid ? mount_of(a, ret->path) : NULL;
}

/* user:first:count, by name or by number; subuid(5) */
static void take_line(char *line, const char *number, struct subid_file_facts *ids)
{
	char *first = strchr(line, ':'), *count = first ? strchr(first + 1, ':') : NULL;
	uint32_t from;
	uint64_t n;
	if (!count)
		return;
	*first++ = *count++ = '\0';
	if (!parse_u32(first, &from) || !parse_u64(count, &n) || n == 0 || from + n > UINT32_MAX)
		return;
	if (from + n > ids->first_free)
		ids->first_free = (uint32_t)(from + n);
	if (strcmp(line, ids->user) == 0 || strcmp(line, number) == 0) {
		if (ids->n_ranges++ == 0)
			ids->first = from;
		ids->n_ids += n;
	}
}

void look_at_subids(struct arena *a, bool groups, struct subid_file_facts *ret)
{
	char *text;
	char *name = arena_alloc(a, USER_NAME_SIZE);
	/* also for groups the user counts: subgid(5) */
	uid_t uid = getuid();
	const char *number = arena_printf(a, "%u", uid);
	*ret = (struct subid_file_facts){
		.file = groups ? "/etc/subgid" : "/etc/subuid",
		.option = groups ? "--add-subgids" : "--add-subuids",
		.user = name && number ? user_name(uid, name) : "",
	};
	if (!number || io_read_file(AT_FDCWD, ret->file, SUBID_MAX, a, &text, NULL) < 0)
		return;
	for (char *line = text; line && *line;) {
		char *end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		take_line(line, number, ret);
		line = end;
	}
}
