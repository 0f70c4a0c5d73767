/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of state.json: what is accepted must survive being written and read again. */
#include "fuzz.h"

#include "state/state_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct container c, again;
	struct error e = { 0 };
	char *text = text_of(data, size), *first, *second;
	size_t n_first, n_second;
	arena_init(&arena);
	if (state_decode(text, size, "state.json", &arena, &c, &e) < 0) {
		require(e.text[0]);
	} else {
		require(state_encode(&c, &arena, &first, &n_first, NULL) == 0);
		require(state_decode(first, n_first, "again", &arena, &again, NULL) == 0);
		require(state_encode(&again, &arena, &second, &n_second, NULL) == 0);
		require(n_first == n_second && memcmp(first, second, n_first) == 0);
	}
	arena_free(&arena);
	free(text);
	return 0;
}
