/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON events from yajl, with positions and paths. Runs wherever a document is read, before any
 * side effect; knows nothing of tables. Makes no system call.
 */
#include "libocispec/json_reader.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "libocispec/utf8.h"

struct key {
	const char *s;
	size_t n;
	size_t before; /* end of the token before it */
};

/* One open object or array. */
struct level {
	bool is_array;
	size_t index;	  /* of the element being read */
	struct key key;	  /* of the property being read */
	size_t first_key; /* of this object, in reader.keys */
	size_t before;	  /* end of the token before its { or [ */
};

/* Memory of yajl's. It does not look whether it got any, so that a refusal has to be a jump over
 * it. */
struct yajl_block {
	struct yajl_block *next, **link;
	_Alignas(max_align_t) char data[];
};

struct json_reader {
	const char *text, *file;
	size_t len;
	struct arena *arena;
	json_handler handler;
	void *context;
	struct error *e;
	int result;

	yajl_handle yajl;
	struct yajl_block *blocks; /* all that yajl has */
	jmp_buf out_of_memory;
	/* yajl_get_bytes_consumed() tells the end of a token only. Its start is the first byte
	 * behind the end of the token before that is neither space nor ',' nor ':'. */
	size_t before, end;
	size_t closed; /* level.before of the object that has just ended */

	size_t depth;
	struct level levels[JSON_MAX_DEPTH];

	/* the keys of all open objects, a stack */
	struct key *keys;
	size_t n_keys, size_keys;
	struct key few_keys[64];
};

enum { COMPARED_AT_ONCE = 16 };

void json_position(const char *text, size_t len, size_t offset, uint32_t *line, uint32_t *column)
{
	size_t start = 0;
	*line = 1;
	if (offset > len)
		offset = len;
	for (const char *p; (p = memchr(text + start, '\n', offset - start));) {
		start = (size_t)(p - text) + 1;
		++*line;
	}
	*column = (uint32_t)(offset - start) + 1;
}

static size_t token_behind(const struct json_reader *r, size_t offset)
{
	while (offset < r->len && memchr(" \t\r\n,:", r->text[offset], 6))
		offset++;
	return offset;
}

size_t json_token_start(const struct json_reader *r)
{
	return token_behind(r, r->before);
}

/* "mounts[3].source", and ".name" at the end where it is not NULL. */
static void write_path(const struct json_reader *r, const char *name, char *path, size_t size)
{
	size_t used = 0;
	path[0] = '\0';
	for (size_t i = 0; i < r->depth && used < size; i++) {
		const struct level *l = &r->levels[i];
		int n = 0;
		if (l->is_array && l->index != SIZE_MAX)
			n = snprintf(path + used, size - used, "[%zu]", l->index);
		else if (!l->is_array && l->key.s)
			n = snprintf(path + used, size - used, "%s%.*s", used ? "." : "",
				(int)(l->key.n < size ? l->key.n : size), l->key.s);
		used += (size_t)n;
	}
	if (name && used < size)
		snprintf(path + used, size - used, "%s%s", used ? "." : "", name);
	for (char *p = path; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
}

PRINTF_LIKE(4, 0)
static void fail_at(
	struct json_reader *r, size_t offset, const char *name, const char *format, va_list ap)
{
	char text[sizeof r->e->text];
	vsnprintf(text, sizeof text, format, ap);
	r->result = error_set(r->e, ERROR_CONFIG, EINVAL, "%s", text);
	if (!r->e)
		return;
	snprintf(r->e->file, sizeof r->e->file, "%s", r->file);
	write_path(r, name, r->e->path, sizeof r->e->path);
	json_position(r->text, r->len, offset, &r->e->line, &r->e->column);
}

int json_fail(struct json_reader *r, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	fail_at(r, json_token_start(r), NULL, format, ap);
	va_end(ap);
	return r->result;
}

int json_fail_property(struct json_reader *r, const char *name, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	fail_at(r, token_behind(r, r->closed), name, format, ap);
	va_end(ap);
	return r->result;
}

/* The document as a whole is wrong, at this offset. */
PRINTF_LIKE(3, 4)
static int fail_document(struct json_reader *r, size_t offset, const char *format, ...)
{
	va_list ap;
	r->depth = 0;
	va_start(ap, format);
	fail_at(r, offset, NULL, format, ap);
	va_end(ap);
	return r->result;
}

static unsigned hex4(const char *s)
{
	unsigned v = 0;
	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)s[i];
		v = v << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return v;
}

/*
 * yajl decodes "\u0000" to a byte that would end a C string early (a path checked as a whole and
 * used in part), an unpaired high surrogate to '?', and a low one to bytes that are not UTF-8.
 * The text is valid JSON here: each \u has its four digits.
 */
static int check_escapes(struct json_reader *r)
{
	const char *p = r->text + json_token_start(r), *end = r->text + r->end;
	for (; p + 5 < end; p++) {
		if (*p != '\\')
			continue;
		if (*++p != 'u')
			continue;
		unsigned unit = hex4(p + 1);
		p += 4;
		if (unit == 0)
			return json_fail(r, "NUL character in a string");
		if (unit < 0xd800 || unit > 0xdfff)
			continue;
		unsigned low = unit < 0xdc00 && end - p > 7 && p[1] == '\\' && p[2] == 'u'
				       ? hex4(p + 3)
				       : 0;
		if (low < 0xdc00 || low > 0xdfff)
			return json_fail(r, "unpaired surrogate \\u%04x in a string", unit);
		p += 6;
	}
	return 0;
}

static bool is_verbatim(const struct json_reader *r, const char *s)
{
	return s >= r->text && s < r->text + r->len;
}

static bool same_key(const struct key *a, const struct key *b)
{
	return a->n == b->n && memcmp(a->s, b->s, a->n) == 0;
}

static int fail_duplicate(struct json_reader *r, const struct key *key)
{
	r->before = key->before;
	r->levels[r->depth - 1].key = *key;
	return json_fail(r, "duplicate key");
}

static int compare_keys(const void *pa, const void *pb)
{
	const struct key *a = pa, *b = pb;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	int c = memcmp(a->s, b->s, a->n);
	return c ? c : a->before < b->before ? -1 : 1;
}

/*
 * Two readers of one document must not disagree on what it says, so no key may come twice. The
 * first few keys of an object are compared when they come, the rest by sorting at its end: a
 * document with a million annotations stays cheap.
 */
static int add_key(struct json_reader *r, const struct key *key)
{
	struct level *l = &r->levels[r->depth - 1];
	size_t n = r->n_keys - l->first_key;
	for (size_t i = 0; n < COMPARED_AT_ONCE && i < n; i++)
		if (same_key(&r->keys[l->first_key + i], key))
			return fail_duplicate(r, key);
	if (r->n_keys == r->size_keys) {
		size_t size = 2 * r->size_keys;
		struct key *larger = malloc(size * sizeof *larger);
		if (!larger)
			return -ENOMEM;
		memcpy(larger, r->keys, r->n_keys * sizeof *larger);
		if (r->keys != r->few_keys)
			free(r->keys);
		r->keys = larger;
		r->size_keys = size;
	}
	r->keys[r->n_keys++] = *key;
	return 0;
}

static int close_keys(struct json_reader *r)
{
	size_t first = r->levels[r->depth - 1].first_key;
	struct key *keys = r->keys + first;
	size_t n = r->n_keys - first;
	r->n_keys = first;
	if (n <= COMPARED_AT_ONCE)
		return 0;
	qsort(keys, n, sizeof *keys, compare_keys);
	for (size_t i = 1; i < n; i++)
		if (same_key(&keys[i - 1], &keys[i]))
			return fail_duplicate(r, &keys[i]);
	return 0;
}

static void begin_token(struct json_reader *r)
{
	r->before = r->end;
	r->end = yajl_get_bytes_consumed(r->yajl);
}

static void begin_value(struct json_reader *r)
{
	begin_token(r);
	if (r->depth && r->levels[r->depth - 1].is_array)
		r->levels[r->depth - 1].index++;
}

/* Returns what yajl wants of a callback: 0 to stop. */
static int emit(struct json_reader *r, const struct json_event *event)
{
	r->result = r->handler(r->context, r, event);
	return r->result == 0;
}

static int stop(struct json_reader *r, int result)
{
	r->result = result;
	return 0;
}

static int on_null(void *context)
{
	struct json_reader *r = context;
	begin_value(r);
	return emit(r, &(struct json_event){ .type = JSON_NULL });
}

static int on_boolean(void *context, int v)
{
	struct json_reader *r = context;
	begin_value(r);
	return emit(r, &(struct json_event){ .type = JSON_BOOLEAN, .v = v });
}

static int on_number(void *context, const char *s, size_t n)
{
	struct json_reader *r = context;
	begin_value(r);
	return emit(r, &(struct json_event){ .type = JSON_NUMBER, .s = s, .n = n });
}

static int on_string(void *context, const unsigned char *u, size_t n)
{
	struct json_reader *r = context;
	const char *s = (const char *)u;
	begin_value(r);
	if (!is_verbatim(r, s) && check_escapes(r) < 0)
		return 0;
	return emit(r, &(struct json_event){ .type = JSON_STRING, .s = s, .n = n });
}

static int on_key(void *context, const unsigned char *u, size_t n)
{
	struct json_reader *r = context;
	begin_token(r);
	struct key key = { .s = (const char *)u, .n = n, .before = r->before };
	if (!is_verbatim(r, key.s)) {
		key.s = arena_strndup(r->arena, key.s, n);
		if (!key.s)
			return stop(r, -ENOMEM);
		if (check_escapes(r) < 0)
			return 0;
	}
	int err = add_key(r, &key);
	if (err < 0)
		return stop(r, err);
	r->levels[r->depth - 1].key = key;
	return emit(r, &(struct json_event){ .type = JSON_KEY, .s = key.s, .n = n });
}

static int open_level(struct json_reader *r, bool is_array)
{
	begin_value(r);
	if (r->depth == JSON_MAX_DEPTH) {
		json_fail(r, "nested more than %d levels deep", JSON_MAX_DEPTH);
		return 0;
	}
	size_t before = r->before;
	if (!emit(r, &(struct json_event){ .type = is_array ? JSON_ARRAY : JSON_OBJECT }))
		return 0;
	r->levels[r->depth++] = (struct level){
		.is_array = is_array,
		.index = SIZE_MAX,
		.first_key = r->n_keys,
		.before = before,
	};
	return 1;
}

static int close_level(struct json_reader *r, enum json_type type)
{
	begin_token(r);
	int err = type == JSON_OBJECT_END ? close_keys(r) : 0;
	if (err < 0)
		return stop(r, err);
	r->closed = r->levels[--r->depth].before;
	return emit(r, &(struct json_event){ .type = type });
}

static int on_start_map(void *context)
{
	return open_level(context, false);
}

static int on_start_array(void *context)
{
	return open_level(context, true);
}

static int on_end_map(void *context)
{
	return close_level(context, JSON_OBJECT_END);
}

static int on_end_array(void *context)
{
	return close_level(context, JSON_ARRAY_END);
}

/* "lexical error: invalid char in json text.\n" -> "not valid JSON: invalid char in json text" */
static int fail_syntax(struct json_reader *r)
{
	/* yajl has stopped behind the bad token, or within a bad string. A ',' in a wrong place is
	 * itself the bad token. */
	size_t start = token_behind(r, r->end), stopped = yajl_get_bytes_consumed(r->yajl);
	if (stopped && start >= stopped)
		start = stopped - 1;
	unsigned char *said = yajl_get_error(r->yajl, 0, (const unsigned char *)r->text, r->len);
	if (!said)
		return -ENOMEM;
	const char *why = strstr((const char *)said, ": ");
	why = why ? why + 2 : (const char *)said;
	fail_document(r, start, "not valid JSON: %.*s", (int)strcspn(why, ".\n"), why);
	yajl_free_error(r->yajl, said);
	return r->result;
}

static void yajl_release(void *context, void *data)
{
	if (!data)
		return;
	struct yajl_block *b =
		(struct yajl_block *)((char *)data - offsetof(struct yajl_block, data));
	*b->link = b->next;
	if (b->next)
		b->next->link = b->link;
	free(b);
}

static void *yajl_resize(void *context, void *data, size_t size)
{
	struct json_reader *r = context;
	struct yajl_block *old =
		data ? (struct yajl_block *)((char *)data - offsetof(struct yajl_block, data))
		     : NULL;
	struct yajl_block *b = size > SIZE_MAX - sizeof *b ? NULL : realloc(old, sizeof *b + size);
	if (!b)
		longjmp(r->out_of_memory, 1);
	if (old) {
		*b->link = b;
	} else {
		b->next = r->blocks;
		b->link = &r->blocks;
		r->blocks = b;
	}
	if (b->next)
		b->next->link = &b->next;
	return b->data;
}

static void *yajl_allocate(void *context, size_t size)
{
	return yajl_resize(context, NULL, size);
}

static int parse(struct json_reader *r)
{
	yajl_status status = yajl_parse(r->yajl, (const unsigned char *)r->text, r->len);
	if (status == yajl_status_error)
		return fail_syntax(r);
	/* what is open now never ends; a number at the very end becomes an event here */
	if (status == yajl_status_ok)
		status = yajl_complete_parse(r->yajl);
	if (status == yajl_status_error)
		return fail_document(r, r->len, "not valid JSON: premature EOF");
	return r->result;
}

/* Nothing of the caller's is a variable here: a jump would make it unknown. */
static int parse_in_memory(struct json_reader *r, const yajl_callbacks *callbacks)
{
	yajl_alloc_funcs memory = { yajl_allocate, yajl_resize, yajl_release, r };
	if (setjmp(r->out_of_memory))
		return -ENOMEM;
	r->yajl = yajl_alloc(callbacks, &memory, r);
	if (!r->yajl)
		return -ENOMEM;
	yajl_config(r->yajl, yajl_dont_validate_strings, 1); /* done before, and stricter */
	return parse(r);
}

int json_read(const char *text, size_t len, const char *file, struct arena *arena,
	json_handler handler, void *context, struct error *e)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null,
		.yajl_boolean = on_boolean,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_start_map,
		.yajl_map_key = on_key,
		.yajl_end_map = on_end_map,
		.yajl_start_array = on_start_array,
		.yajl_end_array = on_end_array,
	};
	struct json_reader r;
	memset(&r, 0, offsetof(struct json_reader, levels));
	r.text = text, r.len = len, r.file = file, r.arena = arena, r.e = e;
	r.handler = handler, r.context = context;
	r.keys = r.few_keys, r.n_keys = 0;
	r.size_keys = sizeof r.few_keys / sizeof r.few_keys[0];

	if (len > JSON_MAX_SIZE)
		return fail_document(&r, 0, "larger than %d MiB", JSON_MAX_SIZE >> 20);
	size_t bad = utf8_first_invalid(text, len);
	if (bad < len)
		return fail_document(&r, bad, "not valid UTF-8");
	int err = parse_in_memory(&r, &callbacks);
	while (r.blocks)
		yajl_release(NULL, r.blocks->data);
	if (r.keys != r.few_keys)
		free(r.keys);
	if (err == -ENOMEM)
		return error_errno(e, ENOMEM, "%s", file);
	return err;
}
