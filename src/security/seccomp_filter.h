/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libocispec/arena.h"
#include "libocispec/runtime/seccomp.h"

/*
 * System call rules to classic BPF: the generator. PURE, and knows no names: numbers come from
 * seccomp_names.h. Each architecture is a section, its numbers a binary search over ranges, so that
 * a call takes about ten instructions and Podman's profile about a fifth of what a list would.
 */

struct seccomp_condition {
	uint32_t arg; /* 0 to 5 */
	enum oci_seccomp_operator op;
	bool is_low;		   /* only the low half of the argument counts */
	uint64_t value, value_two; /* MASKED_EQ: the mask, and what is left under it */
};

struct seccomp_rule {
	uint32_t number; /* as seccomp_data.nr has it: x32 with its bit 30 */
	uint32_t action; /* SECCOMP_RET_* and its data */
	size_t source;	 /* index in the config, for errors and order */
	size_t n;	 /* conditions, all of which must hold; 0: always */
	const struct seccomp_condition *conditions;
};

/* What numbers without a rule get. */
struct seccomp_base {
	uint32_t first; /* up to the next one's first; the first of all is 0 */
	uint32_t action;
};

enum { SECCOMP_BASES = 8 };
struct seccomp_section {
	uint32_t audit_arch; /* AUDIT_ARCH_*, as seccomp_data.arch has it */
	size_t n_bases;
	struct seccomp_base bases[SECCOMP_BASES];
	size_t n_rules, size;
	struct seccomp_rule *rules; /* in the order of the config */
};

/*
 * Rules of one number: the first without conditions decides alone; else, where the conditions of
 * several hold, the strictest action does, in the order that seccomp(2) has for several filters.
 * *source is that of a rule which says of the same conditions something else than an earlier one:
 * -EEXIST. -E2BIG: more than BPF_MAXINSNS.
 */
int seccomp_generate(struct arena *arena, const struct seccomp_section *sections, size_t n,
	uint32_t unknown_arch, struct sock_filter **ret, size_t *n_ret, size_t *source);
