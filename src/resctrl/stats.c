/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what is counted for a container. Runs in HOST, changes nothing. */
#include "resctrl/stats.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/parse_num.h"

enum { FILE_MAX = 1 << 16 };

static int read_schemata(struct arena *arena, int dir_fd, struct string_list *ret)
{
	char *text;
	if (io_read_file(dir_fd, "schemata", FILE_MAX, arena, &text, NULL) < 0)
		return 0;
	size_t most = 1;
	for (const char *p = text; *p; p++)
		most += *p == '\n';
	ret->v = ARENA_ARRAY(arena, most + 1, const char *);
	if (!ret->v)
		return -ENOMEM;
	for (char *p = text; *p;) {
		size_t n = strcspn(p, "\n"), more = p[n] == '\n';
		p[n] = '\0';
		p += strspn(p, " "), n = strlen(p); /* the kernel aligns the names */
		if (n)
			ret->v[ret->n++] = p;
		p += n + more;
	}
	return 0;
}

/* "Unavailable" and "Error" are what the hardware says when it has nothing to tell. */
static bool read_counter(
	struct arena *arena, int dir_fd, const char *domain, const char *name, uint64_t *ret)
{
	char path[320], *text;
	snprintf(path, sizeof path, "%s/%s", domain, name);
	if (io_read_file(dir_fd, path, 64, arena, &text, NULL) < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return parse_u64(text, ret);
}

static int is_cache(const struct dirent *entry)
{
	return strncmp(entry->d_name, "mon_L3_", 7) == 0;
}

static int read_counters(struct arena *arena, const char *group, struct resctrl_stats *ret)
{
	const char *path = arena_printf(arena, "%s/mon_data", group);
	if (!path)
		return -ENOMEM;
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **found = NULL;
	int n = fd < 0 ? 0 : scandir(path, &found, is_cache, alphasort);
	if (n <= 0)
		return 0;
	ret->v = ARENA_ARRAY(arena, (size_t)n, struct resctrl_counters);
	for (int i = 0; i < n; i++) {
		AUTO_FREE struct dirent *entry = found[i];
		if (!ret->v)
			continue;
		struct resctrl_counters *c = &ret->v[ret->n++];
		c->has_occupancy =
			read_counter(arena, fd, entry->d_name, "llc_occupancy", &c->occupancy);
		c->has_bandwidth =
			read_counter(arena, fd, entry->d_name, "mbm_total_bytes", &c->total_bytes);
		c->has_bandwidth |=
			read_counter(arena, fd, entry->d_name, "mbm_local_bytes", &c->local_bytes);
	}
	free(found);
	return ret->v ? 0 : -ENOMEM;
}

int resctrl_stats_read(struct arena *arena, const struct resctrl_group *group,
	struct resctrl_stats *ret, struct error *e)
{
	struct resctrl_stats stats = { 0 };
	AUTO_CLOSE int fd = open(group->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? 0 : read_schemata(arena, fd, &stats.schemata);
	if (r == 0)
		r = read_counters(arena, group->monitor ? group->monitor : group->path, &stats);
	if (r < 0)
		return error_errno(e, -r, "read the counters of %s", group->path);
	*ret = stats;
	return 0;
}
