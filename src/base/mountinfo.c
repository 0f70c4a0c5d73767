/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of proc_pid_mountinfo(5), taken apart. Pure. */
#include "base/mountinfo.h"

#include <string.h>

bool span_next(struct span *text, char separator, struct span *ret)
{
	if (text->n == 0)
		return false;
	const char *end = memchr(text->s, separator, text->n);
	size_t n = end ? (size_t)(end - text->s) : text->n;
	*ret = (struct span){ text->s, n };
	size_t used = end ? n + 1 : n;
	text->s += used;
	text->n -= used;
	return true;
}

bool span_is(struct span a, const char *s)
{
	return strlen(s) == a.n && memcmp(a.s, s, a.n) == 0;
}

/* 36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw,errors=continue */
bool mountinfo_parse(struct span line, struct mountinfo_line *m)
{
	struct span ignored, field;
	if (!span_next(&line, ' ', &m->id) || !span_next(&line, ' ', &ignored) ||
		!span_next(&line, ' ', &ignored) || !span_next(&line, ' ', &m->root) ||
		!span_next(&line, ' ', &m->point) || !span_next(&line, ' ', &m->options))
		return false;
	do {
		if (!span_next(&line, ' ', &field))
			return false;
	} while (!span_is(field, "-"));
	if (!span_next(&line, ' ', &m->type) || !span_next(&line, ' ', &ignored))
		return false;
	if (!span_next(&line, ' ', &m->super_options))
		m->super_options = (struct span){ "", 0 };
	return true;
}

void mountinfo_unescape_in(char *text)
{
	char *to = text;
	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && strspn(from + 1, "01234567") >= 3) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}
