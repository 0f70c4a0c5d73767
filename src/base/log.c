/* SPDX-License-Identifier: Apache-2.0 */
/* The log: error lines, and others on demand. HOST only; no allocation, one write(2) a line, so
 * that lines of several processes that append to one file don't mix. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log_service.h"
#include "libocispec/utf8.h"

enum { SENTENCE_SIZE = sizeof(struct error) + 64, LINE_SIZE = 6 * SENTENCE_SIZE + 128 };

static struct {
	int fd; /* of --log FILE or the service's socket, or -1 */
	enum log_service service;
	const char *name; /* for the service */
	enum log_format format;
	enum log_level threshold;
} sink = { -1, LOG_TO_FILE, NULL, LOG_FORMAT_TEXT, LOG_LEVEL_ERROR };

static const char *const level_names[] = { "error", "warning", "info", "debug" };
_Static_assert(ARRAY_SIZE(level_names) == LOG_LEVEL_COUNT, "a name for each level");

int log_open(const char *file, enum log_format format, enum log_level threshold, struct error *e)
{
	int fd = -1;
	const char *name = NULL;
	enum log_service service = file ? log_service_of(file, &name) : LOG_TO_FILE;
	if (service != LOG_TO_FILE) {
		fd = log_service_open(service);
		if (fd < 0)
			return error_errno(e, -fd, "connect log '%s'", file);
	} else if (file) {
		fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
		if (fd < 0)
			return error_errno(e, errno, "open log file '%s'", file);
	}
	if (sink.fd >= 0)
		close(sink.fd);
	sink.fd = fd;
	sink.service = service;
	sink.name = name;
	sink.format = format;
	sink.threshold = threshold;
	return 0;
}

int log_descriptor(void)
{
	return sink.fd;
}

/* Length of the UTF-8 character at s, which isn't at the end; 0: it is none */
static size_t character_length(const char *s)
{
	unsigned char lead = (unsigned char)*s;
	size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	return strnlen(s, n) == n && utf8_first_invalid(s, n) == n ? n : 0;
}

/* One character of input as JSON, into out; returns the bytes of input that it took. */
static size_t escape_one(const char *s, char out[static 8])
{
	static const char short_forms[] = "\"\"\\\\\nn\rr\tt\bb\ff";
	for (const char *f = short_forms; *f; f += 2)
		if (*f == *s) {
			snprintf(out, 8, "\\%c", f[1]);
			return 1;
		}
	if ((unsigned char)*s < 0x20 || *s == 0x7f) {
		snprintf(out, 8, "\\u%04x", (unsigned char)*s);
		return 1;
	}
	size_t n = character_length(s);
	if (n == 0) {
		memcpy(out, "\\ufffd", 7);
		return 1;
	}
	memcpy(out, s, n);
	out[n] = '\0';
	return n;
}

size_t log_escape(char *buffer, size_t size, const char *text)
{
	size_t len = 0;
	const char *s = text;
	while (*s) {
		char piece[8];
		s += escape_one(s, piece);
		size_t n = strlen(piece);
		if (len + n >= size)
			break;
		memcpy(buffer + len, piece, n);
		len += n;
	}
	buffer[len] = '\0';
	return len;
}

static void write_line(int fd, enum log_level level, const char *sentence)
{
	char message[6 * SENTENCE_SIZE], when[32], line[LINE_SIZE];
	time_t now = time(NULL);
	struct tm tm;
	gmtime_r(&now, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	log_escape(message, sizeof message, sentence);
	const char *name = level_names[level];
	int n;
	if (sink.format == LOG_FORMAT_JSON)
		n = snprintf(line, sizeof line,
			"{\"level\":\"%s\",\"msg\":\"%s\",\"time\":\"%s\"}\n", name, message, when);
	else
		n = snprintf(line, sizeof line, "time=\"%s\" level=%s msg=\"%s\"\n", when, name,
			message);
	fd_write_all(fd, line, (size_t)n);
}

static void put(enum log_level level, const char *sentence)
{
	if (level > sink.threshold)
		return;
	if (sink.service != LOG_TO_FILE)
		log_service_write(sink.fd, sink.service, sink.name, level, sentence);
	else if (sink.fd >= 0)
		write_line(sink.fd, level, sentence);
	else if (sink.format == LOG_FORMAT_JSON || level != LOG_LEVEL_ERROR)
		write_line(STDERR_FILENO, level, sentence);
	if (level == LOG_LEVEL_ERROR && (sink.fd >= 0 || sink.format == LOG_FORMAT_TEXT)) {
		char line[SENTENCE_SIZE + 1];
		int n = snprintf(line, sizeof line, "%s\n", sentence);
		fd_write_all(STDERR_FILENO, line, (size_t)n);
	}
}

static void put_error(enum log_level level, const struct error *error)
{
	char sentence[SENTENCE_SIZE];
	error_format(error, sentence, sizeof sentence);
	put(level, sentence);
}

void log_error(const struct error *error)
{
	put_error(LOG_LEVEL_ERROR, error);
}

void log_warning(const struct error *error)
{
	put_error(LOG_LEVEL_WARNING, error);
}

void log_required_warning(const struct error *error)
{
	char sentence[SENTENCE_SIZE];
	error_format(error, sentence, sizeof sentence);
	if (sink.threshold >= LOG_LEVEL_WARNING)
		put(LOG_LEVEL_WARNING, sentence);
	else if (sink.service == LOG_TO_FILE && sink.fd < 0)
		write_line(STDERR_FILENO, LOG_LEVEL_WARNING, sentence);
}

void log_notice(const struct error *error)
{
	char sentence[SENTENCE_SIZE];
	bool to_stderr = sink.service == LOG_TO_FILE && sink.fd < 0;
	error_format(error, sentence, sizeof sentence);
	if (!to_stderr)
		put(LOG_LEVEL_WARNING, sentence);
	if (to_stderr && sink.format == LOG_FORMAT_JSON) {
		write_line(STDERR_FILENO, LOG_LEVEL_WARNING, sentence);
	} else {
		char line[SENTENCE_SIZE + 1];
		int n = snprintf(line, sizeof line, "%s\n", sentence);
		fd_write_all(STDERR_FILENO, line, (size_t)n);
	}
}

void log_debug(const char *format, ...)
{
	if (sink.threshold < LOG_LEVEL_DEBUG)
		return;
	char sentence[SENTENCE_SIZE];
	va_list ap;
	va_start(ap, format);
	vsnprintf(sentence, sizeof sentence, format, ap);
	va_end(ap);
	put(LOG_LEVEL_DEBUG, sentence);
}
