/* SPDX-License-Identifier: Apache-2.0 */
/* The mounts of this process, one by one. Runs as INIT: no allocation, no stdio. */
#include "steps/init/mountinfo.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

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

/* Cut the word that *at begins with; *at is then behind it. */
static char *next_word(char **at)
{
	char *word = *at;
	*at += strcspn(*at, " ");
	if (**at)
		*(*at)++ = '\0';
	return word;
}

/* Blanks, tabs, newlines and backslashes stand there as \ooo. */
static void unescape(char *text)
{
	char *to = text;
	for (const char *from = text; *from;) {
		if (from[0] == '\\' && strspn(from + 1, "01234567") >= 3) {
			*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
				       (from[3] - '0'));
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* "36 35 98:0 /root /target rw,noatime shared:1 - ext3 /dev/x rw" */
static bool parse(struct mountinfo_reader *r)
{
	char *at = r->line, *word;
	for (int i = 0; i < 4; i++)
		next_word(&at);
	char *target = next_word(&at);
	do
		word = next_word(&at);
	while (*word && strcmp(word, "-") != 0);
	r->target = target;
	r->type = next_word(&at);
	unescape(target);
	return target[0] == '/' && *r->type;
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
