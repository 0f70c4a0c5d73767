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
#include "sys/constants.h"

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

bool plan_is_bind(const struct oci_mount *m, const struct mount_options *o)
{
	return o->bind || o->rbind || (m->type && strcmp(m->type, "bind") == 0);
}

const char *plan_mount_source(struct decision *d, const char *source)
{
	const char *path = arena_path(d->arena, d->choices->bundle, source);
	return path ? path : "";
}

/*
 * The part of a source below the root's path, or NULL. It may be another mount of this config,
 * which only INIT can see; and the image may have put a link there: it is resolved inside the root.
 */
static const char *source_in_root(const struct decision *d, const char *source)
{
	const char *root = d->choices->rootfs;
	size_t n = strlen(root);
	if (d->ns.mode[OCI_NS_MOUNT] != NS_NEW || n <= 1 || strncmp(source, root, n) != 0)
		return NULL;
	return source[n] == '/' ? source + n : NULL;
}

/* To map ids takes rights over the file system, which INIT has not in a user namespace: there it
 * copies the source and HOST maps the copy's ids. */
static bool host_maps_copy(const struct decision *d, size_t i)
{
	const char *source = d->config->mounts.v[i].source;
	return source && source_in_root(d, source) && d->mount_id_map_slots[i] &&
	       d->ns.mode[OCI_NS_USER] != NS_KEEP;
}

/*
 * With a user namespace and privileges left, HOST opens the sources: they may lie below directories
 * that the container's ids cannot pass. Everywhere else INIT does, in its own mount namespace,
 * where sources that are mounts of this very config can be seen.
 */
static bool host_opens_source(const struct decision *d, size_t i)
{
	const char *source = d->config->mounts.v[i].source;
	if (source && source_in_root(d, source))
		return false;
	/* mapped ids take privileges over the file system, and a copy that is not attached yet */
	if (d->mount_id_map_slots[i])
		return true;
	/* INIT will stand in the container, where the path means something else */
	if (enters_container(d))
		return true;
	/* nothing has been made a slave of the host's there: a copy has to be before it is
	 * attached, or what the container mounts and unmounts below it would reach the host */
	if (!has_mount_namespace(d))
		return true;
	return d->ns.mode[OCI_NS_USER] != NS_KEEP && d->ns.mode[OCI_NS_MOUNT] == NS_NEW &&
	       host_can(d->host, CAP_SYS_ADMIN);
}

/* HOST and INIT have to agree on a descriptor's number while they have the same ones. */
static void reserve_source(struct decision *d, size_t i)
{
	struct step *s = plan_add(d, plan_path(d, "mounts[%zu].source", i),
		"reserve a descriptor for a source in the root");
	if (s)
		s->u.mount = (struct mount_step){
			.source = "/", .source_in_root = "/", .source_slot = (int)(SLOT_SOURCE + i)
		};
}

int decide_open_sources(struct decision *d, struct error *e)
{
	if (d->choices->verb == VERB_MOUNTS_REMOVE) /* it looks at destinations only */
		return 0;
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		const struct oci_mount *m = &d->config->mounts.v[i];
		const struct mount_options *o = &d->mount_options[i];
		if (!plan_is_bind(m, o) || o->remount || !m->source)
			continue;
		if (host_maps_copy(d, i))
			reserve_source(d, i);
		if (!host_opens_source(d, i))
			continue;
		struct step *s = plan_add(d, plan_path(d, "mounts[%zu].source", i),
			"open the bind source %s%s", plan_mount_source(d, m->source),
			d->mount_id_map_slots[i] ? ", its ids mapped" : "");
		if (!s)
			break;
		s->u.mount = (struct mount_step){
			.source = plan_mount_source(d, m->source),
			.source_slot = (int)(SLOT_SOURCE + i),
			.id_map_slot = d->mount_id_map_slots[i],
			.id_map_recursive = o->idmap == MOUNT_RIDMAP,
			.recursive = o->rbind,
			.source_nofollow = o->src_nofollow || o->copy_symlink,
			.source_from_host = enters_container(d),
			/* what INIT did to the whole tree has to be done to this copy too */
			.propagation = root_is_shared(d) ? 0 : MS_SLAVE,
		};
	}
	return plan_status(d, e);
}

static const char *joined_options(struct decision *d, const struct string_list *l)
{
	const char *text = "";
	for (size_t i = 0; i < l->n; i++)
		text = plan_path(d, "%s%s%s", text, i ? "," : " (", l->v[i]);
	return l->n ? plan_path(d, "%s)", text) : "";
}

/* A bind mount is of a file system that exists, and takes none of its options: mount(2) ignores
 * them, so what looks like one is said to be left out. Any other word is a mistake. */
static int check_bind_data(struct decision *d, size_t i, struct error *e)
{
	const struct string_list *data = &d->mount_options[i].data;
	for (size_t k = 0; k < data->n; k++) {
		if (!strchr(data->v[k], '='))
			return error_field(e, plan_path(d, "mounts[%zu].options", i),
				"a bind mount has no option \"%s\"", data->v[k]);
		plan_degraded(d,
			"mounts[%zu].options: \"%s\" is an option of new file systems, "
			"without effect on a bind mount",
			i, data->v[k]);
	}
	return 0;
}

/*
 * A mount that says nothing is a copy of its source. One that names an attribute says them all,
 * which is how mount(2) with MS_REMOUNT | MS_BIND has always worked for runtimes; how the access
 * time is kept is apart. A user namespace, the container's or the client's, may not clear what
 * locks in it (mount_namespaces(7)): that is inherited.
 */
static uint64_t not_inherited(const struct decision *d, const struct mount_options *o)
{
	uint64_t all = MOUNT_ATTR_NOSYMFOLLOW;
	if (d->ns.mode[OCI_NS_USER] == NS_KEEP && d->host->initial_userns)
		all |= MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	return o->attr_set | o->attr_clear ? all & ~o->attr_set : 0;
}

static struct step *add_to_row(
	struct decision *d, enum mount_rows row, size_t i, const char *summary, const char *source)
{
	d->row += row;
	struct step *s =
		plan_add(d, plan_path(d, "mounts[%zu].source", i), "%s %s", summary, source);
	d->row -= row;
	return s;
}

/* The bind's step, last of all until now, becomes four of the rows that follow and one of its own:
 * copied by INIT, its ids mapped by HOST, attached by INIT. */
static void split_bind(struct decision *d, size_t i, const struct step *bind)
{
	struct step whole = *bind;
	struct mount_step *m = &whole.u.mount;
	m->source_slot = (int)(SLOT_SOURCE + i);
	d->plan->n_steps--;
	struct step *copy = add_to_row(d, MOUNT_ROW_COPY, i, "copy", m->source);
	if (copy)
		copy->u.mount = *m;
	add_to_row(d, MOUNT_ROW_COPIED, i, "a copy of", m->source);
	struct step *map = add_to_row(d, MOUNT_ROW_MAP, i, "map the ids of", m->source);
	if (map)
		map->u.mount = *m;
	add_to_row(d, MOUNT_ROW_MAPPED, i, "mapped ids of", m->source);
	struct step *attach = plan_add(d, whole.json_path, "%s", whole.summary);
	if (attach)
		attach->u.mount = *m;
}

/* Their steps stand between those of "mounts", where a source is. */
int decide_mount_rows(struct decision *d, struct error *e)
{
	return 0;
}

static int add_bind(struct decision *d, size_t i, const char *options, struct error *e)
{
	const struct oci_mount *m = &d->config->mounts.v[i];
	const struct mount_options *o = &d->mount_options[i];
	if (!m->source || !*m->source)
		return error_field(
			e, plan_path(d, "mounts[%zu]", i), "a bind mount needs a source");
	int r = check_bind_data(d, i, e);
	if (r < 0)
		return r;
	/* the commands that change a container take a failure back by unmounting */
	if (o->copy_symlink && d->choices->verb >= VERB_EXEC)
		return error_unsupported(e, plan_path(d, "mounts[%zu].options", i),
			"copy-symlink makes no mount: it is for containers that are created");
	const char *source = plan_mount_source(d, m->source);
	struct step *s = plan_add(d, plan_path(d, "mounts[%zu]", i), "bind %s on %s%s", source,
		m->destination, options);
	if (!s)
		return 0;
	plan_mount_common(&s->u.mount, m, o);
	s->u.mount.kind = MOUNT_BIND;
	s->u.mount.source = source;
	s->u.mount.recursive = o->rbind;
	s->u.mount.source_nofollow = o->src_nofollow || o->copy_symlink;
	s->u.mount.attr_clear |= not_inherited(d, o);
	if (host_opens_source(d, i)) {
		s->u.mount.source_slot = (int)(SLOT_SOURCE + i);
		return 0;
	}
	s->u.mount.source_in_root = source_in_root(d, source);
	s->u.mount.id_map_slot = d->mount_id_map_slots[i];
	s->u.mount.id_map_recursive = o->idmap == MOUNT_RIDMAP;
	if (host_maps_copy(d, i))
		split_bind(d, i, s);
	return 0;
}

/* /dev is filled after it is mounted: nodes, links, devpts and its like, the console. */
static bool is_dev(const char *destination)
{
	return strcmp(destination, "/dev") == 0 || strcmp(destination, "/dev/") == 0;
}

static bool has_option(const struct mount_options *o, const char *key)
{
	size_t n = strlen(key);
	for (size_t i = 0; i < o->data.n; i++)
		if (strncmp(o->data.v[i], key, n) == 0 && o->data.v[i][n] == '=')
			return true;
	return false;
}

/* Why a user namespace, a new one or the client's, may not have a new sysfs, or NULL.
 * mount_namespaces(7) */
static const char *why_no_sysfs(struct decision *d)
{
	bool is_new = d->ns.mode[OCI_NS_USER] == NS_NEW;
	if ((!is_new && d->host->initial_userns) || policy_of(d, PART_SYSFS) == POLICY_REQUIRE)
		return NULL;
	if (is_new && d->ns.mode[OCI_NS_NETWORK] == NS_KEEP)
		return "a new sysfs shows a network namespace, and this container has the host's";
	return d->host->sysfs_mask ? plan_path(d, "the sysfs here is masked by the mount on %s",
					     d->host->sysfs_mask)
				   : NULL;
}

/* docs/ROOTLESS.md: a sysfs that cannot be had is the host's own, with all that is mounted in it:
 * what masks it stays, and nothing in it can be written. */
static int add_host_sysfs(struct decision *d, size_t i, const char *why)
{
	const struct oci_mount *m = &d->config->mounts.v[i];
	struct step *s = plan_add(d, plan_path(d, "mounts[%zu]", i),
		"bind the host's /sys on %s, read-only", m->destination);
	if (!s)
		return 0;
	plan_mount_common(&s->u.mount, m, &d->mount_options[i]);
	s->u.mount.kind = MOUNT_BIND;
	s->u.mount.source = "/sys";
	s->u.mount.recursive = true;
	s->u.mount.target_no_symlinks = true;
	s->u.mount.attr_set = s->u.mount.attr_clear = s->u.mount.rec_clear = 0;
	s->u.mount.rec_set =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	plan_degraded(d, "mounts[%zu]: %s is the host's, read-only: %s", i, m->destination, why);
	return 0;
}

static int add_new(struct decision *d, size_t i, const char *options, struct error *e)
{
	const struct oci_mount *m = &d->config->mounts.v[i];
	const struct mount_options *o = &d->mount_options[i];
	const char *where = plan_path(d, "mounts[%zu]", i);
	if (!m->type || !*m->type)
		return error_field(e, where, "needs a type, or the option bind");
	const char *type = m->type;
	if (plan_is_cgroup_mount(m))
		return plan_cgroup_mount(d, i, options, e);
	const char *no_sysfs = strcmp(type, "sysfs") == 0 ? why_no_sysfs(d) : NULL;
	if (no_sysfs)
		return add_host_sysfs(d, i, no_sysfs);
	struct step *s = plan_add(d, where, "mount %s on %s%s", type, m->destination, options);
	if (!s)
		return 0;
	plan_mount_common(&s->u.mount, m, o);
	s->u.mount.kind = MOUNT_NEW;
	s->u.mount.source = m->source;
	s->u.mount.target_no_symlinks = strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0;
	s->u.mount.fs_type = type;
	if (is_dev(m->destination))
		s->u.mount.attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY; /* decide_readonly_dev() */
	if (plan_takes_label(d, o, type))
		s->detail = plan_path(d, "%s=%s", d->mount_label_key, d->mount_label);
	if (strcmp(type, "tmpfs") == 0) {
		s->u.mount.owner_of_target =
			o->tmpcopyup && !has_option(o, "uid") && !has_option(o, "gid");
	}
	if (o->tmpcopyup && strcmp(type, "tmpfs") != 0)
		return error_field(e, where, "tmpcopyup needs the type tmpfs, not %s", type);
	int r = plan_mount_parameters(d, o, m->source, &s->u.mount);
	if (r == 0 && strcmp(type, "tmpfs") == 0 && !has_option(o, "mode"))
		r = plan_mode_of_target(d, &s->u.mount);
	return r;
}

int decide_readonly_dev(struct decision *d, struct error *e)
{
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		const struct oci_mount *m = &d->config->mounts.v[i];
		const struct mount_options *o = &d->mount_options[i];
		if (!is_dev(m->destination) || plan_is_bind(m, o) || o->remount ||
			!(o->attr_set & MOUNT_ATTR_RDONLY))
			continue;
		plan_make_readonly(d, i);
	}
	return plan_status(d, e);
}

int decide_mounts(struct decision *d, struct error *e)
{
	if (d->config->mounts.n && !has_root_mount(d))
		return error_needs_mount_namespace(d, "mounts", e);
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		const struct oci_mount *m = &d->config->mounts.v[i];
		const struct mount_options *o = &d->mount_options[i];
		const char *options = joined_options(d, &m->options);
		int r = 0;
		if (o->copy_symlink && (o->remount || !plan_is_bind(m, o)))
			return error_field(e, plan_path(d, "mounts[%zu].options", i),
				"copy-symlink is an option of bind mounts");
		if (o->remount) {
			struct step *s = plan_add(d, plan_path(d, "mounts[%zu]", i),
				"change the mount on %s%s", m->destination, options);
			if (s) {
				plan_mount_common(&s->u.mount, m, o);
				s->u.mount.kind = MOUNT_CHANGE;
			}
		} else if (plan_is_bind(m, o)) {
			r = add_bind(d, i, options, e);
		} else {
			r = add_new(d, i, options, e);
		}
		if (r < 0)
			return r;
	}
	return plan_status(d, e);
}
