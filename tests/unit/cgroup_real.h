/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* After <cmocka.h>. What the tests on real cgroups share. argv[1]: "host" takes this machine's
 * hierarchies as they are; "v2" and "v1" work in a private view with hierarchies of that version
 * alone. Skipped (77) where we are not root or have no cgroups. The machine's own cgroups are left
 * alone, and a controller that had to be passed on is taken back. */

#include <stdbool.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "cgroup/plan.h"
#include "libocispec/arena.h"

#define SET(value)                                                                                 \
	{                                                                                          \
		true, value                                                                        \
	}

extern struct arena arena;
extern char id[64];
extern char scratch[64]; /* a directory for the tests' own files */

/* Is r an error? Then the test ends here. */
void must(int r, const struct error *e);
struct cgroup_host probe(const struct cgroup_request *request);
/* path NULL: one of its own; resources NULL: no limits */
struct cgroup_plan plan_for(const char *path, const struct oci_resources *resources);
/* Directory of the container that has this controller, NULL: not on this machine. */
const char *dir_of(const struct cgroup_plan *plan, enum cgroup_controller c);
void assert_file(const char *dir, const char *file, const char *wanted);
bool exists(const char *path);
void assert_all_gone(const struct cgroup_plan *plan);
/* A child inside the container's cgroup, as create does it. */
pid_t spawn(const struct cgroup_plan *plan, int v2_fd, void (*body)(void *), void *arg);
void sleep_for_ever(void *arg);
void reap(pid_t pid, int signal);
int cgroup_real_run(int argc, char **argv, const struct CMUnitTest *tests, size_t n);
