/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup's plan, decided in src/cgroup, as steps; and how the container sees cgroups.
 * PURE. spec: config-linux.md#control-groups
 */
#include <linux/mount.h>
#include <stdint.h>
#include <string.h>

#include "cgroup/plan.h"
#include "libocispec/runtime/mount_options.h"
#include "plan/annotations.h"
#include "plan/decide.h"

/* clone3 puts init into its v2 cgroup. HOST moves it into those of v1, and into the v2 one where a
 * stager, with the ids of the namespaces that it has joined, may not be allowed to. */
void derive_cgroup(struct decision *d)
{
	const struct cgroup_location *l = d->location;
	/* a unit is started around init, and then takes care of all of it */
	if (d->cgroup && d->cgroup->systemd)
		return;
	d->cgroup_by_clone = l->unified != NULL;
	d->cgroup_needs_attach = l->v1.n > 0 || (d->ns.stager && l->unified);
}

static int add_cgroup(struct decision *d, const char *summary, struct error *e)
{
	const char *path = decision_linux(d)->cgroups_path ? "linux.cgroupsPath" : NULL;
	const char *text = cgroup_plan_text(d->arena, d->cgroup);
	if (!text || !summary)
		return plan_status(d, e);
	struct step *s = plan_add(d, path, "%s", summary);
	if (s) {
		s->u.cgroup = d->cgroup;
		s->detail = text;
	}
	return plan_status(d, e);
}

int decide_cgroup(struct decision *d, struct error *e)
{
	if (!d->cgroup || !d->cgroup->dirs.n || d->cgroup->systemd)
		return 0;
	return add_cgroup(d, "make the container's cgroup", e);
}

int decide_systemd_unit(struct decision *d, struct error *e)
{
	if (!d->cgroup || !d->cgroup->systemd)
		return 0;
	return add_cgroup(
		d, plan_path(d, "start the unit %s with init", d->cgroup->systemd->name), e);
}

int decide_device_filter(struct decision *d, struct error *e)
{
	if (d->cgroup && d->cgroup->dirs.n && d->cgroup->device_filter.n) {
		struct step *s =
			plan_add(d, decision_linux(d)->resources ? "linux.resources.devices" : NULL,
				"filter the devices that the cgroup may open");
		if (s)
			s->u.cgroup = d->cgroup;
	}
	return plan_status(d, e);
}

bool plan_is_cgroup_mount(const struct oci_mount *m)
{
	return m->type && (!strcmp(m->type, "cgroup") || !strcmp(m->type, "cgroup2"));
}

/* The container's own directory in this hierarchy, or ours where it has none: never more. */
static const char *own_directory(struct decision *d, const struct cgroup_hierarchy *h)
{
	for (size_t i = 0; d->cgroup && i < d->cgroup->dirs.n; i++)
		if (d->cgroup->dirs.v[i].hierarchy == h)
			return plan_path(d, "%s/%s", h->mount, d->cgroup->dirs.v[i].path);
	return h->own && *h->own ? plan_path(d, "%s/%s", h->mount, h->own) : h->mount;
}

/* "name=systemd" is mounted on "systemd", the v2 hierarchy of a hybrid host on "unified". */
static const char *mount_name(const struct cgroup_hierarchy *h)
{
	return h->is_v2 ? "unified" : !strncmp(h->name, "name=", 5) ? h->name + 5 : h->name;
}

/* A new mount made from the host's cgroup namespace changes the one superblock that is there: the
 * kernel takes its options for those of the whole host, which so loses nsdelegate and
 * memory_recursiveprot. */
static bool would_change_host(const struct decision *d, const struct mount_options *o)
{
	return d->ns.mode[OCI_NS_CGROUP] == NS_KEEP && d->ns.mode[OCI_NS_USER] == NS_KEEP &&
	       d->host->initial_userns && !o->data.n;
}

static int unified_mount(struct decision *d, size_t i, const char *options, struct error *e)
{
	const struct oci_mount *m = &d->config->mounts.v[i];
	const struct cgroup_hierarchy *h = &d->host->cgroup->v[0];
	const char *where = plan_path(d, "mounts[%zu]", i);
	bool is_bind = would_change_host(d, &d->mount_options[i]);
	struct step *s =
		is_bind ? plan_add(d, where, "bind %s on %s%s", h->mount, m->destination, options)
			: plan_add(d, where, "mount cgroup2 on %s%s", m->destination, options);
	if (!s)
		return plan_status(d, e);
	struct mount_step *step = &s->u.mount;
	plan_mount_common(step, m, &d->mount_options[i]);
	if (is_bind) {
		step->kind = MOUNT_BIND;
		step->source = h->mount;
		return 0;
	}
	step->kind = MOUNT_NEW;
	step->fs_type = "cgroup2";
	/* not permitted where the cgroup namespace is another user namespace's: then only the
	 * container's own subtree is shown (CVE-2023-25809) */
	step->fallback_bind = true;
	int r = plan_mount_parameters(d, &d->mount_options[i], "cgroup", step);
	step->source = own_directory(d, h);
	return r;
}

/* v1 and hybrid: a tmpfs with a directory for each hierarchy, as on the host. */
static int v1_mounts(struct decision *d, size_t i, const char *options, struct error *e)
{
	static const struct mount_parameter mode[] = { { "source", "cgroup" }, { "mode", "755" } };
	const struct oci_mount *m = &d->config->mounts.v[i];
	const char *where = plan_path(d, "mounts[%zu]", i);
	struct step *s = plan_add(d, where, "mount a tmpfs for cgroups on %s", m->destination);
	if (!s)
		return plan_status(d, e);
	s->u.mount = (struct mount_step){ .kind = MOUNT_NEW,
		.fs_type = "tmpfs",
		.target = m->destination,
		.source_slot = -1,
		.parameters = mode,
		.n_parameters = 2,
		.attr_set = d->mount_options[i].attr_set & ~(uint64_t)MOUNT_ATTR_RDONLY };
	const struct cgroup_host *host = d->host->cgroup;
	for (size_t j = 0; j < host->n; j++) {
		const char *source = own_directory(d, &host->v[j]);
		const char *target = plan_path(d, "%s/%s", m->destination, mount_name(&host->v[j]));
		s = plan_add(d, where, "bind the cgroup %s on %s%s", source, target, options);
		if (!s)
			break;
		plan_mount_common(&s->u.mount, m, &d->mount_options[i]);
		s->u.mount.kind = MOUNT_BIND;
		s->u.mount.source = source;
		s->u.mount.target = target;
	}
	return plan_status(d, e);
}

int plan_cgroup_mount(struct decision *d, size_t i, const char *options, struct error *e)
{
	switch (d->host->cgroup->mode) {
	case CGROUP_MODE_UNIFIED:
		return unified_mount(d, i, options, e);
	case CGROUP_MODE_LEGACY:
	case CGROUP_MODE_HYBRID:
		return v1_mounts(d, i, options, e);
	case CGROUP_MODE_NONE:
	case CGROUP_MODE_COUNT:
		break;
	}
	plan_degraded(d, "mounts[%zu]: this host has no cgroups to mount on %s", i,
		d->config->mounts.v[i].destination);
	return 0;
}

/* "cpu" and "cpuacct" lead to "cpu,cpuacct", as on the host. */
int decide_cgroup_links(struct decision *d, struct error *e)
{
	const struct cgroup_host *host = d->host->cgroup;
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		if (!plan_is_cgroup_mount(&d->config->mounts.v[i]) ||
			host->mode == CGROUP_MODE_UNIFIED)
			continue;
		for (size_t j = 0; j < host->n; j++) {
			const char *name = host->v[j].name;
			if (host->v[j].is_v2 || !strchr(name, ','))
				continue;
			while (*name) {
				size_t n = strcspn(name, ",");
				const char *path = plan_path(d, "%s/%.*s",
					d->config->mounts.v[i].destination, (int)n, name);
				struct step *s = plan_add(d, plan_path(d, "mounts[%zu]", i),
					"link %s to %s", path, host->v[j].name);
				if (s) {
					s->u.text.path = path;
					s->u.text.value = host->v[j].name;
				}
				name += n + (name[n] == ',');
			}
		}
	}
	return plan_status(d, e);
}

int decide_cgroup_readonly(struct decision *d, struct error *e)
{
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		const struct oci_mount *m = &d->config->mounts.v[i];
		if (!plan_is_cgroup_mount(m) || d->host->cgroup->mode == CGROUP_MODE_UNIFIED ||
			d->host->cgroup->mode == CGROUP_MODE_NONE ||
			!(d->mount_options[i].attr_set & MOUNT_ATTR_RDONLY))
			continue;
		plan_make_readonly(d, i);
	}
	return plan_status(d, e);
}

/* crun(1): the cgroup namespace is made before the process moves there, so that its root is the
 * container's cgroup, which has the limits, and which the container cannot change. */
static const char *delegated(const struct decision *d)
{
	return annotation_value(&d->config->annotations, ANNOTATION_DELEGATE_CGROUP);
}

int decide_cgroup_ready(struct decision *d, struct error *e)
{
	if (delegated(d))
		plan_add(d, NULL, "init has made its cgroup namespace");
	return plan_status(d, e);
}

int decide_cgroup_delegated(struct decision *d, struct error *e)
{
	if (delegated(d))
		plan_add(d, NULL, "wait for the delegated cgroup");
	return plan_status(d, e);
}

static uint32_t host_id_of_root(const struct oci_id_mapping_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].container_id == 0 && l->v[i].size)
			return l->v[i].host_id;
	return UINT32_MAX;
}

int decide_delegate_cgroup(struct decision *d, struct error *e)
{
	static const char where[] = "annotations.run.oci.delegate-cgroup";
	const char *name = delegated(d);
	if (!name)
		return 0;
	if (d->host->cgroup->mode != CGROUP_MODE_UNIFIED)
		return error_unsupported(
			e, where, "needs cgroup v2: nothing can be delegated safely in v1");
	if (!d->location->unified)
		return error_unsupported(e, where, "the container has no cgroup of its own");
	struct step *s = plan_add(d, where, "move init to the delegated cgroup %s", name);
	if (s) {
		s->u.delegate.name = name;
		s->u.delegate.uid = d->id_map ? host_id_of_root(&d->id_map->uids) : UINT32_MAX;
		s->u.delegate.gid = d->id_map ? host_id_of_root(&d->id_map->gids) : UINT32_MAX;
	}
	return plan_status(d, e);
}
