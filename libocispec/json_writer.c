/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text by yajl_gen. Runs where a document is written; makes no system call. */
#include "libocispec/json_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "libocispec/utf8.h"

/* An object or array that has been begun and not been written: yajl_gen spreads an empty one over
 * three lines, so it is written as a whole when it ends at once. */
enum pending { PENDING_NONE, PENDING_OBJECT, PENDING_ARRAY };

struct json_writer {
	struct arena *arena;
	yajl_gen gen;
	enum pending pending;
	int failed; /* the first error, a negative errno */
	char *text;
	size_t len, size;
	/* The generator does not look whether it got memory. It wants some twice, when it is made,
	 * and gets it from here; what it writes goes to `text`. */
	size_t pool_used;
	_Alignas(max_align_t) char pool[4096];
};

static void *pool_allocate(void *context, size_t size)
{
	struct json_writer *w = context;
	size_t left = sizeof w->pool - w->pool_used;
	size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (size > left) /* another yajl than any there has been */
		abort();
	void *p = w->pool + w->pool_used;
	w->pool_used += size;
	return p;
}

static void *pool_resize(void *context, void *p, size_t size)
{
	return size ? pool_allocate(context, size) : p;
}

static void pool_release(void *context, void *p)
{
}

static void append(void *context, const char *s, size_t n)
{
	struct json_writer *w = context;
	if (w->failed)
		return;
	if (w->size - w->len <= n) { /* one is left for the end of the string */
		size_t size = 2 * w->size + n + 1024;
		char *bigger = arena_alloc(w->arena, size);
		if (!bigger) {
			w->failed = -ENOMEM;
			return;
		}
		if (w->len)
			memcpy(bigger, w->text, w->len);
		w->text = bigger;
		w->size = size;
	}
	memcpy(w->text + w->len, s, n);
	w->len += n;
}

struct json_writer *json_writer_new(struct arena *arena, bool pretty)
{
	struct json_writer *w = ARENA_NEW(arena, struct json_writer);
	if (!w)
		return NULL;
	w->arena = arena;
	const yajl_alloc_funcs pool = { pool_allocate, pool_resize, pool_release, w };
	w->gen = yajl_gen_alloc(&pool);
	yajl_gen_config(w->gen, yajl_gen_print_callback, append, w);
	yajl_gen_config(w->gen, yajl_gen_beautify, (int)pretty);
	yajl_gen_config(w->gen, yajl_gen_indent_string, "  ");
	return w;
}

static void check(struct json_writer *w, yajl_gen_status status)
{
	if (status != yajl_gen_status_ok && !w->failed)
		w->failed = -EINVAL;
}

/* The generator, with nothing pending. */
static yajl_gen ready(struct json_writer *w)
{
	if (w->pending == PENDING_OBJECT)
		check(w, yajl_gen_map_open(w->gen));
	else if (w->pending == PENDING_ARRAY)
		check(w, yajl_gen_array_open(w->gen));
	w->pending = PENDING_NONE;
	return w->gen;
}

void json_write_null(struct json_writer *w)
{
	check(w, yajl_gen_null(ready(w)));
}

void json_write_bool(struct json_writer *w, bool v)
{
	check(w, yajl_gen_bool(ready(w), v));
}

void json_write_i64(struct json_writer *w, int64_t v)
{
	check(w, yajl_gen_integer(ready(w), v));
}

void json_write_u64(struct json_writer *w, uint64_t v)
{
	char digits[24];
	int n = snprintf(digits, sizeof digits, "%" PRIu64, v);
	check(w, yajl_gen_number(ready(w), digits, (size_t)n));
}

void json_write_number(struct json_writer *w, const char *text)
{
	check(w, yajl_gen_number(ready(w), text, strlen(text)));
}

void json_write_string_n(struct json_writer *w, const char *s, size_t n)
{
	if (utf8_first_invalid(s, n) < n && !w->failed)
		w->failed = -EILSEQ;
	check(w, yajl_gen_string(ready(w), (const unsigned char *)s, n));
}

void json_write_string(struct json_writer *w, const char *s)
{
	json_write_string_n(w, s, strlen(s));
}

static void begin(struct json_writer *w, enum pending what)
{
	ready(w);
	w->pending = what;
}

/* yajl_gen_number() writes its text as it is. */
static void end(struct json_writer *w, enum pending what)
{
	if (w->pending == what) {
		w->pending = PENDING_NONE;
		check(w, yajl_gen_number(w->gen, what == PENDING_OBJECT ? "{}" : "[]", 2));
	} else if (what == PENDING_OBJECT) {
		check(w, yajl_gen_map_close(ready(w)));
	} else {
		check(w, yajl_gen_array_close(ready(w)));
	}
}

void json_begin_object(struct json_writer *w)
{
	begin(w, PENDING_OBJECT);
}

void json_end_object(struct json_writer *w)
{
	end(w, PENDING_OBJECT);
}

void json_begin_array(struct json_writer *w)
{
	begin(w, PENDING_ARRAY);
}

void json_end_array(struct json_writer *w)
{
	end(w, PENDING_ARRAY);
}

int json_writer_finish(struct json_writer *w, char **ret_text, size_t *ret_len)
{
	append(w, "", 0);
	if (w->failed)
		return w->failed;
	w->text[w->len] = '\0';
	*ret_text = w->text;
	if (ret_len)
		*ret_len = w->len;
	return 0;
}
