/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "../arena.h"
#include "../error.h"
#include "../names.h"
#include "../values.h"

/*
 * A set of Landlock rules, as it stands in the annotation org.oci-rt.landlock. The specification
 * has none yet: the shape is that of its pull request 1111 (linux/process.landlock), and the names
 * are those of the kernel's linux/landlock.h, in small letters. Sets are the kernel's bits.
 */
struct oci_landlock_ruleset {
	uint64_t handled_access_fs, handled_access_net, scoped;
	struct string_list unknown; /* names that no table has */
};

struct oci_landlock_path_beneath {
	uint64_t allowed_access;
	struct string_list unknown;
	struct string_list paths; /* absolute, in the container */
};

struct oci_landlock_net_port {
	uint64_t allowed_access;
	struct string_list unknown;
	struct u32_list ports;
};

struct oci_landlock_rules {
	struct {
		size_t n;
		struct oci_landlock_path_beneath *v;
	} path_beneath;
	struct {
		size_t n;
		struct oci_landlock_net_port *v;
	} net_port;
};

struct oci_landlock {
	struct oci_landlock_ruleset ruleset;
	struct oci_landlock_rules rules;
	bool disable_best_effort; /* what the kernel doesn't know is an error */
};

/* A value is the number of its bit. */
extern const struct names oci_landlock_fs_names, oci_landlock_net_names, oci_landlock_scope_names;

/*
 * -EINVAL, ERROR_CONFIG: no such document, an unknown name, a rule that allows what is not handled,
 * a path that is not absolute, no rights at all. `json_path` is where the document stands as a
 * string.
 */
int oci_landlock_decode(const char *text, const char *json_path, struct arena *arena,
	const struct oci_landlock **ret, struct error *e);
