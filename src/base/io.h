/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <fcntl.h>
#include <stddef.h>

#include "libocispec/arena.h"
#include "libocispec/values.h"

/*
 * Whole files, relative to a directory descriptor (AT_FDCWD is fine). 0 or a negative errno.
 */

/* The whole file, NUL-terminated, in the arena. More than `max` bytes: -EFBIG. Not a regular file
 * (procfs and cgroupfs files are regular): -EINVAL. */
int io_read_file(int dir_fd, const char *name, size_t max, struct arena *arena, char **ret_text,
	size_t *ret_len);
/* What a user names on the command line: also standard input, a FIFO, the pipe of a shell's <(...).
 * Waits for its end. More than `max` bytes: -EFBIG; a directory: -EISDIR. */
int io_read_document(
	const char *path, size_t max, struct arena *arena, char **ret_text, size_t *ret_len);
int io_read_fd(int fd, size_t max, struct arena *arena, char **ret_text, size_t *ret_len);
/* The directory and those above it that are missing: 0700, the last one with last_mode. After a
 * failure so many bytes of path name the one that could not be made. */
int io_make_directories(const char *path, unsigned last_mode, int *ret_failed);
/* One number, in a file of its own of procfs or cgroupfs. Not set: there is none. */
struct opt_i64 io_read_number(const char *path);
/* flock(2), again where a signal interrupts it: LOCK_SH or LOCK_EX, with LOCK_NB or without. */
int io_lock(int fd, int how);
/* One write(2) to an existing file, as kernel control files want it. */
int io_write_control(int dir_fd, const char *name, const char *value);
/* Create `name` with this content, atomically: written aside, then renamed. */
int io_replace_file(int dir_fd, const char *name, const char *data, size_t n, unsigned mode);
