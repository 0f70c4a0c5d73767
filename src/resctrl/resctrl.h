/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "libocispec/arena.h"
#include "libocispec/error.h"
#include "libocispec/runtime/linux.h"

/*
 * The kernel's resource control filesystem: classes of service for caches and memory bandwidth, and
 * their monitoring. Source: the kernel's Documentation/filesystems/resctrl.rst;
 * config-linux.md#intelrdt. Split as src/cgroup is: probe reads, decide is pure, the rest acts. All
 * of it runs in HOST.
 */

/* What is there before a container is made. */
struct resctrl_host {
	const char *mount;    /* NULL: not mounted */
	bool exists;	      /* the class of service that the config names */
	const char *schemata; /* its file; NULL: it has none, so it is no class of service */
};

/* Of a container, as the state keeps it. Written before anything is made. */
struct resctrl_group {
	const char *path;    /* absolute */
	const char *monitor; /* its monitoring group, absolute; NULL: none */
	bool created;	     /* we make `path`, so we remove it */
};

struct resctrl_plan {
	const char *mount;
	struct resctrl_group group;
	bool make;	      /* the class of service is not there yet */
	const char *schemata; /* lines to write; NULL: none */
};

/* The name of the class of service: closID, else the container's id; "" for the default one. */
const char *resctrl_name(const struct oci_intel_rdt *config, const char *id);

/* Where is it mounted, and what does it have of `name`? A host without it is no error. */
int resctrl_probe(struct arena *arena, const char *name, struct resctrl_host *ret, struct error *e);

/* The same where it is known to be mounted on `mount`. */
int resctrl_look(struct arena *arena, const char *mount, const char *name, struct resctrl_host *ret,
	struct error *e);

/* PURE. -EINVAL or -EOPNOTSUPP with the JSON path. */
int resctrl_decide(struct arena *arena, const struct oci_intel_rdt *config, const char *id,
	const struct resctrl_host *host, struct resctrl_plan *ret, struct error *e);
/* PURE. Does the schemata file's text have every value of this line? Lines are "L3:0=7f0;1=1f";
 * values are compared as numbers, so that 07f0 is 7f0, and domains in any order. */
bool resctrl_schemata_has(const char *text, const char *line);

/* Make the groups and write the schemata. On failure what was made is removed again. */
int resctrl_create(const struct resctrl_plan *plan, struct error *e);
/* Put a process, and what it will fork, into the groups. */
int resctrl_attach(const struct resctrl_group *group, pid_t pid, struct error *e);
/* New schemata for a group that exists: lines, each with its line break. */
int resctrl_update(const struct resctrl_group *group, const char *schemata, struct error *e);
/* Remove what belongs to the container alone. Nothing there is success. */
int resctrl_destroy(const struct resctrl_group *group, struct error *e);
/* For a creation that failed later on: all that resctrl_create() made, quietly. */
void resctrl_undo(const struct resctrl_plan *plan);
