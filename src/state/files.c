/* SPDX-License-Identifier: Apache-2.0 */
/* The files of an entry: load and save. HOST only. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "state/state_json.h"
#include "state/store.h"

enum { FILE_MAX = 8 * 1024 * 1024 }; /* as large as libocispec reads */

static int read_file(const struct state_entry *entry, const char *name, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e)
{
	int r = io_read_file(entry->dir_fd, name, FILE_MAX, arena, ret_text, ret_len);
	/* deleted after we opened it */
	if (r == -ENOENT)
		return error_set(e, ERROR_STATE, ENOENT, "container does not exist");
	if (r < 0)
		return error_errno(e, -r, "read %s of container '%s'", name, entry->id);
	return 0;
}

int state_load(const struct state_entry *entry, struct arena *arena, struct container *ret,
	struct error *e)
{
	char *text, file[STATE_ID_MAX + 16];
	size_t len;
	struct container c;
	int r = read_file(entry, "state.json", arena, &text, &len, e);
	if (r < 0)
		return r;
	snprintf(file, sizeof file, "%s/state.json", entry->id);
	r = state_decode(text, len, file, arena, &c, e);
	if (r == 0 && strcmp(c.id, entry->id) != 0)
		r = error_field(e, "container.id", "expected '%s', found '%s'", entry->id, c.id);
	if (r == -ENOMEM)
		return error_errno(e, ENOMEM, "read state of container '%s'", entry->id);
	if (r < 0) {
		error_prefix(e, "damaged state, which `delete --force` removes");
		return r;
	}
	*ret = c;
	return 0;
}

int state_save(const struct state_entry *entry, const struct container *c, struct error *e)
{
	struct arena arena;
	arena_init(&arena);
	char *text;
	size_t len;
	int r = state_encode(c, &arena, &text, &len, e);
	if (r == 0) {
		r = io_replace_file(entry->dir_fd, "state.json", text, len, 0600);
		if (r < 0)
			error_errno(e, -r, "write state of container '%s'", entry->id);
	}
	arena_free(&arena);
	return r;
}

int state_load_config(const struct state_entry *entry, struct arena *arena, char **ret_text,
	size_t *ret_len, struct error *e)
{
	return read_file(entry, "config.json", arena, ret_text, ret_len, e);
}
