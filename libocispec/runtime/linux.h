/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "namespaces.h"
#include "resources.h"
#include "seccomp.h"

/* spec: config-linux.md#devices */
struct oci_device {
	char type;	  /* required: 'c' 'b' 'u' 'p'; u is an unbuffered character device */
	const char *path; /* required, absolute */
	struct opt_i64 major, minor; /* required unless type is p */
	struct opt_u32 file_mode, uid, gid;
};

struct oci_net_device {
	const char *host_name; /* the key: name on the host */
	const char *name;      /* name in the container; NULL: the same */
};

enum oci_propagation {
	OCI_PROPAGATION_UNSET,
	OCI_PROPAGATION_SHARED,
	OCI_PROPAGATION_SLAVE,
	OCI_PROPAGATION_PRIVATE,
	OCI_PROPAGATION_UNBINDABLE,
	/* not in the spec's list; every runtime takes them and Kubernetes clients send them */
	OCI_PROPAGATION_RSHARED,
	OCI_PROPAGATION_RSLAVE,
	OCI_PROPAGATION_RPRIVATE,
	OCI_PROPAGATION_RUNBINDABLE,
	OCI_PROPAGATION_COUNT
};

/* spec: config-linux.md#intelrdt */
struct oci_intel_rdt {
	const char *clos_id;
	struct string_list schemata;
	bool has_schemata; /* [] given is not the same as none given */
	const char *l3_cache_schema, *mem_bw_schema;
	bool enable_monitoring;
};

enum oci_mempolicy_mode {
	OCI_MPOL_DEFAULT,
	OCI_MPOL_PREFERRED,
	OCI_MPOL_BIND,
	OCI_MPOL_INTERLEAVE,
	OCI_MPOL_LOCAL,
	OCI_MPOL_PREFERRED_MANY,
	OCI_MPOL_WEIGHTED_INTERLEAVE, /* the kernel's own numbers, linux/mempolicy.h */
	OCI_MPOL_COUNT
};

struct oci_memory_policy {
	enum oci_mempolicy_mode mode; /* required */
	const char *nodes;
	struct enum_list flags; /* MPOL_F_* bits, one an entry */
};

enum oci_personality_domain { OCI_PER_LINUX, OCI_PER_LINUX32, OCI_PER_COUNT };

struct oci_personality {
	enum oci_personality_domain domain; /* required */
	struct string_list flags;
};

struct oci_linux {
	struct {
		size_t n;
		struct oci_namespace *v;
	} namespaces;
	struct oci_id_mapping_list uid_mappings, gid_mappings;
	struct oci_time_offsets *time_offsets;
	struct {
		size_t n;
		struct oci_device *v;
	} devices;
	struct {
		size_t n;
		struct oci_net_device *v;
	} net_devices;
	const char *cgroups_path;
	struct oci_resources *resources;
	struct oci_intel_rdt *intel_rdt;
	struct oci_memory_policy *memory_policy;
	struct string_map sysctl;
	struct oci_seccomp *seccomp;
	enum oci_propagation rootfs_propagation;
	struct string_list masked_paths, readonly_paths;
	const char *mount_label;
	struct oci_personality *personality;
};
