/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every property of the specification's JSON schemas has a row, and the kind of the row is the one
 * that the path needs: a list where the path goes on with [], and so on.
 */
#include "spec_data.h"

#include "libocispec/features.h"
#include "libocispec/runtime/tables.h"

static const struct object_type *document_type(const char *name)
{
	static const struct {
		const char *name;
		const struct object_type *type;
	} documents[] = {
		{ "config", &oci_config_object },
		{ "state", &oci_state_object },
		{ "features", &oci_features_object },
	};
	for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++)
		if (strcmp(documents[i].name, name) == 0)
			return documents[i].type;
	return NULL;
}

/* The row at the end of the path, or NULL. */
static const struct field *find(const struct object_type *type, const char *path)
{
	const struct field *f = NULL;
	for (;;) {
		size_t n = strcspn(path, ".[{");
		f = object_find(type, path, n);
		path += n;
		if (!f || !*path)
			return f;
		bool is_array = strncmp(path, "[].", 3) == 0, is_map = strncmp(path, "{}.", 3) == 0;
		if (is_array != (f->kind == FIELD_ARRAY) || is_map != (f->kind == FIELD_KEYED))
			return NULL;
		if (!is_array && !is_map && f->kind != FIELD_OBJECT && f->kind != FIELD_INLINE)
			return NULL;
		type = f->object;
		path += is_array || is_map ? 3 : 1;
	}
}

static void test_every_property_has_a_row(void **state)
{
	size_t len, n = 0;
	char *text = read_data("schema-properties.txt", &len);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (line[0] == '#')
			continue;
		char *path = strchr(line, ' ');
		assert_non_null(path);
		*path++ = '\0';
		if (!find(document_type(line), path))
			fail_msg("%s has no row for %s", line, path);
		n++;
	}
	assert_true(n > 260);
	free(text);
}

/* The test above can fail. */
static void test_find(void **state)
{
	assert_non_null(find(&oci_config_object, "linux.devices[].path"));
	assert_non_null(find(&oci_config_object, "linux.netDevices{}.name"));
	assert_null(find(&oci_config_object, "linux.devices.path"));
	assert_null(find(&oci_config_object, "linux.devices[].paths"));
	assert_null(find(&oci_config_object, "linux.cgroupsPath.x"));
	assert_null(find(&oci_config_object, "windows"));
}

static size_t count_rows(const struct object_type *type)
{
	size_t n = type->n_fields;
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		assert_int_equal(f->name_len, strlen(f->name));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(f->name, type->fields[k].name);
		if (f->kind == FIELD_OBJECT || f->kind == FIELD_INLINE || f->kind == FIELD_ARRAY ||
			f->kind == FIELD_KEYED)
			n += count_rows(f->object);
	}
	return n;
}

static void check_names(const struct object_type *type)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		assert_true(f->offset < type->size);
		if (f->kind == FIELD_ENUM || f->kind == FIELD_ENUM_LIST || f->kind == FIELD_BITS)
			for (size_t k = 0; k < f->names->n; k++)
				assert_non_null(names_of(f->names, f->names->v[k].value));
		if (f->kind == FIELD_OBJECT || f->kind == FIELD_INLINE || f->kind == FIELD_ARRAY ||
			f->kind == FIELD_KEYED)
			check_names(f->object);
	}
}

/* A set of 64 bits holds them all, each once. */
static void test_capabilities(void **state)
{
	const struct names *t = &oci_capability_names;
	assert_int_equal(t->n, 41);
	for (size_t i = 0; i < t->n; i++)
		assert_int_equal(t->v[i].value, i);
	assert_string_equal(names_of(t, 21), "CAP_SYS_ADMIN");
	assert_string_equal(names_of(t, 40), "CAP_CHECKPOINT_RESTORE");
}

static void test_rows_are_sound(void **state)
{
	assert_true(count_rows(&oci_config_object) > 200);
	check_names(&oci_config_object);
	check_names(&oci_features_object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_property_has_a_row),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_rows_are_sound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
