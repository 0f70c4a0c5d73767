/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON events into C structs, by the rows of object.h. Runs in the process that the user started,
 * before any side effect. Makes no system call; all memory is the arena's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "libocispec/json_reader.h"
#include "libocispec/object.h"

enum { FIRST_ROOM = 4 };

/* What is being filled: a struct, a list or a map. */
struct target {
	const struct object_type *type; /* of the struct; NULL: a list or map */
	const struct field *field;	/* struct: row of the property being read, NULL: unknown;
					   list or map: its own row */
	char *base;
	uint64_t present; /* struct: bit i: fields[i] has a value */
	unsigned next;	  /* struct: the row to look at first */
	const char *key;  /* map: of the entry being read */
};

struct decoder {
	struct arena *arena;
	const struct object_type *root;
	void *root_object;
	size_t skipping; /* levels open below an unknown property */
	size_t depth;
	struct target targets[JSON_MAX_DEPTH];
};

typedef int (*decode_fn)(struct decoder *d, struct json_reader *r, const struct field *f,
	void *where, const struct json_event *event);

static const char *const json_type_names[JSON_TYPE_COUNT] = {
	[JSON_NULL] = "null",
	[JSON_BOOLEAN] = "boolean",
	[JSON_NUMBER] = "integer",
	[JSON_STRING] = "string",
	[JSON_OBJECT] = "object",
	[JSON_ARRAY] = "array",
};

/* How much of a value a message shows. */
static int shown(const struct json_event *ev)
{
	return ev->n < 80 ? (int)ev->n : 80;
}

/* ---- integers ---- */

static const struct {
	int64_t min;
	uint64_t max;
	uint8_t bytes, value_at;
} integers[FIELD_KIND_COUNT] = {
	[FIELD_I64] = { INT64_MIN, INT64_MAX, 8, 0 },
	[FIELD_U64] = { 0, UINT64_MAX, 8, 0 },
	[FIELD_I32] = { INT32_MIN, INT32_MAX, 4, 0 },
	[FIELD_U32] = { 0, UINT32_MAX, 4, 0 },
	[FIELD_OPT_I64] = { INT64_MIN, INT64_MAX, 8, offsetof(struct opt_i64, v) },
	[FIELD_OPT_U64] = { 0, UINT64_MAX, 8, offsetof(struct opt_u64, v) },
	[FIELD_OPT_I32] = { INT32_MIN, INT32_MAX, 4, offsetof(struct opt_i32, v) },
	[FIELD_OPT_U32] = { 0, UINT32_MAX, 4, offsetof(struct opt_u32, v) },
	[FIELD_OPT_U16] = { 0, UINT16_MAX, 2, offsetof(struct opt_u16, v) },
};
_Static_assert(offsetof(struct opt_i64, set) == 0 && offsetof(struct opt_u16, set) == 0,
	"`set` comes first");

/* 1.0 and 1e3 are numbers of JSON and not integers here: no document that a client writes has
 * them, and readers differ in what they make of them. */
static bool is_integer(const struct json_event *ev)
{
	return !memchr(ev->s, '.', ev->n) && !memchr(ev->s, 'e', ev->n) &&
	       !memchr(ev->s, 'E', ev->n);
}

/* Digits with an optional '-', as JSON has made sure. False: more than 64 bits. */
static bool parse_integer(const char *s, size_t n, bool *negative, uint64_t *ret)
{
	uint64_t v = 0;
	*negative = s[0] == '-';
	for (size_t i = *negative; i < n; i++)
		if (__builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(s[i] - '0'), &v))
			return false;
	*ret = v;
	return true;
}

static void store(void *where, uint64_t v, size_t bytes)
{
	uint16_t v16 = (uint16_t)v;
	uint32_t v32 = (uint32_t)v;
	memcpy(where, bytes == 2 ? (void *)&v16 : bytes == 4 ? (void *)&v32 : (void *)&v, bytes);
}

static int fail_range(struct json_reader *r, const struct json_event *ev, unsigned kind)
{
	return json_fail(r, "%.*s is out of range (%lld to %llu)", shown(ev), ev->s,
		(long long)integers[kind].min, (unsigned long long)integers[kind].max);
}

static int integer_of(
	struct json_reader *r, unsigned kind, char *where, const struct json_event *ev)
{
	bool negative;
	uint64_t v;
	if (!is_integer(ev))
		return json_fail(r, "expected integer, found %.*s", shown(ev), ev->s);
	uint64_t lowest = -(uint64_t)integers[kind].min;
	if (!parse_integer(ev->s, ev->n, &negative, &v) || (negative && v > lowest) ||
		(!negative && v > integers[kind].max))
		return fail_range(r, ev, kind);
	if (integers[kind].value_at)
		*(bool *)where = true;
	store(where + integers[kind].value_at, negative ? -v : v, integers[kind].bytes);
	return 0;
}

static int decode_integer(struct decoder *d, struct json_reader *r, const struct field *f,
	void *where, const struct json_event *ev)
{
	return integer_of(r, f->kind, where, ev);
}

/* an element of a list */
static int decode_u32(struct decoder *d, struct json_reader *r, const struct field *f, void *where,
	const struct json_event *ev)
{
	return integer_of(r, FIELD_U32, where, ev);
}

/* ---- other scalars ---- */

static int decode_bool(struct decoder *d, struct json_reader *r, const struct field *f, void *where,
	const struct json_event *ev)
{
	if (f->kind == FIELD_OPT_BOOL)
		*(struct opt_bool *)where = (struct opt_bool){ .set = true, .v = ev->v };
	else
		*(bool *)where = ev->v;
	return 0;
}

static int decode_string(struct decoder *d, struct json_reader *r, const struct field *f,
	void *where, const struct json_event *ev)
{
	if (!ev->n && (f->flags & EMPTY_IS_ABSENT))
		return 0;
	char *copy = arena_strndup(d->arena, ev->s, ev->n);
	if (!copy)
		return -ENOMEM;
	*(const char **)where = copy;
	return 0;
}

static int fail_name(struct json_reader *r, const struct names *names, const struct json_event *ev)
{
	char valid[360] = "";
	if (names->n < 12)
		names_join(names, valid, sizeof valid);
	return json_fail(r, "invalid %s \"%.*s\"%s%s", names->what, shown(ev), ev->s,
		valid[0] ? "; valid: " : "", valid);
}

static int decode_enum(struct decoder *d, struct json_reader *r, const struct field *f, void *where,
	const struct json_event *ev)
{
	if (names_find(f->names, ev->s, ev->n, where))
		return 0;
	return fail_name(r, f->names, ev);
}

static int decode_char(struct decoder *d, struct json_reader *r, const struct field *f, void *where,
	const struct json_event *ev)
{
	if (ev->n == 1 && strchr(f->chars, ev->s[0])) {
		*(char *)where = ev->s[0];
		return 0;
	}
	char letters[32];
	size_t n = 0;
	for (const char *l = f->chars; *l && n + 3 < sizeof letters; l++)
		n += (size_t)snprintf(letters + n, sizeof letters - n, "%s%c", n ? ", " : "", *l);
	return json_fail(r, "\"%.*s\" is not one of %s", shown(ev), ev->s, letters);
}

static int decode_letters(struct decoder *d, struct json_reader *r, const struct field *f,
	void *where, const struct json_event *ev)
{
	unsigned bits = 0;
	for (size_t i = 0; i < ev->n; i++) {
		int bit;
		if (!names_find(f->names, ev->s + i, 1, &bit))
			return fail_name(r, f->names, ev);
		bits |= (unsigned)bit;
	}
	*(unsigned *)where = bits;
	return 0;
}

/* ---- lists and maps ---- */

/* Lists grow by doubling, so the room that one has follows from its length: the power of two above
 * it. One more than needed is kept zero: string lists end in NULL. */
static size_t room(const struct any_list *list)
{
	size_t capacity = list->v ? FIRST_ROOM : 0;
	while (capacity && capacity <= list->n)
		capacity *= 2;
	return capacity;
}

/* The slot of a new element, zeroed. */
static void *append(struct decoder *d, struct any_list *list, size_t size)
{
	size_t capacity = room(list);
	if (list->n + 1 >= capacity) {
		char *v = arena_array(d->arena, capacity ? 2 * capacity : FIRST_ROOM, size);
		if (!v)
			return NULL;
		if (list->n)
			memcpy(v, list->v, list->n * size);
		list->v = v;
	}
	return (char *)list->v + list->n++ * size;
}

/* spec: config.md#linux-process: a capability that the kernel interface does not know is to be
 * logged, not an error. Libraries do not log: its name is kept for the caller. */
static int decode_bit(struct decoder *d, struct json_reader *r, const struct field *f, void *where,
	const struct json_event *ev)
{
	int bit;
	if (names_find(f->names, ev->s, ev->n, &bit)) {
		*(uint64_t *)where |= UINT64_C(1) << bit;
		return 0;
	}
	struct any_list *rest = (struct any_list *)((char *)where - f->offset + f->aux);
	const char **slot = append(d, rest, sizeof(char *));
	char *name = arena_strndup(d->arena, ev->s, ev->n);
	if (!slot || !name)
		return -ENOMEM;
	*slot = name;
	return 0;
}

static int push(
	struct decoder *d, const struct object_type *type, const struct field *f, void *base)
{
	d->targets[d->depth++] = (struct target){ .type = type, .field = f, .base = base };
	return 0;
}

static int begin_inline(struct decoder *d, struct json_reader *r, const struct field *f,
	void *where, const struct json_event *ev)
{
	return push(d, f->object, NULL, where);
}

static int begin_object(struct decoder *d, struct json_reader *r, const struct field *f,
	void *where, const struct json_event *ev)
{
	void *object = arena_alloc(d->arena, f->object->size);
	if (!object)
		return -ENOMEM;
	*(void **)where = object;
	return push(d, f->object, NULL, object);
}

static int begin_list(struct decoder *d, struct json_reader *r, const struct field *f, void *where,
	const struct json_event *ev)
{
	return push(d, NULL, f, where);
}

/* An argv must not be NULL even if it is []. */
static int begin_string_list(struct decoder *d, struct json_reader *r, const struct field *f,
	void *where, const struct json_event *ev)
{
	struct string_list *list = where;
	*list = (struct string_list){ .v = ARENA_ARRAY(d->arena, FIRST_ROOM, const char *) };
	if (!list->v)
		return -ENOMEM;
	return push(d, NULL, f, where);
}

/* ---- the kinds ---- */

/* How one value is read: the JSON type that it must have, and what stores it. */
struct value_kind {
	enum json_type type;
	decode_fn decode;
};

static const struct value_kind kinds[FIELD_KIND_COUNT] = {
	[FIELD_STRING] = { JSON_STRING, decode_string },
	[FIELD_BOOL] = { JSON_BOOLEAN, decode_bool },
	[FIELD_I64] = { JSON_NUMBER, decode_integer },
	[FIELD_U64] = { JSON_NUMBER, decode_integer },
	[FIELD_I32] = { JSON_NUMBER, decode_integer },
	[FIELD_U32] = { JSON_NUMBER, decode_integer },
	[FIELD_OPT_BOOL] = { JSON_BOOLEAN, decode_bool },
	[FIELD_OPT_I64] = { JSON_NUMBER, decode_integer },
	[FIELD_OPT_U64] = { JSON_NUMBER, decode_integer },
	[FIELD_OPT_I32] = { JSON_NUMBER, decode_integer },
	[FIELD_OPT_U32] = { JSON_NUMBER, decode_integer },
	[FIELD_OPT_U16] = { JSON_NUMBER, decode_integer },
	[FIELD_ENUM] = { JSON_STRING, decode_enum },
	[FIELD_CHAR] = { JSON_STRING, decode_char },
	[FIELD_LETTERS] = { JSON_STRING, decode_letters },
	[FIELD_STRING_LIST] = { JSON_ARRAY, begin_string_list },
	[FIELD_U32_LIST] = { JSON_ARRAY, begin_list },
	[FIELD_ENUM_LIST] = { JSON_ARRAY, begin_list },
	[FIELD_BITS] = { JSON_ARRAY, begin_list },
	[FIELD_OBJECT] = { JSON_OBJECT, begin_object },
	[FIELD_INLINE] = { JSON_OBJECT, begin_inline },
	[FIELD_ARRAY] = { JSON_ARRAY, begin_list },
	[FIELD_STRING_MAP] = { JSON_OBJECT, begin_list },
	[FIELD_KEYED] = { JSON_OBJECT, begin_list },
};

/* What a list or map has in it. */
static const struct value_kind elements[FIELD_KIND_COUNT] = {
	[FIELD_STRING_LIST] = { JSON_STRING, decode_string },
	[FIELD_U32_LIST] = { JSON_NUMBER, decode_u32 },
	[FIELD_ENUM_LIST] = { JSON_STRING, decode_enum },
	[FIELD_BITS] = { JSON_STRING, decode_bit },
	[FIELD_ARRAY] = { JSON_OBJECT, begin_inline },
	[FIELD_STRING_MAP] = { JSON_STRING, decode_string },
	[FIELD_KEYED] = { JSON_OBJECT, begin_inline },
};

static int decode_value(struct decoder *d, struct json_reader *r, const struct value_kind *kind,
	const struct field *f, void *where, const struct json_event *ev)
{
	if (ev->type == kind->type)
		return kind->decode(d, r, f, where, ev);
	const char *found = json_type_names[ev->type];
	if (ev->type == JSON_NUMBER && !is_integer(ev))
		found = "number";
	return json_fail(r, "expected %s, found %s", json_type_names[kind->type], found);
}

static void *new_element(struct decoder *d, struct target *t)
{
	static const size_t sizes[FIELD_KIND_COUNT] = {
		[FIELD_STRING_LIST] = sizeof(char *),
		[FIELD_U32_LIST] = sizeof(uint32_t),
		[FIELD_ENUM_LIST] = sizeof(int),
		[FIELD_STRING_MAP] = sizeof(struct string_pair),
	};
	size_t size = sizes[t->field->kind] ? sizes[t->field->kind] : t->field->object->size;
	return append(d, (struct any_list *)t->base, size);
}

static int decode_element(
	struct decoder *d, struct json_reader *r, struct target *t, const struct json_event *ev)
{
	const struct field *f = t->field;
	char *where = f->kind == FIELD_BITS ? t->base : new_element(d, t);
	if (!where)
		return -ENOMEM;
	if (f->kind == FIELD_KEYED)
		*(const char **)(where + f->aux) = t->key;
	if (f->kind == FIELD_STRING_MAP) {
		struct string_pair *pair = (struct string_pair *)where;
		pair->key = t->key;
		where = (char *)&pair->value;
	}
	return decode_value(d, r, &elements[f->kind], f, where, ev);
}

static int skip_value(struct decoder *d, const struct json_event *ev)
{
	d->skipping = ev->type == JSON_OBJECT || ev->type == JSON_ARRAY;
	return 0;
}

static int decode_property(
	struct decoder *d, struct json_reader *r, struct target *t, const struct json_event *ev)
{
	const struct field *f = t->field;
	if (!f)
		return skip_value(d, ev);
	if (ev->type == JSON_NULL)
		return 0;
	t->present |= UINT64_C(1) << (f - t->type->fields);
	if (f->flags & HAS_PRESENCE)
		*(bool *)(t->base + f->aux) = true;
	return decode_value(d, r, &kinds[f->kind], f, t->base + f->offset, ev);
}

/* ---- objects ---- */

static bool is_named(const struct field *f, const char *s, size_t n)
{
	return f->name_len == n && memcmp(f->name, s, n) == 0;
}

const struct field *object_find(const struct object_type *type, const char *name, size_t n)
{
	for (size_t i = 0; i < type->n_fields; i++)
		if (is_named(&type->fields[i], name, n))
			return &type->fields[i];
	return NULL;
}

static int fail_closed(struct json_reader *r, const struct object_type *type)
{
	char valid[200];
	size_t used = 0;
	for (size_t i = 0; i < type->n_fields && used + type->fields[i].name_len + 3 < sizeof valid;
		i++) {
		memcpy(valid + used, ", ", 2);
		memcpy(valid + used + 2, type->fields[i].name, type->fields[i].name_len + 1u);
		used += type->fields[i].name_len + 2u;
	}
	return json_fail(r, "unknown name; valid: %s", valid + 2);
}

static int decode_key(
	struct decoder *d, struct json_reader *r, struct target *t, const struct json_event *ev)
{
	if (!t->type) {
		t->key = arena_strndup(d->arena, ev->s, ev->n);
		return t->key ? 0 : -ENOMEM;
	}
	/* documents tend to have the order of the specification, which is that of the rows */
	const struct field *fields = t->type->fields;
	if (t->next < t->type->n_fields && is_named(&fields[t->next], ev->s, ev->n))
		t->field = &fields[t->next];
	else
		t->field = object_find(t->type, ev->s, ev->n);
	if (t->field)
		t->next = (unsigned)(t->field - fields) + 1;
	else if (t->type->flags & OBJECT_CLOSED)
		return fail_closed(r, t->type);
	return 0;
}

static int end_object(struct decoder *d, struct json_reader *r)
{
	const struct target *t = &d->targets[--d->depth];
	if (!t->type)
		return 0;
	for (size_t i = 0; i < t->type->n_fields; i++) {
		const struct field *f = &t->type->fields[i];
		if (!(f->flags & REQUIRED) || t->present >> i & 1)
			continue;
		/* as when it is there and wrong */
		return f->kind == FIELD_ENUM
			       ? json_fail_property(r, f->name,
					 "invalid %s: required property is missing", f->names->what)
			       : json_fail_property(r, f->name, "required property is missing");
	}
	return 0;
}

static int begin_root(struct decoder *d, struct json_reader *r, const struct json_event *ev)
{
	if (ev->type != JSON_OBJECT)
		return json_fail(r, "expected object, found %s", json_type_names[ev->type]);
	d->root_object = arena_alloc(d->arena, d->root->size);
	if (!d->root_object)
		return -ENOMEM;
	return push(d, d->root, NULL, d->root_object);
}

static int skip_event(struct decoder *d, const struct json_event *ev)
{
	if (ev->type == JSON_OBJECT || ev->type == JSON_ARRAY)
		d->skipping++;
	else if (ev->type == JSON_OBJECT_END || ev->type == JSON_ARRAY_END)
		d->skipping--;
	return 0;
}

static int on_event(void *context, struct json_reader *r, const struct json_event *ev)
{
	struct decoder *d = context;
	if (d->skipping)
		return skip_event(d, ev);
	if (!d->depth)
		return begin_root(d, r, ev);
	struct target *t = &d->targets[d->depth - 1];
	if (ev->type == JSON_KEY)
		return decode_key(d, r, t, ev);
	if (ev->type == JSON_OBJECT_END || ev->type == JSON_ARRAY_END)
		return end_object(d, r);
	if (t->type)
		return decode_property(d, r, t, ev);
	return decode_element(d, r, t, ev);
}

int object_decode(const struct object_type *type, const char *text, size_t len, const char *file,
	struct arena *arena, void *ret, struct error *e)
{
	struct decoder d;
	memset(&d, 0, offsetof(struct decoder, targets));
	d.arena = arena;
	d.root = type;
	int err = json_read(text, len, file, arena, on_event, &d, e);
	if (err < 0)
		return err;
	*(void **)ret = d.root_object;
	return 0;
}
