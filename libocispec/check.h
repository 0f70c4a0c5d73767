/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "runtime/namespaces.h"

/* Private to libocispec: what validate.c and validate_linux.c share. */

struct check {
	const char *prefix; /* "process." or "" */
	struct error *e;
};

/* The property at prefix + path is wrong: returns -EINVAL with *e filled. */
#define WRONG(c, path, ...) check_wrong((c), (path), __VA_ARGS__)
int check_wrong(const struct check *c, const char *path, const char *format, ...) PRINTF_LIKE(3, 4);
/* "rlimits[3].soft" in a buffer of the caller's block; only where something is wrong: a profile has
 * hundreds of rules, and to write down where each of them is costs more than to read it */
#define PATH(...) check_path((char[160]){ 0 }, 160, __VA_ARGS__)
const char *check_path(char *buffer, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);

int not_absolute(const struct check *c, const char *path, const char *value);
/* "NAME=value" entries of `list`; the property is called `name` */
int check_environment(const struct check *c, const char *name, const struct string_list *env);
int check_id_mappings(
	const struct check *c, const char *name, const struct oci_id_mapping_list *list);
int check_keys(const struct check *c, const char *name, const struct string_map *map);
/* "0-3,7": digits, commas, dashes and spaces */
bool is_number_list(const char *s);
