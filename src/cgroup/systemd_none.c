/* SPDX-License-Identifier: Apache-2.0 */
/* A build without systemd: refuses by name. */
#include <errno.h>

#include "cgroup/systemd_bus.h"

static int missing(struct error *e)
{
	return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
		"this build has no systemd cgroup manager (-Dsystemd); use "
		"--cgroup-manager=cgroupfs");
}

int systemd_probe(struct arena *arena, bool is_user, struct systemd_facts *ret, struct error *e)
{
	return missing(e);
}

int systemd_start(const struct systemd_unit *unit, pid_t pid, struct error *e)
{
	return missing(e);
}

int systemd_stop(const char *name, const char *description, bool is_user, struct error *e)
{
	return missing(e);
}

bool systemd_is_of_another(const char *name, const char *description, bool is_user)
{
	return false;
}

int systemd_set(const char *name, bool is_user, const struct systemd_properties *properties,
	struct error *e)
{
	return missing(e);
}

int systemd_attach(const char *name, bool is_user, const char *below, pid_t pid, struct error *e)
{
	return missing(e);
}
