/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `linux` of config.json beyond types. Pure: asks nothing of the host. Each check stands for a
 * sentence of config-linux.md or for a value that the kernel refuses always.
 */
#include <ctype.h>
#include <string.h>

#include "libocispec/check.h"
#include "libocispec/runtime/tables.h"
#include "libocispec/validate.h"

static int check_namespaces(const struct check *c, const struct oci_linux *l)
{
	unsigned seen = 0;
	for (size_t i = 0; i < l->namespaces.n; i++) {
		const struct oci_namespace *ns = &l->namespaces.v[i];
		if (seen >> ns->type & 1)
			return WRONG(c, PATH("namespaces[%zu].type", i),
				"a second namespace of type %s",
				names_of(&oci_namespace_type_names, (int)ns->type));
		seen |= 1u << ns->type;
		if (ns->path && ns->path[0] != '/')
			return not_absolute(c, PATH("namespaces[%zu].path", i), ns->path);
	}
	return 0;
}

static int check_time_offset(
	const struct check *c, const char *clock, const struct oci_time_offset *offset)
{
	if (offset && offset->nanosecs >= 1000000000)
		return WRONG(c, PATH("timeOffsets.%s.nanosecs", clock),
			"%u is out of range (0 to 999999999)", offset->nanosecs);
	return 0;
}

static int check_devices(const struct check *c, const struct oci_linux *l)
{
	for (size_t i = 0; i < l->devices.n; i++) {
		const struct oci_device *d = &l->devices.v[i];
		if (d->path[0] != '/')
			return not_absolute(c, PATH("devices[%zu].path", i), d->path);
		if (d->type == 'p')
			continue;
		if (!d->major.set || !d->minor.set)
			return WRONG(c,
				PATH("devices[%zu].%s", i, d->major.set ? "minor" : "major"),
				"required for a device of type %c", d->type);
		/* dev_t of the kernel: 12 bits and 20 */
		if (d->major.v < 0 || d->major.v > 0xfff)
			return WRONG(c, PATH("devices[%zu].major", i),
				"%lld is out of range (0 to 4095)", (long long)d->major.v);
		if (d->minor.v < 0 || d->minor.v > 0xfffff)
			return WRONG(c, PATH("devices[%zu].minor", i),
				"%lld is out of range (0 to 1048575)", (long long)d->minor.v);
	}
	return 0;
}

/* dev_valid_name() of the kernel */
static bool is_interface_name(const char *s)
{
	size_t n = strlen(s);
	if (!n || n >= 16 || strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		return false;
	for (; *s; s++)
		if (*s == '/' || *s == ':' || isspace((unsigned char)*s))
			return false;
	return true;
}

static int check_net_devices(const struct check *c, const struct oci_linux *l)
{
	for (size_t i = 0; i < l->net_devices.n; i++) {
		const struct oci_net_device *d = &l->net_devices.v[i];
		if (!is_interface_name(d->host_name))
			return WRONG(c, PATH("netDevices.%s", d->host_name),
				"\"%.80s\" is not a name of a network device", d->host_name);
		if (d->name && !is_interface_name(d->name))
			return WRONG(c, PATH("netDevices.%s.name", d->host_name),
				"\"%.80s\" is not a name of a network device", d->name);
	}
	return 0;
}

static int check_intel_rdt(const struct check *c, const struct oci_intel_rdt *rdt)
{
	const char *id = rdt->clos_id;
	/* "/" alone is the default class; others are the name of one directory */
	if (id && (strcmp(id, ".") == 0 || strcmp(id, "..") == 0 ||
			  (strchr(id, '/') && strcmp(id, "/") != 0) || strchr(id, '\n')))
		return WRONG(c, "intelRdt.closID", "\"%.80s\" is not a name of a directory", id);
	if (rdt->mem_bw_schema &&
		(strncmp(rdt->mem_bw_schema, "MB:", 3) != 0 || strchr(rdt->mem_bw_schema, '\n')))
		return WRONG(c, "intelRdt.memBwSchema", "must start with \"MB:\" and be one line");
	for (size_t i = 0; i < rdt->schemata.n; i++)
		if (strchr(rdt->schemata.v[i], '\n'))
			return WRONG(c, PATH("intelRdt.schemata[%zu]", i), "more than one line");
	return 0;
}

/* set_mempolicy(2) */
static int check_memory_policy(const struct check *c, const struct oci_memory_policy *m)
{
	static const bool needs_nodes[OCI_MPOL_COUNT] = {
		[OCI_MPOL_BIND] = true,
		[OCI_MPOL_INTERLEAVE] = true,
		[OCI_MPOL_PREFERRED_MANY] = true,
		[OCI_MPOL_WEIGHTED_INTERLEAVE] = true,
	};
	const char *mode = names_of(&oci_mempolicy_mode_names, (int)m->mode);
	if (m->nodes && !is_number_list(m->nodes))
		return WRONG(c, "memoryPolicy.nodes", "\"%.80s\" is not a list of nodes", m->nodes);
	if (!m->nodes && needs_nodes[m->mode])
		return WRONG(c, "memoryPolicy.nodes", "%s needs at least one node", mode);
	return 0;
}

/* net.ipv4.ip_forward, or net/ipv4/conf/eth0.1/forwarding as sysctl(8) has it too: whichever of '.'
 * and '/' comes first divides the components. */
static bool is_sysctl_name(const char *s)
{
	size_t first = strcspn(s, "./");
	const char divider[] = { s[first], '\0' };
	for (;;) {
		size_t n = divider[0] ? strcspn(s, divider) : strlen(s);
		if (!n || (divider[0] == '/' && n <= 2 && strspn(s, ".") == n))
			return false;
		/* with '.' as the divider, '/' stands for a dot in a name: not for a way up */
		if (divider[0] == '.' && n <= 2 && strspn(s, "/") == n)
			return false;
		s += n;
		if (!*s++)
			return true;
	}
}

static int check_sysctl(const struct check *c, const struct oci_linux *l)
{
	for (size_t i = 0; i < l->sysctl.n; i++)
		if (!is_sysctl_name(l->sysctl.v[i].key))
			return WRONG(c, PATH("sysctl.%.120s", l->sysctl.v[i].key),
				"\"%.80s\" is not a name of a kernel parameter",
				l->sysctl.v[i].key);
	return 0;
}

static int check_paths(const struct check *c, const char *name, const struct string_list *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		if (paths->v[i][0] != '/')
			return not_absolute(c, PATH("%s[%zu]", name, i), paths->v[i]);
	return 0;
}

static int check_isolation(const struct check *c, const struct oci_linux *l)
{
	int err = check_namespaces(c, l);
	if (!err)
		err = check_id_mappings(c, "uidMappings", &l->uid_mappings);
	if (!err)
		err = check_id_mappings(c, "gidMappings", &l->gid_mappings);
	if (!err && l->time_offsets)
		err = check_time_offset(c, "boottime", l->time_offsets->boottime);
	if (!err && l->time_offsets)
		err = check_time_offset(c, "monotonic", l->time_offsets->monotonic);
	if (!err)
		err = check_paths(c, "maskedPaths", &l->masked_paths);
	if (!err)
		err = check_paths(c, "readonlyPaths", &l->readonly_paths);
	return err;
}

int oci_linux_validate(const struct oci_linux *l, const char *prefix, struct error *e)
{
	const struct check c = { .prefix = prefix, .e = e };
	int err = check_isolation(&c, l);
	if (!err)
		err = check_devices(&c, l);
	if (!err)
		err = check_net_devices(&c, l);
	if (!err && l->intel_rdt)
		err = check_intel_rdt(&c, l->intel_rdt);
	if (!err && l->memory_policy)
		err = check_memory_policy(&c, l->memory_policy);
	if (!err)
		err = check_sysctl(&c, l);
	if (!err && l->personality && l->personality->flags.n)
		err = WRONG(&c, "personality.flags",
			"the specification knows no flag of a personality");
	if (!err && l->resources)
		err = oci_resources_validate(l->resources, PATH("%sresources.", prefix), e);
	if (!err && l->seccomp)
		err = oci_seccomp_validate(l->seccomp, PATH("%sseccomp.", prefix), e);
	return err;
}

/* ---- resources ---- */

/* 2MB, 64KB, 1GB: the schema's ^[1-9][0-9]*[KMG]B$ */
static bool is_page_size(const char *s)
{
	size_t digits = strspn(s, "0123456789");
	return digits && s[0] != '0' && s[digits] && strchr("KMG", s[digits]) &&
	       strcmp(s + digits + 1, "B") == 0;
}

static int check_block_io(const struct check *c, const struct oci_block_io *b)
{
	for (size_t i = 0; i < b->weight_device.n; i++)
		if (!b->weight_device.v[i].weight.set && !b->weight_device.v[i].leaf_weight.set)
			return WRONG(c, PATH("blockIO.weightDevice[%zu]", i),
				"neither weight nor leafWeight");
	return 0;
}

int oci_resources_validate(const struct oci_resources *r, const char *prefix, struct error *e)
{
	const struct check c = { .prefix = prefix, .e = e };
	int err = r->block_io ? check_block_io(&c, r->block_io) : 0;
	if (err < 0)
		return err;
	if (r->cpu && r->cpu->idle.set && r->cpu->idle.v != 0 && r->cpu->idle.v != 1)
		return WRONG(&c, "cpu.idle", "%lld is neither 0 nor 1", (long long)r->cpu->idle.v);
	if (r->memory && r->memory->swappiness.set && r->memory->swappiness.v > 100)
		return WRONG(&c, "memory.swappiness", "%llu is out of range (0 to 100)",
			(unsigned long long)r->memory->swappiness.v);
	for (size_t i = 0; i < r->hugepage_limits.n; i++)
		if (!is_page_size(r->hugepage_limits.v[i].page_size))
			return WRONG(&c, PATH("hugepageLimits[%zu].pageSize", i),
				"\"%.80s\" is not a page size such as 2MB",
				r->hugepage_limits.v[i].page_size);
	for (size_t i = 0; i < r->rdma.n; i++)
		if (!r->rdma.v[i].hca_handles.set && !r->rdma.v[i].hca_objects.set)
			return WRONG(&c, PATH("rdma.%.120s", r->rdma.v[i].device),
				"neither hcaHandles nor hcaObjects");
	/* each key is a file of the cgroup's own directory */
	for (size_t i = 0; i < r->unified.n; i++)
		if (!r->unified.v[i].key[0] || strchr(r->unified.v[i].key, '/'))
			return WRONG(&c, PATH("unified.%.120s", r->unified.v[i].key),
				"\"%.80s\" is not a name of a file", r->unified.v[i].key);
	return 0;
}

/* ---- seccomp ---- */

/* spec: config-linux.md#seccomp: an errno for an action that has none is an error. */
static bool takes_errno(enum oci_seccomp_action action)
{
	return action == OCI_ACT_ERRNO || action == OCI_ACT_TRACE;
}

static int no_errno(const struct check *c, const char *path, enum oci_seccomp_action action)
{
	return WRONG(
		c, path, "%s has no errno value", names_of(&oci_seccomp_action_names, (int)action));
}

static int check_syscall_rule(const struct check *c, size_t i, const struct oci_syscall_rule *rule)
{
	if (!rule->names.n)
		return WRONG(c, PATH("syscalls[%zu].names", i), "at least one name is required");
	for (size_t k = 0; k < rule->names.n; k++)
		if (!rule->names.v[k][0])
			return WRONG(c, PATH("syscalls[%zu].names[%zu]", i, k), "an empty name");
	for (size_t k = 0; k < rule->args.n; k++)
		if (rule->args.v[k].index > 5)
			return WRONG(c, PATH("syscalls[%zu].args[%zu].index", i, k),
				"%u is out of range (0 to 5)", rule->args.v[k].index);
	if (rule->errno_ret.set && !takes_errno(rule->action))
		return no_errno(c, PATH("syscalls[%zu].errnoRet", i), rule->action);
	return 0;
}

int oci_seccomp_validate(const struct oci_seccomp *s, const char *prefix, struct error *e)
{
	const struct check c = { .prefix = prefix, .e = e };
	int err = 0;
	if (s->default_errno_ret.set && !takes_errno(s->default_action))
		err = no_errno(&c, "defaultErrnoRet", s->default_action);
	if (!err && s->listener_metadata && !s->listener_path)
		err = WRONG(&c, "listenerMetadata", "listenerMetadata without listenerPath");
	for (size_t i = 0; !err && i < s->syscalls.n; i++)
		err = check_syscall_rule(&c, i, &s->syscalls.v[i]);
	return err;
}
