/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libocispec/runtime/seccomp.h"

/*
 * System calls by name, on every architecture that one filter can have together with this
 * machine's: written by tools/syscall_table.c while building. No pointers: each would be relocated
 * at each start. To be read through seccomp_names.h.
 */
struct seccomp_arch {
	enum oci_seccomp_arch which;
	char name[12];
	uint32_t token;		 /* libseccomp's, 0: it does not know this one */
	uint32_t audit_arch;	 /* AUDIT_ARCH_*: x32 has that of x86_64 */
	bool is_usable;		 /* known, and of this machine's byte order */
	bool is_32bit;		 /* its arguments are */
	int16_t socketcall, ipc; /* numbers of the multiplexers, -1: it has none */
	uint8_t column;
};
extern const struct seccomp_arch seccomp_archs[OCI_ARCH_COUNT];
extern const char seccomp_library[]; /* "2.5.4": whose names they are */

/* Sorted. Name i begins at syscall_names + syscall_name_at[i]. */
extern const uint16_t n_syscall_names;
extern const char syscall_names[];
extern const uint16_t syscall_name_at[];

/* Of name i: which of the multiplexer's calls it is, ipc's from 101; 0: of none. */
extern const uint8_t syscall_multiplexed[];

/* column * n_syscall_names + i: a number, without x32's bit. */
extern const uint16_t syscall_numbers[];
enum {
	SYSCALL_MULTIPLEXED = 0x8000, /* it is behind a multiplexer (too) */
	SYSCALL_ABSENT = 0x7fff,
	SYSCALL_ARM_OWN_CODE = 0x7e00, /* and the low byte of ARM's own, which are: */
	SYSCALL_ARM_OWN = 0xf0000,
	SYSCALL_X32_BIT = 0x40000000,
};
