/* SPDX-License-Identifier: Apache-2.0 */
/* The mounts of this process, one by one. Runs as INIT: no allocation, no stdio. */
#include "steps/init/mountinfo.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/mountinfo.h"

void mountinfo_start(struct mountinfo_reader *r, int fd)
{
	r->fd = fd;
	r->at = r->n = 0;
}

/* The next line without its end. 1; 0: end of file; -EMSGSIZE: it was too long and is gone. */
static int read_line(struct mountinfo_reader *r)
{
	size_t len = 0;
	bool too_long = false;
	for (;;) {
		if (r->at == r->n) {
			ssize_t got;
			do
				got = read(r->fd, r->chunk, sizeof r->chunk);
			while (got < 0 && errno == EINTR);
			if (got <= 0)
				return got < 0 ? -errno : 0;
			r->at = 0;
			r->n = (size_t)got;
		}
		char c = r->chunk[r->at++];
		if (c == '\n') {
			r->line[len] = '\0';
			return too_long ? -EMSGSIZE : 1;
		}
		if (len + 1 < sizeof r->line)
			r->line[len++] = c;
		else
			too_long = true;
	}
}

static bool parse(struct mountinfo_reader *r)
{
	struct mountinfo_line m;
	if (!mountinfo_parse((struct span){ r->line, strlen(r->line) }, &m))
		return false;
	/* each ends at a blank of the line, which is ours to cut */
	r->target = r->line + (m.point.s - r->line);
	r->line[m.point.s - r->line + (ptrdiff_t)m.point.n] = '\0';
	r->line[m.type.s - r->line + (ptrdiff_t)m.type.n] = '\0';
	r->type = m.type.s;
	mountinfo_unescape_in(r->line + (m.point.s - r->line));
	return r->target[0] == '/' && *r->type;
}

int mountinfo_next(struct mountinfo_reader *r)
{
	for (;;) {
		int got = read_line(r);
		if (got == 1 && parse(r))
			return 1;
		if (got != 1 && got != -EMSGSIZE)
			return got;
	}
}
