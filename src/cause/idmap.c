/* SPDX-License-Identifier: Apache-2.0 */
/* Why newuidmap and newgidmap map nothing. PURE. newuidmap(1) */
#include "cause/cause.h"

#include <string.h>

#include "base/mountinfo.h"
#include "base/parse_num.h"

/* Above everybody's, so that the command is right for anybody who reads it here. */
static const char *new_range(struct arena *a, const struct subid_file_facts *ids)
{
	uint32_t first = ids->first_free < 100000 ? 100000 : ids->first_free;
	return ids->n_ranges ? "" : arena_printf(a, " %s %u-%u", ids->option, first, first + 65535);
}

struct cause cause_of_no_range(
	struct arena *a, const struct subid_file_facts *uids, const struct subid_file_facts *gids)
{
	if (uids->n_ranges && gids->n_ranges)
		return (struct cause){ 0 };
	const char *first = new_range(a, uids), *second = new_range(a, gids);
	return (struct cause){ arena_printf(a, "%s has no range in %s%s%s", uids->user,
				       uids->n_ranges ? "" : uids->file,
				       uids->n_ranges || gids->n_ranges ? "" : " and ",
				       gids->n_ranges ? "" : gids->file),
		arena_printf(a, "as root: usermod%s%s %s", first ? first : "", second ? second : "",
			uids->user) };
}

static struct cause no_right(struct arena *a, const struct helper_facts *h)
{
	const char *cap = strcmp(h->name, "newuidmap") == 0 ? "SETUID" : "SETGID";
	const char *file_cap = strcmp(h->name, "newuidmap") == 0 ? "setuid" : "setgid";
	if (!h->bound_has_set_id)
		return (struct cause){ arena_printf(a,
					       "%s cannot get CAP_%s, which is not in the bounding "
					       "set",
					       h->path, cap),
			"let the outer container keep this capability" };
	if (h->is_setuid_root && !h->becomes_caller && !h->bound_has_sys_admin)
		return (struct cause){
			arena_printf(a,
				"%s is setuid root and remains it, for which it needs "
				"CAP_SYS_ADMIN, which is not in the bounding set",
				h->path),
			arena_printf(a, "as root: chmod u-s %s && setcap cap_%s+ep %s", h->path,
				file_cap, h->path)
		};
	return (struct cause){ 0 };
}

struct cause cause_of_helper(struct arena *a, const struct helper_facts *h)
{
	if (!h->path)
		return (struct cause){ arena_printf(a, "%s is not installed", h->name),
			"as root: apt-get install uidmap (elsewhere shadow-utils)" };
	if (h->no_new_privs)
		return (struct cause){
			arena_printf(a, "no_new_privs is set here, so %s gets no rights", h->path),
			"start this process without it: NoNewPrivileges=no of its service, "
			"allowPrivilegeEscalation: true of its pod"
		};
	if (h->on_nosuid)
		return (struct cause){ arena_printf(a, "%s lies on a mount with nosuid", h->path),
			arena_printf(a, "as root: mount -o remount,bind,suid %s",
				h->mount ? h->mount : "/") };
	if (!h->is_setuid_root && !h->has_file_caps)
		return (struct cause){
			arena_printf(a, "%s is neither setuid root nor has it file capabilities",
				h->path),
			arena_printf(a, "as root: chown root %s && chmod u+s %s", h->path, h->path)
		};
	return no_right(a, h);
}

/* The next number of a line of uid_map(5), or 0 at its end. */
static uint64_t next_number(struct span *line)
{
	struct span word = { "", 0 };
	char digits[16];
	uint32_t v = 0;
	while (word.n == 0 && span_next(line, ' ', &word))
		;
	if (word.n < sizeof digits) {
		memcpy(digits, word.s, word.n);
		digits[word.n] = '\0';
		parse_u32(digits, &v);
	}
	return v;
}

struct cause cause_of_map(
	struct arena *a, const char *own_map, bool groups, uint32_t from, uint32_t n)
{
	struct span rest = { own_map, strlen(own_map) }, line;
	const char *known = "";
	while (known && span_next(&rest, '\n', &line)) {
		uint64_t inside = next_number(&line);
		next_number(&line); /* what it is called further out */
		uint64_t count = next_number(&line);
		if (count == 0)
			continue;
		if (from >= inside && from + (uint64_t)n <= inside + count)
			return (struct cause){ 0 };
		known = arena_printf(a, "%s%s%llu to %llu", known, *known ? ", " : "",
			(unsigned long long)inside, (unsigned long long)(inside + count - 1));
	}
	if (!known)
		return (struct cause){ 0 };
	return (struct cause){
		arena_printf(a,
			"the user namespace that this process is in has no %s %u to %u, but %s",
			groups ? "gids" : "uids", from, from + (n - 1), *known ? known : "none"),
		"map ids as they are called in here (/proc/self/uid_map)"
	};
}
