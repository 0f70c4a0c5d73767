/* SPDX-License-Identifier: Apache-2.0 */
/* The file that the spans end in. HOST. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/trace.h"

int trace_open(const char *file, struct error *e)
{
	int fd = openat(AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);
	if (fd < 0)
		return error_errno(e, errno, "trace file '%s'", file);
	void *p = mmap(NULL, sizeof *trace_buffer, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		close(fd);
		return error_errno(e, errno, "trace file '%s'", file);
	}
	trace_buffer = p;
	trace_buffer->fd = fd;
	return 0;
}

static void write_span(FILE *f, const struct trace_span *s, uint64_t now)
{
	char name[256], detail[1024];
	log_escape(name, sizeof name, s->name);
	log_escape(detail, sizeof detail, s->detail);
	uint64_t end = s->end ? s->end : now;
	fprintf(f,
		",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%u,\"name\":\"%s\",\"ts\":%llu.%03llu,"
		"\"dur\":%llu.%03llu,\"args\":{\"step\":\"%s\"}}",
		s->actor + 1, name, (unsigned long long)s->begin / 1000,
		(unsigned long long)s->begin % 1000, (unsigned long long)(end - s->begin) / 1000,
		(unsigned long long)(end - s->begin) % 1000, detail);
}

int trace_close(struct error *e)
{
	static const char *const actors[TRACE_ACTOR_COUNT] = { "host", "stager", "init" };
	if (!trace_buffer)
		return 0;
	uint64_t now = trace_now();
	FILE *f = fdopen(trace_buffer->fd, "w");
	if (!f)
		return error_errno(e, errno, "trace file");
	fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n{\"ph\":\"M\",\"pid\":1,"
	      "\"name\":\"process_name\",\"args\":{\"name\":\"oci-rt\"}}",
		f);
	for (unsigned i = 0; i < TRACE_ACTOR_COUNT; i++)
		fprintf(f,
			",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_name\","
			"\"args\":{\"name\":\"%s\"}}",
			i + 1, actors[i]);
	uint32_t n = trace_buffer->n < MAX_SPANS ? trace_buffer->n : MAX_SPANS;
	for (uint32_t i = 0; i < n; i++)
		if (trace_buffer->spans[i].begin)
			write_span(f, &trace_buffer->spans[i], now);
	fputs("\n]}\n", f);
	bool failed = ferror(f);
	failed |= fclose(f) != 0;
	trace_buffer = NULL;
	return failed ? error_errno(e, errno ? errno : EIO, "write the trace file") : 0;
}
