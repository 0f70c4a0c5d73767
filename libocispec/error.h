/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The one error type of the project. It has a fixed size and never allocates, so that it can be
 * filled in a process that may not allocate and can cross a socket as it is.
 *
 * Functions return 0 or a negative errno and fill a struct error where they can say more. The
 * text is set where the errno is known; a caller wraps it only when it adds a *what*.
 */
enum error_kind {
	ERROR_NONE,
	ERROR_CONFIG,	   /* a document is wrong: position and JSON path are set where known */
	ERROR_USAGE,	   /* the command line is wrong */
	ERROR_SYSTEM,	   /* a system call said no */
	ERROR_UNSUPPORTED, /* valid, and this build or version cannot do it */
	ERROR_STATE,	   /* the container is not in the state that the operation needs */
	ERROR_KIND_COUNT
};

struct error {
	enum error_kind kind;
	int err;	 /* errno value, positive; 0 where there is none */
	uint32_t line;	 /* 1-based line in `file`; 0: unknown */
	uint32_t column; /* 1-based column in bytes; 0: unknown */
	char file[128];	 /* the document, as the user named it; "" where there is none */
	char path[192];	 /* JSON path: linux.resources.memory.limit, mounts[3].source; "" if none */
	char text[704];	 /* one sentence, no newline, hint included */
};

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* Fill *e (which may be NULL) and return -err, so that callers write `return error_set(...)`. */
int error_set(struct error *e, enum error_kind kind, int err, const char *format, ...)
	PRINTF_LIKE(4, 5);

/* "<format>: <strerror(err)>" of kind ERROR_SYSTEM. Returns -err. */
int error_errno(struct error *e, int err, const char *format, ...) PRINTF_LIKE(3, 4);

/* A document's field is wrong: ERROR_CONFIG, EINVAL, with its JSON path. Returns -EINVAL. */
int error_field(struct error *e, const char *json_path, const char *format, ...) PRINTF_LIKE(3, 4);

/* As error_field, of kind ERROR_UNSUPPORTED, -EOPNOTSUPP. */
int error_unsupported(struct error *e, const char *json_path, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* Put "<format>: " before the text that *e already has. */
void error_prefix(struct error *e, const char *format, ...) PRINTF_LIKE(2, 3);
/* Put this after it. */
void error_append(struct error *e, const char *format, ...) PRINTF_LIKE(2, 3);

/* Write the one line that a user reads: [file:line:column: ][path: ]text. Returns its length. */
int error_format(const struct error *e, char *buffer, unsigned size);
