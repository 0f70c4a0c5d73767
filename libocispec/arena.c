/* SPDX-License-Identifier: Apache-2.0 */
/* Region allocator: a chain of blocks, bump allocation, freed as a whole. */
#include "arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, BLOCK_SIZE = 64 * 1024 };

struct arena_block {
	struct arena_block *next;
	_Alignas(ALIGN) char data[];
};

void arena_init(struct arena *a)
{
	*a = (struct arena){ 0 };
}

void arena_free(struct arena *a)
{
	while (a->head) {
		struct arena_block *next = a->head->next;
		free(a->head);
		a->head = next;
	}
	arena_init(a);
}

int arena_failed(const struct arena *a)
{
	return a->failed;
}

static int add_block(struct arena *a, size_t size)
{
	if (size < BLOCK_SIZE)
		size = BLOCK_SIZE;
	struct arena_block *b = calloc(1, sizeof *b + size);
	if (!b)
		return -1;
	b->next = a->head;
	a->head = b;
	a->used = 0;
	a->size = size;
	return 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
	if (size > SIZE_MAX / 2) {
		a->failed = 1;
		return NULL;
	}
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if ((!a->head || a->size - a->used < size) && add_block(a, size) < 0) {
		a->failed = 1;
		return NULL;
	}
	void *p = a->head->data + a->used;
	a->used += size;
	a->total += size;
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes)) {
		a->failed = 1;
		return NULL;
	}
	return arena_alloc(a, bytes);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);
	if (p)
		memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

/* Into what is left of the block, most often; where it doesn't fit, once more. */
char *arena_vprintf(struct arena *a, const char *format, va_list ap)
{
	size_t room = a->head ? a->size - a->used : 0;
	char *rest = room ? a->head->data + a->used : NULL;
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(rest, room, format, ap);
	bool fits = n >= 0 && (size_t)n < room;
	char *p = NULL;
	if (!fits && room)
		memset(rest, 0, room); /* what is handed out is zero */
	if (n >= 0)
		p = arena_alloc(a, (size_t)n + 1);
	if (p && !fits)
		vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	return p;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	char *p = arena_vprintf(a, format, ap);
	va_end(ap);
	return p;
}

const char *arena_path(struct arena *a, const char *dir, const char *path)
{
	return path[0] == '/' ? path : arena_printf(a, "%s/%s", dir, path);
}
