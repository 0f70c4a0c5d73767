/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/error.h"
#include "libocispec/values.h"

/*
 * What may be left out or replaced where a host cannot do it, and who decides that: --degrade, the
 * annotation org.oci-rt.degrade, or a default that follows from the config. Security controls and
 * resource limits are no parts: they hold, or there is no container. PURE.
 */
enum part {
	PART_CGROUP,
	PART_DEVICES,
	PART_OOM_SCORE,
	PART_RLIMITS,
	PART_SYSFS,
	PART_TTY_GROUP,
	PART_COUNT
};

enum policy {
	POLICY_DEFAULT, /* what the config asks for decides */
	POLICY_REQUIRE, /* it is an error */
	POLICY_PREFER,	/* the next best thing, which is said */
	POLICY_SKIP,	/* not even tried, which is said */
};

struct policies {
	enum policy v[PART_COUNT];
};

/* A list "rlimits,cgroup=skip": parts with a policy, prefer where none stands there. `option` is
 * the command line's, or NULL; part by part it wins over the annotation. */
int policies_choose(const char *option, const struct string_map *annotations, struct policies *ret,
	struct error *e);
int policies_check_annotation(const char *path, const char *value, struct error *e);

struct decision;
/* Never POLICY_DEFAULT. */
enum policy policy_of(const struct decision *d, enum part part);
const char *part_name(enum part part);
const char *policy_name(enum policy policy);
