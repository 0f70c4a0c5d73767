/* SPDX-License-Identifier: Apache-2.0 */
/* From a JSON path to a position. Runs only when an error is reported; makes no system call. */
#include "libocispec/locate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libocispec/json_reader.h"

/* One open object or array. */
struct step {
	const char *rest; /* of the path, behind what led here; NULL: not on the path */
	bool is_array;
	size_t index;
	const char *next; /* of the value being read */
};

struct search {
	const char *path;
	size_t longest; /* characters of the path that the best value so far has matched */
	size_t offset;	/* of that value */
	size_t depth;
	struct step steps[JSON_MAX_DEPTH];
};

/* What is left of the path behind this key, or NULL. */
static const char *behind_key(const char *rest, const char *key, size_t n)
{
	if (*rest == '.')
		rest++;
	if (strncmp(rest, key, n) != 0)
		return NULL;
	return strchr(".[", rest[n]) ? rest + n : NULL; /* also the end of the path */
}

static const char *behind_index(const char *rest, size_t index)
{
	char *end;
	if (*rest != '[' || rest[1] < '0' || rest[1] > '9')
		return NULL;
	size_t wanted = strtoul(rest + 1, &end, 10);
	return wanted == index && *end == ']' ? end + 1 : NULL;
}

static int on_event(void *context, struct json_reader *r, const struct json_event *ev)
{
	struct search *s = context;
	struct step *top = s->depth ? &s->steps[s->depth - 1] : NULL;
	if (ev->type == JSON_OBJECT_END || ev->type == JSON_ARRAY_END) {
		s->depth--;
		return 0;
	}
	if (ev->type == JSON_KEY) {
		top->next = top->rest ? behind_key(top->rest, ev->s, ev->n) : NULL;
		return 0;
	}
	const char *rest = s->path;
	if (top && top->is_array)
		rest = top->rest ? behind_index(top->rest, top->index++) : NULL;
	else if (top)
		rest = top->next;
	if (rest && (!top || (size_t)(rest - s->path) > s->longest)) {
		s->longest = (size_t)(rest - s->path);
		s->offset = json_token_start(r);
	}
	if (ev->type == JSON_OBJECT || ev->type == JSON_ARRAY)
		s->steps[s->depth++] =
			(struct step){ .rest = rest, .is_array = ev->type == JSON_ARRAY };
	return 0;
}

int oci_locate(
	const char *text, size_t len, const char *json_path, uint32_t *line, uint32_t *column)
{
	struct arena arena;
	struct search s = { .path = json_path };
	arena_init(&arena);
	int err = json_read(text, len, "", &arena, on_event, &s, NULL);
	arena_free(&arena);
	if (err < 0)
		return err;
	json_position(text, len, s.offset, line, column);
	return 0;
}

void error_locate(struct error *e, const char *file, const char *text, size_t len)
{
	/* without a path it is not the document's fault, and it has no place in there */
	if (!e || (!e->path[0] && !e->line))
		return;
	snprintf(e->file, sizeof e->file, "%s", file);
	if (!e->line)
		oci_locate(text, len, e->path, &e->line, &e->column);
}
