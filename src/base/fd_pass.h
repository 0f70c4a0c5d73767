/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/*
 * One descriptor with a message over a unix socket (SCM_RIGHTS). Retry on EINTR; allocation-free.
 */

/* How much of `data` went with it (all, but for a stream whose buffer is full), or a negative
 * errno. n > 0: a descriptor alone cannot be sent over a stream. */
ssize_t fd_send(int socket, const void *data, size_t n, int fd);
/* flags: of recv(2). Bytes received, 0 at the end of file, or a negative errno. *ret_fd is
 * close-on-exec; -1: none came. More than one is refused by the kernel, which closes what does not
 * fit. */
ssize_t fd_receive(int socket, void *buffer, size_t n, int flags, int *ret_fd);
