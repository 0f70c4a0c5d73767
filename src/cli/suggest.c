/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the nearest of a set of names. Pure. */
#include <string.h>

#include "cli/options.h"

enum { WORD_MAX = 32 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

/* Levenshtein's distance, one row of the matrix at a time */
static unsigned distance(const char *a, const char *b)
{
	size_t n = strlen(b);
	unsigned row[WORD_MAX + 1];
	if (n > WORD_MAX || strlen(a) > WORD_MAX)
		return WORD_MAX;
	for (size_t k = 0; k <= n; k++)
		row[k] = (unsigned)k;
	for (size_t i = 0; a[i]; i++) {
		unsigned diagonal = row[0];
		row[0] = (unsigned)i + 1;
		for (size_t k = 0; k < n; k++) {
			unsigned above = row[k + 1];
			row[k + 1] = min3(above + 1, row[k] + 1, diagonal + (a[i] != b[k]));
			diagonal = above;
		}
	}
	return row[n];
}

const char *suggest(
	const char *word, const char *(*next)(const void *context, size_t i), const void *context)
{
	const char *best = NULL, *name;
	/* one slip in a short word, two in a longer one */
	unsigned limit = strlen(word) < 5 ? 2 : 3;
	for (size_t i = 0; (name = next(context, i)); i++) {
		size_t n = strlen(word);
		bool is_beginning = n >= 3 && strncmp(word, name, n) == 0;
		unsigned d = is_beginning ? 0 : distance(word, name);
		if (d < limit) {
			best = name;
			limit = d;
		}
	}
	return best;
}
