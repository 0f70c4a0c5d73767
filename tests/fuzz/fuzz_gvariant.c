/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzer of the values of org.systemd.property.* annotations; built as fuzz_config is.
 *
 * What is accepted must mean the same when it has been written and is read again; what is refused
 * must say why.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/systemd_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct systemd_value value, again;
	const char *why = NULL;
	arena_init(&arena);
	/* the heap, whose end the sanitizer knows */
	char *text = strndup((const char *)data, size);
	require(text != NULL);
	if (gvariant_parse(&arena, text, &value, &why) < 0) {
		require(why && *why);
	} else if (value.type != SYSTEMD_DOUBLE) { /* those are written with less digits */
		const char *first = gvariant_text(&arena, &value);
		require(gvariant_parse(&arena, first, &again, &why) == 0);
		require(again.type == value.type);
		require(strcmp(first, gvariant_text(&arena, &again)) == 0);
	}
	arena_free(&arena);
	free(text);
	return 0;
}
