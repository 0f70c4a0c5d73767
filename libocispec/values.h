/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Optional scalars: a JSON property that may be absent, where absence differs from every value. */
struct opt_bool {
	bool set;
	bool v;
};
struct opt_i64 {
	bool set;
	int64_t v;
};
struct opt_u64 {
	bool set;
	uint64_t v;
};
struct opt_u32 {
	bool set;
	uint32_t v;
};
struct opt_i32 {
	bool set;
	int32_t v;
};
struct opt_u16 {
	bool set;
	uint16_t v;
};

/* ["a", "b"]; v is also terminated by NULL, so that it can be an argv. */
struct string_list {
	size_t n;
	const char **v;
};
struct u32_list {
	size_t n;
	uint32_t *v;
};
/* [ENUM_A, ENUM_B], each parsed to its C enum. */
struct enum_list {
	size_t n;
	int *v;
};

/* {"key": "value"}, in the document's order. */
struct string_pair {
	const char *key, *value;
};
struct string_map {
	size_t n;
	struct string_pair *v;
};
