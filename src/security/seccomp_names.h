/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libocispec/arena.h"
#include "libocispec/runtime/seccomp.h"

/* What libseccomp knows by name: architectures, and the numbers of system calls. */
enum { SECCOMP_MULTIPLEXED = 124 }; /* pseudo-numbers, of which 32 are in use */
struct seccomp_arch {
	enum oci_seccomp_arch which;
	uint32_t token;			     /* libseccomp's */
	uint32_t audit_arch;		     /* AUDIT_ARCH_*: x32 has that of x86_64 */
	bool is_32bit;			     /* its arguments are */
	int socketcall, ipc;		     /* numbers of the multiplexers, -1: it has none */
	int direct[SECCOMP_MULTIPLEXED + 1]; /* of the calls behind them; 0: none, or not seen */
};

/* False: this libseccomp does not know it, or it has the other byte order than this machine. */
bool seccomp_arch_find(enum oci_seccomp_arch which, struct seccomp_arch *ret);
bool seccomp_arch_is_native(const struct seccomp_arch *arch);

/* Look for the direct numbers of multiplexed calls, which takes about 0.1 ms. */
void seccomp_arch_complete(struct seccomp_arch *arch);

/* The name for messages: "x86_64". */
const char *seccomp_arch_name(enum oci_seccomp_arch which);

struct seccomp_call {
	int number;	 /* x32: with its bit 30; -1: there is no such call on this architecture */
	int multiplexer; /* number of socketcall or ipc where the call is behind them too; -1 */
	uint32_t which;	 /* then the multiplexer's first argument */
};
void seccomp_call_find(const struct seccomp_arch *arch, const char *name, struct seccomp_call *ret);

/* "2.5.4", NULL where this build has no libseccomp. */
const char *seccomp_library_version(struct arena *arena);
