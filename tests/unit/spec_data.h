/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libocispec/error.h"

/* Documents of tests/unit/data, for the tests of libocispec. */

/* The whole file; free() it. */
static inline char *read_data(const char *name, size_t *ret_len)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", TEST_DATA, name);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size_t len = (size_t)ftell(f);
	rewind(f);
	char *text = malloc(len + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, len, f), len);
	text[len] = '\0';
	fclose(f);
	*ret_len = len;
	return text;
}

/* One case of a file of cases: a line "== title", then the document. False at the end. */
static inline bool next_case(char **rest, const char **title, char **document, size_t *len)
{
	if (strncmp(*rest, "==", 2) != 0)
		return false;
	char *line_end = strchr(*rest, '\n');
	assert_non_null(line_end);
	*line_end = '\0';
	*title = *rest + strspn(*rest, "= ");
	*document = line_end + 1;
	char *next = strstr(line_end + 1, "\n==");
	*len = next ? (size_t)(next + 1 - *document) : strlen(*document);
	*rest = *document + *len;
	return true;
}

/* The document in memory of exactly its size, so that a sanitizer sees a read behind its end. */
static inline char *exactly(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);
	assert_non_null(copy);
	memcpy(copy, text, len);
	return copy;
}

static inline void assert_error(const struct error *e, const char *expected)
{
	char line[1200];
	error_format(e, line, sizeof line);
	assert_string_equal(line, expected);
}
