/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of `process` and its names. spec: config.md#process. Data only. */
#include "libocispec/runtime/process.h"

#include <sys/resource.h>

#include "libocispec/runtime/tables.h"

/* The numbers of linux/capability.h, which is older than the kernel on many build machines. */
static const struct name_value oci_capability_values[] = {
	{ "CAP_CHOWN", 0 },
	{ "CAP_DAC_OVERRIDE", 1 },
	{ "CAP_DAC_READ_SEARCH", 2 },
	{ "CAP_FOWNER", 3 },
	{ "CAP_FSETID", 4 },
	{ "CAP_KILL", 5 },
	{ "CAP_SETGID", 6 },
	{ "CAP_SETUID", 7 },
	{ "CAP_SETPCAP", 8 },
	{ "CAP_LINUX_IMMUTABLE", 9 },
	{ "CAP_NET_BIND_SERVICE", 10 },
	{ "CAP_NET_BROADCAST", 11 },
	{ "CAP_NET_ADMIN", 12 },
	{ "CAP_NET_RAW", 13 },
	{ "CAP_IPC_LOCK", 14 },
	{ "CAP_IPC_OWNER", 15 },
	{ "CAP_SYS_MODULE", 16 },
	{ "CAP_SYS_RAWIO", 17 },
	{ "CAP_SYS_CHROOT", 18 },
	{ "CAP_SYS_PTRACE", 19 },
	{ "CAP_SYS_PACCT", 20 },
	{ "CAP_SYS_ADMIN", 21 },
	{ "CAP_SYS_BOOT", 22 },
	{ "CAP_SYS_NICE", 23 },
	{ "CAP_SYS_RESOURCE", 24 },
	{ "CAP_SYS_TIME", 25 },
	{ "CAP_SYS_TTY_CONFIG", 26 },
	{ "CAP_MKNOD", 27 },
	{ "CAP_LEASE", 28 },
	{ "CAP_AUDIT_WRITE", 29 },
	{ "CAP_AUDIT_CONTROL", 30 },
	{ "CAP_SETFCAP", 31 },
	{ "CAP_MAC_OVERRIDE", 32 },
	{ "CAP_MAC_ADMIN", 33 },
	{ "CAP_SYSLOG", 34 },
	{ "CAP_WAKE_ALARM", 35 },
	{ "CAP_BLOCK_SUSPEND", 36 },
	{ "CAP_AUDIT_READ", 37 },
	{ "CAP_PERFMON", 38 },
	{ "CAP_BPF", 39 },
	{ "CAP_CHECKPOINT_RESTORE", 40 },
};
NAMES(oci_capability, "capability");

static const struct name_value oci_rlimit_values[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
};
NAMES(oci_rlimit, "resource limit");

static const struct name_value oci_sched_policy_values[] = {
	{ "SCHED_OTHER", OCI_SCHED_OTHER },
	{ "SCHED_FIFO", OCI_SCHED_FIFO },
	{ "SCHED_RR", OCI_SCHED_RR },
	{ "SCHED_BATCH", OCI_SCHED_BATCH },
	{ "SCHED_ISO", OCI_SCHED_ISO },
	{ "SCHED_IDLE", OCI_SCHED_IDLE },
	{ "SCHED_DEADLINE", OCI_SCHED_DEADLINE },
};
NAMES(oci_sched_policy, "scheduling policy");

/* sched_setattr(2); in numbers because linux/sched.h and the C library's sched.h exclude each
 * other */
static const struct name_value oci_sched_flag_values[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", 0x01 },
	{ "SCHED_FLAG_RECLAIM", 0x02 },
	{ "SCHED_FLAG_DL_OVERRUN", 0x04 },
	{ "SCHED_FLAG_KEEP_POLICY", 0x08 },
	{ "SCHED_FLAG_KEEP_PARAMS", 0x10 },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", 0x20 },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", 0x40 },
};
NAMES(oci_sched_flag, "scheduling flag");

static const struct name_value oci_ioprio_class_values[] = {
	{ "IOPRIO_CLASS_RT", OCI_IOPRIO_RT },
	{ "IOPRIO_CLASS_BE", OCI_IOPRIO_BE },
	{ "IOPRIO_CLASS_IDLE", OCI_IOPRIO_IDLE },
};
NAMES(oci_ioprio_class, "I/O priority class");

#define SELF struct oci_console_size
static const struct field oci_console_size_fields[] = {
	ROW_U64("height", height, REQUIRED),
	ROW_U64("width", width, REQUIRED),
};
static OBJECT(oci_console_size);
#undef SELF

/* uid and gid: the prose says required, the schema does not. Go's encoder always writes them. */
#define SELF struct oci_user
static const struct field oci_user_fields[] = {
	ROW_U32("uid", uid, REQUIRED),
	ROW_U32("gid", gid, REQUIRED),
	ROW_OPT_U32("umask", umask, OPTIONAL),
	ROW_U32_LIST("additionalGids", additional_gids, OPTIONAL),
	ROW_STRING("username", username, EMPTY_IS_ABSENT),
};
static OBJECT(oci_user);
#undef SELF

#define SELF struct oci_capabilities
static const struct field oci_capabilities_fields[] = {
	ROW_BITS("bounding", bounding, oci_capability, unknown, OPTIONAL),
	ROW_BITS("effective", effective, oci_capability, unknown, OPTIONAL),
	ROW_BITS("inheritable", inheritable, oci_capability, unknown, OPTIONAL),
	ROW_BITS("permitted", permitted, oci_capability, unknown, OPTIONAL),
	ROW_BITS("ambient", ambient, oci_capability, unknown, OPTIONAL),
};
static OBJECT(oci_capabilities);
#undef SELF

#define SELF struct oci_rlimit
static const struct field oci_rlimit_fields[] = {
	ROW_INT_ENUM("type", type, oci_rlimit, REQUIRED),
	ROW_U64("soft", soft, REQUIRED),
	ROW_U64("hard", hard, REQUIRED),
};
static OBJECT(oci_rlimit);
#undef SELF

#define SELF struct oci_scheduler
static const struct field oci_scheduler_fields[] = {
	ROW_ENUM("policy", policy, oci_sched_policy, REQUIRED),
	ROW_OPT_I32("nice", nice, OPTIONAL),
	ROW_OPT_I32("priority", priority, OPTIONAL),
	ROW_ENUM_LIST("flags", flags, oci_sched_flag, OPTIONAL),
	ROW_OPT_U64("runtime", runtime, OPTIONAL),
	ROW_OPT_U64("deadline", deadline, OPTIONAL),
	ROW_OPT_U64("period", period, OPTIONAL),
};
static OBJECT(oci_scheduler);
#undef SELF

#define SELF struct oci_io_priority
static const struct field oci_io_priority_fields[] = {
	ROW_ENUM("class", class, oci_ioprio_class, REQUIRED),
	ROW_OPT_I32("priority", priority, OPTIONAL),
};
static OBJECT(oci_io_priority);
#undef SELF

#define SELF struct oci_cpu_affinity
static const struct field oci_cpu_affinity_fields[] = {
	ROW_STRING("initial", initial, EMPTY_IS_ABSENT),
	ROW_STRING("final", final, EMPTY_IS_ABSENT),
};
static OBJECT(oci_cpu_affinity);
#undef SELF

#define SELF struct oci_process
static const struct field oci_process_fields[] = {
	ROW_BOOL("terminal", terminal, OPTIONAL),
	ROW_OBJECT("consoleSize", console_size, oci_console_size, OPTIONAL),
	ROW_INLINE("user", user, oci_user, OPTIONAL),
	ROW_STRING_LIST("args", args, OPTIONAL),
	ROW_STRING("commandLine", command_line, EMPTY_IS_ABSENT),
	ROW_STRING_LIST("env", env, OPTIONAL),
	ROW_STRING("cwd", cwd, REQUIRED),
	ROW_OBJECT("capabilities", capabilities, oci_capabilities, OPTIONAL),
	ROW_ARRAY("rlimits", rlimits, oci_rlimit, OPTIONAL),
	ROW_BOOL("noNewPrivileges", no_new_privileges, OPTIONAL),
	ROW_STRING("apparmorProfile", apparmor_profile, EMPTY_IS_ABSENT),
	ROW_OPT_I64("oomScoreAdj", oom_score_adj, OPTIONAL),
	ROW_OBJECT("scheduler", scheduler, oci_scheduler, OPTIONAL),
	ROW_STRING("selinuxLabel", selinux_label, EMPTY_IS_ABSENT),
	ROW_OBJECT("ioPriority", io_priority, oci_io_priority, OPTIONAL),
	ROW_OBJECT("execCPUAffinity", exec_cpu_affinity, oci_cpu_affinity, OPTIONAL),
};
OBJECT(oci_process);
#undef SELF
