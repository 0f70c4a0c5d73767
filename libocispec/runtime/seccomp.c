/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of `linux.seccomp` and its names. spec: config-linux.md#seccomp. Data only. */
#include "libocispec/runtime/seccomp.h"

#include "libocispec/runtime/tables.h"

static const struct name_value oci_seccomp_action_values[] = {
	{ "SCMP_ACT_KILL", OCI_ACT_KILL },
	{ "SCMP_ACT_KILL_PROCESS", OCI_ACT_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", OCI_ACT_KILL_THREAD },
	{ "SCMP_ACT_TRAP", OCI_ACT_TRAP },
	{ "SCMP_ACT_ERRNO", OCI_ACT_ERRNO },
	{ "SCMP_ACT_TRACE", OCI_ACT_TRACE },
	{ "SCMP_ACT_ALLOW", OCI_ACT_ALLOW },
	{ "SCMP_ACT_LOG", OCI_ACT_LOG },
	{ "SCMP_ACT_NOTIFY", OCI_ACT_NOTIFY },
};
NAMES(oci_seccomp_action, "seccomp action");
_Static_assert(
	sizeof oci_seccomp_action_values / sizeof oci_seccomp_action_values[0] == OCI_ACT_COUNT,
	"one row for each action");

static const struct name_value oci_seccomp_operator_values[] = {
	{ "SCMP_CMP_NE", OCI_CMP_NE },
	{ "SCMP_CMP_LT", OCI_CMP_LT },
	{ "SCMP_CMP_LE", OCI_CMP_LE },
	{ "SCMP_CMP_EQ", OCI_CMP_EQ },
	{ "SCMP_CMP_GE", OCI_CMP_GE },
	{ "SCMP_CMP_GT", OCI_CMP_GT },
	{ "SCMP_CMP_MASKED_EQ", OCI_CMP_MASKED_EQ },
};
NAMES(oci_seccomp_operator, "seccomp operator");
_Static_assert(
	sizeof oci_seccomp_operator_values / sizeof oci_seccomp_operator_values[0] == OCI_CMP_COUNT,
	"one row for each operator");

static const struct name_value oci_seccomp_flag_values[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", OCI_SECCOMP_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG", OCI_SECCOMP_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", OCI_SECCOMP_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", OCI_SECCOMP_WAIT_KILLABLE_RECV },
};
NAMES(oci_seccomp_flag, "seccomp flag");
_Static_assert(sizeof oci_seccomp_flag_values / sizeof oci_seccomp_flag_values[0] ==
		       OCI_SECCOMP_FLAG_COUNT,
	"one row for each flag");

static const struct name_value oci_seccomp_arch_values[] = {
	{ "SCMP_ARCH_X86", OCI_ARCH_X86 },
	{ "SCMP_ARCH_X86_64", OCI_ARCH_X86_64 },
	{ "SCMP_ARCH_X32", OCI_ARCH_X32 },
	{ "SCMP_ARCH_ARM", OCI_ARCH_ARM },
	{ "SCMP_ARCH_AARCH64", OCI_ARCH_AARCH64 },
	{ "SCMP_ARCH_LOONGARCH64", OCI_ARCH_LOONGARCH64 },
	{ "SCMP_ARCH_M68K", OCI_ARCH_M68K },
	{ "SCMP_ARCH_MIPS", OCI_ARCH_MIPS },
	{ "SCMP_ARCH_MIPS64", OCI_ARCH_MIPS64 },
	{ "SCMP_ARCH_MIPS64N32", OCI_ARCH_MIPS64N32 },
	{ "SCMP_ARCH_MIPSEL", OCI_ARCH_MIPSEL },
	{ "SCMP_ARCH_MIPSEL64", OCI_ARCH_MIPSEL64 },
	{ "SCMP_ARCH_MIPSEL64N32", OCI_ARCH_MIPSEL64N32 },
	{ "SCMP_ARCH_PPC", OCI_ARCH_PPC },
	{ "SCMP_ARCH_PPC64", OCI_ARCH_PPC64 },
	{ "SCMP_ARCH_PPC64LE", OCI_ARCH_PPC64LE },
	{ "SCMP_ARCH_S390", OCI_ARCH_S390 },
	{ "SCMP_ARCH_S390X", OCI_ARCH_S390X },
	{ "SCMP_ARCH_SH", OCI_ARCH_SH },
	{ "SCMP_ARCH_SHEB", OCI_ARCH_SHEB },
	{ "SCMP_ARCH_PARISC", OCI_ARCH_PARISC },
	{ "SCMP_ARCH_PARISC64", OCI_ARCH_PARISC64 },
	{ "SCMP_ARCH_RISCV64", OCI_ARCH_RISCV64 },
};
NAMES(oci_seccomp_arch, "seccomp architecture");
_Static_assert(sizeof oci_seccomp_arch_values / sizeof oci_seccomp_arch_values[0] == OCI_ARCH_COUNT,
	"one row for each architecture");

#define SELF struct oci_seccomp_arg
static const struct field oci_seccomp_arg_fields[] = {
	ROW_U32("index", index, REQUIRED),
	ROW_U64("value", value, REQUIRED),
	ROW_OPT_U64("valueTwo", value_two, OPTIONAL),
	ROW_ENUM("op", op, oci_seccomp_operator, REQUIRED),
};
static OBJECT(oci_seccomp_arg);
#undef SELF

#define SELF struct oci_syscall_rule
static const struct field oci_syscall_rule_fields[] = {
	ROW_STRING_LIST("names", names, REQUIRED),
	ROW_ENUM("action", action, oci_seccomp_action, REQUIRED),
	ROW_OPT_U32("errnoRet", errno_ret, OPTIONAL),
	ROW_ARRAY("args", args, oci_seccomp_arg, OPTIONAL),
};
static OBJECT(oci_syscall_rule);
#undef SELF

#define SELF struct oci_seccomp
static const struct field oci_seccomp_fields[] = {
	ROW_ENUM("defaultAction", default_action, oci_seccomp_action, REQUIRED),
	ROW_OPT_U32("defaultErrnoRet", default_errno_ret, OPTIONAL),
	ROW_ENUM_LIST("architectures", architectures, oci_seccomp_arch, OPTIONAL),
	ROW_ENUM_LIST("flags", flags, oci_seccomp_flag, OPTIONAL),
	ROW_STRING("listenerPath", listener_path, EMPTY_IS_ABSENT),
	ROW_STRING("listenerMetadata", listener_metadata, EMPTY_IS_ABSENT),
	ROW_ARRAY("syscalls", syscalls, oci_syscall_rule, OPTIONAL),
};
OBJECT(oci_seccomp);
#undef SELF
