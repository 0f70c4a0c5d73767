/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "../values.h"

/* spec: config.md#process */
struct oci_user {
	uint32_t uid, gid;
	struct opt_u32 umask;
	struct u32_list additional_gids;
	const char *username; /* Windows only; accepted and unused, as the spec says */
};

struct oci_console_size {
	uint64_t height, width; /* character cells; both required */
};

/* capability numbers of linux/capability.h, as bits */
struct oci_capabilities {
	uint64_t bounding, effective, inheritable, permitted, ambient;
	/* Names that are no capability of any kernel known here, in the document's order, once for
	 * each set they are in. spec: config.md#linux-process: a warning, not an error. */
	struct string_list unknown;
};

struct oci_rlimit {
	int type;	     /* required: RLIMIT_NOFILE etc. of sys/resource.h */
	uint64_t soft, hard; /* required; UINT64_MAX is RLIM_INFINITY */
};

enum oci_sched_policy {
	OCI_SCHED_OTHER,
	OCI_SCHED_FIFO,
	OCI_SCHED_RR,
	OCI_SCHED_BATCH,
	OCI_SCHED_ISO,
	OCI_SCHED_IDLE,
	OCI_SCHED_DEADLINE,
	OCI_SCHED_COUNT
};

struct oci_scheduler {
	enum oci_sched_policy policy; /* required */
	struct opt_i32 nice, priority;
	struct enum_list flags; /* SCHED_FLAG_* bits of linux/sched.h, one an entry */
	struct opt_u64 runtime, deadline, period; /* nanoseconds */
};

enum oci_ioprio_class { OCI_IOPRIO_RT, OCI_IOPRIO_BE, OCI_IOPRIO_IDLE, OCI_IOPRIO_COUNT };

struct oci_io_priority {
	enum oci_ioprio_class class; /* required */
	struct opt_i32 priority;     /* 0 (highest) to 7; required, but for the idle class */
};

struct oci_cpu_affinity {
	const char *initial, *final; /* CPU lists: 0-3,7 */
};

struct oci_process {
	bool terminal;
	struct oci_console_size *console_size;
	struct oci_user user;
	struct string_list args, env;
	const char *command_line;	       /* Windows only */
	const char *cwd;		       /* required, absolute */
	struct oci_capabilities *capabilities; /* NULL: not given */
	struct {
		size_t n;
		struct oci_rlimit *v;
	} rlimits;
	bool no_new_privileges;
	const char *apparmor_profile, *selinux_label;
	struct opt_i64 oom_score_adj; /* -1000 to 1000 */
	struct oci_scheduler *scheduler;
	struct oci_io_priority *io_priority;
	struct oci_cpu_affinity *exec_cpu_affinity;
};
