/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "../values.h"

/* spec: config-linux.md#namespaces */
enum oci_namespace_type {
	OCI_NS_PID,
	OCI_NS_NETWORK,
	OCI_NS_MOUNT,
	OCI_NS_IPC,
	OCI_NS_UTS,
	OCI_NS_USER,
	OCI_NS_CGROUP,
	OCI_NS_TIME,
	OCI_NS_COUNT
};

struct oci_namespace {
	enum oci_namespace_type type; /* required; each type at most once */
	const char *path;	      /* NULL: a new namespace */
};

/* spec: config-linux.md#user-namespace-mappings */
struct oci_id_mapping {
	uint32_t container_id, host_id, size; /* all required; size > 0 */
};

struct oci_id_mapping_list {
	size_t n;
	struct oci_id_mapping *v;
};

struct oci_time_offset {
	int64_t secs;
	uint32_t nanosecs;
};

struct oci_time_offsets {
	struct oci_time_offset *boottime, *monotonic;
};
