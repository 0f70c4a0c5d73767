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

int op_update(const struct global_options *g, const struct update_options *o, struct error *e)
{
	AUTO_SESSION struct session s = SESSION_NONE;
	const struct oci_resources *resources = o->resources;
	int r = 0;
	/* before the lock is taken: standard input may be slow */
	if (o->resources_file)
		r = read_resources(o->resources_file, &s.arena, &resources, e);
	if (r == 0)
		r = session_open(g, o->id, STATE_LOCK, &s, e);
	if (r == 0)
		r = session_check_alive(&s, e);
	if (r == 0 && !cgroup_exists(&s.container.cgroup))
		return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"cannot update container '%s': it has no cgroup of its own", o->id);
	return r < 0 ? r
		     : cgroup_update(&s.arena, &s.container.cgroup, resources, is_rootless(g), e);
}
