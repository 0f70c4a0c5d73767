/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "../values.h"

/* spec: config-linux.md#seccomp */
enum oci_seccomp_action {
	OCI_ACT_KILL, /* the same as OCI_ACT_KILL_THREAD */
	OCI_ACT_KILL_PROCESS,
	OCI_ACT_KILL_THREAD,
	OCI_ACT_TRAP,
	OCI_ACT_ERRNO,
	OCI_ACT_TRACE,
	OCI_ACT_ALLOW,
	OCI_ACT_LOG,
	OCI_ACT_NOTIFY,
	OCI_ACT_COUNT
};

enum oci_seccomp_operator {
	OCI_CMP_NE,
	OCI_CMP_LT,
	OCI_CMP_LE,
	OCI_CMP_EQ,
	OCI_CMP_GE,
	OCI_CMP_GT,
	OCI_CMP_MASKED_EQ,
	OCI_CMP_COUNT
};

enum oci_seccomp_flag {
	OCI_SECCOMP_TSYNC,
	OCI_SECCOMP_LOG,
	OCI_SECCOMP_SPEC_ALLOW,
	OCI_SECCOMP_WAIT_KILLABLE_RECV,
	OCI_SECCOMP_FLAG_COUNT
};

/* One entry for each SCMP_ARCH_* of the schema, in the schema's order. */
enum oci_seccomp_arch {
	OCI_ARCH_X86,
	OCI_ARCH_X86_64,
	OCI_ARCH_X32,
	OCI_ARCH_ARM,
	OCI_ARCH_AARCH64,
	OCI_ARCH_LOONGARCH64,
	OCI_ARCH_M68K,
	OCI_ARCH_MIPS,
	OCI_ARCH_MIPS64,
	OCI_ARCH_MIPS64N32,
	OCI_ARCH_MIPSEL,
	OCI_ARCH_MIPSEL64,
	OCI_ARCH_MIPSEL64N32,
	OCI_ARCH_PPC,
	OCI_ARCH_PPC64,
	OCI_ARCH_PPC64LE,
	OCI_ARCH_S390,
	OCI_ARCH_S390X,
	OCI_ARCH_SH,
	OCI_ARCH_SHEB,
	OCI_ARCH_PARISC,
	OCI_ARCH_PARISC64,
	OCI_ARCH_RISCV64,
	OCI_ARCH_COUNT
};

struct oci_seccomp_arg {
	uint32_t index; /* required, 0 to 5 */
	uint64_t value; /* required */
	struct opt_u64 value_two;
	enum oci_seccomp_operator op; /* required */
};

struct oci_syscall_rule {
	struct string_list names;	/* required, at least one */
	enum oci_seccomp_action action; /* required */
	struct opt_u32 errno_ret;
	struct {
		size_t n;
		struct oci_seccomp_arg *v;
	} args;
};

struct oci_seccomp {
	enum oci_seccomp_action default_action; /* required */
	struct opt_u32 default_errno_ret;
	struct enum_list architectures; /* enum oci_seccomp_arch */
	struct enum_list flags;		/* enum oci_seccomp_flag */
	const char *listener_path, *listener_metadata;
	struct {
		size_t n;
		struct oci_syscall_rule *v;
	} syscalls;
};
