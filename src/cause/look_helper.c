/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about newuidmap, newgidmap, and the ranges that they go by. Runs as HOST. Reads only. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/io.h"
#include "base/mountinfo.h"
#include "base/program.h"
#include "base/subid_file.h"
#include "cause/look.h"
#include "sys/process.h"

enum { PROGRAM_MAX = 1 << 20, MOUNTINFO_MAX = 16 << 20 };

/* As HOST looks for it when it runs it: PATH, then the usual place. */
static const char *find_helper(struct arena *a, const char *name)
{
	const char *path = getenv("PATH");
	const char *found = path ? program_find(a, path, name) : NULL;
	return found ? found : program_find(a, "/usr/bin", name);
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

/* It calls seteuid(2): a name among the symbols that it takes from libc. */
static bool becomes_caller(struct arena *a, const char *path)
{
	char *program;
	size_t n;
	return io_read_file(AT_FDCWD, path, PROGRAM_MAX, a, &program, &n) == 0 &&
	       memmem(program, n, "seteuid", 7) != NULL;
}

void look_at_helper(struct arena *a, const char *name, struct helper_facts *ret)
{
	unsigned set_id = strcmp(name, "newuidmap") == 0 ? CAP_SETUID : CAP_SETGID;
	struct stat st;
	struct statvfs fs;
	*ret = (struct helper_facts){
		.name = name,
		.path = find_helper(a, name),
		.no_new_privs = sys_prctl(PR_GET_NO_NEW_PRIVS, 0) == 1,
		/* what a program gets by its file is never more */
		.bound_has_set_id = sys_prctl(PR_CAPBSET_READ, set_id) != 0,
		.bound_has_sys_admin = sys_prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) != 0,
	};
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
	/* a whole file to read: only where it matters */
	ret->becomes_caller = ret->bound_has_sys_admin || becomes_caller(a, ret->path);
}

void look_at_subids(struct arena *a, bool groups, struct subid_file_facts *ret)
{
	struct subid_owner owner;
	struct subid_reader r;
	struct subid_line line;
	*ret = (struct subid_file_facts){
		.file = groups ? "/etc/subgid" : "/etc/subuid",
		.option = groups ? "--add-subgids" : "--add-subuids",
		.user = "",
	};
	if (!subid_caller(a, &owner))
		return;
	ret->user = owner.name;
	subid_open(&r, a, ret->file, &owner);
	while (subid_next(&r, &line)) {
		uint64_t end = (uint64_t)line.first + line.count;
		if (end > ret->first_free && end <= UINT32_MAX)
			ret->first_free = (uint32_t)end;
		if (!line.is_owners)
			continue;
		if (ret->n_ranges++ == 0)
			ret->first = line.first;
		ret->n_ids += line.count;
	}
}
