/* SPDX-License-Identifier: Apache-2.0 */
/* The subordinate ids of the calling user. Runs as HOST; changes nothing. */
#include "host/subid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/identity.h"
#include "base/io.h"
#include "base/parse_num.h"

enum { FILE_MAX_BYTES = 16 << 20 };

bool subid_add(struct arena *arena, struct id_range_list *l, uint32_t first, uint32_t count)
{
	if ((l->n & (l->n - 1)) == 0) { /* full at each power of two */
		struct id_range *v = ARENA_ARRAY(arena, l->n ? l->n * 2 : 1, struct id_range);
		if (!v)
			return false;
		if (l->n)
			memcpy(v, l->v, l->n * sizeof *v);
		l->v = v;
	}
	l->v[l->n++] = (struct id_range){ first, count };
	return true;
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

/* subuid(5): OWNER:FIRST:COUNT, where the owner is a name or a number. What else is there is
 * passed over, as newuidmap(1) does. */
static void read_ranges(
	struct arena *arena, const char *path, const char *user, uid_t uid, struct id_range_list *l)
{
	char *text, number[16];
	snprintf(number, sizeof number, "%u", uid);
	if (io_read_document(path, FILE_MAX_BYTES, arena, &text, NULL) < 0)
		return;
	for (char *line; (line = field(&text, "\n"));) {
		char *owner = field(&line, ":"), *first = field(&line, ":"), *count = line;
		uint32_t from, n;
		if (!first || !count || (strcmp(owner, user) != 0 && strcmp(owner, number) != 0))
			continue;
		if (parse_u32(first, &from) && parse_u32(count, &n) && n > 0)
			subid_add(arena, l, from, n);
	}
}

/* The user's ranges as far as our own user namespace has them: others cannot be mapped from in
 * here. */
static void keep_mapped(struct arena *arena, const char *map, struct id_range_list *l)
{
	struct id_range_list kept = { 0 };
	char *text;
	if (io_read_document(map, FILE_MAX_BYTES, arena, &text, NULL) < 0)
		return;
	for (char *line; (line = field(&text, "\n"));) {
		unsigned inside, outside, count;
		if (sscanf(line, "%u %u %u", &inside, &outside, &count) != 3)
			continue;
		for (size_t i = 0; i < l->n; i++) {
			uint64_t from = l->v[i].first, to = from + l->v[i].count;
			uint64_t end = (uint64_t)inside + count;
			from = from > inside ? from : inside;
			to = to < end ? to : end;
			if (from < to)
				subid_add(arena, &kept, (uint32_t)from, (uint32_t)(to - from));
		}
	}
	*l = kept;
}

/* Users of a directory service are not in /etc/passwd; newuidmap asks for their name itself. */
static const char *name_of_caller(struct arena *arena)
{
	char name[USER_NAME_SIZE];
	const char *said = getenv("USER");
	user_name(getuid(), name);
	if (name[0] == '#')
		return said && *said ? said : arena_printf(arena, "%u", getuid());
	return arena_strdup(arena, name);
}

static bool has_service(void)
{
	bool found = false;
	char line[512];
	FILE *f = fopen("/etc/nsswitch.conf", "re");
	if (!f)
		return false;
	while (fgets(line, sizeof line, f)) {
		char *word = line + strspn(line, " \t");
		if (strncmp(word, "subid:", 6) != 0)
			continue;
		word += 6;
		word += strspn(word, " \t");
		size_t n = strcspn(word, " \t\r\n[");
		found = n && !(n == 5 && strncmp(word, "files", 5) == 0);
	}
	fclose(f);
	return found;
}

static void find_missing(
	struct arena *arena, const char *user, const struct subid_facts *all, struct subid_facts *f)
{
	bool uids = all->uids.n == 0;
	if (uids || all->gids.n == 0)
		f->ranges = (struct missing){
			arena_printf(arena, "%s has no range for %s",
				uids ? "/etc/subuid" : "/etc/subgid", user),
			arena_printf(arena, "as root `usermod --add-sub%sids 100000-165535%s %s`",
				uids ? "u" : "g",
				uids && all->gids.n == 0 ? " --add-subgids 100000-165535" : "",
				user),
		};
	else if (f->uids.n == 0 || f->gids.n == 0)
		f->ranges = (struct missing){
			arena_printf(arena,
				"the ranges of %s in %s are not mapped in this user namespace",
				user, f->uids.n == 0 ? "/etc/subuid" : "/etc/subgid"),
			"map them in the outer container",
		};
}

int host_probe_subids(struct arena *arena, struct subid_facts *ret, struct error *e)
{
	const char *user = name_of_caller(arena);
	struct subid_facts f = { 0 };
	if (!user)
		return error_errno(e, ENOMEM, "subordinate ids");
	if (!has_service() || !host_subid_service(arena, user, &f.uids, &f.gids)) {
		read_ranges(arena, "/etc/subuid", user, getuid(), &f.uids);
		read_ranges(arena, "/etc/subgid", user, getuid(), &f.gids);
	}
	const struct subid_facts all = f;
	keep_mapped(arena, "/proc/self/uid_map", &f.uids);
	keep_mapped(arena, "/proc/self/gid_map", &f.gids);
	find_missing(arena, user, &all, &f);
	host_probe_map_helpers(arena, &f.helper);
	if (arena_failed(arena))
		return error_errno(e, ENOMEM, "subordinate ids");
	*ret = f;
	return 0;
}
