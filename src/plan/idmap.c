/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Id maps of a new user namespace: who may write them, and their text.
 * PURE. spec: config-linux.md#user-namespace-mappings; user_namespaces(7)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/capability.h>

#include "plan/decide.h"

const char *plan_id_map_lines(struct decision *d, const struct oci_id_mapping_list *l)
{
	size_t size = l->n * 3 * 11 + 1, at = 0;
	char *text = arena_alloc(d->arena, size);
	if (!text)
		return NULL;
	for (size_t i = 0; i < l->n; i++)
		at += (size_t)snprintf(text + at, size - at, "%u %u %u\n", l->v[i].container_id,
			l->v[i].host_id, l->v[i].size);
	return text;
}

/* newuidmap PID CONTAINER HOST SIZE ...; the pid is filled in when it is known */
static char *const *helper_argv(
	struct decision *d, const char *program, const struct oci_id_mapping_list *l)
{
	char **argv = ARENA_ARRAY(d->arena, l->n * 3 + 3, char *);
	if (!argv)
		return NULL;
	size_t n = 0;
	argv[n++] = arena_strdup(d->arena, program);
	argv[n++] = arena_alloc(d->arena, 24);
	for (size_t i = 0; i < l->n; i++) {
		argv[n++] = arena_printf(d->arena, "%u", l->v[i].container_id);
		argv[n++] = arena_printf(d->arena, "%u", l->v[i].host_id);
		argv[n++] = arena_printf(d->arena, "%u", l->v[i].size);
	}
	return argv;
}

/* user_namespaces(7): without CAP_SETUID in the parent, one line that maps one's own id. */
static bool maps_only(const struct oci_id_mapping_list *l, uint32_t id)
{
	return l->n == 1 && l->v[0].size == 1 && l->v[0].host_id == id;
}

int derive_id_map(struct decision *d, struct error *e)
{
	const struct oci_linux *l = decision_linux(d);
	bool given = l->uid_mappings.n || l->gid_mappings.n;
	if (d->ns.mode[OCI_NS_USER] != NS_NEW) {
		if (given && d->ns.mode[OCI_NS_USER] == NS_KEEP)
			return error_field(e,
				l->uid_mappings.n ? "linux.uidMappings" : "linux.gidMappings",
				"mappings need a user namespace in linux.namespaces");
		return 0;
	}
	if (!l->uid_mappings.n || !l->gid_mappings.n)
		return error_field(e, l->uid_mappings.n ? "linux.gidMappings" : "linux.uidMappings",
			"a new user namespace needs at least one mapping here");
	struct id_map *m = ARENA_NEW(d->arena, struct id_map);
	if (!m)
		return plan_status(d, e);
	m->uids = l->uid_mappings;
	m->gids = l->gid_mappings;
	bool direct = host_can(d->host, CAP_SETUID) && host_can(d->host, CAP_SETGID);
	bool single = maps_only(&m->uids, d->host->euid) && maps_only(&m->gids, d->host->egid);
	m->deny_setgroups = !direct && single;
	m->by_helper = !direct && !single;
	m->uid_text = plan_id_map_lines(d, &m->uids);
	m->gid_text = plan_id_map_lines(d, &m->gids);
	if (m->by_helper) {
		m->uid_helper_argv = helper_argv(d, "newuidmap", &m->uids);
		m->gid_helper_argv = helper_argv(d, "newgidmap", &m->gids);
	}
	d->id_map = m;
	return plan_status(d, e);
}

const char *plan_id_map_summary(struct decision *d, const struct oci_id_mapping_list *l)
{
	const char *text = "";
	for (size_t i = 0; i < l->n && i < 8; i++)
		text = plan_path(d, "%s%s%u:%u:%u", text, i ? "," : "", l->v[i].container_id,
			l->v[i].host_id, l->v[i].size);
	return l->n > 8 ? plan_path(d, "%s,...", text) : text;
}

int decide_id_map(struct decision *d, struct error *e)
{
	if (!d->id_map)
		return 0;
	struct step *s = plan_add(d, "linux.uidMappings", "map ids %s; uids %s; gids %s",
		d->id_map->by_helper ? "by newuidmap and newgidmap" : "directly",
		plan_id_map_summary(d, &d->id_map->uids), plan_id_map_summary(d, &d->id_map->gids));
	if (s)
		s->u.id_map = d->id_map;
	return plan_status(d, e);
}

bool id_is_mapped(const struct oci_id_mapping_list *l, uint32_t container_id)
{
	for (size_t i = 0; i < l->n; i++)
		if (container_id >= l->v[i].container_id &&
			container_id - l->v[i].container_id < l->v[i].size)
			return true;
	return false;
}

/*
 * INIT makes files and nodes as the container's root. Where 0 is not mapped it stays who it is: the
 * caller's own id, which is mapped then, or nothing could be made.
 */
int decide_become_root(struct decision *d, struct error *e)
{
	bool joined = d->ns.mode[OCI_NS_USER] == NS_JOIN;
	bool mapped =
		d->id_map && id_is_mapped(&d->id_map->uids, 0) && id_is_mapped(&d->id_map->gids, 0);
	if (joined || mapped)
		plan_add(d, NULL, "become root of the user namespace");
	return plan_status(d, e);
}
