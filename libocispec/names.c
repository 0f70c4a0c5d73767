/* SPDX-License-Identifier: Apache-2.0 */
/* Look-up in tables of names. Pure. */
#include "libocispec/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool names_find(const struct names *t, const char *s, size_t n, int *ret)
{
	for (size_t i = 0; i < t->n; i++) {
		const char *name = t->v[i].name;
		if (strncmp(name, s, n) == 0 && name[n] == '\0') {
			*ret = t->v[i].value;
			return true;
		}
	}
	return false;
}

const char *names_of(const struct names *t, int value)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].value == value)
			return t->v[i].name;
	return NULL;
}

void names_join(const struct names *t, char *buffer, size_t size)
{
	size_t used = 0;
	buffer[0] = '\0';
	for (size_t i = 0; i < t->n && used < size; i++) {
		if (!t->v[i].name[0])
			continue;
		int n = snprintf(
			buffer + used, size - used, "%s%s", used ? ", " : "", t->v[i].name);
		if (n < 0)
			return;
		used += (size_t)n;
	}
}

int names_list(const struct names *t, struct arena *arena, struct string_list *ret)
{
	struct string_list list = { .v = ARENA_ARRAY(arena, t->n + 1, const char *) };
	if (!list.v)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].name[0])
			list.v[list.n++] = t->v[i].name;
	*ret = list;
	return 0;
}
