/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the config asked for against what was seen: each difference is a finding. PURE. A program
 * may give up rights, so less than asked for is no difference; more is.
 */
#include <stdio.h>
#include <string.h>

#include <linux/mount.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "inspect/inspect.h"
#include "libocispec/names.h"
#include "libocispec/runtime/mount_options.h"
#include "libocispec/runtime/tables.h"
#include "plan/namespace_types.h"

struct comparison {
	const struct oci_config *config;
	const struct seen *seen;
	struct findings *to;
};

static void PRINTF_LIKE(3, 4)
	found(const struct comparison *c, const char *property, const char *format, ...)
{
	struct findings *f = c->to;
	va_list ap;
	if (f->n == f->room) {
		size_t room = f->room ? 2 * f->room : 16;
		struct finding *v = ARENA_ARRAY(f->arena, room, struct finding);
		if (v && f->n)
			memcpy(v, f->v, f->n * sizeof *v);
		f->failed |= !v;
		if (!v)
			return;
		f->v = v;
		f->room = room;
	}
	va_start(ap, format);
	char *text = arena_vprintf(f->arena, format, ap);
	va_end(ap);
	f->failed |= !property || !text;
	if (property && text)
		f->v[f->n++] = (struct finding){ property, text };
}

static const char *item(const struct comparison *c, const char *property, size_t i)
{
	return arena_printf(c->to->arena, "%s[%zu]", property, i);
}

static const char *who(const struct comparison *c, const struct seen_process *p)
{
	const char *text = arena_printf(c->to->arena, "process %d (%s)", p->pid, p->name);
	return text ? text : "";
}

static void compare_namespaces(const struct comparison *c)
{
	const struct oci_linux *l = c->config->linux_;
	for (size_t i = 0; l && i < l->namespaces.n; i++) {
		const struct oci_namespace *ns = &l->namespaces.v[i];
		const char *name = namespace_types[ns->type].name;
		uint64_t asked = c->seen->ns_asked[ns->type];
		const char *property = item(c, "linux.namespaces", i);
		if (ns->path && asked && asked != c->seen->ns_inode[ns->type])
			found(c, property, "init is in another %s namespace than %s", name,
				ns->path);
		for (size_t k = 0; !ns->path && k < c->seen->processes.n; k++)
			if (c->seen->processes.v[k].host_ns & 1U << ns->type)
				found(c, property, "%s is in the host's %s namespace",
					who(c, &c->seen->processes.v[k]), name);
	}
}

static bool has_mapping(const struct oci_id_mapping_list *l, const struct oci_id_mapping *m)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].container_id == m->container_id && l->v[i].host_id == m->host_id &&
			l->v[i].size == m->size)
			return true;
	return false;
}

static void compare_map(const struct comparison *c, const char *property,
	const struct oci_id_mapping_list *asked, const struct oci_id_mapping_list *have)
{
	if (asked->n == 0) /* none, or those of docs/ROOTLESS.md */
		return;
	for (size_t i = 0; i < asked->n; i++)
		if (!has_mapping(have, &asked->v[i]))
			found(c, item(c, property, i), "not in the container's map");
	for (size_t i = 0; i < have->n; i++)
		if (!has_mapping(asked, &have->v[i]))
			found(c, property, "the container's map has %u %u %u as well",
				have->v[i].container_id, have->v[i].host_id, have->v[i].size);
}

static const char *cap_names(const struct comparison *c, uint64_t caps)
{
	const char *text = "";
	for (int i = 0; text && i < 64; i++)
		if (caps & UINT64_C(1) << i) {
			const char *name = names_of(&oci_capability_names, i);
			const char *comma = *text ? ", " : "";
			text = name ? arena_printf(c->to->arena, "%s%s%s", text, comma, name)
				    : arena_printf(c->to->arena, "%s%s%d", text, comma, i);
		}
	return text ? text : "";
}

static void compare_caps(const struct comparison *c, const struct seen_process *p)
{
	static const struct oci_capabilities none;
	const struct oci_capabilities *asked =
		c->config->process->capabilities ? c->config->process->capabilities : &none;
	/* capabilities(7): what execve may give is in the bounding set, inheritable or ambient */
	uint64_t any = asked->bounding | asked->permitted | asked->inheritable | asked->ambient;
	const uint64_t most[CAP_SET_COUNT] = {
		[CAP_SET_INHERITABLE] = any,
		[CAP_SET_PERMITTED] = any,
		[CAP_SET_EFFECTIVE] = any,
		[CAP_SET_BOUNDING] = asked->bounding,
		[CAP_SET_AMBIENT] = any,
	};
	for (int i = 0; i < CAP_SET_COUNT; i++) {
		uint64_t more = p->caps[i] & ~most[i];
		const char *property =
			arena_printf(c->to->arena, "process.capabilities.%s", cap_set_names[i]);
		if (more)
			found(c, property, "%s has %s as well", who(c, p), cap_names(c, more));
	}
}

static void compare_apparmor(const struct comparison *c, const struct seen_process *p)
{
	const char *asked = c->config->process->apparmor_profile;
	size_t n = asked ? strlen(asked) : 0;
	if (!n)
		return;
	/* "name (enforce)"; stacked and child profiles go on with & or // */
	bool is_it = p->label && strncmp(p->label, asked, n) == 0 &&
		     (p->label[n] == '\0' || strchr(" &/", p->label[n]));
	if (!is_it)
		found(c, "process.apparmorProfile", "%s is under %s", who(c, p),
			p->label ? p->label : "no profile");
	else if (strstr(p->label, "(complain)"))
		found(c, "process.apparmorProfile", "%s: the profile is not enforced", who(c, p));
}

static void compare_process(const struct comparison *c, const struct seen_process *p)
{
	const struct oci_process *asked = c->config->process;
	compare_caps(c, p);
	compare_apparmor(c, p);
	if (asked->no_new_privileges && !p->no_new_privs)
		found(c, "process.noNewPrivileges", "%s may gain privileges", who(c, p));
	if (asked->selinux_label && *asked->selinux_label &&
		(!p->label || strcmp(p->label, asked->selinux_label) != 0))
		found(c, "process.selinuxLabel", "%s has %s", who(c, p),
			p->label ? p->label : "no label");
	if (c->config->linux_ && c->config->linux_->seccomp &&
		(p->seccomp_mode != 2 || p->n_filters == 0))
		found(c, "linux.seccomp", "%s has no filter", who(c, p));
	if (p->outside_cgroup)
		found(c, "linux.cgroupsPath", "%s is outside of the container's cgroup", who(c, p));
}

/* True: it is there. What could not be looked at is a finding: nobody knows that it is as asked. */
static bool is_seen(const struct comparison *c, const char *property, const char *path,
	const struct seen_path *p)
{
	if (p->state == SEEN_UNKNOWN)
		found(c, property, "%s cannot be looked at: %s", path, strerror(p->err));
	return p->state == SEEN;
}

/* A later mount on the same place is what is seen there. */
static bool is_covered(const struct oci_config *config, size_t i)
{
	for (size_t k = i + 1; k < config->mounts.n; k++)
		if (strcmp(config->mounts.v[k].destination, config->mounts.v[i].destination) == 0)
			return true;
	return false;
}

static void compare_mount(const struct comparison *c, size_t i)
{
	static const uint64_t compared =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	const struct oci_mount *m = &c->config->mounts.v[i];
	const struct seen_path *p = &c->seen->mounts[i];
	const char *property = item(c, "mounts", i);
	struct mount_options o;
	if (mount_options_parse(&m->options, c->to->arena, &o, NULL) < 0) {
		c->to->failed = true;
		return;
	}
	if (o.copy_symlink || o.remount || is_covered(c->config, i))
		return;
	bool is_there = is_seen(c, property, m->destination, p) && p->is_mount;
	uint64_t missing = (o.attr_set | o.rec_set) & compared & ~p->attributes;
	if (!is_there && p->state != SEEN_UNKNOWN)
		found(c, property, "nothing is mounted on %s", m->destination);
	else if (is_there && missing)
		found(c, property, "%s is mounted without %s", m->destination,
			mount_attributes_text(c->to->arena, missing));
}

static bool is_below_any(const char *path, const struct string_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (path_rest(path, l->v[i]))
			return true;
	return false;
}

static bool is_expected(const struct oci_config *config, const char *point)
{
	const struct oci_linux *l = config->linux_;
	if (strcmp(point, "/") == 0)
		return true;
	for (size_t i = 0; i < config->mounts.n; i++)
		if (path_rest(point, config->mounts.v[i].destination))
			return true;
	for (size_t i = 0; l && i < l->devices.n; i++)
		if (path_rest(point, l->devices.v[i].path))
			return true;
	/* spec: config-linux.md#default-devices: mounts where nodes cannot be made */
	return path_rest(point, "/dev") || (l && (is_below_any(point, &l->masked_paths) ||
							 is_below_any(point, &l->readonly_paths)));
}

static bool has_own_mounts(const struct comparison *c)
{
	return c->seen->processes.n > 0 && !(c->seen->processes.v[0].host_ns & 1U << OCI_NS_MOUNT);
}

static void compare_mounts(const struct comparison *c)
{
	const struct oci_config *config = c->config;
	const struct oci_linux *l = config->linux_;
	for (size_t i = 0; i < config->mounts.n; i++)
		compare_mount(c, i);
	if (config->root && config->root->readonly &&
		is_seen(c, "root.readonly", "/", &c->seen->root) &&
		!(c->seen->root.attributes & MOUNT_ATTR_RDONLY))
		found(c, "root.readonly", "the root is writable");
	for (size_t i = 0; has_own_mounts(c) && i < c->seen->all_mounts.n; i++)
		if (!is_expected(config, c->seen->all_mounts.v[i].point))
			found(c, "mounts", "the container has %s on %s as well",
				c->seen->all_mounts.v[i].type, c->seen->all_mounts.v[i].point);
	for (size_t i = 0; l && i < l->masked_paths.n; i++) {
		const char *property = item(c, "linux.maskedPaths", i);
		if (is_seen(c, property, l->masked_paths.v[i], &c->seen->masked[i]) &&
			!c->seen->masked[i].is_masked)
			found(c, property, "%s is not masked", l->masked_paths.v[i]);
	}
	for (size_t i = 0; l && i < l->readonly_paths.n; i++) {
		const char *property = item(c, "linux.readonlyPaths", i);
		if (is_seen(c, property, l->readonly_paths.v[i], &c->seen->readonly[i]) &&
			!(c->seen->readonly[i].attributes & MOUNT_ATTR_RDONLY))
			found(c, property, "%s is writable", l->readonly_paths.v[i]);
	}
}

void inspect_compare(const struct oci_config *config, const struct seen *seen, struct findings *ret)
{
	const struct comparison c = { config, seen, ret };
	compare_namespaces(&c);
	if (config->linux_) {
		compare_map(&c, "linux.uidMappings", &config->linux_->uid_mappings, &seen->uid_map);
		compare_map(&c, "linux.gidMappings", &config->linux_->gid_mappings, &seen->gid_map);
	}
	for (size_t i = 0; config->process && i < seen->processes.n; i++)
		compare_process(&c, &seen->processes.v[i]);
	compare_mounts(&c);
	for (size_t i = 0; has_own_mounts(&c) && i < seen->descriptors.n; i++)
		if (seen->descriptors.v[i].of_host)
			found(&c, "process", "descriptor %d of init is the host's %s",
				seen->descriptors.v[i].fd, seen->descriptors.v[i].target);
}
