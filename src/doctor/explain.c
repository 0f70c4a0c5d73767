/* SPDX-License-Identifier: Apache-2.0 */
/* From a probe that has failed to the cause that can be seen: those of errors. Runs in the command
 * itself, when the children have ended. */
#include <errno.h>
#include <string.h>

#include "cause/cause.h"
#include "cause/look.h"
#include "doctor/doctor.h"

static void say(struct probe_result *r, struct cause c)
{
	if (c.what)
		probe_lacks(r, c.what, c.remedy);
}

void explain_namespace(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	say(r, cause_of_namespaces(d->arena, &d->process, p->flag, r->err));
}

void explain_mount(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	struct mount_facts m;
	look_at_mounts(d->arena, NULL, &m);
	const struct mount_question q = {
		.type = p->fs_type,
		.in_userns = d->is_rootless || !d->is_privileged,
		.namespaces = d->inside,
		.err = r->err,
	};
	struct cause c = cause_of_mount(d->arena, &m, &q);
	say(r, c.what ? c : cause_in_user_namespace(d->arena, &d->process, r->err));
}

void explain_ranges(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	struct helper_facts h;
	struct subid_file_facts uids, gids;
	if (d->is_privileged)
		return;
	look_at_helper(d->arena, r->call, &h);
	look_at_subids(d->arena, false, &uids);
	look_at_subids(d->arena, true, &gids);
	struct cause c = cause_of_helper(d->arena, &h);
	say(r, c.what ? c : cause_of_no_range(d->arena, &uids, &gids));
}
