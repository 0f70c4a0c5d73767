/* SPDX-License-Identifier: Apache-2.0 */
/* What this process may have, and which devices this host has. Runs as HOST; changes nothing. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/io.h"
#include "host/probe.h"
#include "sys/process.h"

int host_probe_limits(
	struct arena *arena, const struct oci_process *p, struct host_facts *facts, struct error *e)
{
	if (p && p->oom_score_adj.set)
		facts->oom_score_adj = (int)io_read_number("/proc/self/oom_score_adj").v;
	if (!p || !p->rlimits.n)
		return 0;
	uint64_t *hard = ARENA_ARRAY(arena, RLIM_NLIMITS, uint64_t);
	if (!hard)
		return error_errno(e, ENOMEM, "limits");
	for (size_t i = 0; i < p->rlimits.n; i++)
		hard[p->rlimits.v[i].type] = sys_hard_limit(p->rlimits.v[i].type);
	facts->hard_limits = hard;
	return 0;
}

static bool is_device(const char *path, const struct oci_device *d)
{
	struct stat st;
	mode_t type = d->type == 'b' ? S_IFBLK : S_IFCHR;
	return path && stat(path, &st) == 0 && (st.st_mode & S_IFMT) == type &&
	       st.st_rdev == makedev((unsigned)d->major.v, (unsigned)d->minor.v);
}

/* udev(7) keeps a link for each number. */
static const char *by_number(struct arena *arena, const struct oci_device *d)
{
	char link[64], path[PATH_MAX];
	snprintf(link, sizeof link, "/dev/%s/%lld:%lld", d->type == 'b' ? "block" : "char",
		(long long)d->major.v, (long long)d->minor.v);
	return realpath(link, path) && is_device(path, d) ? arena_strdup(arena, path) : NULL;
}

int host_probe_devices(
	struct arena *arena, const struct oci_linux *l, struct host_facts *facts, struct error *e)
{
	if (!l || !l->devices.n)
		return 0;
	const char **v = ARENA_ARRAY(arena, l->devices.n, const char *);
	if (!v)
		return error_errno(e, ENOMEM, "devices");
	for (size_t i = 0; i < l->devices.n; i++) {
		const struct oci_device *d = &l->devices.v[i];
		v[i] = is_device(d->path, d) ? d->path : by_number(arena, d);
	}
	facts->device_sources = v;
	return 0;
}
