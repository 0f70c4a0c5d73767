/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of subuid(5). Runs as HOST; changes nothing. */
#include "base/subid_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/identity.h"
#include "base/io.h"
#include "base/parse_num.h"

enum { FILE_MAX_BYTES = 16 << 20 };

/* Users of a directory service are not in /etc/passwd; newuidmap asks for their name itself. */
bool subid_caller(struct arena *arena, struct subid_owner *ret)
{
	char name[USER_NAME_SIZE];
	const char *said = getenv("USER");
	ret->number = arena_printf(arena, "%u", getuid());
	user_name(getuid(), name);
	if (name[0] != '#')
		ret->name = arena_strdup(arena, name);
	else
		ret->name = said && *said ? said : ret->number;
	return ret->name && ret->number;
}

void subid_open(struct subid_reader *r, struct arena *arena, const char *path,
	const struct subid_owner *owner)
{
	*r = (struct subid_reader){ .owner = *owner };
	if (io_read_document(path, FILE_MAX_BYTES, arena, &r->rest, NULL) < 0)
		r->rest = NULL;
}

/* The next field, which ends at one of `ends`; NULL: none. Writes into the text. */
static char *field(char **at, const char *ends)
{
	char *start = *at;
	if (!start)
		return NULL;
	size_t n = strcspn(start, ends);
	*at = start[n] ? start + n + 1 : NULL;
	start[n] = '\0';
	return start;
}

bool subid_next(struct subid_reader *r, struct subid_line *ret)
{
	for (char *line; (line = field(&r->rest, "\n"));) {
		char *owner = field(&line, ":"), *first = field(&line, ":");
		uint32_t from, n;
		if (!first || !line || !parse_u32(first, &from) || !parse_u32(line, &n) || n == 0)
			continue;
		*ret = (struct subid_line){ from, n,
			strcmp(owner, r->owner.name) == 0 || strcmp(owner, r->owner.number) == 0 };
		return true;
	}
	return false;
}
