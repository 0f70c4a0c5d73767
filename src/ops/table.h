/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* A table for people, on standard output: each column as wide as its widest cell, three blanks and
 * twelve characters at least. cells: n_rows * n_columns. */
void print_table(
	const char *const *titles, size_t n_columns, const char *const *cells, size_t n_rows);
