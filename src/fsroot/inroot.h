/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * Work inside a root file system that its owner is trying to turn against us. Every path is taken
 * as the container would see it: absolute links and ".." stay below root_fd. The caller gets a
 * descriptor and works on that; a path is never used a second time.
 *
 * All return a close-on-exec descriptor (O_PATH unless said) or a negative errno.
 * Any actor; no allocation.
 */

/* INROOT_DIRECTORY: as INROOT_FOLLOW, -ENOTDIR for what is none */
enum inroot_follow { INROOT_FOLLOW, INROOT_NOFOLLOW_LAST, INROOT_NO_SYMLINKS, INROOT_DIRECTORY };

/* What to make where the path, or some of its parents, does not exist. */
enum inroot_create { INROOT_EXISTING, INROOT_MAKE_DIRECTORY, INROOT_MAKE_FILE };

/* The object at `path`, O_PATH. New directories get dir_mode, new files 0644 less the umask.
 * -ELOOP: too many links, or any with INROOT_NO_SYMLINKS. */
int inroot_open(int root_fd, const char *path, enum inroot_follow follow, enum inroot_create create,
	mode_t dir_mode);

/*
 * What was found (O_PATH), for reading. -EINVAL: it is no regular file. Nothing else is opened, be
 * it for a moment: a FIFO waits, and a device may act on that alone (a watchdog). `proc_fd`: the
 * root of a procfs that was proven to be one, so that it is the same that was found. -EAGAIN:
 * somebody has a lease on it.
 */
struct stat;
int inroot_read(int found_fd, int proc_fd, struct stat *ret_stat);

/* The directory that holds `path`'s last component, made where missing; the component's name goes
 * to name (NAME_MAX + 1 bytes). -EINVAL when the path names the root itself. */
enum { INROOT_NAME_SIZE = 256 };
int inroot_open_parent(
	int root_fd, const char *path, mode_t dir_mode, char name[static INROOT_NAME_SIZE]);

/* For tests: never use openat2, as on a host whose seccomp profile refuses it. */
extern bool inroot_without_openat2;
