/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "../values.h"

/* spec: config-linux.md#control-groups */

enum oci_device_type { OCI_DEVICE_ALL, OCI_DEVICE_CHAR, OCI_DEVICE_BLOCK, OCI_DEVICE_FIFO };

enum { OCI_ACCESS_READ = 1, OCI_ACCESS_WRITE = 2, OCI_ACCESS_MKNOD = 4 };

/* spec: config-linux.md#allowed-device-list */
struct oci_device_rule {
	bool allow;		     /* required */
	enum oci_device_type type;   /* default a */
	struct opt_i64 major, minor; /* unset or -1: all */
	unsigned access;	     /* OCI_ACCESS_*; "" or absent: all */
};

struct oci_memory {
	struct opt_i64 limit, reservation, swap, kernel, kernel_tcp; /* bytes; -1: no limit */
	struct opt_u64 swappiness;
	struct opt_bool disable_oom_killer, use_hierarchy, check_before_update;
};

struct oci_cpu {
	struct opt_u64 shares;
	struct opt_i64 quota;		 /* microseconds per period */
	struct opt_u64 burst, period;	 /* microseconds */
	struct opt_i64 realtime_runtime; /* microseconds */
	struct opt_u64 realtime_period;	 /* microseconds */
	const char *cpus, *mems;	 /* list format of cpuset(7) */
	struct opt_i64 idle;		 /* 0 or 1 */
};

struct oci_pids {
	int64_t limit;	/* -1: no limit; 0 is a limit (spec 1.3) */
	bool has_limit; /* true after decoding: `pids` without a limit becomes NULL */
};

struct oci_weight_device {
	int64_t major, minor;
	struct opt_u16 weight, leaf_weight;
};

struct oci_throttle_device {
	int64_t major, minor;
	struct opt_u64 rate; /* bytes or operations per second */
};

struct oci_throttle_list {
	size_t n;
	struct oci_throttle_device *v;
};

struct oci_block_io {
	struct opt_u16 weight, leaf_weight;
	struct {
		size_t n;
		struct oci_weight_device *v;
	} weight_device;
	struct oci_throttle_list throttle_read_bps, throttle_write_bps, throttle_read_iops,
		throttle_write_iops;
};

struct oci_hugepage_limit {
	const char *page_size; /* required: 2MB, 1GB */
	uint64_t limit;	       /* required, bytes */
};

struct oci_interface_priority {
	const char *name;
	uint32_t priority;
};

struct oci_network {
	struct opt_u32 class_id;
	struct {
		size_t n;
		struct oci_interface_priority *v;
	} priorities;
};

struct oci_rdma {
	const char *device; /* the key */
	struct opt_u32 hca_handles, hca_objects;
};

struct oci_resources {
	struct {
		size_t n;
		struct oci_device_rule *v;
	} devices;
	struct oci_memory *memory;
	struct oci_cpu *cpu;
	struct oci_pids *pids;
	struct oci_block_io *block_io;
	struct {
		size_t n;
		struct oci_hugepage_limit *v;
	} hugepage_limits;
	struct oci_network *network;
	struct {
		size_t n;
		struct oci_rdma *v;
	} rdma;
	struct string_map unified;
};
