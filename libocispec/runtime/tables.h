/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/object.h"

/* The tables of runtime-spec 1.3: each describes the struct of the same name. */

extern const struct object_type oci_config_object, oci_mounts_object, oci_root_object;
extern const struct object_type oci_mount_object;
extern const struct object_type oci_hooks_object, oci_hook_object;
extern const struct object_type oci_process_object;
extern const struct object_type oci_linux_object, oci_id_mapping_object;
extern const struct object_type oci_resources_object;
extern const struct object_type oci_seccomp_object;
extern const struct object_type oci_state_object, oci_hook_state_object;
extern const struct object_type oci_process_state_object;

extern const struct names oci_capability_names; /* CAP_CHOWN: 0, ... */
extern const struct names oci_rlimit_names;	/* RLIMIT_NOFILE: RLIMIT_NOFILE, ... */
extern const struct names oci_sched_policy_names, oci_sched_flag_names;
extern const struct names oci_ioprio_class_names;
extern const struct names oci_namespace_type_names;
extern const struct names oci_propagation_names;
extern const struct names oci_mempolicy_mode_names, oci_mempolicy_flag_names;
extern const struct names oci_personality_domain_names;
extern const struct names oci_device_type_names, oci_access_names;
extern const struct names oci_seccomp_action_names, oci_seccomp_operator_names;
extern const struct names oci_seccomp_flag_names, oci_seccomp_arch_names;
extern const struct names oci_status_names;
