/* SPDX-License-Identifier: Apache-2.0 */
/* The table of system calls against libseccomp, which it was made of: every name, on every
 * architecture, by libseccomp's own two ways, from name to number and from number to name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "security/seccomp_names.h"

static const char *name_at(int i)
{
	return syscall_names + syscall_name_at[i];
}

/* Of a call that has a pseudo-number too; -1: none. MIPS begins at 4000, and libseccomp takes
 * smaller ones for the same. */
static int direct_number(const struct seccomp_arch *arch, const char *name)
{
	for (int number = arch->ipc >= 4000 ? 4000 : 0; number < 5000; number++) {
		AUTO_FREE char *found = seccomp_syscall_resolve_num_arch(arch->token, number);
		if (found && strcmp(found, name) == 0)
			return number;
	}
	return -1;
}

static void check_call(const struct seccomp_arch *arch, const char *name)
{
	struct seccomp_call call = seccomp_call_of(arch, seccomp_name_find(name));
	int number = seccomp_syscall_resolve_name_arch(arch->token, name);
	bool is_socketcall = number <= -101 && number >= -120;
	bool is_ipc = number <= -201 && number >= -224;
	int multiplexer = is_socketcall ? arch->socketcall : is_ipc ? arch->ipc : -1;
	if (multiplexer >= 0)
		number = direct_number(arch, name);
	if (call.number != (number < 0 ? -1 : number) || call.multiplexer != multiplexer)
		fail_msg("%s, %s: %d, %d instead of %d, %d", arch->name, name, call.number,
			call.multiplexer, number, multiplexer);
	if (multiplexer >= 0)
		assert_int_equal(
			(int)call.which, -seccomp_syscall_resolve_name_arch(arch->token, name) -
						 (is_ipc ? 200 : 100));
}

static void every_name_on_every_architecture(void **state)
{
	size_t n_archs = 0;
	for (int a = 0; a < OCI_ARCH_COUNT; a++) {
		struct seccomp_arch arch;
		if (!seccomp_arch_find((enum oci_seccomp_arch)a, &arch))
			continue;
		n_archs++;
		for (int i = 0; i < n_syscall_names; i++)
			check_call(&arch, name_at(i));
		check_call(&arch, "no_such_call");
		check_call(&arch, "");
	}
	assert_true(n_archs >= 4);
	assert_true(n_syscall_names > 400);
}

/* What some number has as its name must be in the table, with the number that the name has. */
static void every_number_on_every_architecture(void **state)
{
	size_t n = 0;
	for (int a = 0; a < OCI_ARCH_COUNT; a++) {
		struct seccomp_arch arch;
		if (!seccomp_arch_find((enum oci_seccomp_arch)a, &arch))
			continue;
		int base = a == OCI_ARCH_X32 ? SYSCALL_X32_BIT : 0;
		for (int i = 0; i < 8000; i++) {
			int number = i < 7900 ? base + i : SYSCALL_ARM_OWN + i - 7900;
			AUTO_FREE char *name = seccomp_syscall_resolve_num_arch(arch.token, number);
			if (!name)
				continue;
			assert_true(seccomp_name_find(name) >= 0);
			check_call(&arch, name);
			n++;
		}
	}
	assert_true(n > 1500);
}

static void architectures(void **state)
{
	size_t n_native = 0;
	for (int a = 0; a < OCI_ARCH_COUNT; a++) {
		struct seccomp_arch arch;
		bool is_found = seccomp_arch_find((enum oci_seccomp_arch)a, &arch);
		assert_int_equal(arch.which, a);
		assert_int_equal(arch.token, seccomp_arch_resolve_name(arch.name));
		if (!is_found)
			continue;
		assert_int_equal(
			seccomp_arch_is_native(&arch), arch.token == seccomp_arch_native());
		n_native += seccomp_arch_is_native(&arch);
	}
	assert_int_equal(n_native, 1);
}

static void version(void **state)
{
	char text[32];
	const struct scmp_version *v = seccomp_version();
	snprintf(text, sizeof text, "%u.%u.%u", v->major, v->minor, v->micro);
	assert_string_equal(seccomp_library_version(), text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_on_every_architecture),
		cmocka_unit_test(every_number_on_every_architecture),
		cmocka_unit_test(architectures),
		cmocka_unit_test(version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
