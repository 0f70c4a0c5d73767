/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "libocispec/error.h"

/*
 * What the user and the caller read when something goes wrong.
 *
 * Clients parse this: a failed command writes exactly one line of level error, and nothing below
 * `error` unless it was asked for. With --log FILE the line goes to FILE in the chosen format and
 * the bare sentence to standard error; without it standard error takes the line, which in the
 * text format is the bare sentence again, so that a client that matches on it sees the same text
 * everywhere.
 */
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON, LOG_FORMAT_COUNT };
enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_COUNT
};

/* Before this call: standard error, text, errors only. file NULL: standard error. */
int log_open(const char *file, enum log_format format, enum log_level threshold, struct error *e);
/* The descriptor of --log FILE, close-on-exec, or -1. */
int log_descriptor(void);
/* The one error line of a failed command. */
void log_error(const struct error *error);
/* spec: runtime.md#warnings */
void log_warning(const struct error *error);
/* One that the specification wants told at any rate. Not to a file that nobody asked to hold
 * warnings: Podman takes the whole of it for one object. */
void log_required_warning(const struct error *error);
/* What a command that did not fail has to say: the bare sentence on standard error as an error's,
 * and a warning in a log that was asked to hold those. */
void log_notice(const struct error *error);
void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);

/*
 * The body of a JSON string for `text`, without the quotes, always terminated. Bytes that are not
 * UTF-8 become U+FFFD: a log file has to stay readable whatever a file name holds. What doesn't fit
 * is cut between characters. Returns the length.
 */
size_t log_escape(char *buffer, size_t size, const char *text);
