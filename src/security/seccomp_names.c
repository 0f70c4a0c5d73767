/* SPDX-License-Identifier: Apache-2.0 */
/* The table that tools/syscall_table.c makes of libseccomp's names, read. PURE. */
#include "security/seccomp_names.h"

#include <string.h>

/* The architecture that this program is for. */
#if defined(__x86_64__) && defined(__ILP32__)
#define NATIVE OCI_ARCH_X32
#elif defined(__x86_64__)
#define NATIVE OCI_ARCH_X86_64
#elif defined(__i386__)
#define NATIVE OCI_ARCH_X86
#elif defined(__aarch64__)
#define NATIVE OCI_ARCH_AARCH64
#elif defined(__arm__)
#define NATIVE OCI_ARCH_ARM
#elif defined(__loongarch64)
#define NATIVE OCI_ARCH_LOONGARCH64
#elif defined(__m68k__)
#define NATIVE OCI_ARCH_M68K
#elif defined(__MIPSEB__) && defined(_ABIO32)
#define NATIVE OCI_ARCH_MIPS
#elif defined(__MIPSEB__) && defined(_ABIN32)
#define NATIVE OCI_ARCH_MIPS64N32
#elif defined(__MIPSEB__)
#define NATIVE OCI_ARCH_MIPS64
#elif defined(__MIPSEL__) && defined(_ABIO32)
#define NATIVE OCI_ARCH_MIPSEL
#elif defined(__MIPSEL__) && defined(_ABIN32)
#define NATIVE OCI_ARCH_MIPSEL64N32
#elif defined(__MIPSEL__)
#define NATIVE OCI_ARCH_MIPSEL64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define NATIVE OCI_ARCH_PPC64LE
#elif defined(__powerpc64__)
#define NATIVE OCI_ARCH_PPC64
#elif defined(__powerpc__)
#define NATIVE OCI_ARCH_PPC
#elif defined(__s390x__)
#define NATIVE OCI_ARCH_S390X
#elif defined(__s390__)
#define NATIVE OCI_ARCH_S390
#elif defined(__sh__) && defined(__LITTLE_ENDIAN__)
#define NATIVE OCI_ARCH_SH
#elif defined(__sh__)
#define NATIVE OCI_ARCH_SHEB
#elif defined(__hppa64__)
#define NATIVE OCI_ARCH_PARISC64
#elif defined(__hppa__)
#define NATIVE OCI_ARCH_PARISC
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE OCI_ARCH_RISCV64
#else
#error "an architecture without a name in the specification: build with -Dseccomp=disabled"
#endif

enum { IPC_CALLS = 100 }; /* where those of ipc begin in syscall_multiplexed */

bool seccomp_arch_find(enum oci_seccomp_arch which, struct seccomp_arch *ret)
{
	*ret = seccomp_archs[which];
	return ret->is_usable;
}

bool seccomp_arch_is_native(const struct seccomp_arch *arch)
{
	return arch->which == NATIVE;
}

int seccomp_name_find(const char *name)
{
	int low = 0, end = n_syscall_names;
	while (low < end) {
		int middle = (low + end) / 2;
		int order = strcmp(name, syscall_names + syscall_name_at[middle]);
		if (order == 0)
			return middle;
		if (order < 0)
			end = middle;
		else
			low = middle + 1;
	}
	return -1;
}

static int decode(const struct seccomp_arch *arch, int code)
{
	if (code == SYSCALL_ABSENT)
		return -1;
	if (code >= SYSCALL_ARM_OWN_CODE)
		return SYSCALL_ARM_OWN | (code & 0xff);
	return arch->which == OCI_ARCH_X32 ? code | SYSCALL_X32_BIT : code;
}

struct seccomp_call seccomp_call_of(const struct seccomp_arch *arch, int name)
{
	struct seccomp_call call = { -1, -1, 0 };
	if (name < 0)
		return call;
	uint16_t code = syscall_numbers[arch->column * n_syscall_names + name];
	call.number = decode(arch, code & ~SYSCALL_MULTIPLEXED);
	if (!(code & SYSCALL_MULTIPLEXED))
		return call;
	unsigned i = syscall_multiplexed[name];
	call.multiplexer = i > IPC_CALLS ? arch->ipc : arch->socketcall;
	call.which = i > IPC_CALLS ? i - IPC_CALLS : i;
	return call;
}

const char *seccomp_library_version(void)
{
	return seccomp_library;
}
