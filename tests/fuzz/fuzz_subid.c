/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of subuid(5) files and of the id map that their ranges are held against; a NUL parts them.
 * The reader is private to its file, which is therefore included. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "host/subid.c"

static int write_text(const char *text)
{
	int fd = memfd_create("ids", MFD_CLOEXEC);
	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct id_range_list l = { 0 };
	char *text = text_of(data, size), path[FD_PATH_SIZE];
	size_t n = strlen(text);
	arena_init(&arena);
	AUTO_CLOSE int ranges = write_text(text);
	AUTO_CLOSE int map = write_text(n < size ? text + n + 1 : "");
	const struct subid_owner owner = { .name = "someone", .number = "1000" };
	read_ranges(&arena, fd_path(ranges, path), &owner, &l);
	for (size_t i = 0; i < l.n; i++)
		require(l.v[i].count > 0);
	keep_mapped(&arena, fd_path(map, path), &l);
	for (size_t i = 0; i < l.n; i++)
		require(l.v[i].count > 0 && (uint64_t)l.v[i].first + l.v[i].count <= 1ull << 32);
	arena_free(&arena);
	free(text);
	return 0;
}
