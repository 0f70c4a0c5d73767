/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cgroup/device_filter.h"
#include "cgroup/host.h"
#include "libocispec/runtime/resources.h"

/* Annotations that are unit properties: what follows is the property's name. */
#define CGROUP_SYSTEMD_PROPERTY "org.systemd.property."

/*
 * DECIDE: what to do about the container's cgroup on this host. Pure: no system call is reachable
 * from these functions, so that plans are tested as text and `oci-rt plan` can print them.
 */

enum cgroup_write_policy {
	CGROUP_WRITE_REQUIRE,
	/* The kernel may be without this file and the value still holds: "no limit", or a
	 * refinement of a limit that was written. */
	CGROUP_WRITE_IF_PRESENT,
	/* File missing: the next write says the same in other words. Written: skip the next. */
	CGROUP_WRITE_OR_NEXT,
	/* Two files check each other (quota and period, limit and memsw). On EINVAL it is tried
	 * again after the others. */
	CGROUP_WRITE_RETRY,
	CGROUP_WRITE_POLICY_COUNT
};

struct cgroup_write {
	unsigned dir; /* of plan.dirs */
	enum cgroup_write_policy policy;
	const char *file, *value;
	const char *json_path; /* linux.resources.memory.limit */
	const char *what;      /* "limit memory to 64 MiB" */
};

/* Controllers to pass on from the ancestor at this depth (0: the mount) to its children. */
struct cgroup_enable {
	unsigned depth;
	unsigned required; /* a limit needs it */
	unsigned wanted;   /* for statistics and later updates: a failure is no error */
	const char *extra; /* "+foo": asked for in `unified`, unknown to us; NULL */
};

struct cgroup_dir {
	const struct cgroup_hierarchy *hierarchy;
	const char *path; /* below the mount: "a/b/ID" */
	struct {
		size_t n;
		struct cgroup_enable *v;
	} enable; /* v2, in order of depth */
};

struct cgroup_plan {
	enum cgroup_mode mode;
	/* No directories: the container stays where we are. */
	struct {
		size_t n;
		struct cgroup_dir *v;
	} dirs;
	struct {
		size_t n;
		struct cgroup_write *v;
	} writes;
	/* v2: n is 0 where no filter is to be loaded */
	struct device_program device_filter;
	unsigned device_filter_dir;
	bool device_filter_only_new; /* no rules were given: leave a filter that is there alone */
	const char *required_by[CGROUP_CONTROLLER_COUNT]; /* JSON path of a limit */
	struct string_list degraded;			  /* what is left out, one sentence each */
	struct cgroup_location location;		  /* to be saved before cgroup_create() */
	const struct systemd_unit *systemd; /* NULL: the directories are ours to make */
};

int cgroup_decide(struct arena *arena, const struct cgroup_request *request,
	const struct cgroup_host *host, struct cgroup_plan *ret, struct error *e);

/* The path below the mount of this hierarchy, or NULL where there is no place that we may write
 * to; linux.cgroupsPath is checked. Part of cgroup_decide; cgroup_probe() looks along it. */
int cgroup_target(struct arena *arena, const struct cgroup_request *request,
	const struct cgroup_host *host, const struct cgroup_hierarchy *h, const char **ret,
	struct error *e);

/* Values in the cgroup that an update must know; unset at create. */
struct cgroup_current {
	struct opt_i64 memory_max;   /* -1: no limit */
	struct opt_u64 memory_usage; /* bytes */
	struct opt_i64 cpu_quota;    /* -1: no limit */
	struct opt_u64 cpu_period;
};
/* Only writes, the device filter and enable. `plan` comes with its directories. */
int cgroup_decide_limits(struct arena *arena, const struct cgroup_request *request,
	const struct cgroup_host *host, const struct cgroup_current *current,
	struct cgroup_plan *plan, struct error *e);

/* The JSON path of the first limit that is asked for; NULL: none. Device rules are none. */
const char *cgroup_first_limit(const struct oci_resources *resources);

/* The sentences of a plan, a line each: for `oci-rt plan` and the golden tests. */
const char *cgroup_plan_text(struct arena *arena, const struct cgroup_plan *plan);
