/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* All return 0 (or a count) or a negative errno and retry on EINTR. Allocation-free. */
int fd_write_all(int fd, const void *data, size_t n);
/* Read until end of file or n bytes. Returns the number of bytes. */
ssize_t fd_read_all(int fd, void *buffer, size_t n);
/* /dev/null for those of the descriptors 0, 1 and 2 that the caller has closed: what is opened next
 * would else be taken for them, written to, and given to the container. */
int fd_fill_standard(void);
/* "/proc/self/fd/N", for the system calls that take only paths. */
enum { FD_PATH_SIZE = 32 };
const char *fd_path(int fd, char buffer[static FD_PATH_SIZE]);
/* "self/fd/N", below the root of a procfs that one has a descriptor of. */
const char *fd_path_in_proc(int fd, char buffer[static FD_PATH_SIZE]);
/* Write the decimal digits of v and a NUL; returns their number. For processes without stdio. */
enum { DIGITS_SIZE = 24 };
size_t format_u64(char buffer[static DIGITS_SIZE], unsigned long long v);
