/* SPDX-License-Identifier: Apache-2.0 */
/* The spans: any actor. */
#include "base/trace.h"

#include <string.h>
#include <time.h>

struct trace_buffer *trace_buffer;

uint64_t trace_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int trace_descriptor(void)
{
	return trace_buffer ? trace_buffer->fd : -1;
}

struct trace_span *trace_begin_span(enum trace_actor actor, const char *name, const char *detail)
{
	uint32_t i = __atomic_fetch_add(&trace_buffer->n, 1, __ATOMIC_RELAXED);
	if (i >= MAX_SPANS)
		return NULL;
	struct trace_span *s = &trace_buffer->spans[i];
	s->name = name;
	size_t n = detail ? strnlen(detail, sizeof s->detail - 1) : 0;
	if (n)
		memcpy(s->detail, detail, n);
	s->actor = actor;
	s->begin = trace_now();
	return s;
}

void trace_end_span(struct trace_span *span)
{
	span->end = trace_now();
}

void trace_past(const char *name, uint64_t begin)
{
	struct trace_span *s = trace_begin(TRACE_HOST, name, NULL);
	if (!s)
		return;
	s->begin = begin;
	trace_end(s);
}
