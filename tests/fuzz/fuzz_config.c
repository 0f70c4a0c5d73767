/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzer of everything that libocispec reads: documents, JSON paths, mount options, signals.
 *
 *	CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
 *	build-fuzz/tests/fuzz/fuzz_config -max_len=4096 CORPUS tests/unit/data
 *
 * The first byte chooses the document. What is accepted must survive being written and read again;
 * what is refused must say why, in one line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "libocispec/document.h"
#include "libocispec/features.h"
#include "libocispec/locate.h"
#include "libocispec/runtime/landlock.h"
#include "libocispec/runtime/mount_options.h"
#include "libocispec/runtime/signals.h"
#include "libocispec/runtime/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef int (*decode_fn)(const char *, size_t, struct arena *, void *, struct error *);

static int decode_config(const char *s, size_t n, struct arena *a, void *ret, struct error *e)
{
	return oci_config_decode(s, n, "fuzz.json", a, ret, e);
}
static int decode_process(const char *s, size_t n, struct arena *a, void *ret, struct error *e)
{
	return oci_process_decode(s, n, "fuzz.json", a, ret, e);
}
static int decode_resources(const char *s, size_t n, struct arena *a, void *ret, struct error *e)
{
	return oci_resources_decode(s, n, "fuzz.json", a, ret, e);
}
static int decode_state(const char *s, size_t n, struct arena *a, void *ret, struct error *e)
{
	return oci_state_decode(s, n, "fuzz.json", a, ret, e);
}
static int decode_features(const char *s, size_t n, struct arena *a, void *ret, struct error *e)
{
	return oci_features_decode(s, n, "fuzz.json", a, ret, e);
}

static const struct {
	decode_fn decode;
	const struct object_type *type;
} documents[] = {
	{ decode_config, &oci_config_object },
	{ decode_process, &oci_process_object },
	{ decode_resources, &oci_resources_object },
	{ decode_state, &oci_state_object },
	{ decode_features, &oci_features_object },
};

static void require(int condition)
{
	if (!condition)
		abort();
}

static void check_refusal(const struct error *e, const char *text, size_t len)
{
	char line[1200];
	uint32_t l, c;
	require(e->kind == ERROR_CONFIG || e->kind == ERROR_UNSUPPORTED);
	require(e->text[0] && e->line > 0 && e->column > 0);
	error_format(e, line, sizeof line);
	for (const char *p = line; *p; p++)
		require((unsigned char)*p >= ' ');
	oci_locate(text, len, e->path, &l, &c);
}

static void check_options(const struct oci_config *config, struct arena *arena)
{
	for (size_t i = 0; i < config->mounts.n; i++) {
		struct mount_options o;
		const struct string_list *list = &config->mounts.v[i].options;
		require(mount_options_parse(list, arena, &o, NULL) == 0);
		require(o.data.n <= list->n && !(o.attr_set & o.attr_clear & ~UINT64_C(0x70)));
	}
	for (size_t i = 0; config->process && i < config->process->args.n; i++) {
		int number = -1;
		if (signal_parse(config->process->args.v[i], &number))
			require(number >= 0 && number <= 64);
	}
}

/* The document in an annotation: a string, whose place is the annotation's. */
static int check_landlock(const char *text, size_t len)
{
	struct arena arena;
	struct error e = { 0 };
	const struct oci_landlock *l = NULL;
	arena_init(&arena);
	char *copy = arena_printf(&arena, "%.*s", (int)len, text);
	if (oci_landlock_decode(copy, "annotations.l", &arena, &l, &e) < 0)
		require(e.kind == ERROR_CONFIG && e.text[0] && !strcmp(e.path, "annotations.l"));
	else
		require(l->ruleset.handled_access_fs | l->ruleset.handled_access_net |
			l->ruleset.scoped);
	arena_free(&arena);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] == 'L')
		return check_landlock((const char *)data + 1, size - 1);
	/* a document of config.json's own is the common case: '{' chooses it, and stays */
	size_t which = data[0] == '{' ? 0 : data[0] % (sizeof documents / sizeof documents[0]);
	const char *text = (const char *)data + (data[0] != '{');
	size_t len = size - (data[0] != '{');

	struct arena arena;
	struct error e = { 0 };
	void *object = NULL, *again = NULL;
	char *first, *second;
	size_t n_first, n_second;
	arena_init(&arena);
	if (documents[which].decode(text, len, &arena, &object, &e) < 0) {
		check_refusal(&e, text, len);
	} else {
		const struct object_type *type = documents[which].type;
		require(object_encode(type, object, true, &arena, &first, &n_first, NULL) == 0);
		require(documents[which].decode(first, n_first, &arena, &again, NULL) == 0);
		require(object_encode(type, again, true, &arena, &second, &n_second, NULL) == 0);
		require(n_first == n_second && memcmp(first, second, n_first) == 0);
		if (which == 0)
			check_options(object, &arena);
	}
	arena_free(&arena);
	return 0;
}
