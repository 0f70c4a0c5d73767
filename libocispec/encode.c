/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C structs into JSON, by the rows of object.h: the way back of decode.c. Runs in the process that
 * the user started. Makes no system call.
 */
#include <errno.h>
#include <string.h>

#include "libocispec/json_writer.h"
#include "libocispec/object.h"

struct encoder {
	struct json_writer *w;
	struct error *e;
	int result;
};

static void write_object(struct encoder *c, const struct object_type *type, const char *base);

static int64_t signed_at(const void *p, size_t bytes)
{
	int32_t v32;
	int64_t v64;
	if (bytes == sizeof v32) {
		memcpy(&v32, p, sizeof v32);
		return v32;
	}
	memcpy(&v64, p, sizeof v64);
	return v64;
}

static uint64_t unsigned_at(const void *p, size_t bytes)
{
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;
	if (bytes == sizeof v16) {
		memcpy(&v16, p, sizeof v16);
		return v16;
	}
	if (bytes == sizeof v32) {
		memcpy(&v32, p, sizeof v32);
		return v32;
	}
	memcpy(&v64, p, sizeof v64);
	return v64;
}

static void write_name(struct encoder *c, const struct names *names, int value)
{
	const char *name = names_of(names, value);
	if (name) {
		json_write_string(c->w, name);
		return;
	}
	c->result =
		error_set(c->e, ERROR_CONFIG, EINVAL, "%d is not a valid %s", value, names->what);
	json_write_null(c->w);
}

static void write_string_or_empty(struct encoder *c, const char *s)
{
	json_write_string(c->w, s ? s : "");
}

static void write_letters(struct encoder *c, const struct names *names, unsigned bits)
{
	char letters[32];
	size_t n = 0;
	for (size_t i = 0; i < names->n && n < sizeof letters - 1; i++)
		if (bits & (unsigned)names->v[i].value)
			letters[n++] = names->v[i].name[0];
	json_write_string_n(c->w, letters, n);
}

static void write_list(struct encoder *c, const struct field *f, const char *p)
{
	const struct any_list *list = (const struct any_list *)p;
	json_begin_array(c->w);
	for (size_t i = 0; i < list->n; i++) {
		if (f->kind == FIELD_STRING_LIST)
			write_string_or_empty(c, ((const char *const *)list->v)[i]);
		else if (f->kind == FIELD_U32_LIST)
			json_write_u64(c->w, ((const uint32_t *)list->v)[i]);
		else if (f->kind == FIELD_ENUM_LIST)
			write_name(c, f->names, ((const int *)list->v)[i]);
		else
			write_object(c, f->object, (const char *)list->v + i * f->object->size);
	}
	json_end_array(c->w);
}

static void write_bits(struct encoder *c, const struct field *f, uint64_t bits)
{
	json_begin_array(c->w);
	for (int i = 0; i < 64; i++)
		if (bits >> i & 1)
			write_name(c, f->names, i);
	json_end_array(c->w);
}

static void write_string_map(struct encoder *c, const struct string_map *map)
{
	json_begin_object(c->w);
	for (size_t i = 0; i < map->n; i++) {
		json_write_string(c->w, map->v[i].key);
		write_string_or_empty(c, map->v[i].value);
	}
	json_end_object(c->w);
}

static void write_keyed(struct encoder *c, const struct field *f, const struct any_list *list)
{
	json_begin_object(c->w);
	for (size_t i = 0; i < list->n; i++) {
		const char *object = (const char *)list->v + i * f->object->size;
		write_string_or_empty(c, *(const char *const *)(object + f->aux));
		write_object(c, f->object, object);
	}
	json_end_object(c->w);
}

static void write_value(struct encoder *c, const struct field *f, const char *p)
{
	switch ((enum field_kind)f->kind) {
	case FIELD_STRING:
		return write_string_or_empty(c, *(const char *const *)p);
	case FIELD_BOOL:
		return json_write_bool(c->w, *(const bool *)p);
	case FIELD_I64:
		return json_write_i64(c->w, signed_at(p, 8));
	case FIELD_U64:
		return json_write_u64(c->w, unsigned_at(p, 8));
	case FIELD_I32:
		return json_write_i64(c->w, signed_at(p, 4));
	case FIELD_U32:
		return json_write_u64(c->w, unsigned_at(p, 4));
	case FIELD_OPT_BOOL:
		return json_write_bool(c->w, ((const struct opt_bool *)p)->v);
	case FIELD_OPT_I64:
		return json_write_i64(c->w, ((const struct opt_i64 *)p)->v);
	case FIELD_OPT_U64:
		return json_write_u64(c->w, ((const struct opt_u64 *)p)->v);
	case FIELD_OPT_I32:
		return json_write_i64(c->w, ((const struct opt_i32 *)p)->v);
	case FIELD_OPT_U32:
		return json_write_u64(c->w, ((const struct opt_u32 *)p)->v);
	case FIELD_OPT_U16:
		return json_write_u64(c->w, ((const struct opt_u16 *)p)->v);
	case FIELD_ENUM:
		return write_name(c, f->names, *(const int *)p);
	case FIELD_CHAR:
		return json_write_string_n(c->w, p, *p ? 1 : 0);
	case FIELD_LETTERS:
		return write_letters(c, f->names, *(const unsigned *)p);
	case FIELD_STRING_LIST:
	case FIELD_U32_LIST:
	case FIELD_ENUM_LIST:
	case FIELD_ARRAY:
		return write_list(c, f, p);
	case FIELD_BITS:
		return write_bits(c, f, *(const uint64_t *)p);
	case FIELD_OBJECT:
		return write_object(c, f->object, *(const char *const *)p);
	case FIELD_INLINE:
		return write_object(c, f->object, p);
	case FIELD_STRING_MAP:
		return write_string_map(c, (const struct string_map *)p);
	case FIELD_KEYED:
		return write_keyed(c, f, (const struct any_list *)p);
	case FIELD_KIND_COUNT:
		break;
	}
	c->result = -EINVAL;
}

/* How many bytes at the start of a member tell that it is there: none of them is set in an absent
 * one. Optionals begin with `set`, lists and maps with their length. */
static bool is_present(const struct field *f, const char *base)
{
	static const uint8_t telling[FIELD_KIND_COUNT] = {
		[FIELD_STRING] = sizeof(char *),
		[FIELD_BOOL] = sizeof(bool),
		[FIELD_I64] = 8,
		[FIELD_U64] = 8,
		[FIELD_I32] = 4,
		[FIELD_U32] = 4,
		[FIELD_OPT_BOOL] = sizeof(bool),
		[FIELD_OPT_I64] = sizeof(bool),
		[FIELD_OPT_U64] = sizeof(bool),
		[FIELD_OPT_I32] = sizeof(bool),
		[FIELD_OPT_U32] = sizeof(bool),
		[FIELD_OPT_U16] = sizeof(bool),
		[FIELD_ENUM] = sizeof(int),
		[FIELD_CHAR] = 1,
		[FIELD_LETTERS] = sizeof(unsigned),
		[FIELD_STRING_LIST] = sizeof(size_t),
		[FIELD_U32_LIST] = sizeof(size_t),
		[FIELD_ENUM_LIST] = sizeof(size_t),
		[FIELD_BITS] = 8,
		[FIELD_OBJECT] = sizeof(void *),
		[FIELD_ARRAY] = sizeof(size_t),
		[FIELD_STRING_MAP] = sizeof(size_t),
		[FIELD_KEYED] = sizeof(size_t),
	};
	if (f->kind == FIELD_OBJECT)
		return *(void *const *)(base + f->offset) != NULL;
	if (f->flags & (REQUIRED | ALWAYS) || f->kind == FIELD_INLINE)
		return true;
	if (f->flags & HAS_PRESENCE)
		return *(const bool *)(base + f->aux);
	for (size_t i = 0; i < telling[f->kind]; i++)
		if (base[f->offset + i])
			return true;
	return false;
}

static void write_object(struct encoder *c, const struct object_type *type, const char *base)
{
	json_begin_object(c->w);
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		if (!is_present(f, base))
			continue;
		json_write_string_n(c->w, f->name, f->name_len);
		write_value(c, f, base + f->offset);
	}
	json_end_object(c->w);
}

int object_encode(const struct object_type *type, const void *object, bool pretty,
	struct arena *arena, char **ret_text, size_t *ret_len, struct error *e)
{
	struct encoder c = { .w = json_writer_new(arena, pretty), .e = e };
	if (!c.w)
		return error_errno(e, ENOMEM, "cannot write JSON");
	write_object(&c, type, object);
	int err = c.result;
	if (!err) {
		err = json_writer_finish(c.w, ret_text, ret_len);
		if (err < 0)
			error_errno(e, -err, "cannot write JSON");
	}
	return err;
}
