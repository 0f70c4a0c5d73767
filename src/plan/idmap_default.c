/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The id map of a config that has none, or not the one that --idmap asks for: config and ranges to
 * a config that says it. PURE: see plan/idmap.h.
 */
#include "plan/idmap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/capability.h>

#include "plan/annotations.h"
#include "plan/decide.h"

static const char *const mode_names[] = {
	[IDMAP_AUTO] = "auto",
	[IDMAP_SUBUID] = "subuid",
	[IDMAP_SINGLE] = "single",
	[IDMAP_NONE] = "none",
};
enum { MODES = sizeof mode_names / sizeof mode_names[0] };

static bool parse_mode(const char *text, enum idmap_mode *ret)
{
	for (int i = 0; i < MODES; i++)
		if (strcmp(mode_names[i], text) == 0) {
			*ret = (enum idmap_mode)i;
			return true;
		}
	return false;
}

int idmap_check_annotation(const char *path, const char *value, struct error *e)
{
	enum idmap_mode mode;
	return parse_mode(value, &mode)
		       ? 0
		       : error_field(e, path, "expected auto, subuid, single or none, found '%s'",
				 value);
}

int idmap_mode_choose(const char *option, const struct string_map *annotations,
	enum idmap_mode *ret, struct error *e)
{
	const char *value = annotation_value(annotations, ANNOTATION_IDMAP);
	*ret = IDMAP_AUTO;
	if (option && !parse_mode(option, ret))
		return error_set(e, ERROR_USAGE, EINVAL,
			"option '--idmap': expected one of auto, subuid, single, none, found '%s'",
			option);
	if (option || !value || parse_mode(value, ret))
		return 0;
	return idmap_check_annotation("annotations.org.oci-rt.idmap", value, e);
}

static const struct oci_namespace *user_namespace(const struct oci_config *config)
{
	const struct oci_linux *l = config->linux_;
	for (size_t i = 0; l && i < l->namespaces.n; i++)
		if (l->namespaces.v[i].type == OCI_NS_USER)
			return &l->namespaces.v[i];
	return NULL;
}

static bool writes_maps(const struct host_facts *host)
{
	return host_can(host, CAP_SETUID) && host_can(host, CAP_SETGID);
}

/* Whoever can map everything has to say what: nothing is a sensible default for root. */
static bool auto_maps(const struct oci_config *config, const struct host_facts *host)
{
	const struct oci_linux *l = config->linux_;
	if (l && (l->uid_mappings.n || l->gid_mappings.n))
		return false;
	return user_namespace(config) ? !writes_maps(host) : !host_can(host, CAP_SYS_ADMIN);
}

static bool is_joined(const struct oci_config *config)
{
	const struct oci_namespace *ns = user_namespace(config);
	return ns && ns->path;
}

bool idmap_needs_ranges(const struct oci_config *config, const struct host_facts *host,
	enum idmap_mode mode, bool emulates)
{
	if (is_joined(config))
		return false;
	return mode == IDMAP_SUBUID || (mode == IDMAP_AUTO && !emulates && auto_maps(config, host));
}

const struct missing *subids_missing(const struct subid_facts *f, bool direct)
{
	static const struct missing nobody_looked = { "nobody has looked for ranges", "" };
	if (!f)
		return &nobody_looked;
	if (f->ranges.what)
		return &f->ranges;
	return f->helper.what && !direct ? &f->helper : NULL;
}

/* The kernel refuses a map that has a host id twice, and files have: a user is there by name and by
 * number, or ranges overlap. What is new of [first, end) is added. */
static void add_new_ids(struct oci_id_mapping_list *l, uint64_t first, uint64_t end)
{
	for (size_t i = 0; i < l->n; i++) {
		uint64_t from = l->v[i].host_id, to = from + l->v[i].size;
		if (first >= to || from >= end)
			continue;
		if (first < from)
			add_new_ids(l, first, from);
		if (to < end)
			add_new_ids(l, to, end);
		return;
	}
	if (l->n > ID_MAP_LINES || first >= end)
		return;
	uint64_t next = l->n ? (uint64_t)l->v[l->n - 1].container_id + l->v[l->n - 1].size : 0;
	if (next >= UINT32_MAX) /* -1 is no id */
		return;
	uint64_t room = UINT32_MAX - next, size = end - first < room ? end - first : room;
	l->v[l->n++] = (struct oci_id_mapping){ (uint32_t)next, (uint32_t)first, (uint32_t)size };
}

int idmap_of_ranges(struct arena *arena, uint32_t own, const struct id_range_list *ranges,
	const char *json_path, struct oci_id_mapping_list *ret, struct error *e)
{
	struct oci_id_mapping_list l = { 0,
		ARENA_ARRAY(arena, ID_MAP_LINES + 1, struct oci_id_mapping) };
	char line[40];
	size_t bytes = 0;
	if (!l.v)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory while planning");
	if (own != UINT32_MAX)
		add_new_ids(&l, own, (uint64_t)own + 1);
	for (size_t i = 0; i < ranges->n; i++)
		add_new_ids(
			&l, ranges->v[i].first, (uint64_t)ranges->v[i].first + ranges->v[i].count);
	for (size_t i = 0; i < l.n; i++)
		bytes += (size_t)snprintf(line, sizeof line, "%u %u %u\n", l.v[i].container_id,
			l.v[i].host_id, l.v[i].size);
	if (l.n > ID_MAP_LINES || bytes >= ID_MAP_BYTES) {
		error_field(e, json_path,
			"the %zu ranges of this user are more than a user namespace takes (%d "
			"lines, "
			"less than %d bytes): map some of them in the config",
			ranges->n, ID_MAP_LINES, ID_MAP_BYTES);
		return -E2BIG;
	}
	*ret = l;
	return 0;
}

/* From here on all rows see a config that says what was decided. */
static int take_maps(struct decision *d, const struct oci_id_mapping_list *uids,
	const struct oci_id_mapping_list *gids, struct error *e)
{
	const struct oci_linux *old = decision_linux(d);
	struct oci_config *config = ARENA_NEW(d->arena, struct oci_config);
	struct oci_linux *l = ARENA_NEW(d->arena, struct oci_linux);
	struct oci_namespace *v =
		ARENA_ARRAY(d->arena, old->namespaces.n + 1, struct oci_namespace);
	if (!config || !l || !v)
		return plan_status(d, e);
	*config = *d->config;
	*l = *old;
	if (old->namespaces.n)
		memcpy(v, old->namespaces.v, old->namespaces.n * sizeof *v);
	l->namespaces.v = v;
	if (!user_namespace(d->config))
		v[l->namespaces.n++] = (struct oci_namespace){ .type = OCI_NS_USER };
	l->uid_mappings = *uids;
	l->gid_mappings = *gids;
	config->linux_ = l;
	d->config = config;
	d->default_ids = true;
	return 0;
}

static int take_one_id(struct decision *d, struct error *e)
{
	struct oci_id_mapping *v = ARENA_ARRAY(d->arena, 2, struct oci_id_mapping);
	if (!v)
		return plan_status(d, e);
	v[0] = (struct oci_id_mapping){ 0, d->host->euid, 1 };
	v[1] = (struct oci_id_mapping){ 0, d->host->egid, 1 };
	return take_maps(d, &(struct oci_id_mapping_list){ 1, &v[0] },
		&(struct oci_id_mapping_list){ 1, &v[1] }, e);
}

static int take_ranges(struct decision *d, struct error *e)
{
	const struct subid_facts *f = d->host->subids;
	/* root of the host has ranges so that a container is not root of the host */
	bool keep_own =
		d->host->euid != 0 || !d->host->initial_userns || !host_can(d->host, CAP_SETUID);
	struct oci_id_mapping_list uids, gids;
	int r = idmap_of_ranges(d->arena, keep_own ? d->host->euid : UINT32_MAX, &f->uids,
		"linux.uidMappings", &uids, e);
	if (r == 0)
		r = idmap_of_ranges(d->arena, keep_own ? d->host->egid : UINT32_MAX, &f->gids,
			"linux.gidMappings", &gids, e);
	return r < 0 ? r : take_maps(d, &uids, &gids, e);
}

int derive_default_ids(struct decision *d, struct error *e)
{
	enum idmap_mode mode = d->choices->idmap;
	if (is_joined(d->config)) {
		if (mode == IDMAP_SUBUID || mode == IDMAP_SINGLE)
			return error_field(e, "linux.namespaces",
				"--idmap=%s is for a new user namespace: the one that is joined "
				"has "
				"its ids",
				mode_names[mode]);
		return 0;
	}
	if (mode == IDMAP_NONE || (mode == IDMAP_AUTO && !auto_maps(d->config, d->host)))
		return 0;
	if (mode == IDMAP_SINGLE || (mode == IDMAP_AUTO && d->choices->emulate_ids))
		return take_one_id(d, e);
	const struct missing *missing = subids_missing(d->host->subids, writes_maps(d->host));
	if (!missing)
		return take_ranges(d, e);
	if (mode == IDMAP_SUBUID)
		return error_field(e, "linux.uidMappings", "--idmap=subuid: %s; %s", missing->what,
			missing->remedy);
	plan_degraded(d, "the container has one id, which is the caller's: %s", missing->what);
	d->one_id_because = missing;
	return take_one_id(d, e);
}

const char *plan_why_one_id(struct decision *d)
{
	const struct missing *why = d->one_id_because;
	return why ? plan_path(d, "; no other id can be mapped: %s; %s", why->what, why->remedy)
		   : "";
}
