/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "libocispec/arena.h"

/*
 * The filter of --emulate-ids: system calls that change owners or ids, and those that make device
 * nodes, are answered with success and not done. Everything else passes. Needs no libseccomp. Pure.
 *
 * It goes below the config's own filter: of two answers that are both errnos the kernel takes that
 * of the filter that was loaded last, so what the config refuses stays refused.
 */

/* Numbers of one AUDIT_ARCH_*; x32 is in x86_64's row, with the same numbers. */
enum { EMULATED_MAX = 25, NO_CALL = 0xffff };
struct emulated_arch {
	uint32_t audit_arch;
	uint16_t mknod, mknodat; /* NO_CALL: it has none */
	size_t n;
	uint16_t v[EMULATED_MAX]; /* answered whatever their arguments are */
};
extern const struct emulated_arch emulated_archs[];
extern const size_t n_emulated_archs;

/* -EOPNOTSUPP: this machine's architecture is not among them. */
int id_emulation_program(struct arena *arena, const struct sock_filter **ret_filter,
	unsigned short *ret_n, struct error *e);
