/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "security/seccomp_table.h"

/* What libseccomp knew by name when this was built: architectures, and numbers of system calls. */

/* False: that libseccomp did not know it, or it has the other byte order than this machine. */
bool seccomp_arch_find(enum oci_seccomp_arch which, struct seccomp_arch *ret);
bool seccomp_arch_is_native(const struct seccomp_arch *arch);

/* To be asked for its numbers; -1: no architecture has such a call. */
int seccomp_name_find(const char *name);

struct seccomp_call {
	int number;	 /* x32: with its bit 30; -1: there is no such call on this architecture */
	int multiplexer; /* number of socketcall or ipc where the call is behind them too; -1 */
	uint32_t which;	 /* then the multiplexer's first argument */
};
struct seccomp_call seccomp_call_of(const struct seccomp_arch *arch, int name);

/* "2.5.4", NULL where this build has no system calls' names. */
const char *seccomp_library_version(void);
