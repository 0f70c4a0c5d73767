/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt pause and resume. HOST only. */
#include <errno.h>

#include "ops/session.h"

static int check_has_cgroup(const struct session *s, const char *verb, struct error *e)
{
	if (!cgroup_exists(&s->container.cgroup))
		return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"cannot %s container '%s': it has no cgroup of its own", verb,
			s->container.id);
	return 0;
}

int op_pause(const struct global_options *g, const char *id, struct error *e)
{
	AUTO_SESSION struct session s = SESSION_NONE;
	int r = session_open(g, id, STATE_LOCK, &s, e);
	if (r == 0)
		r = session_check_alive(&s, e);
	if (r == 0 && s.status == OCI_STATUS_PAUSED)
		return error_set(e, ERROR_STATE, EALREADY, "container already paused");
	if (r == 0)
		r = check_has_cgroup(&s, "pause", e);
	return r < 0 ? r : cgroup_freeze(&s.container.cgroup, e);
}

int op_resume(const struct global_options *g, const char *id, struct error *e)
{
	AUTO_SESSION struct session s = SESSION_NONE;
	int r = session_open(g, id, STATE_LOCK, &s, e);
	if (r == 0)
		r = session_check_alive(&s, e);
	if (r == 0 && s.status != OCI_STATUS_PAUSED)
		return error_set(e, ERROR_STATE, EINVAL, "container not paused");
	return r < 0 ? r : cgroup_thaw(&s.container.cgroup, e);
}
