/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt list. HOST only. Each container is read once, in order; one that vanishes meanwhile is
 * left out. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "libocispec/document.h"
#include "ops/session.h"
#include "ops/table.h"

struct listing {
	struct arena arena;
	size_t n;
	struct oci_state *v;
	/* A state that can't be read hides no other: the list goes on, and fails in the end. */
	int failure;
};

static int read_state(const struct state_root *root, const char *id, struct arena *arena,
	struct oci_state *ret, struct error *e)
{
	AUTO_ENTRY struct state_entry entry = ENTRY_NONE;
	struct container c;
	enum oci_status status;
	int r = state_entry_open(root, id, STATE_READ, &entry, e);
	if (r == 0)
		r = container_read(&entry, arena, &c, &status, e);
	return r < 0 ? r : describe_container(&c, status, arena, ret, e);
}

static int read_all(const struct state_root *root, struct listing *l, struct error *e)
{
	struct string_list ids;
	int r = state_root_list(root, &l->arena, &ids, e);
	if (r < 0)
		return r;
	l->v = ARENA_ARRAY(&l->arena, ids.n, struct oci_state);
	if (!l->v)
		return error_errno(e, ENOMEM, "list containers");
	for (size_t i = 0; i < ids.n; i++) {
		struct error one;
		r = read_state(root, ids.v[i], &l->arena, &l->v[l->n], &one);
		if (r == 0)
			l->n++;
		else if (r != -ENOENT && l->failure == 0) {
			l->failure = r;
			*e = one;
		}
	}
	return 0;
}

static int print_json(struct listing *l, struct error *e)
{
	putchar('[');
	for (size_t i = 0; i < l->n; i++) {
		char *text;
		size_t len;
		int r = oci_state_encode(&l->v[i], false, &l->arena, &text, &len, e);
		if (r < 0)
			return r;
		printf("%s%s", i ? "," : "", text);
	}
	puts("]");
	return 0;
}

static int print_as_table(struct listing *l, struct error *e)
{
	static const char *const titles[] = { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" };
	enum { COLUMNS = ARRAY_SIZE(titles) };
	const char **cells = ARENA_ARRAY(&l->arena, l->n * COLUMNS + 1, const char *);
	for (size_t i = 0; cells && i < l->n; i++) {
		const struct oci_state *s = &l->v[i];
		const char *pid = arena_printf(&l->arena, "%lld", (long long)s->pid);
		if (!pid)
			return error_errno(e, ENOMEM, "list containers");
		const char *row[COLUMNS] = { s->id, pid, container_status_name(s->status),
			s->bundle, s->created, s->owner };
		memcpy(cells + i * COLUMNS, row, sizeof row);
	}
	if (!cells)
		return error_errno(e, ENOMEM, "list containers");
	print_table(titles, COLUMNS, cells, l->n);
	return 0;
}

static int print(struct listing *l, const struct list_options *o, struct error *e)
{
	if (o->quiet)
		for (size_t i = 0; i < l->n; i++)
			puts(l->v[i].id);
	else if (o->json)
		return print_json(l, e);
	else
		return print_as_table(l, e);
	return 0;
}

int op_list(const struct global_options *g, const struct list_options *o, struct error *e)
{
	AUTO_ROOT struct state_root root = ROOT_NONE;
	struct listing l = { 0 };
	int r = state_root_open_all(g->root, &root, e);
	if (r == 0)
		r = read_all(&root, &l, e);
	if (r == 0) {
		struct error print_error;
		r = print(&l, o, &print_error);
		if (r < 0)
			*e = print_error;
		else
			r = l.failure;
	}
	arena_free(&l.arena);
	return r;
}
