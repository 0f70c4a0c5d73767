/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Resources that are released when their variable goes out of scope; they replace `goto out`.
 *   AUTO_CLOSE int fd = open(...);
 *   return TAKE_FD(fd);   hands it to the caller
 */
static inline void auto_close_(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
static inline void auto_free_(void *p)
{
	free(*(void **)p);
}
static inline void auto_closedir_(DIR **d)
{
	if (*d)
		closedir(*d);
}
static inline int take_fd_(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

#define AUTO_CLOSE    __attribute__((cleanup(auto_close_)))
#define AUTO_FREE     __attribute__((cleanup(auto_free_)))
#define AUTO_CLOSEDIR __attribute__((cleanup(auto_closedir_)))
#define TAKE_FD(fd)   take_fd_(&(fd))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
