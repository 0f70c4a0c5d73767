/* SPDX-License-Identifier: Apache-2.0 */
/* What `inspect --security --json` prints. */
#include "ops/inspect_json.h"

#include <errno.h>
#include <linux/mount.h>
#include <stdio.h>

#include "libocispec/json_writer.h"
#include "libocispec/names.h"
#include "libocispec/runtime/tables.h"
#include "plan/namespace_types.h"

static void key(struct json_writer *w, const char *name)
{
	json_write_string(w, name);
}

static void text(struct json_writer *w, const char *name, const char *value)
{
	if (!value)
		return;
	key(w, name);
	json_write_string(w, value);
}

static void number(struct json_writer *w, const char *name, int64_t value)
{
	key(w, name);
	json_write_i64(w, value);
}

static void boolean(struct json_writer *w, const char *name, bool value)
{
	key(w, name);
	json_write_bool(w, value);
}

static void write_namespaces(struct json_writer *w, const struct seen *s)
{
	key(w, "namespaces");
	json_begin_object(w);
	for (int t = 0; t < OCI_NS_COUNT; t++) {
		if (!s->ns_inode[t])
			continue;
		key(w, namespace_types[t].name);
		json_begin_object(w);
		key(w, "inode");
		json_write_u64(w, s->ns_inode[t]);
		boolean(w, "host", s->processes.v[0].host_ns & 1U << t);
		json_end_object(w);
	}
	json_end_object(w);
}

static void write_map(struct json_writer *w, const char *name, const struct oci_id_mapping_list *l)
{
	key(w, name);
	json_begin_array(w);
	for (size_t i = 0; i < l->n; i++) {
		json_begin_object(w);
		number(w, "containerID", l->v[i].container_id);
		number(w, "hostID", l->v[i].host_id);
		number(w, "size", l->v[i].size);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_caps(struct json_writer *w, const struct seen_process *p)
{
	key(w, "capabilities");
	json_begin_object(w);
	for (int s = 0; s < CAP_SET_COUNT; s++) {
		key(w, cap_set_names[s]);
		json_begin_array(w);
		for (int i = 0; i < 64; i++) {
			const char *name = names_of(&oci_capability_names, i);
			if (name && (p->caps[s] & UINT64_C(1) << i))
				json_write_string(w, name);
		}
		json_end_array(w);
	}
	json_end_object(w);
}

static void write_processes(struct json_writer *w, const struct seen *s)
{
	key(w, "processes");
	json_begin_array(w);
	for (size_t i = 0; i < s->processes.n; i++) {
		const struct seen_process *p = &s->processes.v[i];
		json_begin_object(w);
		number(w, "pid", p->pid);
		text(w, "name", p->name);
		write_caps(w, p);
		boolean(w, "noNewPrivileges", p->no_new_privs);
		number(w, "seccompMode", p->seccomp_mode);
		if (p->n_filters >= 0)
			number(w, "seccompFilters", p->n_filters);
		text(w, "label", p->label);
		boolean(w, "inCgroup", !p->outside_cgroup);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_mounts(struct json_writer *w, const struct seen *s)
{
	key(w, "mounts");
	json_begin_array(w);
	for (size_t i = 0; i < s->all_mounts.n; i++) {
		const struct seen_mount *m = &s->all_mounts.v[i];
		json_begin_object(w);
		text(w, "destination", m->point);
		text(w, "type", m->type);
		text(w, "options", m->options);
		text(w, "superOptions", m->super_options);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_paths(struct json_writer *w, const char *name, const struct string_list *paths,
	const struct seen_path *seen, bool masks)
{
	key(w, name);
	json_begin_array(w);
	for (size_t i = 0; i < paths->n; i++) {
		const struct seen_path *p = &seen[i];
		bool holds = masks ? p->is_masked : p->attributes & MOUNT_ATTR_RDONLY;
		json_begin_object(w);
		text(w, "path", paths->v[i]);
		text(w, "state",
			p->state == SEEN_ABSENT	   ? "absent"
			: p->state == SEEN_UNKNOWN ? "unknown"
			: holds			   ? (masks ? "masked" : "read-only")
						   : "open");
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_descriptors(struct json_writer *w, const struct seen *s)
{
	key(w, "descriptors");
	json_begin_array(w);
	for (size_t i = 0; i < s->descriptors.n; i++) {
		json_begin_object(w);
		number(w, "fd", s->descriptors.v[i].fd);
		text(w, "target", s->descriptors.v[i].target);
		boolean(w, "host", s->descriptors.v[i].of_host);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_findings(struct json_writer *w, const struct findings *f)
{
	key(w, "findings");
	json_begin_array(w);
	for (size_t i = 0; i < f->n; i++) {
		json_begin_object(w);
		text(w, "property", f->v[i].property);
		text(w, "text", f->v[i].text);
		json_end_object(w);
	}
	json_end_array(w);
}

int inspect_print_json(const struct container *c, const struct oci_config *config,
	const struct seen *seen, const struct findings *findings, struct error *e)
{
	struct json_writer *w = json_writer_new(findings->arena, true);
	char *document;
	if (!w)
		return error_errno(e, ENOMEM, "write what was seen");
	json_begin_object(w);
	text(w, "id", c->id);
	number(w, "pid", seen->pid);
	write_namespaces(w, seen);
	write_map(w, "uidMappings", &seen->uid_map);
	write_map(w, "gidMappings", &seen->gid_map);
	text(w, "cgroup", c->cgroup.unified);
	write_processes(w, seen);
	write_mounts(w, seen);
	if (config->linux_) {
		write_paths(w, "maskedPaths", &config->linux_->masked_paths, seen->masked, true);
		write_paths(
			w, "readonlyPaths", &config->linux_->readonly_paths, seen->readonly, false);
	}
	write_descriptors(w, seen);
	write_findings(w, findings);
	json_end_object(w);
	int r = json_writer_finish(w, &document, NULL);
	if (r < 0)
		return error_errno(e, -r, "write what was seen");
	fputs(document, stdout);
	return 0;
}
