/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a container as /proc shows them. Runs as HOST; changes nothing, and takes no
 * word of the container for more than a word. */
#include "inspect/look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/mountinfo.h"
#include "plan/namespace_types.h"

enum { FILE_MAX = 1 << 20 };

const char *const cap_set_names[CAP_SET_COUNT] = { "inheritable", "permitted", "effective",
	"bounding", "ambient" };

char *seen_text(struct arena *arena, const char *s, size_t n)
{
	char *text = arena_strndup(arena, s, n);
	for (char *c = text; c && *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return text;
}

static const char *value_of(const char *status, const char *key)
{
	size_t n = strlen(key);
	for (const char *line = status; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0 && line[n] == ':')
			return line + n + 1 + strspn(line + n + 1, "\t ");
	}
	return NULL;
}

static uint64_t number_of(const char *status, const char *key, int base)
{
	const char *value = value_of(status, key);
	return value ? strtoull(value, NULL, base) : 0;
}

static void read_status(struct arena *arena, const char *text, struct seen_process *p)
{
	static const char *const keys[CAP_SET_COUNT] = { "CapInh", "CapPrm", "CapEff", "CapBnd",
		"CapAmb" };
	const char *name = value_of(text, "Name");
	for (int i = 0; i < CAP_SET_COUNT; i++)
		p->caps[i] = number_of(text, keys[i], 16);
	p->name = name ? seen_text(arena, name, strcspn(name, "\n")) : "";
	p->no_new_privs = number_of(text, "NoNewPrivs", 10) != 0;
	p->seccomp_mode = (uint32_t)number_of(text, "Seccomp", 10);
	p->n_filters = value_of(text, "Seccomp_filters")
			       ? (int64_t)number_of(text, "Seccomp_filters", 10)
			       : -1;
}

/* 0: no such namespace. */
static uint64_t namespace_inode(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static uint64_t namespace_of(const char *pid, int type)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, namespace_types[type].file);
	return namespace_inode(path);
}

static int look_at_process(
	struct arena *arena, pid_t pid, struct seen_process *ret, struct error *e)
{
	char *text, number[16], file[64];
	snprintf(number, sizeof number, "%d", pid);
	snprintf(file, sizeof file, "/proc/%d/status", pid);
	int r = io_read_file(AT_FDCWD, file, FILE_MAX, arena, &text, NULL);
	if (r < 0)
		return r == -ENOENT || r == -ESRCH ? -ESRCH : error_errno(e, -r, "read %s", file);
	ret->pid = pid;
	read_status(arena, text, ret);
	for (int t = 0; t < OCI_NS_COUNT; t++) {
		uint64_t theirs = namespace_of(number, t);
		if (theirs && theirs == namespace_of("self", t))
			ret->host_ns |= 1U << t;
	}
	snprintf(file, sizeof file, "/proc/%d/attr/current", pid);
	/* EINVAL where no security module answers */
	if (io_read_file(AT_FDCWD, file, 4096, arena, &text, NULL) == 0)
		ret->label = seen_text(arena, text, strcspn(text, "\n"));
	return 0;
}

static int look_at_processes(
	struct arena *arena, const struct process_list *list, struct seen *ret, struct error *e)
{
	ret->processes.v = ARENA_ARRAY(arena, list->n, struct seen_process);
	if (!ret->processes.v)
		return error_errno(e, ENOMEM, "container's processes");
	for (size_t i = 0; i < list->n; i++) {
		struct seen_process *p = &ret->processes.v[ret->processes.n];
		int r = look_at_process(arena, list->v[i], p, e);
		if (r == -ESRCH && i > 0)
			continue; /* it has ended since */
		if (r < 0)
			return r == -ESRCH
				       ? error_set(e, ERROR_STATE, ESRCH, "container not running")
				       : r;
		p->outside_cgroup = list->outside_cgroup[i];
		ret->processes.n++;
	}
	return 0;
}

/* user_namespaces(7): "         0     100000      65536" */
static int look_at_map(struct arena *arena, int proc_fd, const char *file,
	struct oci_id_mapping_list *ret, struct error *e)
{
	char *text;
	int r = io_read_file(proc_fd, file, FILE_MAX, arena, &text, NULL);
	if (r < 0)
		return error_errno(e, -r, "read %s of the container's init", file);
	struct span rest = { text, strlen(text) }, line;
	size_t n = 0;
	for (const char *c = text; *c; c++)
		n += *c == '\n';
	ret->v = ARENA_ARRAY(arena, n + 1, struct oci_id_mapping);
	if (!ret->v)
		return error_errno(e, ENOMEM, "id map");
	while (ret->n < n && span_next(&rest, '\n', &line)) {
		struct oci_id_mapping *m = &ret->v[ret->n];
		if (sscanf(line.s, "%u %u %u", &m->container_id, &m->host_id, &m->size) == 3)
			ret->n++;
	}
	return 0;
}

static void look_at_namespaces(const struct oci_config *config, pid_t pid, struct seen *ret)
{
	char number[16];
	snprintf(number, sizeof number, "%d", pid);
	for (int t = 0; t < OCI_NS_COUNT; t++)
		ret->ns_inode[t] = namespace_of(number, t);
	for (size_t i = 0; config->linux_ && i < config->linux_->namespaces.n; i++) {
		const struct oci_namespace *ns = &config->linux_->namespaces.v[i];
		if (ns->path)
			ret->ns_asked[ns->type] = namespace_inode(ns->path);
	}
}

int inspect_look(struct arena *arena, const struct oci_config *config,
	const struct process_list *list, struct seen *ret, struct error *e)
{
	char path[32];
	*ret = (struct seen){ .pid = list->v[0] };
	snprintf(path, sizeof path, "/proc/%d", list->v[0]);
	AUTO_CLOSE int proc_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0)
		return error_set(e, ERROR_STATE, ESRCH, "container not running");
	look_at_namespaces(config, list->v[0], ret);
	int r = look_at_processes(arena, list, ret, e);
	if (r == 0)
		r = look_at_map(arena, proc_fd, "uid_map", &ret->uid_map, e);
	if (r == 0)
		r = look_at_map(arena, proc_fd, "gid_map", &ret->gid_map, e);
	if (r == 0)
		r = look_at_mounts_of(arena, proc_fd, ret, e);
	if (r == 0)
		r = look_at_paths(arena, proc_fd, config, ret, e);
	if (r == 0)
		r = look_at_descriptors(arena, proc_fd, ret, e);
	return r == 0 && arena_failed(arena) ? error_errno(e, ENOMEM, "container's state") : r;
}
