/* SPDX-License-Identifier: Apache-2.0 */
/* Writing limits into a cgroup. Runs in HOST. Mustn't allocate. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "cgroup/act.h"

/* ENOENT's own words would have clients report a missing program. */
static int write_failed(
	const struct cgroup_plan *plan, const struct cgroup_write *w, int err, struct error *e)
{
	const struct cgroup_dir *dir = &plan->dirs.v[w->dir];
	if (err == ENOENT)
		error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"it cannot be set: this kernel has no %s in %s/%s", w->file,
			dir->hierarchy->mount, dir->path);
	else
		error_errno(e, err, "it cannot be set: write %s to %s/%s/%s%s", w->value,
			dir->hierarchy->mount, dir->path, w->file,
			err == EBUSY ? " (more is in use, or the cgroup has children)" : "");
	if (e)
		snprintf(e->path, sizeof e->path, "%s", w->json_path);
	return err == ENOENT ? -EOPNOTSUPP : -err;
}

/* The files that check each other are few; see CGROUP_WRITE_RETRY. */
enum { MAX_POSTPONED = 16 };
struct postponed {
	size_t n;
	const struct cgroup_write *v[MAX_POSTPONED];
};

static bool postpone(struct postponed *later, const struct cgroup_write *w, int err)
{
	if (w->policy != CGROUP_WRITE_RETRY || err != EINVAL || later->n == MAX_POSTPONED)
		return false;
	later->v[later->n++] = w;
	return true;
}

int cgroup_apply(const struct cgroup_plan *plan, const struct cgroup_dirs *dirs, struct error *e)
{
	struct postponed later = { 0 };
	for (size_t i = 0; i < plan->writes.n; i++) {
		const struct cgroup_write *w = &plan->writes.v[i];
		int r = io_write_control(dirs->v[w->dir].fd, w->file, w->value);
		if (r == 0 && w->policy == CGROUP_WRITE_OR_NEXT)
			i++;
		bool is_optional =
			w->policy == CGROUP_WRITE_OR_NEXT || w->policy == CGROUP_WRITE_IF_PRESENT;
		if (r == 0 || (r == -ENOENT && is_optional) || postpone(&later, w, -r))
			continue;
		return write_failed(plan, w, -r, e);
	}
	for (size_t i = 0; i < later.n; i++) {
		const struct cgroup_write *w = later.v[i];
		int r = io_write_control(dirs->v[w->dir].fd, w->file, w->value);
		if (r < 0)
			return write_failed(plan, w, -r, e);
	}
	return 0;
}
