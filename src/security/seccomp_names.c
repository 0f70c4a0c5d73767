/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that includes libseccomp's header: its tables of names. No effect on this process.
 */
#include "security/seccomp_names.h"

#include <assert.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* The names of libseccomp, which knows more of them with each version: no constants, so that an
 * older library builds and says no only when asked. */
static const char *const names[] = {
	[OCI_ARCH_X86] = "x86",
	[OCI_ARCH_X86_64] = "x86_64",
	[OCI_ARCH_X32] = "x32",
	[OCI_ARCH_ARM] = "arm",
	[OCI_ARCH_AARCH64] = "aarch64",
	[OCI_ARCH_LOONGARCH64] = "loongarch64",
	[OCI_ARCH_M68K] = "m68k",
	[OCI_ARCH_MIPS] = "mips",
	[OCI_ARCH_MIPS64] = "mips64",
	[OCI_ARCH_MIPS64N32] = "mips64n32",
	[OCI_ARCH_MIPSEL] = "mipsel",
	[OCI_ARCH_MIPSEL64] = "mipsel64",
	[OCI_ARCH_MIPSEL64N32] = "mipsel64n32",
	[OCI_ARCH_PPC] = "ppc",
	[OCI_ARCH_PPC64] = "ppc64",
	[OCI_ARCH_PPC64LE] = "ppc64le",
	[OCI_ARCH_S390] = "s390",
	[OCI_ARCH_S390X] = "s390x",
	[OCI_ARCH_SH] = "sh",
	[OCI_ARCH_SHEB] = "sheb",
	[OCI_ARCH_PARISC] = "parisc",
	[OCI_ARCH_PARISC64] = "parisc64",
	[OCI_ARCH_RISCV64] = "riscv64",
};
static_assert(ARRAY_SIZE(names) == OCI_ARCH_COUNT, "one row for each architecture");

const char *seccomp_arch_name(enum oci_seccomp_arch which)
{
	return names[which];
}

/*
 * Calls that some architectures also (i386), or only, have behind one number and a first argument
 * that says which (linux/net.h, linux/ipc.h). There libseccomp gives them pseudo-numbers: -100 less
 * that argument for socketcall's, -200 less it for ipc's.
 */
enum { SOCKET_CALLS = 100, IPC_CALLS = 200, CALLS_END = 225 };

/* 1 to SECCOMP_MULTIPLEXED; 0: it is none of them. */
static unsigned multiplexed_call(int pseudo)
{
	return pseudo < -SOCKET_CALLS && pseudo > -CALLS_END ? (unsigned)(-pseudo - SOCKET_CALLS)
							     : 0;
}

/* Negative for what an architecture lacks. */
static int resolve(const struct seccomp_arch *arch, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(arch->token, name);
	return number < 0 ? -1 : number;
}

/* libseccomp's tokens are the kernel's AUDIT_ARCH_*, but for x32, which the kernel shows as
 * x86_64. */
bool seccomp_arch_find(enum oci_seccomp_arch which, struct seccomp_arch *ret)
{
	uint32_t token = seccomp_arch_resolve_name(names[which]);
	*ret = (struct seccomp_arch){ .which = which, .token = token };
	if (!token || (token & __AUDIT_ARCH_LE) != (seccomp_arch_native() & __AUDIT_ARCH_LE))
		return false;
	ret->audit_arch = which == OCI_ARCH_X32 ? AUDIT_ARCH_X86_64 : token;
	ret->is_32bit = !(token & __AUDIT_ARCH_64BIT) || which == OCI_ARCH_MIPS64N32 ||
			which == OCI_ARCH_MIPSEL64N32;
	ret->socketcall = resolve(ret, "socketcall");
	ret->ipc = resolve(ret, "ipc");
	return true;
}

bool seccomp_arch_is_native(const struct seccomp_arch *arch)
{
	return arch->token == seccomp_arch_native();
}

/* By name libseccomp gives the pseudo-number even where there is a direct one: only from number to
 * name does it tell. Kernels have put them into these ranges. */
void seccomp_arch_complete(struct seccomp_arch *arch)
{
	enum { FROM = 326, TO = 403, MIPS = 4000, MIPS_FROM = MIPS + 168 };
	if (arch->socketcall < 0 && arch->ipc < 0)
		return;
	bool is_mips = arch->ipc >= MIPS;
	int end = is_mips ? MIPS + TO : TO;
	for (int number = is_mips ? MIPS_FROM : FROM; number < end; number++) {
		char *name = seccomp_syscall_resolve_num_arch(arch->token, number);
		unsigned i = name ? multiplexed_call(
					    seccomp_syscall_resolve_name_arch(arch->token, name))
				  : 0;
		arch->direct[i] = number;
		free(name);
	}
}

void seccomp_call_find(const struct seccomp_arch *arch, const char *name, struct seccomp_call *ret)
{
	int number = seccomp_syscall_resolve_name_arch(arch->token, name);
	*ret = (struct seccomp_call){ number < 0 ? -1 : number, -1, 0 };
	unsigned i = number < 0 ? multiplexed_call(number) : 0;
	if (i == 0 || (arch->socketcall < 0 && arch->ipc < 0))
		return;
	bool is_ipc = i > IPC_CALLS - SOCKET_CALLS;
	ret->multiplexer = is_ipc ? arch->ipc : arch->socketcall;
	ret->which = is_ipc ? i - (IPC_CALLS - SOCKET_CALLS) : i;
	if (arch->direct[i] > 0)
		ret->number = arch->direct[i];
}

const char *seccomp_library_version(struct arena *arena)
{
	const struct scmp_version *v = seccomp_version();
	return arena_printf(arena, "%u.%u.%u", v->major, v->minor, v->micro);
}
