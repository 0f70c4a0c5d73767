/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "libocispec/arena.h"

/* Pieces of a text, and the lines of proc_pid_mountinfo(5). Pure, allocation-free. */

struct span {
	const char *s;
	size_t n;
};

/* The next piece of *text up to a separator, which is skipped. False at the end. */
bool span_next(struct span *text, char separator, struct span *ret);
bool span_is(struct span a, const char *s);

struct mountinfo_line {
	struct span id, root, point, options, type, super_options;
};

bool mountinfo_parse(struct span line, struct mountinfo_line *ret);
/* The kernel writes space, tab, newline and backslash as \ooo. In place: the text gets shorter. */
void mountinfo_unescape_in(char *text);
/* As a new text. NULL: memory is out. Inline: children, which may not allocate, use the others. */
static inline char *mountinfo_unescape(struct arena *arena, struct span s)
{
	char *text = arena_strndup(arena, s.s, s.n);
	if (text)
		mountinfo_unescape_in(text);
	return text;
}
