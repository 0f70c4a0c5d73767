/* SPDX-License-Identifier: Apache-2.0 */
/* In the place of seccomp_compile.c and seccomp_names.c where the build has no libseccomp. */
#include "security/seccomp_compile.h"
#include "security/seccomp_names.h"

int seccomp_compile(struct arena *arena, const struct oci_seccomp *config,
	const struct seccomp_facts *facts, struct seccomp_program *ret, struct error *e)
{
	return error_unsupported(e, "linux.seccomp", "this oci-rt was built without libseccomp");
}

bool seccomp_arch_find(enum oci_seccomp_arch which, struct seccomp_arch *ret)
{
	return false;
}

const char *seccomp_library_version(void)
{
	return NULL;
}
