/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "cgroup/cgroup.h"
#include "cgroup/controllers.h"
#include "cgroup/systemd_unit.h"

/* What is asked for: pointers into the config and the options. */
struct cgroup_request {
	const char *id;			       /* the container's */
	const char *cgroups_path;	       /* linux.cgroupsPath, NULL: none */
	const struct oci_resources *resources; /* linux.resources, NULL: none */
	enum cgroup_manager manager;
	/* with the systemd manager */
	const char *bundle;
	const char *subgroup;		      /* run.oci.systemd.subgroup; NULL or "": none */
	const struct string_map *annotations; /* org.systemd.property.*; NULL: none */
	/* Not real root: not uid 0 of the initial user namespace. Device filters cannot be loaded
	 * then, and the place is looked for below what was delegated to us. */
	bool is_rootless;
	bool is_required, is_skipped; /* a cgroup of its own: --degrade=cgroup=... */
	bool is_update;		      /* of a container that exists: what is not given stays */
};

enum cgroup_mode {
	CGROUP_MODE_NONE,
	CGROUP_MODE_UNIFIED,
	CGROUP_MODE_LEGACY, /* v1 alone */
	CGROUP_MODE_HYBRID, /* v1, and a v2 hierarchy beside it */
	CGROUP_MODE_COUNT
};
extern const char *const cgroup_mode_names[CGROUP_MODE_COUNT];

/* A cgroup that exists, on the way from the mount to the container's. */
struct cgroup_level {
	const char *path; /* below the mount, no slash at either end; "": the mount itself */
	bool can_create;  /* we may make directories in it */
	/* v2 only */
	unsigned available; /* cgroup.controllers */
	unsigned enabled;   /* cgroup.subtree_control */
	bool can_enable;    /* we may write cgroup.subtree_control */
};

struct cgroup_hierarchy {
	bool is_v2;
	bool is_read_only;
	const char *name;	/* "cpu,cpuacct", "name=systemd"; v2: "" */
	unsigned controllers;	/* v2: at the mount; those bound to v1 are not among them */
	const char *mount;	/* /sys/fs/cgroup/memory */
	const char *mount_root; /* the cgroup that the mount shows: field 4 of mountinfo */
	/* This process's own cgroup below the mount ("" is the mount), NULL: not below it. */
	const char *own;
	bool can_create_in_own, can_create_beside_own; /* looked at only where is_rootless */
	struct {
		size_t n;
		struct cgroup_level *v;
	} levels; /* the ancestors of the container's cgroup that exist, the mount first */
	bool target_exists;
};

/* Plain data: tests make up machines. */
struct cgroup_host {
	enum cgroup_mode mode;
	size_t n;
	struct cgroup_hierarchy *v;
	struct systemd_facts systemd; /* asked for where it is the manager */
};

/* Read the facts that cgroup_decide() needs for this request. Where /sys/fs/cgroup is a v2 mount:
 * statfs, /proc/self/cgroup and two small files a level; no mountinfo. */
int cgroup_probe(struct arena *arena, const struct cgroup_request *request, struct cgroup_host *ret,
	struct error *e);

/* The same for a container that exists, by its saved location. Hierarchies that it is not in have
 * no levels. */
int cgroup_probe_location(struct arena *arena, const struct cgroup_location *location,
	struct cgroup_host *ret, struct error *e);
/* PURE. Its directory below the mount of this hierarchy, NULL: it is not in it. */
const char *cgroup_location_below(
	const struct cgroup_location *location, const struct cgroup_hierarchy *h);

/* PURE: the hierarchies from the texts of /proc/self/cgroup and /proc/self/mountinfo. */
int cgroup_host_parse(struct arena *arena, const char *self_cgroup, const char *mountinfo,
	struct cgroup_host *ret);

/* PURE: 2 for "a/b". */
size_t cgroup_path_components(const char *path);
