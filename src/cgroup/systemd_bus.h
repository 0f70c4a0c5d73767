/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "cgroup/systemd_unit.h"

/*
 * What is asked of systemd, on the bus. All of them run in HOST and connect for the time of the
 * call: a connection that a child inherits would take signals that nobody reads.
 *
 * Each fails with -EOPNOTSUPP in a build without systemd. `is_user`: the user's manager, and never
 * the system's.
 */

/* Facts about the manager. */
int systemd_probe(struct arena *arena, bool is_user, struct systemd_facts *ret, struct error *e);

/* Returns when the unit is there with `pid` in it (not in a slice, which takes none), and its
 * cgroup is where it was planned to be. A failed unit of the same name is reset, one in use is
 * -EEXIST. On failure nothing is left. */
int systemd_start(const struct systemd_unit *unit, pid_t pid, struct error *e);

/* Stop the unit. After: its processes are dead, its cgroups gone. 1: it has another description, so
 * it is another's, and stays. -ENOTCONN: the manager cannot be reached. */
int systemd_stop(const char *name, const char *description, bool is_user, struct error *e);
bool systemd_is_of_another(const char *name, const char *description, bool is_user);

int systemd_set(const char *name, bool is_user, const struct systemd_properties *properties,
	struct error *e);
/* Move a process to the unit, into its cgroup `below` ("": its own). */
int systemd_attach(const char *name, bool is_user, const char *below, pid_t pid, struct error *e);
