/* SPDX-License-Identifier: Apache-2.0 */
/* The subordinate ids of the calling user. Runs as HOST; changes nothing. */
#include "host/subid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/subid_file.h"
#include "cause/cause.h"
#include "cause/look.h"

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

static void read_ranges(struct arena *arena, const char *path, const struct subid_owner *owner,
	struct id_range_list *l)
{
	struct subid_reader r;
	struct subid_line line;
	subid_open(&r, arena, path, owner);
	while (subid_next(&r, &line))
		if (line.is_owners)
			subid_add(arena, l, line.first, line.count);
}

/* The user's ranges as far as our own user namespace has them: others cannot be mapped from in
 * here. */
static void keep_mapped(struct arena *arena, const char *map, struct id_range_list *l)
{
	struct id_range_list kept = { 0 };
	char *text;
	if (io_read_document(map, FILE_MAX_BYTES, arena, &text, NULL) < 0)
		return;
	for (char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
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

static struct missing missing_of(struct cause c)
{
	return (struct missing){ c.what, c.remedy };
}

static void find_missing(
	struct arena *arena, const char *user, const struct subid_facts *all, struct subid_facts *f)
{
	if (all->uids.n == 0 || all->gids.n == 0) {
		struct subid_file_facts uids, gids;
		look_at_subids(arena, false, &uids);
		look_at_subids(arena, true, &gids);
		/* a service may have others than the files */
		uids.n_ranges = (unsigned)all->uids.n;
		gids.n_ranges = (unsigned)all->gids.n;
		f->ranges = missing_of(cause_of_no_range(arena, &uids, &gids));
	} else if (f->uids.n == 0 || f->gids.n == 0) {
		f->ranges = (struct missing){
			arena_printf(arena,
				"the ranges of %s in %s are not mapped in this user namespace",
				user, f->uids.n == 0 ? "/etc/subuid" : "/etc/subgid"),
			"map them in the outer container",
		};
	}
}

static struct missing missing_helper(struct arena *arena)
{
	struct helper_facts h;
	look_at_helper(arena, "newuidmap", &h);
	struct cause c = cause_of_helper(arena, &h);
	if (c.what)
		return missing_of(c);
	look_at_helper(arena, "newgidmap", &h);
	return missing_of(cause_of_helper(arena, &h));
}

int host_probe_subids(struct arena *arena, struct subid_facts *ret, struct error *e)
{
	struct subid_owner user;
	struct subid_facts f = { 0 };
	if (!subid_caller(arena, &user))
		return error_errno(e, ENOMEM, "subordinate ids");
	if (!has_service() || !host_subid_service(arena, user.name, &f.uids, &f.gids)) {
		read_ranges(arena, "/etc/subuid", &user, &f.uids);
		read_ranges(arena, "/etc/subgid", &user, &f.gids);
	}
	const struct subid_facts all = f;
	keep_mapped(arena, "/proc/self/uid_map", &f.uids);
	keep_mapped(arena, "/proc/self/gid_map", &f.gids);
	find_missing(arena, user.name, &all, &f);
	f.helper = missing_helper(arena);
	if (arena_failed(arena))
		return error_errno(e, ENOMEM, "subordinate ids");
	*ret = f;
	return 0;
}
