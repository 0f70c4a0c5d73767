/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of mounts that a user namespace is refused: the group of terminals where it has no id.
 * (A sysfs that it may not have is decided with the other mounts.) PURE.
 */
#include <string.h>

#include "plan/decide.h"

static bool is_new(const struct oci_mount *m, const char *type)
{
	for (size_t i = 0; i < m->options.n; i++)
		if (!strcmp(m->options.v[i], "bind") || !strcmp(m->options.v[i], "rbind") ||
			!strcmp(m->options.v[i], "remount"))
			return false;
	return m->type && !strcmp(m->type, type);
}

/* The option gid= of a devpts whose group is not in the map; its index, or n. */
static size_t unmapped_group(const struct decision *d, const struct oci_mount *m)
{
	for (size_t i = 0; i < m->options.n; i++) {
		const char *o = m->options.v[i];
		uint64_t gid = 0;
		if (strncmp(o, "gid=", 4) != 0)
			continue;
		for (o += 4; *o >= '0' && *o <= '9' && gid < UINT32_MAX; o++)
			gid = gid * 10 + (uint64_t)(*o - '0');
		/* what is no number is the file system's to refuse */
		if (!*o && gid < UINT32_MAX && !id_is_mapped(&d->id_map->gids, (uint32_t)gid))
			return i;
	}
	return m->options.n;
}

static int drop_group(
	struct decision *d, size_t i, struct oci_mount *m, size_t which, struct error *e)
{
	const char *option = m->options.v[which];
	if (policy_of(d, PART_TTY_GROUP) == POLICY_REQUIRE)
		return error_field(e, plan_path(d, "mounts[%zu].options[%zu]", i, which),
			"the group of %s is not in linux.gidMappings; --degrade=tty-group leaves "
			"the option out",
			option);
	const char **v = ARENA_ARRAY(d->arena, m->options.n, const char *);
	size_t n = 0;
	for (size_t k = 0; v && k < m->options.n; k++)
		if (k != which)
			v[n++] = m->options.v[k];
	plan_degraded(d, "mounts[%zu].options: %s is left out: the group is not mapped", i, option);
	m->options = (struct string_list){ n, v };
	return plan_status(d, e);
}

/* The config's mounts, as rows are to see them from here on. */
static struct oci_mount *own_mounts(struct decision *d)
{
	struct oci_config *config = ARENA_NEW(d->arena, struct oci_config);
	struct oci_mount *v = ARENA_ARRAY(d->arena, d->config->mounts.n, struct oci_mount);
	if (!config || !v)
		return NULL;
	memcpy(v, d->config->mounts.v, d->config->mounts.n * sizeof *v);
	*config = *d->config;
	config->mounts.v = v;
	d->config = config;
	return v;
}

int derive_degraded_mounts(struct decision *d, struct error *e)
{
	size_t n = d->config->mounts.n;
	if (d->ns.mode[OCI_NS_USER] != NS_NEW || !d->id_map || !n)
		return 0;
	struct oci_mount *v = own_mounts(d);
	int r = plan_status(d, e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		size_t group = is_new(&v[i], "devpts") ? unmapped_group(d, &v[i]) : v[i].options.n;
		if (group < v[i].options.n)
			r = drop_group(d, i, &v[i], group, e);
	}
	return r;
}
