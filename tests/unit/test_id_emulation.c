/* SPDX-License-Identifier: Apache-2.0 */
/* The filter of --emulate-ids, run here over made-up calls: what is answered, and what passes. Its
 * numbers are libseccomp's, where this build has that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <linux/audit.h>
#include <linux/seccomp.h>

#include "base/cleanup.h"
#include "config.h"
#include "security/id_emulation.h"

static const struct sock_filter *filter;
static unsigned short n_filter;

/* The instructions that the filter has, as the kernel runs them. */
static uint32_t run(const struct seccomp_data *data)
{
	uint32_t a = 0;
	for (size_t at = 0; at < n_filter; at++) {
		const struct sock_filter *i = &filter[at];
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(i->k % 4 == 0 && i->k < sizeof *data);
			memcpy(&a, (const char *)data + i->k, sizeof a);
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == i->k ? i->jt : i->jf;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			fail_msg("instruction %zu has the code %#x", at, i->code);
		}
	}
	fail_msg("the filter has no end");
	return 0;
}

static bool is_answered(uint32_t arch, uint32_t nr, int argument, uint64_t value)
{
	struct seccomp_data data = { .arch = arch, .nr = (int)nr };
	if (argument >= 0)
		data.args[argument] = value;
	uint32_t r = run(&data);
	assert_true(r == SECCOMP_RET_ERRNO || r == SECCOMP_RET_ALLOW);
	return r == SECCOMP_RET_ERRNO;
}

static void is_answered_by_mode(uint32_t arch, uint32_t nr, int argument)
{
	static const struct {
		mode_t type;
		bool answered;
	} modes[] = { { 0, false }, { S_IFREG, false }, { S_IFIFO, false }, { S_IFSOCK, false },
		{ S_IFCHR, true }, { S_IFBLK, true } };
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		uint64_t mode = modes[i].type | 0644;
		assert_int_equal(is_answered(arch, nr, argument, mode), modes[i].answered);
		/* what is above the mode is not looked at by the kernel */
		assert_int_equal(is_answered(arch, nr, argument, mode | UINT64_C(1) << 40),
			modes[i].answered);
	}
}

static bool is_listed(const struct emulated_arch *a, uint32_t nr)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i] == nr)
			return true;
	return false;
}

static void the_listed_calls_and_no_others(void **state)
{
	for (size_t i = 0; i < n_emulated_archs; i++) {
		const struct emulated_arch *a = &emulated_archs[i];
		for (uint32_t nr = 0; nr < 600; nr++) {
			if (nr == a->mknod || nr == a->mknodat)
				continue;
			assert_int_equal(is_answered(a->audit_arch, nr, -1, 0), is_listed(a, nr));
			assert_int_equal(
				is_answered(a->audit_arch, nr, 1, S_IFCHR), is_listed(a, nr));
		}
		if (a->mknod != NO_CALL)
			is_answered_by_mode(a->audit_arch, a->mknod, 1);
		is_answered_by_mode(a->audit_arch, a->mknodat, 2);
		assert_false(is_answered(a->audit_arch, 0xffffffff, -1, 0));
	}
	/* x32 */
	assert_true(is_answered(AUDIT_ARCH_X86_64, 0x40000000 | 92, -1, 0));
	assert_false(is_answered(AUDIT_ARCH_X86_64, 0x40000000 | 1, -1, 0));
	is_answered_by_mode(AUDIT_ARCH_X86_64, 0x40000000 | 133, 1);
	/* one that is not in the table */
	assert_false(is_answered(AUDIT_ARCH_SPARC64, 92, -1, 0));
}

#if WITH_SECCOMP
#include <seccomp.h>

static void the_numbers_are_the_kernels(void **state)
{
	static const char *const names[] = { "chown", "fchown", "lchown", "fchownat", "setuid",
		"setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid",
		"setgroups", "chown32", "fchown32", "lchown32", "setuid32", "setgid32",
		"setreuid32", "setregid32", "setresuid32", "setresgid32", "setfsuid32",
		"setfsgid32", "setgroups32" };
	for (size_t i = 0; i < n_emulated_archs; i++) {
		const struct emulated_arch *a = &emulated_archs[i];
		size_t n = 0;
		for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
			int nr = seccomp_syscall_resolve_name_arch(a->audit_arch, names[k]);
			n += nr >= 0;
			if (nr >= 0)
				assert_true(is_listed(a, (uint32_t)nr));
		}
		assert_int_equal(n, a->n);
		int nr = seccomp_syscall_resolve_name_arch(a->audit_arch, "mknod");
		assert_int_equal(a->mknod, nr < 0 ? NO_CALL : nr);
		assert_int_equal(
			a->mknodat, seccomp_syscall_resolve_name_arch(a->audit_arch, "mknodat"));
	}
}
#else
static void the_numbers_are_the_kernels(void **state)
{
	skip();
}
#endif

int main(void)
{
	struct arena arena;
	struct error e;
	arena_init(&arena);
	if (id_emulation_program(&arena, &filter, &n_filter, &e) < 0)
		return 77; /* not on this machine: meson calls it skipped */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_listed_calls_and_no_others),
		cmocka_unit_test(the_numbers_are_the_kernels),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&arena);
	return r;
}
