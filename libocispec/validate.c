/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json beyond types: root, mounts, process, hooks. Pure: asks nothing of the host. Each
 * check stands for a sentence of config.md or for a value that the kernel refuses always.
 */
#include "libocispec/validate.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "libocispec/check.h"

/* user_namespaces(7): UID_GID_MAP_MAX_EXTENTS of Linux 4.15 and later */
enum { MAX_ID_MAPPINGS = 340 };

int check_wrong(const struct check *c, const char *path, const char *format, ...)
{
	char text[sizeof c->e->text], full[sizeof c->e->path];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	snprintf(full, sizeof full, "%s%s", c->prefix, path);
	return error_field(c->e, full, "%s", text);
}

const char *check_path(char *buffer, size_t size, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	vsnprintf(buffer, size, format, ap);
	va_end(ap);
	return buffer;
}

int not_absolute(const struct check *c, const char *path, const char *value)
{
	return WRONG(c, path, "\"%.80s\" is not an absolute path", value);
}

int check_environment(const struct check *c, const char *name, const struct string_list *env)
{
	for (size_t i = 0; i < env->n; i++) {
		const char *equals = strchr(env->v[i], '=');
		if (!equals || equals == env->v[i])
			return WRONG(c, PATH("%s[%zu]", name, i),
				"\"%.80s\" is not of the form NAME=value", env->v[i]);
	}
	return 0;
}

int check_keys(const struct check *c, const char *name, const struct string_map *map)
{
	for (size_t i = 0; i < map->n; i++)
		if (!map->v[i].key[0])
			return WRONG(c, name, "a key is an empty string");
	return 0;
}

bool is_number_list(const char *s)
{
	return s[strspn(s, "0123456789, -")] == '\0';
}

static bool overlap(uint32_t a, uint32_t b, uint32_t size_a, uint32_t size_b)
{
	return a < b ? b - a < size_a : a - b < size_b;
}

/* The rules of map_write() in the kernel, which says EINVAL and no more. */
int check_id_mappings(
	const struct check *c, const char *name, const struct oci_id_mapping_list *list)
{
	if (list->n > MAX_ID_MAPPINGS)
		return WRONG(c, name, "%zu mappings; the kernel takes no more than %d", list->n,
			MAX_ID_MAPPINGS);
	for (size_t i = 0; i < list->n; i++) {
		const struct oci_id_mapping *m = &list->v[i];
		if (!m->size)
			return WRONG(c, PATH("%s[%zu].size", name, i), "a mapping of no ids");
		/* the id 4294967295 is (uid_t)-1, "no id" */
		if (m->size > UINT32_MAX - m->container_id || m->size > UINT32_MAX - m->host_id)
			return WRONG(c, PATH("%s[%zu].size", name, i),
				"the mapping goes beyond the last id, 4294967294");
		for (size_t k = 0; k < i; k++) {
			const struct oci_id_mapping *o = &list->v[k];
			if (overlap(m->container_id, o->container_id, m->size, o->size))
				return WRONG(c, PATH("%s[%zu].containerID", name, i),
					"overlaps with %s[%zu]", name, k);
			if (overlap(m->host_id, o->host_id, m->size, o->size))
				return WRONG(c, PATH("%s[%zu].hostID", name, i),
					"overlaps with %s[%zu]", name, k);
		}
	}
	return 0;
}

/* ---- ociVersion ---- */

/* Digits without a leading zero; *ret saturates. */
static bool take_number(const char **s, unsigned *ret)
{
	size_t n = strspn(*s, "0123456789");
	if (!n || (n > 1 && **s == '0'))
		return false;
	*ret = n > 8 ? UINT_MAX : 0;
	for (size_t i = 0; i < n && *ret != UINT_MAX; i++)
		*ret = *ret * 10 + (unsigned)((*s)[i] - '0');
	*s += n;
	return true;
}

/* "rc.1", "dev.2.x": identifiers with dots between; at least one, none of them empty. */
static bool take_identifiers(const char **s)
{
	static const char letters[] = "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz";
	for (;;) {
		size_t n = strspn(*s, letters);
		if (!n)
			return false;
		*s += n;
		if (**s != '.')
			return true;
		++*s;
	}
}

static bool take_dot(const char **s)
{
	return *(*s)++ == '.';
}

/* semver.org, 2.0.0. Every 1.x is taken: properties of later versions are unknown properties. */
static int check_version(const struct check *c, const char *version)
{
	unsigned major, minor, patch;
	const char *s = version;
	bool valid = take_number(&s, &major) && take_dot(&s) && take_number(&s, &minor) &&
		     take_dot(&s) && take_number(&s, &patch);
	if (valid && *s == '-')
		valid = s++ && take_identifiers(&s);
	if (valid && *s == '+')
		valid = s++ && take_identifiers(&s);
	if (!valid || *s)
		return WRONG(c, "ociVersion", "\"%.80s\" is not a semantic version such as 1.3.0",
			version);
	if (major != 1)
		return error_unsupported(c->e, "ociVersion",
			"version %.80s of the runtime specification; this runtime knows 1.x",
			version);
	return 0;
}

/* ---- process ---- */

static int check_rlimits(const struct check *c, const struct oci_process *p)
{
	uint64_t seen = 0;
	for (size_t i = 0; i < p->rlimits.n; i++) {
		const struct oci_rlimit *r = &p->rlimits.v[i];
		if (seen >> r->type & 1)
			return WRONG(c, PATH("rlimits[%zu].type", i), "the same type twice");
		seen |= UINT64_C(1) << r->type;
		if (r->soft > r->hard)
			return WRONG(c, PATH("rlimits[%zu].soft", i),
				"the soft limit %llu is above the hard limit %llu",
				(unsigned long long)r->soft, (unsigned long long)r->hard);
	}
	return 0;
}

/* sched_setattr(2) */
static int check_scheduler(const struct check *c, const struct oci_scheduler *s)
{
	bool is_realtime = s->policy == OCI_SCHED_FIFO || s->policy == OCI_SCHED_RR;
	int32_t priority = s->priority.set ? s->priority.v : 0;
	if (s->nice.set && (s->nice.v < -20 || s->nice.v > 19))
		return WRONG(c, "scheduler.nice", "%d is out of range (-20 to 19)", s->nice.v);
	if (is_realtime && (priority < 1 || priority > 99))
		return WRONG(c, "scheduler.priority",
			"SCHED_FIFO and SCHED_RR need a priority from 1 to 99");
	if (!is_realtime && priority != 0)
		return WRONG(
			c, "scheduler.priority", "only SCHED_FIFO and SCHED_RR have a priority");
	return 0;
}

static int check_affinity(const struct check *c, const struct oci_cpu_affinity *a)
{
	if (a->initial && !is_number_list(a->initial))
		return WRONG(c, "execCPUAffinity.initial", "\"%.80s\" is not a list of CPUs",
			a->initial);
	if (a->final && !is_number_list(a->final))
		return WRONG(
			c, "execCPUAffinity.final", "\"%.80s\" is not a list of CPUs", a->final);
	return 0;
}

/* ioprio_set(2): the idle class has no priorities, so that none can be missing there. */
static int check_io_priority(const struct check *c, const struct oci_io_priority *p)
{
	if (!p->priority.set && p->class != OCI_IOPRIO_IDLE)
		return WRONG(c, "ioPriority.priority", "required property is missing");
	if (p->priority.v < 0 || p->priority.v > 7)
		return WRONG(
			c, "ioPriority.priority", "%d is out of range (0 to 7)", p->priority.v);
	return 0;
}

int oci_process_validate(const struct oci_process *p, const char *prefix, struct error *e)
{
	const struct check c = { .prefix = prefix, .e = e };
	int err = p->cwd[0] == '/' ? 0 : not_absolute(&c, "cwd", p->cwd);
	if (!err && !p->args.n && !p->command_line)
		err = WRONG(&c, "args", "at least one entry is required");
	if (!err)
		err = check_environment(&c, "env", &p->env);
	if (!err)
		err = check_rlimits(&c, p);
	if (!err && p->oom_score_adj.set &&
		(p->oom_score_adj.v < -1000 || p->oom_score_adj.v > 1000))
		err = WRONG(&c, "oomScoreAdj", "%lld is out of range (-1000 to 1000)",
			(long long)p->oom_score_adj.v);
	if (!err && p->scheduler)
		err = check_scheduler(&c, p->scheduler);
	if (!err && p->io_priority)
		err = check_io_priority(&c, p->io_priority);
	if (!err && p->exec_cpu_affinity)
		err = check_affinity(&c, p->exec_cpu_affinity);
	return err;
}

/* ---- mounts ---- */

static int check_mounts(const struct check *c, const struct oci_config *config)
{
	for (size_t i = 0; i < config->mounts.n; i++) {
		const struct oci_mount *m = &config->mounts.v[i];
		if (!m->destination[0])
			return WRONG(c, PATH("mounts[%zu].destination", i), "an empty path");
		/* spec: config.md#posix-platform-mounts: each MUST come with the other */
		if (m->uid_mappings.n && !m->gid_mappings.n)
			return WRONG(c, PATH("mounts[%zu].uidMappings", i),
				"uidMappings without gidMappings");
		if (m->gid_mappings.n && !m->uid_mappings.n)
			return WRONG(c, PATH("mounts[%zu].gidMappings", i),
				"gidMappings without uidMappings");
		if (!m->uid_mappings.n)
			continue;
		int err =
			check_id_mappings(c, PATH("mounts[%zu].uidMappings", i), &m->uid_mappings);
		if (!err)
			err = check_id_mappings(
				c, PATH("mounts[%zu].gidMappings", i), &m->gid_mappings);
		if (err < 0)
			return err;
	}
	return 0;
}

/* ---- hooks ---- */

static int check_hook_list(
	const struct check *c, const char *name, const struct oci_hook_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct oci_hook *hook = &list->v[i];
		if (hook->path[0] != '/')
			return not_absolute(c, PATH("hooks.%s[%zu].path", name, i), hook->path);
		if (hook->timeout.set && hook->timeout.v <= 0)
			return WRONG(c, PATH("hooks.%s[%zu].timeout", name, i),
				"%lld is not greater than zero", (long long)hook->timeout.v);
		int err = check_environment(c, PATH("hooks.%s[%zu].env", name, i), &hook->env);
		if (err < 0)
			return err;
	}
	return 0;
}

static int check_hooks(const struct check *c, const struct oci_hooks *hooks)
{
	const struct {
		const char *name;
		const struct oci_hook_list *list;
	} lists[] = {
		{ "prestart", &hooks->prestart },
		{ "createRuntime", &hooks->create_runtime },
		{ "createContainer", &hooks->create_container },
		{ "startContainer", &hooks->start_container },
		{ "poststart", &hooks->poststart },
		{ "poststop", &hooks->poststop },
	};
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		int err = check_hook_list(c, lists[i].name, lists[i].list);
		if (err < 0)
			return err;
	}
	return 0;
}

/* ---- the document ---- */

/* sethostname(2): __NEW_UTS_LEN */
static int check_uts_name(const struct check *c, const char *name, const char *value)
{
	if (value && strlen(value) > 64)
		return WRONG(c, name, "longer than the 64 bytes that the kernel takes");
	return 0;
}

int oci_mounts_validate(const struct oci_config *config, struct error *e)
{
	const struct check c = { .prefix = "", .e = e };
	return check_mounts(&c, config);
}

int oci_config_validate(const struct oci_config *config, struct error *e)
{
	const struct check c = { .prefix = "", .e = e };
	int err = check_version(&c, config->oci_version);
	/* spec: config.md#root: required on all platforms but Windows, which the schema cannot say
	 */
	if (!err && !config->root)
		err = WRONG(&c, "root", "required property is missing");
	if (!err && !config->root->path[0])
		err = WRONG(&c, "root.path", "an empty path");
	if (!err && config->process)
		err = oci_process_validate(config->process, "process.", e);
	if (!err)
		err = check_uts_name(&c, "hostname", config->hostname);
	if (!err)
		err = check_uts_name(&c, "domainname", config->domainname);
	if (!err)
		err = check_mounts(&c, config);
	if (!err && config->hooks)
		err = check_hooks(&c, config->hooks);
	if (!err)
		err = check_keys(&c, "annotations", &config->annotations);
	if (!err && config->linux_)
		err = oci_linux_validate(config->linux_, "linux.", e);
	return err;
}
