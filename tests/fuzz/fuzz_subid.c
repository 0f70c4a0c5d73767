/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of subuid(5) files and of the id map that their ranges are held against; a NUL parts them.
 * The reader is private to its file, which is therefore included. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "host/subid.c"

/* The same two for all inputs: making them took most of the time. */
static const char *text_file(int *fd, const char *text, char path[static FD_PATH_SIZE])
{
	ssize_t n = (ssize_t)strlen(text);
	if (*fd < 0)
		*fd = memfd_create("ids", MFD_CLOEXEC);
	require(ftruncate(*fd, 0) == 0 && pwrite(*fd, text, (size_t)n, 0) == n);
	return fd_path(*fd, path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int ranges = -1, map = -1;
	struct arena arena;
	struct id_range_list l = { 0 };
	char *text = text_of(data, size), path[FD_PATH_SIZE];
	size_t n = strlen(text);
	arena_init(&arena);
	const struct subid_owner owner = { .name = "someone", .number = "1000" };
	read_ranges(&arena, text_file(&ranges, text, path), &owner, &l);
	for (size_t i = 0; i < l.n; i++)
		require(l.v[i].count > 0);
	keep_mapped(&arena, text_file(&map, n < size ? text + n + 1 : "", path), &l);
	for (size_t i = 0; i < l.n; i++)
		require(l.v[i].count > 0 && (uint64_t)l.v[i].first + l.v[i].count <= 1ull << 32);
	arena_free(&arena);
	free(text);
	return 0;
}
