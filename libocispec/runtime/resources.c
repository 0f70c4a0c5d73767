/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of `linux.resources`, also the document of `update --resources`. spec:
 * config-linux.md#control-groups. Data only. */
#include "libocispec/runtime/resources.h"

#include "libocispec/runtime/tables.h"

static const struct name_value oci_device_type_values[] = {
	{ "a", OCI_DEVICE_ALL },
	{ "c", OCI_DEVICE_CHAR },
	{ "b", OCI_DEVICE_BLOCK },
	{ "p", OCI_DEVICE_FIFO }, /* takes part in no check of the kernel; runc takes it */
	{ "", OCI_DEVICE_ALL },
};
NAMES(oci_device_type, "device type");

static const struct name_value oci_access_values[] = {
	{ "r", OCI_ACCESS_READ },
	{ "w", OCI_ACCESS_WRITE },
	{ "m", OCI_ACCESS_MKNOD },
};
NAMES(oci_access, "combination of device accesses");

#define SELF struct oci_device_rule
static const struct field oci_device_rule_fields[] = {
	ROW_BOOL("allow", allow, REQUIRED),
	ROW_ENUM("type", type, oci_device_type, OPTIONAL),
	ROW_OPT_I64("major", major, OPTIONAL),
	ROW_OPT_I64("minor", minor, OPTIONAL),
	ROW_LETTERS("access", access, oci_access, OPTIONAL),
};
static OBJECT(oci_device_rule);
#undef SELF

#define SELF struct oci_memory
static const struct field oci_memory_fields[] = {
	ROW_OPT_I64("limit", limit, OPTIONAL),
	ROW_OPT_I64("reservation", reservation, OPTIONAL),
	ROW_OPT_I64("swap", swap, OPTIONAL),
	ROW_OPT_I64("kernel", kernel, OPTIONAL),
	ROW_OPT_I64("kernelTCP", kernel_tcp, OPTIONAL),
	ROW_OPT_U64("swappiness", swappiness, OPTIONAL),
	ROW_OPT_BOOL("disableOOMKiller", disable_oom_killer, OPTIONAL),
	ROW_OPT_BOOL("useHierarchy", use_hierarchy, OPTIONAL),
	ROW_OPT_BOOL("checkBeforeUpdate", check_before_update, OPTIONAL),
};
static OBJECT(oci_memory);
#undef SELF

#define SELF struct oci_cpu
static const struct field oci_cpu_fields[] = {
	ROW_OPT_U64("shares", shares, OPTIONAL),
	ROW_OPT_I64("quota", quota, OPTIONAL),
	ROW_OPT_U64("burst", burst, OPTIONAL),
	ROW_OPT_U64("period", period, OPTIONAL),
	ROW_OPT_I64("realtimeRuntime", realtime_runtime, OPTIONAL),
	ROW_OPT_U64("realtimePeriod", realtime_period, OPTIONAL),
	ROW_STRING("cpus", cpus, EMPTY_IS_ABSENT),
	ROW_STRING("mems", mems, EMPTY_IS_ABSENT),
	ROW_OPT_I64("idle", idle, OPTIONAL),
};
static OBJECT(oci_cpu);
#undef SELF

#define SELF struct oci_pids
static const struct field oci_pids_fields[] = {
	ROW_I64_PRESENCE("limit", limit, has_limit, OPTIONAL),
};
static OBJECT(oci_pids);
#undef SELF

#define SELF struct oci_weight_device
static const struct field oci_weight_device_fields[] = {
	ROW_I64("major", major, REQUIRED),
	ROW_I64("minor", minor, REQUIRED),
	ROW_OPT_U16("weight", weight, OPTIONAL),
	ROW_OPT_U16("leafWeight", leaf_weight, OPTIONAL),
};
static OBJECT(oci_weight_device);
#undef SELF

#define SELF struct oci_throttle_device
static const struct field oci_throttle_device_fields[] = {
	ROW_I64("major", major, REQUIRED),
	ROW_I64("minor", minor, REQUIRED),
	ROW_OPT_U64("rate", rate, REQUIRED),
};
static OBJECT(oci_throttle_device);
#undef SELF

#define SELF struct oci_block_io
static const struct field oci_block_io_fields[] = {
	ROW_OPT_U16("weight", weight, OPTIONAL),
	ROW_OPT_U16("leafWeight", leaf_weight, OPTIONAL),
	ROW_ARRAY("weightDevice", weight_device, oci_weight_device, OPTIONAL),
	ROW_ARRAY("throttleReadBpsDevice", throttle_read_bps, oci_throttle_device, OPTIONAL),
	ROW_ARRAY("throttleWriteBpsDevice", throttle_write_bps, oci_throttle_device, OPTIONAL),
	ROW_ARRAY("throttleReadIOPSDevice", throttle_read_iops, oci_throttle_device, OPTIONAL),
	ROW_ARRAY("throttleWriteIOPSDevice", throttle_write_iops, oci_throttle_device, OPTIONAL),
};
static OBJECT(oci_block_io);
#undef SELF

#define SELF struct oci_hugepage_limit
static const struct field oci_hugepage_limit_fields[] = {
	ROW_STRING("pageSize", page_size, REQUIRED),
	ROW_U64("limit", limit, REQUIRED),
};
static OBJECT(oci_hugepage_limit);
#undef SELF

#define SELF struct oci_interface_priority
static const struct field oci_interface_priority_fields[] = {
	ROW_STRING("name", name, REQUIRED),
	ROW_U32("priority", priority, REQUIRED),
};
static OBJECT(oci_interface_priority);
#undef SELF

#define SELF struct oci_network
static const struct field oci_network_fields[] = {
	ROW_OPT_U32("classID", class_id, OPTIONAL),
	ROW_ARRAY("priorities", priorities, oci_interface_priority, OPTIONAL),
};
static OBJECT(oci_network);
#undef SELF

#define SELF struct oci_rdma
static const struct field oci_rdma_fields[] = {
	ROW_OPT_U32("hcaHandles", hca_handles, OPTIONAL),
	ROW_OPT_U32("hcaObjects", hca_objects, OPTIONAL),
};
static OBJECT(oci_rdma);
#undef SELF

#define SELF struct oci_resources
static const struct field oci_resources_fields[] = {
	ROW_ARRAY("devices", devices, oci_device_rule, OPTIONAL),
	ROW_OBJECT("memory", memory, oci_memory, OPTIONAL),
	ROW_OBJECT("cpu", cpu, oci_cpu, OPTIONAL),
	ROW_OBJECT("pids", pids, oci_pids, OPTIONAL),
	ROW_OBJECT("blockIO", block_io, oci_block_io, OPTIONAL),
	ROW_ARRAY("hugepageLimits", hugepage_limits, oci_hugepage_limit, OPTIONAL),
	ROW_OBJECT("network", network, oci_network, OPTIONAL),
	ROW_KEYED("rdma", rdma, oci_rdma, device, OPTIONAL),
	ROW_STRING_MAP("unified", unified, OPTIONAL),
};
OBJECT(oci_resources);
#undef SELF
