/* SPDX-License-Identifier: Apache-2.0 */
/* Filling and formatting of struct error. Pure; no allocation. */
#include "error.h"

#include "text.h"
#include "words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

PRINTF_LIKE(2, 0)
static void set_text(struct error *e, const char *format, va_list ap)
{
	vsnprintf(e->text, sizeof e->text, format, ap);
	text_one_line(e->text);
}

int error_set(struct error *e, enum error_kind kind, int err, const char *format, ...)
{
	if (e) {
		va_list ap;
		*e = (struct error){ .kind = kind, .err = err };
		va_start(ap, format);
		set_text(e, format, ap);
		va_end(ap);
	}
	return -err;
}

int error_errno(struct error *e, int err, const char *format, ...)
{
	if (e) {
		va_list ap;
		*e = (struct error){ .kind = ERROR_SYSTEM, .err = err };
		va_start(ap, format);
		set_text(e, format, ap);
		va_end(ap);
		size_t n = strlen(e->text);
		const char *words = errno_words(err);
		snprintf(e->text + n, sizeof e->text - n, ": %s", words ? words : "unknown error");
		/* "no such file or directory": clients look for the words case-sensitively, as Go
		 * writes them; abbreviations ("RFS specific error") stay */
		char *first = e->text + n + 2;
		if (n + 3 < sizeof e->text && first[0] >= 'A' && first[0] <= 'Z' &&
			first[1] >= 'a' && first[1] <= 'z')
			*first |= 0x20;
	}
	return -err;
}

int error_field(struct error *e, const char *json_path, const char *format, ...)
{
	if (e) {
		va_list ap;
		*e = (struct error){ .kind = ERROR_CONFIG, .err = EINVAL };
		snprintf(e->path, sizeof e->path, "%s", json_path);
		va_start(ap, format);
		set_text(e, format, ap);
		va_end(ap);
	}
	return -EINVAL;
}

int error_unsupported(struct error *e, const char *json_path, const char *format, ...)
{
	if (e) {
		va_list ap;
		*e = (struct error){ .kind = ERROR_UNSUPPORTED, .err = EOPNOTSUPP };
		snprintf(e->path, sizeof e->path, "%s", json_path);
		va_start(ap, format);
		set_text(e, format, ap);
		va_end(ap);
	}
	return -EOPNOTSUPP;
}

void error_prefix(struct error *e, const char *format, ...)
{
	if (!e)
		return;
	char old[sizeof e->text];
	memcpy(old, e->text, sizeof old);
	va_list ap;
	va_start(ap, format);
	set_text(e, format, ap);
	va_end(ap);
	size_t n = strlen(e->text);
	snprintf(e->text + n, sizeof e->text - n, ": %s", old);
}

void error_append(struct error *e, const char *format, ...)
{
	if (!e)
		return;
	size_t n = strlen(e->text);
	va_list ap;
	va_start(ap, format);
	vsnprintf(e->text + n, sizeof e->text - n, format, ap);
	va_end(ap);
	text_one_line(e->text + n);
}

int error_format(const struct error *e, char *buffer, unsigned size)
{
	char where[sizeof e->file + 24] = "";
	if (e->file[0] && e->line)
		snprintf(where, sizeof where, "%s:%u:%u: ", e->file, e->line, e->column);
	else if (e->file[0])
		snprintf(where, sizeof where, "%s: ", e->file);
	/* the path keeps its keys as they are until now: by them its place is found */
	int n = snprintf(buffer, size, "%s%s%s%s", where, e->path, e->path[0] ? ": " : "", e->text);
	if (size > 0)
		text_one_line(buffer);
	return n;
}
