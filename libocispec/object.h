/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "error.h"
#include "names.h"
#include "values.h"

/*
 * JSON objects <-> C structs, by tables: one row for each property. Reading, writing, error
 * messages and the test that no property of the specification is missing all follow from the rows.
 *
 *	#define SELF struct oci_root
 *	static const struct field oci_root_fields[] = {
 *		ROW_STRING("path", path, REQUIRED),
 *		ROW_BOOL("readonly", readonly, OPTIONAL),
 *	};
 *	OBJECT(oci_root);
 *	#undef SELF
 *
 * defines `const struct object_type oci_root_object` for `struct oci_root` (write `static OBJECT`
 * where no other file needs it). A row whose C type does not fit its kind does not compile. A row
 * that has a sub-table names the struct or the enum, not the table: ROW_OBJECT("root", root,
 * oci_root) checks that `root` is a `struct oci_root *` and takes oci_root_object.
 *
 * Reading: properties that have no row are skipped, as config.md#extensibility demands. `null` is
 * the same as absent, as it is for the Go types that most documents are written with; in a list or
 * as a value of a map it is an error. Duplicate keys are an error everywhere.
 *
 * Writing: a property is left out when it is absent: a NULL pointer, an optional that is not set,
 * an empty list or map, false, 0. REQUIRED and ALWAYS properties are always written.
 */

enum field_flags {
	OPTIONAL = 0,
	REQUIRED = 1,	     /* to be absent is an error; always written */
	ALWAYS = 2,	     /* may be absent; always written */
	EMPTY_IS_ABSENT = 4, /* strings: "" means the same as absent, and is stored as NULL */
	HAS_PRESENCE = 8,    /* `aux` is the offset of a bool: the property was there */
};

enum field_kind {
	FIELD_STRING, /* const char * */
	FIELD_BOOL,   /* bool */
	FIELD_I64,
	FIELD_U64,
	FIELD_I32,
	FIELD_U32,
	FIELD_OPT_BOOL, /* struct opt_bool */
	FIELD_OPT_I64,
	FIELD_OPT_U64,
	FIELD_OPT_I32,
	FIELD_OPT_U32,
	FIELD_OPT_U16,
	FIELD_ENUM,	   /* enum or int, from a table of names */
	FIELD_CHAR,	   /* char: a string of one character out of a set */
	FIELD_LETTERS,	   /* unsigned: "rwm", each letter a bit */
	FIELD_STRING_LIST, /* struct string_list */
	FIELD_U32_LIST,	   /* struct u32_list */
	FIELD_ENUM_LIST,   /* struct enum_list */
	FIELD_BITS,	   /* uint64_t: list of names, each the number of a bit */
	FIELD_OBJECT,	   /* struct T * */
	FIELD_INLINE,	   /* struct T */
	FIELD_ARRAY,	   /* struct { size_t n; struct T *v; } */
	FIELD_STRING_MAP,  /* struct string_map */
	FIELD_KEYED,	   /* { "key": {object} } as an array whose structs hold their key */
	FIELD_KIND_COUNT
};

struct field {
	const char *name; /* of the property */
	uint8_t name_len, kind, flags;
	uint16_t offset; /* in the struct */
	uint16_t aux;	 /* HAS_PRESENCE, FIELD_BITS: list of unknown names; FIELD_KEYED: the key */
	union {
		const struct object_type *object; /* FIELD_OBJECT, INLINE, ARRAY, KEYED */
		const struct names *names;	  /* FIELD_ENUM, ENUM_LIST, BITS, LETTERS */
		const char *chars;		  /* FIELD_CHAR */
	};
};

enum object_flags {
	OBJECT_CLOSED = 1, /* the keys are values of the specification: others are an error */
};

enum { OBJECT_MAX_FIELDS = 64 };

struct object_type {
	const char *name; /* of the C struct */
	uint16_t size;
	uint8_t n_fields, flags;
	const struct field *fields;
};

/* Every list and array has this layout. */
struct any_list {
	size_t n;
	void *v;
};

/*
 * Read a document whose root is this object. It is allocated in the arena, *ret is set only on
 * success. Errors are ERROR_CONFIG with file, line, column and path; -ENOMEM. Strings are copied:
 * the text is not needed afterwards.
 */
int object_decode(const struct object_type *type, const char *text, size_t len, const char *file,
	struct arena *arena, void *ret, struct error *e);

/*
 * Write one, NUL-terminated, in the arena. pretty: indented, with a newline at the end.
 * -EILSEQ: a string is not UTF-8. -EINVAL: an enum value that has no name.
 */
int object_encode(const struct object_type *type, const void *object, bool pretty,
	struct arena *arena, char **ret_text, size_t *ret_len, struct error *e);

/* The row of a property, or NULL. */
const struct field *object_find(const struct object_type *type, const char *name, size_t n);

/* ---- the macros of the rows ---- */

#define ROW_TYPE_(member, c_type)                                                                  \
	(0 * sizeof(struct {                                                                       \
		_Static_assert(                                                                    \
			__builtin_types_compatible_p(__typeof__(((SELF *)0)->member), c_type),     \
			"the C type of this member does not fit the kind of its row");             \
		char c;                                                                            \
	}))
#define ROW_LIST_(member, c_type)                                                                  \
	(0 * sizeof(struct {                                                                       \
		_Static_assert(                                                                    \
			__builtin_types_compatible_p(__typeof__(((SELF *)0)->member.v), c_type) && \
				sizeof(((SELF *)0)->member) == sizeof(struct any_list) &&          \
				offsetof(SELF, member.v) ==                                        \
					offsetof(SELF, member) + offsetof(struct any_list, v),     \
			"this member is not { size_t n; T *v; } of the row's type");               \
		char c;                                                                            \
	}))
#define ROW_(json, member, kind_, flags_, check, ...)                                              \
	{                                                                                          \
		.name = json, .name_len = sizeof(json) - 1, .kind = kind_, .flags = (flags_),      \
		.offset = offsetof(SELF, member) + check, __VA_ARGS__                              \
	}
#define ROW_PLAIN_(json, member, kind_, flags_, c_type)                                            \
	ROW_(json, member, kind_, flags_, ROW_TYPE_(member, c_type), .aux = 0)

#define ROW_STRING(json, m, flags)   ROW_PLAIN_(json, m, FIELD_STRING, flags, const char *)
#define ROW_BOOL(json, m, flags)     ROW_PLAIN_(json, m, FIELD_BOOL, flags, bool)
#define ROW_I64(json, m, flags)	     ROW_PLAIN_(json, m, FIELD_I64, flags, int64_t)
#define ROW_U64(json, m, flags)	     ROW_PLAIN_(json, m, FIELD_U64, flags, uint64_t)
#define ROW_I32(json, m, flags)	     ROW_PLAIN_(json, m, FIELD_I32, flags, int32_t)
#define ROW_U32(json, m, flags)	     ROW_PLAIN_(json, m, FIELD_U32, flags, uint32_t)
#define ROW_OPT_BOOL(json, m, flags) ROW_PLAIN_(json, m, FIELD_OPT_BOOL, flags, struct opt_bool)
#define ROW_OPT_I64(json, m, flags)  ROW_PLAIN_(json, m, FIELD_OPT_I64, flags, struct opt_i64)
#define ROW_OPT_U64(json, m, flags)  ROW_PLAIN_(json, m, FIELD_OPT_U64, flags, struct opt_u64)
#define ROW_OPT_I32(json, m, flags)  ROW_PLAIN_(json, m, FIELD_OPT_I32, flags, struct opt_i32)
#define ROW_OPT_U32(json, m, flags)  ROW_PLAIN_(json, m, FIELD_OPT_U32, flags, struct opt_u32)
#define ROW_OPT_U16(json, m, flags)  ROW_PLAIN_(json, m, FIELD_OPT_U16, flags, struct opt_u16)

#define ROW_STRING_LIST(json, m, flags)                                                            \
	ROW_PLAIN_(json, m, FIELD_STRING_LIST, flags, struct string_list)
#define ROW_U32_LIST(json, m, flags) ROW_PLAIN_(json, m, FIELD_U32_LIST, flags, struct u32_list)
#define ROW_STRING_MAP(json, m, flags)                                                             \
	ROW_PLAIN_(json, m, FIELD_STRING_MAP, flags, struct string_map)

/* A string list that knows [] from absent, by the bool `present`. */
#define ROW_STRING_LIST_PRESENCE(json, m, present, flags_)                                         \
	ROW_(json, m, FIELD_STRING_LIST, (flags_) | HAS_PRESENCE,                                  \
		ROW_TYPE_(m, struct string_list),                                                  \
		.aux = offsetof(SELF, present) + ROW_TYPE_(present, bool))
/* A plain integer that knows 0 from absent, by the bool `present`. */
#define ROW_I64_PRESENCE(json, m, present, flags_)                                                 \
	ROW_(json, m, FIELD_I64, (flags_) | HAS_PRESENCE, ROW_TYPE_(m, int64_t),                   \
		.aux = offsetof(SELF, present) + ROW_TYPE_(present, bool))

/* `enum tag`, from tag_names. An optional one is left out when it is 0. */
#define ROW_ENUM(json, m, tag, flags_)                                                             \
	ROW_(json, m, FIELD_ENUM, flags_, ROW_TYPE_(m, enum tag), .names = &tag##_names)
/* An int that is the kernel's number, from tag_names. */
#define ROW_INT_ENUM(json, m, tag, flags_)                                                         \
	ROW_(json, m, FIELD_ENUM, flags_, ROW_TYPE_(m, int), .names = &tag##_names)
#define ROW_ENUM_LIST(json, m, tag, flags_)                                                        \
	ROW_(json, m, FIELD_ENUM_LIST, flags_, ROW_TYPE_(m, struct enum_list),                     \
		.names = &tag##_names)
/* A set as a uint64_t; names that are not in tag_names are collected in the string_list `rest`. */
#define ROW_BITS(json, m, tag, rest, flags_)                                                       \
	ROW_(json, m, FIELD_BITS, flags_, ROW_TYPE_(m, uint64_t), .names = &tag##_names,           \
		.aux = offsetof(SELF, rest) + ROW_TYPE_(rest, struct string_list))
/* A string whose letters are the one-letter names of tag_names, OR'ed into an unsigned. */
#define ROW_LETTERS(json, m, tag, flags_)                                                          \
	ROW_(json, m, FIELD_LETTERS, flags_, ROW_TYPE_(m, unsigned), .names = &tag##_names)
#define ROW_CHAR(json, m, set, flags_)                                                             \
	ROW_(json, m, FIELD_CHAR, flags_, ROW_TYPE_(m, char), .chars = set)

#define ROW_OBJECT(json, m, tag, flags_)                                                           \
	ROW_(json, m, FIELD_OBJECT, flags_, ROW_TYPE_(m, struct tag *), .object = &tag##_object)
#define ROW_INLINE(json, m, tag, flags_)                                                           \
	ROW_(json, m, FIELD_INLINE, flags_, ROW_TYPE_(m, struct tag), .object = &tag##_object)
/* As ROW_INLINE, by another table of the same struct. */
#define ROW_INLINE_AS(json, m, tag, table, flags_)                                                 \
	ROW_(json, m, FIELD_INLINE, flags_, ROW_TYPE_(m, struct tag), .object = &(table))
#define ROW_ARRAY(json, m, tag, flags_)                                                            \
	ROW_(json, m, FIELD_ARRAY, flags_, ROW_LIST_(m, struct tag *), .object = &tag##_object)
/* An object of objects; the key is stored in the member `key` of each struct tag. */
#define ROW_KEYED(json, m, tag, key, flags_)                                                       \
	ROW_(json, m, FIELD_KEYED, flags_, ROW_LIST_(m, struct tag *), .object = &tag##_object,    \
		.aux = offsetof(struct tag, key) + 0 * sizeof(struct {                             \
			_Static_assert(__builtin_types_compatible_p(                               \
					       __typeof__(((struct tag *)0)->key), const char *),  \
				"the key's member is not a const char *");                         \
			char c;                                                                    \
		}))

#define OBJECT_WITH(tag, flags_)                                                                   \
	const struct object_type tag##_object = { .name = #tag,                                    \
		.size = sizeof(struct tag),                                                        \
		.n_fields = sizeof(tag##_fields) / sizeof((tag##_fields)[0]),                      \
		.flags = (flags_),                                                                 \
		.fields = tag##_fields };                                                          \
	_Static_assert(__builtin_types_compatible_p(SELF, struct tag), "SELF is another struct");  \
	_Static_assert(                                                                            \
		sizeof(struct tag) <= UINT16_MAX &&                                                \
			sizeof(tag##_fields) / sizeof((tag##_fields)[0]) <= OBJECT_MAX_FIELDS,     \
		"too large for the tables")
#define OBJECT(tag) OBJECT_WITH(tag, 0)
