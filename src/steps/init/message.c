/* SPDX-License-Identifier: Apache-2.0 */
/* Error texts without formatting. Runs as STAGER or INIT: no allocation, no stdio, no locale. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "steps/actor.h"

#include "libocispec/text.h"
#include "libocispec/words.h"

int act_message(struct actor_context *ctx, enum error_kind kind, int err, ...)
{
	struct error *e = &ctx->error;
	size_t at = 0;
	va_list ap;
	memset(e, 0, sizeof *e);
	e->kind = kind;
	e->err = err;
	va_start(ap, err);
	for (const char *part; (part = va_arg(ap, const char *));)
		for (; *part && at + 1 < sizeof e->text; part++)
			e->text[at++] = *part;
	va_end(ap);
	e->text[at] = '\0';
	text_one_line(e->text);
	return -err;
}

int act_told(struct actor_context *ctx, const struct error *theirs, size_t failed_at)
{
	ctx->failed_at = failed_at;
	ctx->error = *theirs;
	ctx->error_is_told = true;
	return theirs->err ? -theirs->err : -EIO;
}

int act_init_died(struct actor_context *ctx)
{
	ctx->init_died = true;
	return act_message(
		ctx, ERROR_SYSTEM, EPIPE, "the container's init died while it was set up", NULL);
}

/* Static, because a child may not format: the C library's own words with a small first letter,
 * which clients look for case-sensitively. */
const char *errno_text(int err)
{
	static char text[64];
	const char *words = errno_words(err);
	if (!words)
		return "unknown error";
	size_t n = strlen(words);
	if (n >= sizeof text)
		n = sizeof text - 1;
	memcpy(text, words, n);
	text[n] = '\0';
	if (text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z')
		text[0] |= 0x20;
	return text;
}
