/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libocispec/arena.h"

/* subuid(5) and subgid(5): OWNER:FIRST:COUNT, where the owner is the name or the number of a user,
 * in both files. */
struct subid_owner {
	const char *name, *number;
};

/* The calling user. False: no memory. */
bool subid_caller(struct arena *arena, struct subid_owner *ret);

struct subid_line {
	uint32_t first, count;
	bool is_owners;
};

/* Reads a file that is not there as an empty one. */
struct subid_reader {
	struct subid_owner owner;
	char *rest;
};
void subid_open(struct subid_reader *r, struct arena *arena, const char *path,
	const struct subid_owner *owner);
/* The next line of anybody's that names ids; others are passed over, as newuidmap(1) does. */
bool subid_next(struct subid_reader *r, struct subid_line *ret);
