/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libocispec/runtime/seccomp.h"

/*
 * A piece of filter that stands in front of another: system calls above the highest one that a
 * profile names give ENOSYS; everything else falls through. With the profile's EPERM a libc would
 * take a new call for forbidden and not try the old one. Pure.
 */
struct enosys_arch {
	uint32_t audit_arch; /* AUDIT_ARCH_*, as seccomp_data.arch has it; x32: its own token */
	uint32_t highest;    /* x32: with its bit 30 */
	bool is_x32;
	bool has_multiplexer; /* s390: numbers that do not fit arrive as call 0 */
};

enum { ENOSYS_SECTION = 8, ENOSYS_STUB_SIZE = 1 + OCI_ARCH_COUNT * ENOSYS_SECTION };
struct enosys_stub {
	size_t n; /* 0: nothing to do */
	struct sock_filter v[ENOSYS_STUB_SIZE];
};

void enosys_stub_make(const struct enosys_arch *archs, size_t n, struct enosys_stub *ret);
