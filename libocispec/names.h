/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "values.h"

/*
 * The names that a property may have, and the C value of each. One table for each enum of the
 * specification; nothing behind libocispec compares strings.
 *
 * Two rows may have the same value; the first is the one that is written. A row whose name is ""
 * is accepted and not listed: encoders written in Go do not tell "" from absent.
 */
struct name_value {
	const char *name;
	int value;
};

struct names {
	const char *what; /* "namespace type", for messages */
	const struct name_value *v;
	size_t n;
};

/* Defines tag_names from the array tag_values. */
#define NAMES(tag, what_)                                                                          \
	const struct names tag##_names = { what_, tag##_values,                                    \
		sizeof(tag##_values) / sizeof((tag##_values)[0]) }

/* On false *ret is untouched. */
bool names_find(const struct names *t, const char *s, size_t n, int *ret);
/* NULL: no such value. */
const char *names_of(const struct names *t, int value);
/* "a, b, c", for messages; cut off at the end of the buffer. */
void names_join(const struct names *t, char *buffer, size_t size);
/* All names in the order of the table, for `features`. -ENOMEM. */
int names_list(const struct names *t, struct arena *arena, struct string_list *ret);
