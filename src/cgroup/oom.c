/* SPDX-License-Identifier: Apache-2.0 */
/* How often the kernel has killed in a container for want of memory. Runs in HOST; changes nothing.
 */
#include "cgroup/oom.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/size_text.h"
#include "cgroup/act.h"
#include "cgroup/tree.h"

struct counters {
	const char *events, *limit, *peak;
	bool is_v2;
};

static const struct counters v1 = { "memory.oom_control", "memory.limit_in_bytes",
	"memory.max_usage_in_bytes", false };
/* oom_kill counts what oom_group_kill has killed, too */
static const struct counters v2 = { "memory.events", "memory.max", "memory.peak", true };

/* In a directory that others were in before, the count is theirs as well. */
static bool is_own(const struct cgroup_location *l, const char *dir)
{
	for (size_t i = 0; i < l->created.n; i++)
		if (strcmp(l->created.v[i], dir) == 0)
			return true;
	return l->manager == CGROUP_MANAGER_SYSTEMD;
}

static const char *memory_directory(
	const struct cgroup_location *l, const struct counters **ret_files)
{
	for (size_t i = 0; i < l->v1.n; i++)
		if (cgroup_v1_has(l->v1.v[i], "memory")) {
			*ret_files = &v1;
			return cgroup_v1_path(l->v1.v[i]);
		}
	*ret_files = &v2;
	return l->unified;
}

/* "max", and v1's number for it, which is LONG_MAX rounded down to pages: UINT64_MAX */
static uint64_t read_bytes(int dir_fd, const char *file, uint64_t unknown)
{
	char text[32];
	if (cgroup_read(dir_fd, file, text, sizeof text) <= 0)
		return unknown;
	if (strcmp(text, "max") == 0)
		return UINT64_MAX;
	uint64_t v = strtoull(text, NULL, 10);
	return v >= (uint64_t)INT64_MAX - UINT16_MAX ? UINT64_MAX : v;
}

int cgroup_memory_kills(const struct cgroup_location *location, struct memory_kills *ret)
{
	const struct counters *files;
	const char *dir = memory_directory(location, &files);
	unsigned long long kills;
	AUTO_CLOSE int fd = -1;
	if (!dir || !is_own(location, dir) || cgroup_open(dir, files->is_v2, &fd) < 0 ||
		cgroup_read_key(fd, files->events, "oom_kill", &kills) < 0)
		return -ENODEV;
	*ret = (struct memory_kills){ .kills = kills };
	if (kills > 0) {
		ret->limit = read_bytes(fd, files->limit, UINT64_MAX);
		ret->peak = read_bytes(fd, files->peak, 0);
	}
	return 0;
}

const char *memory_kills_text(const struct memory_kills *m, char buffer[static MEMORY_KILLS_TEXT])
{
	char size[SIZE_TEXT];
	if (m->limit == UINT64_MAX)
		snprintf(buffer, MEMORY_KILLS_TEXT, "no limit of its own");
	else
		snprintf(buffer, MEMORY_KILLS_TEXT, "limit %s", size_text(m->limit, size));
	size_t n = strlen(buffer);
	if (m->peak > 0)
		snprintf(buffer + n, MEMORY_KILLS_TEXT - n, ", peak %s", size_text(m->peak, size));
	return buffer;
}
