/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What CRIU is asked for. PURE.
 *
 * Bind mounts come from outside of what CRIU saves. Each is named by its destination in the config;
 * at restore the config that is there then says what it is bound to.
 */
#include "criu/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mountinfo.h"
#include "base/parse_num.h"
#include "libocispec/runtime/mount_options.h"
#include "plan/namespace_types.h"

const char *const criu_manage_cgroups_names[] = {
	[MANAGE_CGROUPS_SOFT] = "soft",
	[MANAGE_CGROUPS_FULL] = "full",
	[MANAGE_CGROUPS_STRICT] = "strict",
	[MANAGE_CGROUPS_IGNORE] = "ignore",
	NULL,
};

static const enum criu_cgroup_mode cgroup_modes[] = {
	[MANAGE_CGROUPS_SOFT] = CRIU_CGROUP_SOFT,
	[MANAGE_CGROUPS_FULL] = CRIU_CGROUP_FULL,
	[MANAGE_CGROUPS_STRICT] = CRIU_CGROUP_STRICT,
	[MANAGE_CGROUPS_IGNORE] = CRIU_CGROUP_IGNORE,
};

const char *const criu_network_lock_names[] = {
	[NETWORK_LOCK_DEFAULT] = "default",
	[NETWORK_LOCK_IPTABLES] = "iptables",
	[NETWORK_LOCK_NFTABLES] = "nftables",
	[NETWORK_LOCK_SKIP] = "skip",
	NULL,
};

static const enum criu_lock_method lock_methods[] = {
	[NETWORK_LOCK_IPTABLES] = CRIU_LOCK_IPTABLES,
	[NETWORK_LOCK_NFTABLES] = CRIU_LOCK_NFTABLES,
	[NETWORK_LOCK_SKIP] = CRIU_LOCK_SKIP,
};

/* Log what a developer of CRIU asks for first. */
enum { LOG_LEVEL_ALL = 4 };

/* The names that runc and crun give to namespaces that are not the container's: an image of one
 * can be restored by another. CRIU takes these two as descriptors. */
static const char *const external_names[OCI_NS_COUNT] = {
	[OCI_NS_NETWORK] = "extRootNetNS",
	[OCI_NS_PID] = "extRootPidNS",
};

/* CRIU joins these by path. */
static const bool joined_by_path[OCI_NS_COUNT] = {
	[OCI_NS_IPC] = true,
	[OCI_NS_UTS] = true,
	[OCI_NS_TIME] = true,
	[OCI_NS_USER] = true,
};

static int no_memory(struct error *e)
{
	return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
}

static int check_common(const struct criu_common_options *o, struct error *e)
{
	for (size_t i = 0; i < o->empty_ns.n; i++)
		if (strcmp(o->empty_ns.v[i], "network") != 0)
			return error_set(e, ERROR_USAGE, EINVAL,
				"option '--empty-ns': expected network, found '%s'",
				o->empty_ns.v[i]);
	return 0;
}

/* "ADDRESS:PORT"; an IPv6 address may stand in brackets. */
static bool split_server(struct arena *arena, const char *text, struct criu_options *o)
{
	const char *colon = strrchr(text, ':');
	uint32_t port;
	if (!colon || colon == text || !parse_u32(colon + 1, &port) || port == 0 || port > 65535)
		return false;
	size_t n = (size_t)(colon - text);
	if (text[0] == '[' && n > 2 && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (o) {
		o->server_address = arena_strndup(arena, text, n);
		o->server_port = (struct opt_i32){ true, (int32_t)port };
	}
	return true;
}

int criu_check_checkpoint(const struct checkpoint_options *o, struct error *e)
{
	if (o->parent_path && o->parent_path[0] == '/')
		return error_set(e, ERROR_USAGE, EINVAL,
			"option '--parent-path': must be relative to the image path");
	if (o->page_server && !split_server(NULL, o->page_server, NULL))
		return error_set(e, ERROR_USAGE, EINVAL,
			"option '--page-server': expected ADDRESS:PORT, found '%s'",
			o->page_server);
	if (o->pre_dump && o->common.lazy_pages)
		return error_set(e, ERROR_USAGE, EINVAL,
			"option '--pre-dump' excludes '--lazy-pages': pages are saved now or "
			"later");
	if (o->status_fd.set && !o->common.lazy_pages)
		return error_set(e, ERROR_USAGE, EINVAL,
			"option '--status-fd' tells when '--lazy-pages' is ready, which is not "
			"given");
	return check_common(&o->common, e);
}

static const struct oci_linux *linux_of(const struct oci_config *config)
{
	static const struct oci_linux none;
	return config->linux_ ? config->linux_ : &none;
}

int criu_check_restore(
	const struct restore_options *o, const struct oci_config *config, struct error *e)
{
	const struct oci_linux *l = linux_of(config);
	char path[64];
	if (o->common.tcp_established && o->tcp_close)
		return error_set(e, ERROR_USAGE, EINVAL,
			"option '--tcp-close' excludes '--tcp-established'");
	for (size_t i = 0; i < l->namespaces.n; i++) {
		const struct oci_namespace *ns = &l->namespaces.v[i];
		if (!ns->path || external_names[ns->type] || joined_by_path[ns->type])
			continue;
		snprintf(path, sizeof path, "linux.namespaces[%zu].path", i);
		return error_unsupported(e, path, "CRIU cannot restore into a %s namespace",
			namespace_types[ns->type].name);
	}
	return check_common(&o->common, e);
}

static void fill_common(const struct criu_common_options *c, const struct criu_facts *facts,
	const char *log_file, struct criu_options *o)
{
	*o = (struct criu_options){
		.images_dir_fd = { true, CRIU_IMAGES_FD },
		.work_dir_fd = { facts->has_work_dir, CRIU_WORK_FD },
		.log_level = { true, LOG_LEVEL_ALL },
		.log_file = log_file,
		.config_file = facts->config_file,
		.cgroup_mode = { true, (int32_t)cgroup_modes[c->manage_cgroups] },
		/* interfaces come from outside: by hooks, or with a namespace that is joined; the
		 * loopback one is set up by us. As both peers do it. */
		.empty_ns = { true, CLONE_NEWNET },
		.tcp_established = c->tcp_established,
		.ext_unix_sk = c->ext_unix_sk,
		.shell_job = c->shell_job,
		.file_locks = c->file_locks,
		.auto_dedup = c->auto_dedup,
		.lazy_pages = c->lazy_pages,
		.notify_scripts = true,
		.orphan_pts_master = true,
	};
}

static void add_pair(struct string_map *m, const char *key, const char *value)
{
	m->v[m->n++] = (struct string_pair){ key, value };
}

/* Is config->mounts[i] a bind mount? */
static int find_bind(
	struct arena *arena, const struct oci_config *config, size_t i, bool *ret, struct error *e)
{
	const struct oci_mount *m = &config->mounts.v[i];
	struct mount_options o;
	char path[48];
	int r = mount_options_parse(&m->options, arena, &o, e);
	/* it would be bound again with the ids as they are: other people's files */
	if (r == 0 && (o.idmap != MOUNT_IDMAP_NONE || m->uid_mappings.n || m->gid_mappings.n)) {
		snprintf(path, sizeof path, "mounts[%zu]", i);
		return error_unsupported(e, path, "CRIU cannot restore a mount that maps ids");
	}
	if (r == 0)
		*ret = (o.bind || o.rbind || (m->type && strcmp(m->type, "bind") == 0)) &&
		       !o.remount;
	return r;
}

/* Their destinations on one side, what is there on the other: restore. Dump: the place now. */
static int add_binds(struct arena *arena, const struct oci_config *config,
	const struct criu_facts *facts, bool is_dump, struct criu_options *o, struct error *e)
{
	const struct oci_linux *l = linux_of(config);
	size_t n = config->mounts.n + l->devices.n + l->masked_paths.n + 1;
	o->ext_mnt.v = ARENA_ARRAY(arena, n, struct string_pair);
	if (!o->ext_mnt.v)
		return no_memory(e);
	for (size_t i = 0; i < config->mounts.n; i++) {
		const struct oci_mount *m = &config->mounts.v[i];
		bool is_bind = false;
		int r = find_bind(arena, config, i, &is_bind, e);
		if (r < 0)
			return r;
		if (is_bind && is_dump)
			add_pair(&o->ext_mnt,
				facts->places && facts->places[i] ? facts->places[i]
								  : m->destination,
				m->destination);
		else if (is_bind)
			/* criu stands elsewhere */
			add_pair(&o->ext_mnt, m->destination,
				arena_path(arena, facts->bundle, m->source));
	}
	/* where device nodes cannot be made they are bound */
	for (size_t i = 0; i < l->devices.n; i++)
		add_pair(&o->ext_mnt, l->devices.v[i].path, l->devices.v[i].path);
	return 0;
}

/* "ADDRESS:PORT" was checked before. */
static int add_dump_options(struct arena *arena, const struct checkpoint_options *c,
	const struct criu_facts *facts, struct criu_options *o, struct error *e)
{
	o->pid = (struct opt_i32){ true, facts->pid };
	o->root = facts->rootfs;
	o->freeze_cgroup = facts->freezer;
	o->leave_running = c->leave_running;
	o->tcp_skip_in_flight = c->tcp_skip_in_flight;
	o->link_remap = c->link_remap;
	o->parent_img = c->parent_path;
	if (c->network_lock != NETWORK_LOCK_DEFAULT)
		o->network_lock = (struct opt_i32){ true, (int32_t)lock_methods[c->network_lock] };
	/* what was written since the last time is told by the kernel from the first time on */
	o->track_mem = c->parent_path || c->pre_dump;
	if (c->page_server)
		split_server(arena, c->page_server, o);
	return c->page_server && !o->server_address ? no_memory(e) : 0;
}

static int add_external(struct arena *arena, const struct criu_facts *facts, struct criu_options *o,
	struct error *e)
{
	o->external.v = ARENA_ARRAY(arena, OCI_NS_COUNT + CRIU_STDIO, const char *);
	if (!o->external.v)
		return no_memory(e);
	for (int t = 0; t < OCI_NS_COUNT; t++)
		if (external_names[t] && facts->joined[t])
			o->external.v[o->external.n++] =
				arena_printf(arena, "%s[%llu]:%s", namespace_types[t].file,
					(unsigned long long)facts->joined[t], external_names[t]);
	for (int i = 0; i < CRIU_STDIO; i++)
		if (facts->files[i] && strncmp(facts->files[i], "file[", 5) == 0)
			o->external.v[o->external.n++] = facts->files[i];
	return arena_failed(arena) ? no_memory(e) : 0;
}

int criu_decide_dump(struct arena *arena, const struct oci_config *config,
	const struct checkpoint_options *c, const struct criu_facts *facts,
	struct criu_request *ret, struct error *e)
{
	struct criu_options *o = ARENA_NEW(arena, struct criu_options);
	if (!o)
		return no_memory(e);
	fill_common(&c->common, facts, CRIU_DUMP_LOG, o);
	int r = add_dump_options(arena, c, facts, o, e);
	/* mounts and files are not looked at by a pre-dump */
	if (r == 0 && !c->pre_dump)
		r = add_binds(arena, config, facts, true, o, e);
	for (size_t i = 0; r == 0 && !c->pre_dump && i < facts->masked_files.n; i++)
		add_pair(&o->ext_mnt, facts->masked_files.v[i], "/dev/null");
	if (r == 0)
		r = add_external(arena, facts, o, e);
	*ret = (struct criu_request){
		.type = c->pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP,
		.options = o,
	};
	return r;
}

bool criu_can_inherit(const char *name)
{
	return strncmp(name, "pipe:", 5) == 0 || strncmp(name, "file[", 5) == 0;
}

static int add_inherited(struct arena *arena, const struct criu_facts *facts,
	struct criu_options *o, struct error *e)
{
	o->inherit_fd.v = ARENA_ARRAY(arena, OCI_NS_COUNT + CRIU_STDIO, struct criu_inherited);
	if (!o->inherit_fd.v)
		return no_memory(e);
	for (int t = 0; t < OCI_NS_COUNT; t++)
		if (external_names[t] && facts->namespace_fds[t])
			o->inherit_fd.v[o->inherit_fd.n++] =
				(struct criu_inherited){ external_names[t],
					facts->namespace_fds[t] };
	for (int i = 0; i < CRIU_STDIO; i++) {
		const char *name = facts->saved_files[i];
		bool is_new = name && criu_can_inherit(name);
		/* one file under two numbers, `>log 2>&1`: CRIU knows it once */
		for (int k = 0; is_new && k < i; k++)
			is_new = !facts->saved_files[k] || strcmp(name, facts->saved_files[k]) != 0;
		if (is_new)
			o->inherit_fd.v[o->inherit_fd.n++] =
				(struct criu_inherited){ name, facts->stdio_fds[i] };
	}
	return 0;
}

/* proc_pid_cgroup(5): "0::/a/b" and "3:cpu,cpuacct:/a/b" */
static int add_cgroup_roots(
	struct arena *arena, const char *cgroups, struct criu_options *o, struct error *e)
{
	struct span text = { cgroups ? cgroups : "", cgroups ? strlen(cgroups) : 0 }, line, part;
	size_t n = 0;
	for (const char *c = text.s; *c; c++)
		n += *c == '\n';
	o->cg_root.v = ARENA_ARRAY(arena, n + 1, struct string_pair);
	if (!o->cg_root.v)
		return no_memory(e);
	while (o->cg_root.n <= n && span_next(&text, '\n', &line)) {
		struct span controller;
		if (!span_next(&line, ':', &part) || !span_next(&line, ':', &controller) ||
			line.n == 0)
			continue;
		const char *path = arena_strndup(arena, line.s, line.n);
		const char *name = arena_strndup(arena, controller.s, controller.n);
		if (!path || !name)
			return no_memory(e);
		add_pair(&o->cg_root, name, path);
	}
	return 0;
}

static int add_joined(struct arena *arena, const struct oci_config *config, struct criu_options *o,
	struct error *e)
{
	const struct oci_linux *l = linux_of(config);
	o->join_ns.v = ARENA_ARRAY(arena, l->namespaces.n + 1, struct string_pair);
	if (!o->join_ns.v)
		return no_memory(e);
	for (size_t i = 0; i < l->namespaces.n; i++)
		if (l->namespaces.v[i].path && joined_by_path[l->namespaces.v[i].type])
			add_pair(&o->join_ns, namespace_types[l->namespaces.v[i].type].file,
				l->namespaces.v[i].path);
	return 0;
}

int criu_decide_restore(struct arena *arena, const struct oci_config *config,
	const struct restore_options *c, const struct criu_facts *facts, struct criu_request *ret,
	struct error *e)
{
	struct criu_options *o = ARENA_NEW(arena, struct criu_options);
	if (!o)
		return no_memory(e);
	fill_common(&c->common, facts, CRIU_RESTORE_LOG, o);
	o->root = facts->root;
	o->evasive_devices = true; /* a device that is another one now is opened by its path */
	o->rst_sibling = true;	   /* our child, not criu's: who waits for it is we */
	o->tcp_close = c->tcp_close;
	o->lsm_profile = c->lsm_profile;
	o->lsm_mount_context = c->lsm_mount_context;
	int r = add_binds(arena, config, facts, false, o, e);
	if (r == 0)
		r = add_joined(arena, config, o, e);
	if (r == 0)
		r = add_inherited(arena, facts, o, e);
	if (r == 0)
		r = add_cgroup_roots(arena, facts->cgroups, o, e);
	if (r == 0 && linux_of(config)->masked_paths.n)
		add_pair(&o->ext_mnt, "/dev/null", "/dev/null");
	*ret = (struct criu_request){ .type = CRIU_RESTORE, .options = o };
	return r;
}

/* What follows the first `word` in s; false: it is not there. */
static bool skip_past(struct span *s, const char *word)
{
	size_t n = strlen(word);
	for (; s->n >= n; s->s++, s->n--)
		if (memcmp(s->s, word, n) == 0) {
			*s = (struct span){ s->s + n, s->n - n };
			return true;
		}
	return false;
}

/* "(00.012345) Error (criu/mount.c:1088): mnt: it is so" -> "mnt: it is so" */
static bool find_error(struct span line, struct span *ret)
{
	if (!skip_past(&line, "Error (") || !skip_past(&line, "): "))
		return false;
	*ret = line;
	return ret->n > 0;
}

/* The last words of every failure. */
static bool is_no_news(struct span s)
{
	return s.n >= 7 && memcmp(s.s + s.n - 7, "FAILED.", 7) == 0;
}

void criu_log_excerpt(const char *log, char *buffer, size_t size)
{
	struct span text = { log, strlen(log) }, line, error;
	size_t n = 0;
	unsigned errors = 0;
	buffer[0] = '\0';
	while (errors < 2 && span_next(&text, '\n', &line)) {
		if (!find_error(line, &error) || is_no_news(error))
			continue;
		if (errors && n + 2 < size) {
			memcpy(buffer + n, "; ", 2);
			n += 2;
		}
		size_t copy = error.n < size - 1 - n ? error.n : size - 1 - n;
		for (size_t i = 0; i < copy; i++, n++)
			buffer[n] = error.s[i] < ' ' && error.s[i] >= 0 ? ' ' : error.s[i];
		buffer[n] = '\0';
		errors++;
	}
}
