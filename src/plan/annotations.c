/* SPDX-License-Identifier: Apache-2.0 */
/* The annotations that are honoured, and what each may hold. PURE. */
#include "plan/annotations.h"

#include "cgroup/plan.h"
#include "plan/emulation.h"
#include "plan/idmap.h"
#include "plan/policy.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static int check_absolute(const char *path, const char *value, struct error *e)
{
	return value[0] == '/' ? 0 : error_field(e, path, "'%s' is not an absolute path", value);
}

static int check_mount_context(const char *path, const char *value, struct error *e)
{
	static const char *const types[] = { "context", "fscontext", "defcontext", "rootcontext" };
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i], value) == 0)
			return 0;
	return error_field(e, path,
		"expected context, fscontext, defcontext or rootcontext, found '%s'", value);
}

/* crun looks at its presence alone, and Podman writes 1: "0" would say the opposite of what it
 * does. */
static int check_one(const char *path, const char *value, struct error *e)
{
	return strcmp(value, "1") == 0 ? 0 : error_field(e, path, "expected 1, found '%s'", value);
}

/* One directory below the container's cgroup, and no other: not "..", not "a/b". */
static int check_cgroup_name(const char *path, const char *value, struct error *e)
{
	if (!*value || strchr(value, '/') || !strcmp(value, ".") || !strcmp(value, "..") ||
		strlen(value) > 255)
		return error_field(e, path, "'%s' is not the name of a cgroup", value);
	return 0;
}

static int check_subgroup(const char *path, const char *value, struct error *e)
{
	return *value ? check_cgroup_name(path, value, e) : 0;
}

static int check_absolute_or_none(const char *path, const char *value, struct error *e)
{
	return *value ? check_absolute(path, value, e) : 0;
}

/* The name is only a start: src/cgroup reads what begins with it. */
static int check_no_property(const char *path, const char *value, struct error *e)
{
	return error_field(e, path, "the name of a property is missing");
}

static const struct {
	const char *name;
	/* NULL: reading it, in derive(), is the check */
	int (*check)(const char *json_path, const char *value, struct error *e);
} rows[] = {
	[ANNOTATION_SECCOMP_RECEIVER] = { "run.oci.seccomp.receiver", check_absolute },
	[ANNOTATION_PIDFD_RECEIVER] = { "run.oci.pidfd_receiver", check_absolute },
	[ANNOTATION_MOUNT_CONTEXT] = { "run.oci.mount_context_type", check_mount_context },
	[ANNOTATION_HOOKS_STDOUT] = { "run.oci.hooks.stdout", check_absolute },
	[ANNOTATION_HOOKS_STDERR] = { "run.oci.hooks.stderr", check_absolute },
	[ANNOTATION_KEEP_GROUPS] = { "run.oci.keep_original_groups", check_one },
	[ANNOTATION_DELEGATE_CGROUP] = { "run.oci.delegate-cgroup", check_cgroup_name },
	[ANNOTATION_SYSTEMD_SUBGROUP] = { "run.oci.systemd.subgroup", check_subgroup },
	[ANNOTATION_IDMAP] = { "org.oci-rt.idmap", idmap_check_annotation },
	[ANNOTATION_EMULATE_IDS] = { "org.oci-rt.emulate-ids", emulation_check_annotation },
	[ANNOTATION_DEGRADE] = { "org.oci-rt.degrade", policies_check_annotation },
	[ANNOTATION_LANDLOCK] = { "org.oci-rt.landlock", NULL },
	[ANNOTATION_CRIU_CONFIG] = { "org.criu.config", check_absolute_or_none },
	[ANNOTATION_SYSTEMD_PROPERTY] = { CGROUP_SYSTEMD_PROPERTY, check_no_property },
};
static_assert(sizeof rows / sizeof rows[0] == ANNOTATION_COUNT, "one row for each annotation");

const char *annotation_name(enum annotation which)
{
	return rows[which].name;
}

const char *annotation_value(const struct string_map *annotations, enum annotation which)
{
	for (size_t i = 0; i < annotations->n; i++)
		if (strcmp(annotations->v[i].key, rows[which].name) == 0)
			return annotations->v[i].value;
	return NULL;
}

int annotations_check(const struct string_map *annotations, struct error *e)
{
	for (int a = 0; a < ANNOTATION_COUNT; a++) {
		const char *value = annotation_value(annotations, (enum annotation)a);
		char path[96];
		snprintf(path, sizeof path, "annotations.%s", rows[a].name);
		int r = value && rows[a].check ? rows[a].check(path, value, e) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}
