/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that we run, by name. HOST only. */
#include "base/program.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *executable_in(struct arena *a, const char *dir, size_t n, const char *name)
{
	const char *path = arena_printf(a, "%.*s/%s", (int)n, dir, name);
	struct stat st;
	return path && access(path, X_OK) == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode)
		       ? path
		       : NULL;
}

const char *program_find(struct arena *arena, const char *directories, const char *name)
{
	for (const char *p = directories; *p;) {
		size_t n = strcspn(p, ":");
		const char *path = n ? executable_in(arena, p, n, name) : NULL;
		if (path)
			return path;
		p += n + (p[n] == ':');
	}
	return NULL;
}
