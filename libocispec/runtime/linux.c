/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of `linux` and its names, resources and seccomp aside. spec: config-linux.md. Data only.
 */
#include "libocispec/runtime/linux.h"

#include <linux/mempolicy.h>

#include "libocispec/runtime/tables.h"

static const struct name_value oci_namespace_type_values[] = {
	{ "pid", OCI_NS_PID },
	{ "network", OCI_NS_NETWORK },
	{ "mount", OCI_NS_MOUNT },
	{ "ipc", OCI_NS_IPC },
	{ "uts", OCI_NS_UTS },
	{ "user", OCI_NS_USER },
	{ "cgroup", OCI_NS_CGROUP },
	{ "time", OCI_NS_TIME },
};
NAMES(oci_namespace_type, "namespace type");
_Static_assert(
	sizeof oci_namespace_type_values / sizeof oci_namespace_type_values[0] == OCI_NS_COUNT,
	"one row for each namespace");

static const struct name_value oci_propagation_values[] = {
	{ "", OCI_PROPAGATION_UNSET },
	{ "shared", OCI_PROPAGATION_SHARED },
	{ "slave", OCI_PROPAGATION_SLAVE },
	{ "private", OCI_PROPAGATION_PRIVATE },
	{ "unbindable", OCI_PROPAGATION_UNBINDABLE },
	{ "rshared", OCI_PROPAGATION_RSHARED },
	{ "rslave", OCI_PROPAGATION_RSLAVE },
	{ "rprivate", OCI_PROPAGATION_RPRIVATE },
	{ "runbindable", OCI_PROPAGATION_RUNBINDABLE },
};
NAMES(oci_propagation, "propagation");
_Static_assert(
	sizeof oci_propagation_values / sizeof oci_propagation_values[0] == OCI_PROPAGATION_COUNT,
	"one row for each propagation");

static const struct name_value oci_mempolicy_mode_values[] = {
	{ "MPOL_DEFAULT", OCI_MPOL_DEFAULT },
	{ "MPOL_BIND", OCI_MPOL_BIND },
	{ "MPOL_INTERLEAVE", OCI_MPOL_INTERLEAVE },
	{ "MPOL_WEIGHTED_INTERLEAVE", OCI_MPOL_WEIGHTED_INTERLEAVE },
	{ "MPOL_PREFERRED", OCI_MPOL_PREFERRED },
	{ "MPOL_PREFERRED_MANY", OCI_MPOL_PREFERRED_MANY },
	{ "MPOL_LOCAL", OCI_MPOL_LOCAL },
};
NAMES(oci_mempolicy_mode, "memory policy mode");
_Static_assert(
	OCI_MPOL_PREFERRED_MANY == 5 && OCI_MPOL_WEIGHTED_INTERLEAVE == 6, "the kernel's numbers");

static const struct name_value oci_mempolicy_flag_values[] = {
	{ "MPOL_F_NUMA_BALANCING", 1 << 13 }, /* Linux 5.12 */
	{ "MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES },
};
NAMES(oci_mempolicy_flag, "memory policy flag");

static const struct name_value oci_personality_domain_values[] = {
	{ "LINUX", OCI_PER_LINUX },
	{ "LINUX32", OCI_PER_LINUX32 },
};
NAMES(oci_personality_domain, "personality");

#define SELF struct oci_namespace
static const struct field oci_namespace_fields[] = {
	ROW_ENUM("type", type, oci_namespace_type, REQUIRED),
	ROW_STRING("path", path, EMPTY_IS_ABSENT),
};
static OBJECT(oci_namespace);
#undef SELF

#define SELF struct oci_id_mapping
static const struct field oci_id_mapping_fields[] = {
	ROW_U32("containerID", container_id, REQUIRED),
	ROW_U32("hostID", host_id, REQUIRED),
	ROW_U32("size", size, REQUIRED),
};
OBJECT(oci_id_mapping);
#undef SELF

#define SELF struct oci_time_offset
static const struct field oci_time_offset_fields[] = {
	ROW_I64("secs", secs, OPTIONAL),
	ROW_U32("nanosecs", nanosecs, OPTIONAL),
};
static OBJECT(oci_time_offset);
#undef SELF

/* spec: config-linux.md#offset-for-time-namespace: the key is the name of a clock, so one that the
 * kernel has no offset for is a wrong value, not an unknown property. */
#define SELF struct oci_time_offsets
static const struct field oci_time_offsets_fields[] = {
	ROW_OBJECT("boottime", boottime, oci_time_offset, OPTIONAL),
	ROW_OBJECT("monotonic", monotonic, oci_time_offset, OPTIONAL),
};
static OBJECT_WITH(oci_time_offsets, OBJECT_CLOSED);
#undef SELF

#define SELF struct oci_device
static const struct field oci_device_fields[] = {
	ROW_CHAR("type", type, "cbup", REQUIRED),
	ROW_STRING("path", path, REQUIRED),
	ROW_OPT_I64("major", major, OPTIONAL),
	ROW_OPT_I64("minor", minor, OPTIONAL),
	ROW_OPT_U32("fileMode", file_mode, OPTIONAL),
	ROW_OPT_U32("uid", uid, OPTIONAL),
	ROW_OPT_U32("gid", gid, OPTIONAL),
};
static OBJECT(oci_device);
#undef SELF

#define SELF struct oci_net_device
static const struct field oci_net_device_fields[] = {
	ROW_STRING("name", name, EMPTY_IS_ABSENT),
};
static OBJECT(oci_net_device);
#undef SELF

#define SELF struct oci_intel_rdt
static const struct field oci_intel_rdt_fields[] = {
	ROW_STRING("closID", clos_id, EMPTY_IS_ABSENT),
	ROW_STRING_LIST_PRESENCE("schemata", schemata, has_schemata, OPTIONAL),
	ROW_STRING("l3CacheSchema", l3_cache_schema, EMPTY_IS_ABSENT),
	ROW_STRING("memBwSchema", mem_bw_schema, EMPTY_IS_ABSENT),
	ROW_BOOL("enableMonitoring", enable_monitoring, OPTIONAL),
};
static OBJECT(oci_intel_rdt);
#undef SELF

#define SELF struct oci_memory_policy
static const struct field oci_memory_policy_fields[] = {
	ROW_ENUM("mode", mode, oci_mempolicy_mode, REQUIRED),
	ROW_STRING("nodes", nodes, EMPTY_IS_ABSENT),
	ROW_ENUM_LIST("flags", flags, oci_mempolicy_flag, OPTIONAL),
};
static OBJECT(oci_memory_policy);
#undef SELF

#define SELF struct oci_personality
static const struct field oci_personality_fields[] = {
	ROW_ENUM("domain", domain, oci_personality_domain, REQUIRED),
	ROW_STRING_LIST("flags", flags, OPTIONAL),
};
static OBJECT(oci_personality);
#undef SELF

#define SELF struct oci_linux
static const struct field oci_linux_fields[] = {
	ROW_ARRAY("uidMappings", uid_mappings, oci_id_mapping, OPTIONAL),
	ROW_ARRAY("gidMappings", gid_mappings, oci_id_mapping, OPTIONAL),
	ROW_STRING_MAP("sysctl", sysctl, OPTIONAL),
	ROW_OBJECT("resources", resources, oci_resources, OPTIONAL),
	ROW_STRING("cgroupsPath", cgroups_path, EMPTY_IS_ABSENT),
	ROW_ARRAY("namespaces", namespaces, oci_namespace, OPTIONAL),
	ROW_ARRAY("devices", devices, oci_device, OPTIONAL),
	ROW_KEYED("netDevices", net_devices, oci_net_device, host_name, OPTIONAL),
	ROW_OBJECT("seccomp", seccomp, oci_seccomp, OPTIONAL),
	ROW_ENUM("rootfsPropagation", rootfs_propagation, oci_propagation, OPTIONAL),
	ROW_STRING_LIST("maskedPaths", masked_paths, OPTIONAL),
	ROW_STRING_LIST("readonlyPaths", readonly_paths, OPTIONAL),
	ROW_STRING("mountLabel", mount_label, EMPTY_IS_ABSENT),
	ROW_OBJECT("intelRdt", intel_rdt, oci_intel_rdt, OPTIONAL),
	ROW_OBJECT("memoryPolicy", memory_policy, oci_memory_policy, OPTIONAL),
	ROW_OBJECT("personality", personality, oci_personality, OPTIONAL),
	ROW_OBJECT("timeOffsets", time_offsets, oci_time_offsets, OPTIONAL),
};
OBJECT(oci_linux);
#undef SELF
