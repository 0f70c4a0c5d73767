/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "state/store.h"

/* struct container <-> the text of state.json. Pure. */
int state_encode(const struct container *c, struct arena *arena, char **ret_text, size_t *ret_len,
	struct error *e);
/* `file` is how messages name it. */
int state_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct container *ret, struct error *e);
