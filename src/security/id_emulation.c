/* SPDX-License-Identifier: Apache-2.0 */
/* The filter of --emulate-ids, see the header. Runs in HOST. Pure: mustn't load it. */
#include "security/id_emulation.h"

#include <errno.h>
#include <sys/stat.h>

#include <linux/audit.h>
#include <linux/seccomp.h>

#include "base/cleanup.h"

/*
 * A process may call the kernel by every architecture that it runs, so all of them are in one
 * filter; those of another machine cost a comparison each, once for each system call number, since
 * Linux 5.11 keeps the answers that do not depend on arguments.
 *
 * In each row: chown, fchown, lchown, fchownat; setuid, setgid, setreuid, setregid, setresuid,
 * setresgid, setfsuid, setfsgid, setgroups; then the 32-bit versions of all but fchownat, where the
 * first ones are of 16 bits. tests/unit/test_id_emulation.c compares them with libseccomp's.
 */
/* clang-format off */
const struct emulated_arch emulated_archs[] = {
	{ AUDIT_ARCH_X86_64, 133, 259, 13,
		{ 92, 93, 94, 260, 105, 106, 113, 114, 117, 119, 122, 123, 116 } },
	{ AUDIT_ARCH_I386, 14, 297, 25,
		{ 182, 95, 16, 298, 23, 46, 70, 71, 164, 170, 138, 139, 81,
		  212, 207, 198, 213, 214, 203, 204, 208, 210, 215, 216, 206 } },
	{ AUDIT_ARCH_AARCH64, NO_CALL, 33, 11,
		{ 55, 54, 146, 144, 145, 143, 147, 149, 151, 152, 159 } },
	{ AUDIT_ARCH_ARM, 14, 324, 25,
		{ 182, 95, 16, 325, 23, 46, 70, 71, 164, 170, 138, 139, 81,
		  212, 207, 198, 213, 214, 203, 204, 208, 210, 215, 216, 206 } },
	{ AUDIT_ARCH_RISCV64, NO_CALL, 33, 11,
		{ 55, 54, 146, 144, 145, 143, 147, 149, 151, 152, 159 } },
	{ AUDIT_ARCH_PPC64LE, 14, 288, 13,
		{ 181, 95, 16, 289, 23, 46, 70, 71, 164, 169, 138, 139, 81 } },
	{ AUDIT_ARCH_S390X, 14, 290, 13,
		{ 212, 207, 198, 291, 213, 214, 203, 204, 208, 210, 215, 216, 206 } },
};
/* clang-format on */
const size_t n_emulated_archs = ARRAY_SIZE(emulated_archs);

#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__) || defined(__arm__) ||        \
	(defined(__riscv) && __riscv_xlen == 64) || (defined(__powerpc64__) && _CALL_ELF == 2) ||  \
	defined(__s390x__)
enum { IS_KNOWN_MACHINE = 1 };
#else
enum { IS_KNOWN_MACHINE = 0 };
#endif

enum { X32_BIT = 0x40000000, SECTION = EMULATED_MAX + 24, ANSWER_WITH_SUCCESS = SECCOMP_RET_ERRNO };

#define LOAD(offset)	   (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))
#define EQUALS(k, yes, no) (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, yes, no)
#define RETURN(k)	   (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, k)
#define AND(k)		   (struct sock_filter) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, k)

/* The half of an argument that a mode is in. */
static size_t low_half(int argument)
{
	const union {
		uint16_t word;
		uint8_t bytes[2];
	} order = { 1 };
	return offsetof(struct seccomp_data, args) + (size_t)argument * 8 +
	       (order.bytes[0] ? 0 : 4);
}

/* mknod: the mode says what is made. Plain files, FIFOs and sockets need no rights. */
static size_t add_mknod(struct sock_filter *v, uint16_t number, int mode_argument)
{
	size_t n = 0;
	if (number == NO_CALL)
		return 0;
	v[n++] = EQUALS(number, 0, 6);
	v[n++] = LOAD(low_half(mode_argument));
	v[n++] = AND(S_IFMT);
	v[n++] = EQUALS(S_IFCHR, 1, 0);
	v[n++] = EQUALS(S_IFBLK, 0, 1);
	v[n++] = RETURN(ANSWER_WITH_SUCCESS);
	v[n++] = RETURN(SECCOMP_RET_ALLOW);
	return n;
}

static size_t add_arch(struct sock_filter *v, const struct emulated_arch *a)
{
	size_t n = 1; /* v[0] is made last: it jumps behind all that follows */
	v[n++] = LOAD(offsetof(struct seccomp_data, nr));
	if (a->audit_arch == AUDIT_ARCH_X86_64)
		v[n++] = AND(~(uint32_t)X32_BIT);
	n += add_mknod(v + n, a->mknod, 1);
	n += add_mknod(v + n, a->mknodat, 2);
	/* each jumps to the last instruction of the section */
	for (size_t i = 0; i < a->n; i++)
		v[n++] = EQUALS(a->v[i], (uint8_t)(a->n - i), 0);
	v[n++] = RETURN(SECCOMP_RET_ALLOW);
	v[n++] = RETURN(ANSWER_WITH_SUCCESS);
	v[0] = EQUALS(a->audit_arch, 0, (uint8_t)(n - 1));
	return n;
}

int id_emulation_program(struct arena *arena, const struct sock_filter **ret_filter,
	unsigned short *ret_n, struct error *e)
{
	size_t n = 0;
	if (!IS_KNOWN_MACHINE)
		return error_unsupported(e, "",
			"--emulate-ids: the system calls of this machine's architecture are not "
			"known");
	struct sock_filter *v =
		ARENA_ARRAY(arena, n_emulated_archs * SECTION + 2, struct sock_filter);
	if (!v)
		return error_errno(e, ENOMEM, "id emulation");
	v[n++] = LOAD(offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < n_emulated_archs; i++)
		n += add_arch(v + n, &emulated_archs[i]);
	v[n++] = RETURN(SECCOMP_RET_ALLOW);
	*ret_filter = v;
	*ret_n = (unsigned short)n;
	return 0;
}
