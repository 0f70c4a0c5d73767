/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts whose ids are mapped: which mount takes which map, each map once.
 * PURE. spec: config.md#posix-platform-mounts, #linux-mount-options (idmap, ridmap);
 * mount_setattr(2), ID-mapped mounts
 */
#include <errno.h>
#include <string.h>

#include <linux/capability.h>

#include "plan/decide.h"

static bool same_list(const struct oci_id_mapping_list *a, const struct oci_id_mapping_list *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->v, b->v, a->n * sizeof *a->v) == 0);
}

/* What the mount itself says, or the container's map where it says nothing. */
static void mappings(const struct decision *d, size_t i,
	const struct oci_id_mapping_list **ret_uids, const struct oci_id_mapping_list **ret_gids)
{
	const struct oci_mount *m = &d->config->mounts.v[i];
	bool own = m->uid_mappings.n || !d->id_map;
	*ret_uids = own ? &m->uid_mappings : &d->id_map->uids;
	*ret_gids = own ? &m->gid_mappings : &d->id_map->gids;
}

/* The slot of the map of an earlier mount that says the same; 0: there is none. */
static int earlier_slot(const struct decision *d, size_t i)
{
	const struct oci_id_mapping_list *uids, *gids, *their_uids, *their_gids;
	mappings(d, i, &uids, &gids);
	for (size_t k = 0; k < i; k++) {
		mappings(d, k, &their_uids, &their_gids);
		if (d->mount_id_map_slots[k] && same_list(uids, their_uids) &&
			same_list(gids, their_gids))
			return d->mount_id_map_slots[k];
	}
	return 0;
}

static int check(struct decision *d, size_t i, struct error *e)
{
	const struct oci_mount *m = &d->config->mounts.v[i];
	const struct mount_options *o = &d->mount_options[i];
	const char *where = plan_path(d, "mounts[%zu]", i);
	if (!plan_is_bind(m, o) || o->remount)
		return error_field(e, where, "ids can be mapped in bind mounts only");
	if (!m->uid_mappings.n && d->ns.mode[OCI_NS_USER] == NS_KEEP)
		return error_field(e, where,
			"the option %s needs uidMappings and gidMappings here, or a user namespace "
			"in linux.namespaces",
			o->idmap == MOUNT_RIDMAP ? "ridmap" : "idmap");
	if (!host_can(d->host, CAP_SYS_ADMIN))
		return error_unsupported(e, where,
			"mapping a mount's ids takes CAP_SYS_ADMIN in the user namespace of its "
			"file system, which this process does not have");
	return 0;
}

int derive_mount_id_maps(struct decision *d, struct error *e)
{
	size_t n = d->config->mounts.n;
	int next = (int)(SLOT_SOURCE + n);
	d->mount_id_map_slots = ARENA_ARRAY(d->arena, n, int);
	if (!d->mount_id_map_slots)
		return plan_status(d, e);
	if (d->choices->verb == VERB_MOUNTS_REMOVE) /* what goes needs none */
		return 0;
	for (size_t i = 0; i < n; i++) {
		const struct oci_mount *m = &d->config->mounts.v[i];
		if (!m->uid_mappings.n && d->mount_options[i].idmap == MOUNT_IDMAP_NONE)
			continue;
		int r = check(d, i, e);
		if (r < 0)
			return r;
		/* a joined user namespace is a map that exists: HOST has opened it */
		if (!m->uid_mappings.n && d->ns.mode[OCI_NS_USER] == NS_JOIN)
			d->mount_id_map_slots[i] = SLOT_NAMESPACE + OCI_NS_USER;
		else
			d->mount_id_map_slots[i] = earlier_slot(d, i);
		if (!d->mount_id_map_slots[i])
			d->mount_id_map_slots[i] = next++;
	}
	d->n_mount_id_maps = (unsigned)(next - (int)(SLOT_SOURCE + n));
	return 0;
}

/* One step for each map that HOST has to make. */
int decide_mount_id_maps(struct decision *d, struct error *e)
{
	int next = (int)(SLOT_SOURCE + d->config->mounts.n);
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		if (d->mount_id_map_slots[i] != next)
			continue;
		const struct oci_id_mapping_list *uids, *gids;
		mappings(d, i, &uids, &gids);
		struct step *s = plan_add(d, plan_path(d, "mounts[%zu]", i),
			"make an id map for mounts; uids %s; gids %s", plan_id_map_summary(d, uids),
			plan_id_map_summary(d, gids));
		if (!s)
			break;
		s->u.mount_id_map.uid_text = plan_id_map_lines(d, uids);
		s->u.mount_id_map.gid_text = plan_id_map_lines(d, gids);
		s->u.mount_id_map.slot = next++;
	}
	return plan_status(d, e);
}
