/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "libocispec/arena.h"
#include "libocispec/error.h"
#include "libocispec/values.h"

/*
 * The container's cgroup. The work is split as everywhere: host.h reads what this machine has,
 * plan.h decides without a system call, and the functions below act. All of them run in HOST.
 *
 * In the order of use at create:
 *   cgroup_probe()   facts                                   (host.h)
 *   cgroup_decide()  facts + config -> struct cgroup_plan    (plan.h)
 *   -- save plan.location: from here on a crash leaves nothing that `delete` cannot find --
 *   cgroup_create()  directories, controllers, limits; the v2 directory for
 *		      clone3(CLONE_INTO_CGROUP)
 *   cgroup_attach()  the v1 hierarchies, and v2 where clone3 could not
 * With the systemd manager cgroup_start_unit() takes the place of the last two: a unit is made
 * around a process that exists.
 */

/* Who makes the container's cgroup. Saved in the state: --systemd-cgroup comes on create alone. */
enum cgroup_manager {
	CGROUP_MANAGER_CGROUPFS,
	CGROUP_MANAGER_SYSTEMD,
	CGROUP_MANAGER_DISABLED,
	CGROUP_MANAGER_COUNT
};

/* Where a container's cgroup is, as the state keeps it: enough to find, kill and remove it. */
struct cgroup_location {
	enum cgroup_manager manager;
	/* Absolute directories that we make, each before its children. A directory that existed
	 * before us is not among them and is not removed. Written before creation starts, so some
	 * of them may not exist. */
	struct string_list created;
	const char *unified;   /* its directory in the v2 hierarchy, or NULL */
	struct string_list v1; /* "memory=/sys/fs/cgroup/memory/x": controller=directory */
	/* NULL unless manager is systemd: the unit, what it says of itself, and whose it is */
	const char *systemd_scope, *systemd_description;
	bool systemd_user;
};

struct cgroup_plan;
struct oci_resources;

struct pid_list {
	size_t n;
	pid_t *v;
};

/* False: the container has no cgroup of its own, and the functions below that need one return
 * -ENODEV. Kill it through its pidfd and its PID namespace. */
bool cgroup_exists(const struct cgroup_location *location);

/* *ret_v2_dir_fd is -1 where the container has no directory in a v2 hierarchy. On failure what was
 * made is removed again. */
int cgroup_create(const struct cgroup_plan *plan, int *ret_v2_dir_fd, struct error *e);

/* Right before cgroup_create(), for a container whose name is taken by now: what was there when the
 * plan was made, and has gone since with another container of this name, is ours to remove, too. */
int cgroup_claim(const struct cgroup_plan *plan, struct arena *arena,
	struct cgroup_location *location, struct error *e);

/* v2, and where the plan has one: replaces the filters of the cgroup, atomically where there is one
 * (Linux 5.6). Apart from cgroup_create(), so that init can go on meanwhile: it takes as long as
 * all that. */
int cgroup_attach_device_filter(const struct cgroup_plan *plan, struct error *e);

/* Have systemd make the unit, with this process in it; then what cgroup_create() does in the unit's
 * directories. On failure the unit is gone again. */
int cgroup_start_unit(const struct cgroup_plan *plan, pid_t pid, struct error *e);
/* For a creation that failed after cgroup_start_unit(). */
void cgroup_undo_unit(const struct cgroup_location *location);
/* The container's unit is gone, and another container has one of the same name: what is in its
 * cgroup is not ours to kill. */
bool cgroup_is_of_another(const struct cgroup_location *location);
/*
 * Sub-cgroups: each "PATH", for all hierarchies, or "CONTROLLER[,CONTROLLER]:PATH" for those of v1.
 * The last one that fits a hierarchy holds; none (or NULL): the container's own directory.
 */
/* Its v2 directory, or that of its sub-cgroup; *ret_fd -1: none. */
int cgroup_open_v2(const struct cgroup_location *location, const struct string_list *subs,
	int *ret_fd, struct error *e);
/* Put a process in every hierarchy. With v1_only the v2 one is left out: clone3 did it. */
int cgroup_attach(const struct cgroup_location *location, const struct string_list *subs, pid_t pid,
	bool v1_only, struct error *e);
/* Put a process where `other`, a process of this container, stands in the v2 hierarchy: an init
 * that is a service manager leaves its first cgroup, passes controllers on there, and then none may
 * enter it (cgroup-v2.rst, "No Internal Process Constraint"); or the first one
 * has been removed since. */
int cgroup_attach_beside(
	const struct cgroup_location *location, pid_t other, pid_t pid, struct error *e);

/* Where we may not write: systemd puts the process into the container's unit, or a sub-cgroup of
 * it. -EOPNOTSUPP: the container is in no unit. */
int cgroup_attach_by_manager(const struct cgroup_location *location, const struct string_list *subs,
	pid_t pid, struct error *e);

/* Make the sub-cgroup `name` (v2), give it to this user of the host (-1: leave it ours), put the
 * process there and pass on to it what controllers there are. cgroup-v2.rst, "Delegation". */
int cgroup_delegate(const struct cgroup_location *location, const char *name, uid_t uid, gid_t gid,
	pid_t pid, struct error *e);

/* Every process of the cgroup and its sub-cgroups. Atomic for SIGKILL on v2 (Linux 5.14), else on a
 * frozen cgroup, bounded. A cgroup that is gone or empty is success. */
int cgroup_kill(const struct cgroup_location *location, int signal, struct error *e);
/* Pids as this process's PID namespace sees them. */
int cgroup_procs(const struct cgroup_location *location, struct arena *arena, struct pid_list *ret,
	struct error *e);

/* Returns when the whole subtree is frozen; on failure it is thawed again. */
int cgroup_freeze(const struct cgroup_location *location, struct error *e);
int cgroup_thaw(const struct cgroup_location *location, struct error *e);
/* -EXDEV: its hierarchy is not mounted in this mount namespace. False where the cgroup is gone. */
int cgroup_is_frozen(const struct cgroup_location *location, bool *ret, struct error *e);

/* New limits for a cgroup that exists; what is not in `resources` stays. */
int cgroup_update(struct arena *arena, const struct cgroup_location *location,
	const struct oci_resources *resources, bool is_rootless, struct error *e);

/* Remove what we made, sub-cgroups included, after thawing. Processes must be dead or dying: waits
 * for them, bounded. Nothing there is success. */
int cgroup_destroy(const struct cgroup_location *location, struct error *e);
/* For a creation that failed later on: as cgroup_destroy, quietly. */
void cgroup_undo(const struct cgroup_location *location);
