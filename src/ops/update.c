/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt update: new limits for a container that runs. HOST only. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "libocispec/document.h"
#include "ops/session.h"

enum { DOCUMENT_MAX = 1024 * 1024 };

static int read_resources(
	const char *file, struct arena *arena, const struct oci_resources **ret, struct error *e)
{
	bool is_stdin = strcmp(file, "-") == 0;
	const char *name = is_stdin ? "standard input" : file;
	char *text;
	size_t len = 0;
	struct oci_resources *resources;
	int r = is_stdin ? io_read_fd(STDIN_FILENO, DOCUMENT_MAX, arena, &text, &len)
			 : io_read_document(file, DOCUMENT_MAX, arena, &text, &len);
	if (r < 0)
		return error_errno(e, -r, is_stdin ? "%s" : "open resources file '%s'", name);
	r = oci_resources_decode(text, len, name, arena, &resources, e);
	if (r == 0)
		*ret = resources;
	return r;
}

static int check_schema(const char *line, const char *option, const char *start, struct error *e)
{
	if (!line || (strncmp(line, start, strlen(start)) == 0 && !strchr(line, '\n')))
		return 0;
	return error_set(e, ERROR_USAGE, EINVAL,
		"option '%s': must start with \"%s\" and be one line", option, start);
}

static int update_resctrl(struct session *s, const struct update_options *o, struct error *e)
{
	const char *l3 = o->l3_cache_schema, *mb = o->mem_bw_schema;
	if (!l3 && !mb)
		return 0;
	if (!s->container.resctrl)
		return error_set(e, ERROR_STATE, EINVAL,
			"container '%s' has no class of service: its config has no linux.intelRdt",
			o->id);
	const char *lines = arena_printf(
		&s->arena, "%s%s%s%s", l3 ? l3 : "", l3 ? "\n" : "", mb ? mb : "", mb ? "\n" : "");
	if (!lines)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	return resctrl_update(s->container.resctrl, lines, e);
}

static int update_cgroup(const struct global_options *g, struct session *s,
	const struct oci_resources *resources, struct error *e)
{
	if (!cgroup_exists(&s->container.cgroup))
		return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"cannot update container '%s': it has no cgroup of its own", s->entry.id);
	return cgroup_update(&s->arena, &s->container.cgroup, resources, is_rootless(g), e);
}

int op_update(const struct global_options *g, const struct update_options *o, struct error *e)
{
	AUTO_SESSION struct session s = SESSION_NONE;
	const struct oci_resources *resources = o->resources;
	int r = check_schema(o->l3_cache_schema, "--l3-cache-schema", "L3:", e);
	if (r == 0)
		r = check_schema(o->mem_bw_schema, "--mem-bw-schema", "MB:", e);
	/* before the lock is taken: standard input may be slow */
	if (r == 0 && o->resources_file)
		r = read_resources(o->resources_file, &s.arena, &resources, e);
	if (r == 0)
		r = session_open(g, o->id, STATE_LOCK, &s, e);
	if (r == 0)
		r = session_check_alive(&s, e);
	if (r == 0)
		r = update_resctrl(&s, o, e);
	if (r == 0 && resources)
		r = update_cgroup(g, &s, resources, e);
	return r;
}
