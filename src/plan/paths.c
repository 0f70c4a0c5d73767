/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masked and read-only paths, sysctls, links under /dev.
 * PURE. spec: config-linux.md#masked-paths, #readonly-paths, #sysctl, #default-filesystems
 */
#include <errno.h>
#include <string.h>

#include "plan/decide.h"

/* Once is enough: a second mask would only lie on the first. */
static bool is_listed_before(const struct string_list *paths, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(paths->v[j], paths->v[i]) == 0)
			return true;
	return false;
}

static int add_paths(struct decision *d, const struct string_list *paths, const char *field,
	const char *summary_prefix, struct error *e)
{
	if (paths->n && !has_mount_namespace(d))
		return error_field(e, field, "needs a mount namespace in linux.namespaces");
	for (size_t i = 0; i < paths->n; i++) {
		const char *where = plan_path(d, "%s[%zu]", field, i);
		if (is_listed_before(paths, i))
			continue;
		if (paths->v[i][0] != '/')
			return error_field(e, where, "%s is not an absolute path", paths->v[i]);
		struct step *s = plan_add(d, where, "%s %s", summary_prefix, paths->v[i]);
		if (s) {
			s->u.text.path = paths->v[i];
			s->u.text.value = d->mount_label; /* of the empty directory over it */
		}
	}
	return plan_status(d, e);
}

int decide_masked_paths(struct decision *d, struct error *e)
{
	return add_paths(d, &decision_linux(d)->masked_paths, "linux.maskedPaths", "mask", e);
}

int decide_readonly_paths(struct decision *d, struct error *e)
{
	return add_paths(
		d, &decision_linux(d)->readonly_paths, "linux.readonlyPaths", "make read-only", e);
}

/*
 * Only what belongs to a namespace of the container's own may be set: the rest is the host's.
 * namespaces(7), ipc_namespaces(7), proc_sys_net(5)
 */
static const struct {
	const char *prefix; /* ends in '.': all below */
	enum oci_namespace_type type;
} namespaced_sysctls[] = {
	{ "net.", OCI_NS_NETWORK },
	{ "fs.mqueue.", OCI_NS_IPC },
	{ "kernel.msgmax", OCI_NS_IPC },
	{ "kernel.msgmnb", OCI_NS_IPC },
	{ "kernel.msgmni", OCI_NS_IPC },
	{ "kernel.msg_next_id", OCI_NS_IPC },
	{ "kernel.sem", OCI_NS_IPC },
	{ "kernel.sem_next_id", OCI_NS_IPC },
	{ "kernel.shmall", OCI_NS_IPC },
	{ "kernel.shmmax", OCI_NS_IPC },
	{ "kernel.shmmni", OCI_NS_IPC },
	{ "kernel.shm_next_id", OCI_NS_IPC },
	{ "kernel.shm_rmid_forced", OCI_NS_IPC },
	{ "kernel.domainname", OCI_NS_UTS },
	{ "kernel.hostname", OCI_NS_UTS },
	{ "user.", OCI_NS_USER },
};

static int check_sysctl(
	const struct decision *d, const char *key, const char *where, struct error *e)
{
	static const char *const names[OCI_NS_COUNT] = { [OCI_NS_NETWORK] = "network",
		[OCI_NS_IPC] = "ipc",
		[OCI_NS_UTS] = "uts",
		[OCI_NS_USER] = "user" };
	for (unsigned i = 0; i < sizeof namespaced_sysctls / sizeof namespaced_sysctls[0]; i++) {
		const char *prefix = namespaced_sysctls[i].prefix;
		size_t n = strlen(prefix);
		bool match = prefix[n - 1] == '.' ? strncmp(key, prefix, n) == 0
						  : strcmp(key, prefix) == 0;
		if (!match)
			continue;
		if (d->ns.mode[namespaced_sysctls[i].type] == NS_KEEP)
			return error_field(e, where,
				"%s would change the host: linux.namespaces has no %s namespace",
				key, names[namespaced_sysctls[i].type]);
		return 0;
	}
	return error_field(e, where, "%s belongs to no namespace: it would change the host", key);
}

/* a.b.c names a/b/c; a key with slashes is taken as the path itself, where '.' is an ordinary
 * character (net/ipv4/conf/eth0.100/forwarding): sysctl.d(5) */
static char *sysctl_file(struct decision *d, const char *key)
{
	char *path = arena_printf(d->arena, "sys/%s", key);
	if (path && !strchr(key, '/'))
		for (char *p = path; *p; p++)
			if (*p == '.')
				*p = '/';
	return path;
}

int decide_sysctls(struct decision *d, struct error *e)
{
	const struct string_map *m = &decision_linux(d)->sysctl;
	for (size_t i = 0; i < m->n; i++) {
		const char *where = plan_path(d, "linux.sysctl.%s", m->v[i].key);
		char *file = sysctl_file(d, m->v[i].key), *dotted = NULL;
		if (file)
			dotted = arena_strdup(d->arena, file + 4);
		if (!dotted)
			break;
		for (char *p = dotted; *p; p++)
			if (*p == '/')
				*p = '.';
		int r = check_sysctl(d, dotted, where, e);
		if (r < 0)
			return r;
		if (d->config->hostname && strcmp(dotted, "kernel.hostname") == 0)
			return error_field(e, where, "contradicts the property hostname");
		if (strstr(file, ".."))
			return error_field(e, where, "%s is not a sysctl's name", m->v[i].key);
		struct step *s = plan_add(d, where, "set sysctl %s = %s", dotted, m->v[i].value);
		if (s) {
			s->u.text.path = file;
			s->u.text.value = m->v[i].value;
		}
	}
	return plan_status(d, e);
}
