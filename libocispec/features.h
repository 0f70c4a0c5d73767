/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "arena.h"
#include "error.h"
#include "object.h"
#include "values.h"

/*
 * The document that `features` prints. spec: features.md, features-linux.md: what this build
 * implements, not what the host has.
 */
struct oci_features_enabled {
	struct opt_bool enabled;
};

struct oci_features_cgroup {
	struct opt_bool v1, v2, systemd, systemd_user, rdma;
};

struct oci_features_seccomp {
	struct opt_bool enabled;
	struct string_list actions, operators, archs, known_flags, supported_flags;
};

struct oci_features_intel_rdt {
	struct opt_bool enabled, schemata, monitoring;
};

struct oci_features_memory_policy {
	struct string_list modes, flags;
};

struct oci_features_mount_extensions {
	struct oci_features_enabled *idmap;
};

struct oci_features_linux {
	struct string_list namespaces, capabilities;
	struct oci_features_cgroup *cgroup;
	struct oci_features_seccomp *seccomp;
	struct oci_features_enabled *apparmor, *selinux;
	struct oci_features_intel_rdt *intel_rdt;
	struct oci_features_memory_policy *memory_policy;
	struct oci_features_mount_extensions *mount_extensions;
	struct oci_features_enabled *net_devices;
};

struct oci_features {
	const char *oci_version_min, *oci_version_max; /* required */
	struct string_list hooks, mount_options;
	struct oci_features_linux *linux_;
	struct string_map annotations;
	struct string_list potentially_unsafe_config_annotations;
};

extern const struct object_type oci_features_object;

/*
 * Everything that follows from the tables of this library, in the arena: versions, hooks, mount
 * options, namespaces, capabilities, the names of seccomp and of memory policies (all as known, so
 * supportedFlags is empty and each `enabled` unset: the caller knows what this build does).
 * -ENOMEM.
 */
int oci_features_known(struct arena *arena, struct oci_features **ret, struct error *e);

int oci_features_encode(const struct oci_features *features, bool pretty, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e);
int oci_features_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_features **ret, struct error *e);
