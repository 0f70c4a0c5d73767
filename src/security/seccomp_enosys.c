/* SPDX-License-Identifier: Apache-2.0 */
/* See the header. Pure. */
#include "security/seccomp_enosys.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

enum { X32_BIT = 0x40000000 };

/* Jumps by name: where a test goes on to, counted in a section of its architecture. */
struct section {
	struct sock_filter v[ENOSYS_SECTION];
	size_t n;
};

static void add(struct section *s, struct sock_filter i)
{
	s->v[s->n++] = i;
}

#define LOAD(field)                                                                                \
	(struct sock_filter)                                                                       \
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define TEST(op, k, yes, no) (struct sock_filter) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, yes, no)
#define RETURN(k)	     (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, k)
#define GO(k)		     (struct sock_filter) BPF_STMT(BPF_JMP | BPF_JA, k)

/*
 * x32 shares the AUDIT_ARCH of x86_64 and differs by bit 30 of the number. Each section ends in
 *   return ENOSYS
 *   go to the filter (patched when the end is known)
 */
static void add_section(
	struct section *s, const struct enosys_arch *a, const struct enosys_arch *x32)
{
	bool is_x86_64 = a->audit_arch == AUDIT_ARCH_X86_64;
	add(s, TEST(BPF_JEQ, a->audit_arch, 0, 0));
	add(s, LOAD(nr));
	if (a->has_multiplexer)
		add(s, TEST(BPF_JEQ, 0, 1, 0));
	if (is_x86_64 && x32) {
		add(s, TEST(BPF_JSET, X32_BIT, 1, 0));
		add(s, TEST(BPF_JGT, a->highest, 1, 2));
		add(s, TEST(BPF_JGT, x32->highest, 0, 1));
	} else if (is_x86_64) {
		add(s, TEST(BPF_JSET, X32_BIT, 2, 0));
		add(s, TEST(BPF_JGT, a->highest, 0, 1));
	} else {
		add(s, TEST(BPF_JGT, a->highest, 0, 1));
	}
	add(s, RETURN(SECCOMP_RET_ERRNO | ENOSYS));
	add(s, GO(0));
	s->v[0].jf = (uint8_t)(s->n - 1); /* another architecture: the next section */
}

void enosys_stub_make(const struct enosys_arch *archs, size_t n, struct enosys_stub *ret)
{
	const struct enosys_arch *x32 = NULL;
	ret->n = 0;
	for (size_t i = 0; i < n; i++)
		if (archs[i].is_x32)
			x32 = &archs[i];
	ret->v[ret->n++] = LOAD(arch);
	for (size_t i = 0; i < n; i++) {
		struct section s = { 0 };
		if (archs[i].is_x32)
			continue; /* in x86_64's */
		add_section(&s, &archs[i], x32);
		for (size_t k = 0; k < s.n; k++)
			ret->v[ret->n++] = s.v[k];
	}
	if (ret->n == 1)
		ret->n = 0;
	for (size_t i = 0; i < ret->n; i++)
		if (ret->v[i].code == (BPF_JMP | BPF_JA))
			ret->v[i].k = (uint32_t)(ret->n - i - 1);
}
