/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.mounts to steps: what is opened by whom, attributes, parameters of new file systems.
 * PURE. spec: config.md#mounts
 */
#include <errno.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>

#include <linux/capability.h>

#include "cgroup/cgroup.h"
#include "libocispec/runtime/mount_options.h"
#include "plan/decide.h"

int derive_mount_options(struct decision *d, struct error *e)
{
	size_t n = d->config->mounts.n;
	d->mount_options = ARENA_ARRAY(d->arena, n, struct mount_options);
	if (!d->mount_options)
		return plan_status(d, e);
	for (size_t i = 0; i < n; i++) {
		int r = mount_options_parse(
			&d->config->mounts.v[i].options, d->arena, &d->mount_options[i], e);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_bind(const struct oci_mount *m, const struct mount_options *o)
{
	return o->bind || o->rbind || (m->type && strcmp(m->type, "bind") == 0);
}

static const char *absolute_source(struct decision *d, const char *source)
{
	return source[0] == '/' ? source : plan_path(d, "%s/%s", d->choices->bundle, source);
}

/*
 * With a user namespace and privileges left, HOST opens the sources: they may lie below directories
 * that the container's ids cannot pass. Everywhere else INIT does, in its own mount namespace,
 * where sources that are mounts of this very config can be seen.
 */
static bool host_opens_sources(const struct decision *d)
{
	return d->ns.mode[OCI_NS_USER] != NS_KEEP && d->ns.mode[OCI_NS_MOUNT] == NS_NEW &&
	       host_can(d->host, CAP_SYS_ADMIN);
}

int decide_open_sources(struct decision *d, struct error *e)
{
	if (!host_opens_sources(d))
		return 0;
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		const struct oci_mount *m = &d->config->mounts.v[i];
		const struct mount_options *o = &d->mount_options[i];
		if (!is_bind(m, o) || o->remount || !m->source)
			continue;
		struct step *s = plan_add(d, plan_path(d, "mounts[%zu].source", i),
			"open the bind source %s", absolute_source(d, m->source));
		if (!s)
			break;
		s->u.mount = (struct mount_step){
			.source = absolute_source(d, m->source),
			.source_slot = (int)(SLOT_SOURCE + i),
			.recursive = o->rbind,
			.source_nofollow = o->src_nofollow,
			/* what INIT did to the whole tree has to be done to this copy too */
			.propagation = root_is_shared(d) ? 0 : MS_SLAVE,
		};
	}
	return plan_status(d, e);
}

/* "key=value" or a flag. Superblock flags go the same way: fsconfig(2) knows their names. */
int plan_mount_parameters(
	struct decision *d, const struct mount_options *o, const char *source, struct mount_step *s)
{
	const struct {
		bool on;
		const char *name;
	} sb_flags[] = {
		/* a tmpfs is filled after it is made (tmpcopyup): its mount is read-only enough */
		{ o->sb_rdonly && strcmp(s->fs_type, "tmpfs") != 0, "ro" }, { o->sb_sync, "sync" },
		{ o->sb_dirsync, "dirsync" }, { o->sb_mand, "mand" }, { o->sb_lazytime, "lazytime" }
	};
	struct mount_parameter *p = ARENA_ARRAY(d->arena, o->data.n + 8, struct mount_parameter);
	if (!p)
		return -ENOMEM;
	size_t n = 0;
	if (source && *source)
		p[n++] = (struct mount_parameter){ "source", source };
	for (unsigned i = 0; i < sizeof sb_flags / sizeof sb_flags[0]; i++)
		if (sb_flags[i].on)
			p[n++] = (struct mount_parameter){ sb_flags[i].name, NULL };
	for (size_t i = 0; i < o->data.n; i++) {
		const char *equals = strchr(o->data.v[i], '=');
		p[n++] = (struct mount_parameter){
			equals ? arena_strndup(
					 d->arena, o->data.v[i], (size_t)(equals - o->data.v[i]))
			       : o->data.v[i],
			equals ? equals + 1 : NULL,
		};
	}
	s->parameters = p;
	s->n_parameters = n;
	return 0;
}

static const char *joined_options(struct decision *d, const struct string_list *l)
{
	const char *text = "";
	for (size_t i = 0; i < l->n; i++)
		text = plan_path(d, "%s%s%s", text, i ? "," : " (", l->v[i]);
	return l->n ? plan_path(d, "%s)", text) : "";
}

void plan_mount_common(
	struct mount_step *s, const struct oci_mount *m, const struct mount_options *o)
{
	*s = (struct mount_step){
		.target = m->destination,
		.source_slot = -1,
		.attr_set = o->attr_set,
		.attr_clear = o->attr_clear,
		.rec_set = o->rec_set,
		.rec_clear = o->rec_clear,
		.propagation = o->propagation,
		.propagation_recursive = o->propagation_recursive,
		.target_nofollow = o->dest_nofollow,
		.tmpcopyup = o->tmpcopyup,
	};
}

static int add_bind(struct decision *d, size_t i, const char *options, struct error *e)
{
	const struct oci_mount *m = &d->config->mounts.v[i];
	const struct mount_options *o = &d->mount_options[i];
	if (!m->source || !*m->source)
		return error_field(
			e, plan_path(d, "mounts[%zu]", i), "a bind mount needs a source");
	const char *source = absolute_source(d, m->source);
	struct step *s = plan_add(d, plan_path(d, "mounts[%zu]", i), "bind %s on %s%s", source,
		m->destination, options);
	if (!s)
		return 0;
	plan_mount_common(&s->u.mount, m, o);
	s->u.mount.kind = MOUNT_BIND;
	s->u.mount.source = source;
	s->u.mount.recursive = o->rbind;
	s->u.mount.source_nofollow = o->src_nofollow;
	if (host_opens_sources(d))
		s->u.mount.source_slot = (int)(SLOT_SOURCE + i);
	return 0;
}

static bool has_option(const struct mount_options *o, const char *key)
{
	size_t n = strlen(key);
	for (size_t i = 0; i < o->data.n; i++)
		if (strncmp(o->data.v[i], key, n) == 0 && o->data.v[i][n] == '=')
			return true;
	return false;
}

static int add_new(struct decision *d, size_t i, const char *options, struct error *e)
{
	const struct oci_mount *m = &d->config->mounts.v[i];
	const struct mount_options *o = &d->mount_options[i];
	const char *where = plan_path(d, "mounts[%zu]", i);
	if (!m->type || !*m->type)
		return error_field(e, where, "needs a type, or the option bind");
	const char *type = m->type;
	if (strcmp(type, "cgroup") == 0 || strcmp(type, "cgroup2") == 0)
		return plan_cgroup_mount(d, i, options, e);
	struct step *s = plan_add(d, where, "mount %s on %s%s", type, m->destination, options);
	if (!s)
		return 0;
	plan_mount_common(&s->u.mount, m, o);
	s->u.mount.kind = MOUNT_NEW;
	s->u.mount.source = m->source;
	s->u.mount.target_no_symlinks = strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0;
	s->u.mount.fs_type = type;
	if (strcmp(type, "tmpfs") == 0) {
		s->u.mount.mode_of_target = !has_option(o, "mode");
		s->u.mount.owner_of_target =
			o->tmpcopyup && !has_option(o, "uid") && !has_option(o, "gid");
	}
	if (o->tmpcopyup && strcmp(type, "tmpfs") != 0)
		return error_field(e, where, "tmpcopyup needs the type tmpfs, not %s", type);
	return plan_mount_parameters(d, o, m->source, &s->u.mount);
}

int decide_mounts(struct decision *d, struct error *e)
{
	if (d->config->mounts.n && !has_mount_namespace(d))
		return error_field(e, "mounts", "needs a mount namespace in linux.namespaces");
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		const struct oci_mount *m = &d->config->mounts.v[i];
		const struct mount_options *o = &d->mount_options[i];
		const char *options = joined_options(d, &m->options);
		int r = 0;
		if (o->remount) {
			struct step *s = plan_add(d, plan_path(d, "mounts[%zu]", i),
				"change the mount on %s%s", m->destination, options);
			if (s) {
				plan_mount_common(&s->u.mount, m, o);
				s->u.mount.kind = MOUNT_CHANGE;
			}
		} else if (is_bind(m, o)) {
			r = add_bind(d, i, options, e);
		} else {
			r = add_new(d, i, options, e);
		}
		if (r < 0)
			return r;
	}
	return plan_status(d, e);
}
