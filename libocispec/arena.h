/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "error.h"

/*
 * A region that is freed as a whole. Parsed documents and plans live in one. All memory comes
 * before the first side effect; nothing allocates afterwards.
 *
 * The functions return NULL when memory is out, and remember it: arena_failed() may be asked once
 * after a series of allocations.
 */
struct arena_block;
struct arena {
	struct arena_block *head;
	size_t used, size; /* of the head block */
	size_t total;	   /* bytes handed out */
	int failed;
};

void arena_init(struct arena *a);
void arena_free(struct arena *a);
int arena_failed(const struct arena *a);

/* Zeroed, aligned to 16 bytes. */
void *arena_alloc(struct arena *a, size_t size);
/* Zeroed array; overflow of n * size fails as out of memory does. */
void *arena_array(struct arena *a, size_t n, size_t size);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *format, va_list ap) PRINTF_LIKE(2, 0);
/* The path itself where it is absolute, else below `dir`. */
const char *arena_path(struct arena *a, const char *dir, const char *path);

#define ARENA_NEW(a, type)	((type *)arena_alloc(a, sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_array(a, n, sizeof(type)))
