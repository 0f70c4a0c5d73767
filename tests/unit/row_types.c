/* SPDX-License-Identifier: Apache-2.0 */
/* Not a program: compiled by meson.build, once for each ROW. The right one must compile, the wrong
 * ones must not. */
#include "libocispec/object.h"

enum wrong_enum { WRONG_A };
enum right_enum { RIGHT_A };
struct wrong {
	int x;
};
struct right {
	const char *key;
};
static const struct name_value right_enum_values[] = { { "A", RIGHT_A } };
static NAMES(right_enum, "letter");

#define SELF struct right
static const struct field right_fields[] = { ROW_STRING("key", key, OPTIONAL) };
static OBJECT(right);
#undef SELF

struct example {
	const char *string;
	int64_t i64;
	struct opt_u32 opt;
	enum right_enum right_enum;
	enum wrong_enum wrong_enum;
	struct right *right;
	struct wrong *wrong;
	struct {
		size_t n;
		struct right *v;
	} list;
	struct {
		struct right *v;
		size_t n;
	} swapped;
};

#define SELF struct example
static const struct field example_fields[] = {
	ROW_ENUM("e", right_enum, right_enum, OPTIONAL),
	ROW_OBJECT("r", right, right, OPTIONAL),
	ROW_KEYED("l", list, right, key, OPTIONAL),
	ROW,
};
OBJECT(example);
