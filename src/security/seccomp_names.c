/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that includes libseccomp's header: its tables of names. No effect on this process.
 */
#include "security/seccomp_names.h"

#include <assert.h>
#include <linux/audit.h>
#include <linux/ipc.h>
#include <linux/net.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

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

/* linux/net.h and linux/ipc.h: calls that some architectures also (i386), or only, have behind one
 * number and a first argument that says which. */
static const struct {
	const char *name;
	uint32_t which;
	bool is_ipc;
} multiplexed[] = {
	{ "socket", SYS_SOCKET, false },
	{ "bind", SYS_BIND, false },
	{ "connect", SYS_CONNECT, false },
	{ "listen", SYS_LISTEN, false },
	{ "accept", SYS_ACCEPT, false },
	{ "getsockname", SYS_GETSOCKNAME, false },
	{ "getpeername", SYS_GETPEERNAME, false },
	{ "socketpair", SYS_SOCKETPAIR, false },
	{ "send", SYS_SEND, false },
	{ "recv", SYS_RECV, false },
	{ "sendto", SYS_SENDTO, false },
	{ "recvfrom", SYS_RECVFROM, false },
	{ "shutdown", SYS_SHUTDOWN, false },
	{ "setsockopt", SYS_SETSOCKOPT, false },
	{ "getsockopt", SYS_GETSOCKOPT, false },
	{ "sendmsg", SYS_SENDMSG, false },
	{ "recvmsg", SYS_RECVMSG, false },
	{ "accept4", SYS_ACCEPT4, false },
	{ "recvmmsg", SYS_RECVMMSG, false },
	{ "sendmmsg", SYS_SENDMMSG, false },
	{ "semop", SEMOP, true },
	{ "semget", SEMGET, true },
	{ "semctl", SEMCTL, true },
	{ "semtimedop", SEMTIMEDOP, true },
	{ "msgsnd", MSGSND, true },
	{ "msgrcv", MSGRCV, true },
	{ "msgget", MSGGET, true },
	{ "msgctl", MSGCTL, true },
	{ "shmat", SHMAT, true },
	{ "shmdt", SHMDT, true },
	{ "shmget", SHMGET, true },
	{ "shmctl", SHMCTL, true },
};
static_assert(ARRAY_SIZE(multiplexed) == SECCOMP_MULTIPLEXED, "a direct number for each");

/* The index in the table, its size: none of them. */
static size_t find_multiplexed(const char *name)
{
	size_t i = 0;
	while (i < SECCOMP_MULTIPLEXED && strcmp(multiplexed[i].name, name) != 0)
		i++;
	return i;
}

/* libseccomp has negative numbers for what an architecture lacks, or only has multiplexed. */
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
	for (size_t i = 0; i < SECCOMP_MULTIPLEXED; i++)
		ret->direct[i] = -1;
	return true;
}

bool seccomp_arch_is_native(const struct seccomp_arch *arch)
{
	return arch->token == seccomp_arch_native();
}

/* By name libseccomp gives a multiplexed call's negative number, even where there is a direct one:
 * only from number to name does it tell. Kernels have put them into this range, after the
 * architecture's first number (mips: 4000). */
void seccomp_arch_complete(struct seccomp_arch *arch)
{
	enum { FROM = 160, TO = 460 };
	int first = arch->ipc >= 4000 ? 4000 : 0;
	for (int number = first + FROM;
		(arch->socketcall >= 0 || arch->ipc >= 0) && number < first + TO; number++) {
		char *name = seccomp_syscall_resolve_num_arch(arch->token, number);
		size_t i = name ? find_multiplexed(name) : SECCOMP_MULTIPLEXED;
		if (i < SECCOMP_MULTIPLEXED)
			arch->direct[i] = number;
		free(name);
	}
}

void seccomp_call_find(const struct seccomp_arch *arch, const char *name, struct seccomp_call *ret)
{
	*ret = (struct seccomp_call){ resolve(arch, name), -1, 0 };
	if (arch->socketcall < 0 && arch->ipc < 0)
		return;
	size_t i = find_multiplexed(name);
	if (i == SECCOMP_MULTIPLEXED)
		return;
	ret->multiplexer = multiplexed[i].is_ipc ? arch->ipc : arch->socketcall;
	ret->which = multiplexed[i].which;
	if (ret->number < 0)
		ret->number = arch->direct[i];
}

const char *seccomp_library_version(struct arena *arena)
{
	const struct scmp_version *v = seccomp_version();
	return arena_printf(arena, "%u.%u.%u", v->major, v->minor, v->micro);
}
