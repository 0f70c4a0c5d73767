/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "libocispec/arena.h"
#include "libocispec/runtime/seccomp.h"

/* What the running kernel takes; made up by tests. */
struct seccomp_facts {
	unsigned flags; /* SECCOMP_FILTER_FLAG_* of linux/seccomp.h */
};
/* Ask the kernel. Installs nothing. */
void seccomp_probe(struct seccomp_facts *ret);

/* Ready for seccomp(SECCOMP_SET_MODE_FILTER, flags, &(struct sock_fprog){ n, filter }). */
struct seccomp_program {
	struct sock_filter *filter;
	size_t n;
	unsigned flags;
	bool needs_listener; /* SECCOMP_FILTER_FLAG_NEW_LISTENER is among the flags */
};

/*
 * linux.seccomp as a program for this architecture and those that the config adds. Runs in HOST.
 * No effect on this process. Never weaker than the config: what cannot be said in a filter is an
 * error; names of system calls that are unknown here are left out, as the peers do, because
 * profiles name those of every architecture and of later kernels.
 *
 * Beyond the config: where the default action refuses, system calls newer than all that the
 * profile names give ENOSYS instead, so that a libc falls back to the older call.
 */
int seccomp_compile(struct arena *arena, const struct oci_seccomp *config,
	const struct seccomp_facts *facts, struct seccomp_program *ret, struct error *e);

/* Can it stand in a filter together with this machine's own architecture? An enum oci_seccomp_arch.
 */
bool seccomp_knows_architecture(int arch);
