/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts of a container that runs: `mounts add` and `mounts remove`. The config that is decided
 * here has the mounts of the command in place of the container's own. PURE.
 */
#include <sched.h>

#include "plan/decide.h"

static bool is_root(const char *path)
{
	while (*path == '/' || (*path == '.' && (path[1] == '/' || !path[1])))
		path++;
	return !*path;
}

static int check(struct decision *d, struct error *e)
{
	if (!has_mount_namespace(d))
		return error_unsupported(e, "mounts",
			"container '%s' has no mount namespace of its own: its mounts cannot be "
			"told from the host's",
			d->choices->id);
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		const struct oci_mount *m = &d->config->mounts.v[i];
		const char *path = plan_path(d, "mounts[%zu]", i);
		if (is_root(m->destination))
			return error_field(e, path, "the container's root stays as it is");
		if (d->choices->verb == VERB_MOUNTS_ADD && plan_is_cgroup_mount(m))
			return error_unsupported(
				e, path, "cgroups are mounted when the container is created only");
	}
	return 0;
}

/* `idmap` without a map of its own means the container's. */
int decide_live_user_namespace(struct decision *d, struct error *e)
{
	const int slot = SLOT_NAMESPACE + OCI_NS_USER;
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		if (d->mount_id_map_slots[i] != slot)
			continue;
		struct step *s = plan_add(
			d, plan_path(d, "mounts[%zu]", i), "open the container's user namespace");
		if (s) {
			s->u.ns.slot = slot;
			s->u.ns.flag = CLONE_NEWUSER;
			s->u.ns.path = plan_path(
				d, "/proc/%lld/ns/user", (long long)d->choices->container_pid);
		}
		break;
	}
	return plan_status(d, e);
}

int decide_live_root(struct decision *d, struct error *e)
{
	int r = check(d, e);
	if (r == 0)
		plan_add(d, NULL, "open the container's root");
	return r < 0 ? r : plan_status(d, e);
}

int decide_live_mounts(struct decision *d, struct error *e)
{
	return d->choices->verb == VERB_MOUNTS_ADD ? decide_mounts(d, e) : 0;
}

/* The last one first: it may lie on another. */
int decide_unmounts(struct decision *d, struct error *e)
{
	if (d->choices->verb != VERB_MOUNTS_REMOVE)
		return 0;
	for (size_t i = d->config->mounts.n; i-- > 0;) {
		const struct oci_mount *m = &d->config->mounts.v[i];
		struct step *s =
			plan_add(d, plan_path(d, "mounts[%zu]", i), "unmount %s", m->destination);
		if (!s)
			break;
		s->u.mount = (struct mount_step){ .target = m->destination,
			.target_nofollow = d->mount_options[i].dest_nofollow };
	}
	return plan_status(d, e);
}
