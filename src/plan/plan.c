/* SPDX-License-Identifier: Apache-2.0 */
/* Building of plans. PURE: see plan/decision.h. */
#include <errno.h>
#include <string.h>

#include "libocispec/text.h"
#include "plan/decision.h"

static bool grow(struct decision *d)
{
	struct plan *p = d->plan;
	size_t capacity = p->capacity ? p->capacity * 2 : 96;
	struct step *steps = ARENA_ARRAY(d->arena, capacity, struct step);
	if (!steps)
		return false;
	if (p->n_steps)
		memcpy(steps, p->steps, p->n_steps * sizeof *steps);
	p->steps = steps;
	p->capacity = capacity;
	return true;
}

struct step *plan_add(struct decision *d, const char *json_path, const char *summary, ...)
{
	struct plan *p = d->plan;
	if (p->n_steps == p->capacity && !grow(d))
		return NULL;
	va_list ap;
	va_start(ap, summary);
	/* most summaries have nothing to fill in: no formatting for them */
	const char *text = strchr(summary, '%') ? arena_vprintf(d->arena, summary, ap) : summary;
	va_end(ap);
	if (!text)
		return NULL;
	struct step *s = &p->steps[p->n_steps++];
	*s = (struct step){ .row = d->row, .json_path = json_path, .summary = text };
	return s;
}

int plan_status(const struct decision *d, struct error *e)
{
	if (arena_failed(d->arena))
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory while planning");
	return 0;
}

const char *plan_path(struct decision *d, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	const char *path = arena_vprintf(d->arena, format, ap);
	va_end(ap);
	return path ? path : "";
}

PRINTF_LIKE(3, 0)
static void add_sentence(struct decision *d, struct string_list *l, const char *format, va_list ap)
{
	const char **v = ARENA_ARRAY(d->arena, l->n + 2, const char *);
	const char *text = text_one_line(arena_vprintf(d->arena, format, ap));
	if (!v || !text)
		return;
	if (l->n)
		memcpy(v, l->v, l->n * sizeof *v);
	v[l->n] = text;
	l->v = v;
	l->n++;
}

void plan_degraded(struct decision *d, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	add_sentence(d, &d->plan->degraded, format, ap);
	va_end(ap);
}

void plan_warning(struct decision *d, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	add_sentence(d, &d->plan->warnings, format, ap);
	va_end(ap);
}
