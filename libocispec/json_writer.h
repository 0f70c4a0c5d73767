/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/*
 * JSON text, piece by piece. Errors are kept: only json_writer_finish() tells.
 */
struct json_writer;

/* Lives in the arena. pretty: two spaces an indent, a newline at the end. NULL: out of memory. */
struct json_writer *json_writer_new(struct arena *arena, bool pretty);

void json_write_null(struct json_writer *w);
void json_write_bool(struct json_writer *w, bool v);
void json_write_i64(struct json_writer *w, int64_t v);
void json_write_u64(struct json_writer *w, uint64_t v);
/* The text of a JSON number, as it is. */
void json_write_number(struct json_writer *w, const char *text);
/* also keys; a string that is not UTF-8 makes json_writer_finish() return -EILSEQ */
void json_write_string(struct json_writer *w, const char *s);
void json_write_string_n(struct json_writer *w, const char *s, size_t n);
void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);

/* The text, NUL-terminated, in the arena. 0, -ENOMEM, -EILSEQ or -EINVAL (calls out of order). */
int json_writer_finish(struct json_writer *w, char **ret_text, size_t *ret_len);
