/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "error.h"

/*
 * JSON as a stream of events. What is true of every document is checked here: size, depth, UTF-8,
 * no NUL and no unpaired surrogate in a string, no duplicate key, nothing behind the value.
 */
enum {
	JSON_MAX_DEPTH = 128,
	JSON_MAX_SIZE = 8 * 1024 * 1024,
};

enum json_type {
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_NUMBER, /* the text as it is written: exact */
	JSON_STRING,
	JSON_OBJECT,
	JSON_ARRAY,
	JSON_KEY,
	JSON_OBJECT_END,
	JSON_ARRAY_END,
	JSON_TYPE_COUNT
};

struct json_event {
	enum json_type type;
	bool v;	       /* JSON_BOOLEAN */
	const char *s; /* NUMBER, STRING, KEY; valid during the event, not terminated */
	size_t n;
};

struct json_reader;

/* 0: go on. Negative: stop; json_fail() has said why, or it is -ENOMEM. */
typedef int (*json_handler)(void *context, struct json_reader *r, const struct json_event *event);

/* `file` is how messages name the document. Only rare things (keys with escapes) are allocated. */
int json_read(const char *text, size_t len, const char *file, struct arena *arena,
	json_handler handler, void *context, struct error *e);

/* The token of this event is wrong: its path and position, and this text. Returns -EINVAL. */
int json_fail(struct json_reader *r, const char *format, ...) PRINTF_LIKE(2, 3);
/* As json_fail, in JSON_OBJECT_END: about a property that the object lacks; points at its '{'. */
int json_fail_property(struct json_reader *r, const char *name, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* Where the token of this event begins, as an offset. */
size_t json_token_start(const struct json_reader *r);
/* Line and column, from 1, of an offset. */
void json_position(const char *text, size_t len, size_t offset, uint32_t *line, uint32_t *column);
