/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of list and stats. */
#include "ops/table.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "libocispec/text.h"

enum { GAP = 3, MIN_WIDTH = 12 };

static int width_of(size_t column, size_t n_columns, const char *const *cells, size_t n_rows)
{
	int width = MIN_WIDTH;
	for (size_t i = 0; i < n_rows; i++) {
		int n = (int)strlen(cells[i * n_columns + column]) + GAP;
		width = n > width ? n : width;
	}
	return width;
}

static void print_cell(const char *cell, int width)
{
	char text[PATH_MAX];
	snprintf(text, sizeof text, "%s", cell);
	printf("%-*s", width, text_one_line(text));
}

void print_table(
	const char *const *titles, size_t n_columns, const char *const *cells, size_t n_rows)
{
	int width[16] = { 0 };
	for (size_t k = 0; k + 1 < n_columns && k < sizeof width / sizeof width[0]; k++)
		width[k] = width_of(k, n_columns, cells, n_rows);
	for (size_t i = 0; i <= n_rows; i++) {
		const char *const *row = i == 0 ? titles : cells + (i - 1) * n_columns;
		for (size_t k = 0; k < n_columns; k++)
			print_cell(row[k], width[k]);
		putchar('\n');
	}
}
