/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libocispec/error.h"

/*
 * --trace FILE: what each actor does when, in Chrome's trace format (chrome://tracing, Perfetto).
 * The spans lie in memory that is shared with children, so that they need not write; HOST writes
 * the file at its end. Without --trace it costs a test of a pointer.
 *
 * Any actor; trace_begin() and trace_end() neither allocate nor format.
 */
enum trace_actor { TRACE_HOST, TRACE_STAGER, TRACE_INIT, TRACE_ACTOR_COUNT };

struct trace_span {
	const char *name;
	char detail[120];    /* cut where it is longer */
	uint64_t begin, end; /* ns; end 0: not yet */
	uint32_t actor;
};

enum { MAX_SPANS = 4096 };
struct trace_buffer {
	uint32_t n; /* taken by every actor, so atomically */
	int fd;
	struct trace_span spans[MAX_SPANS];
};
extern struct trace_buffer *trace_buffer; /* NULL: nobody asked */

/* HOST. The file is made at once, so that a path that cannot be is told before anything is done. */
int trace_open(const char *file, struct error *e);
/* Write what there is; spans that have not ended (an execve) end now. Does nothing without open. */
int trace_close(struct error *e);

/* The file's, close-on-exec, or -1. */
int trace_descriptor(void);

/* Monotonic, ns. */
uint64_t trace_now(void);

/* name: it stays where it is. detail is copied; NULL: none. Returns NULL where nothing is traced.
 */
struct trace_span *trace_begin_span(enum trace_actor actor, const char *name, const char *detail);
void trace_end_span(struct trace_span *span);

static inline struct trace_span *trace_begin(
	enum trace_actor actor, const char *name, const char *detail)
{
	return trace_buffer ? trace_begin_span(actor, name, detail) : NULL;
}

static inline void trace_end(struct trace_span *span)
{
	if (span)
		trace_end_span(span);
}

/* HOST's, since that time of trace_now(), in an earlier image of this process too. */
void trace_past(const char *name, uint64_t begin);

/* A span for the rest of the block: AUTO_TRACE(name). HOST. */
static inline void trace_end_auto(struct trace_span **span)
{
	trace_end(*span);
}
#define AUTO_TRACE(name)                                                                           \
	__attribute__((cleanup(trace_end_auto), unused)) struct trace_span *auto_span =            \
		trace_begin(TRACE_HOST, name, NULL)
