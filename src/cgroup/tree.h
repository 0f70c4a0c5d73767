/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Directories of cgroup filesystems by descriptor. No allocation; 0 or a negative errno. */

/* Follow no symbolic link in any component: a cgroup filesystem has none, and something else put
 * in its place must not lead us on. Fails with -ENOTDIR (or -ELOOP) there. */
int cgroup_open_dir(const char *absolute, int *ret_fd);
int cgroup_open_below(int dir_fd, const char *relative, int *ret_fd);
/* As cgroup_open_dir, of a cgroup filesystem of this version. -EXDEV: there is none there, so that
 * nothing can be said of the cgroup: another mount namespace may well have it. */
int cgroup_open(const char *absolute, bool is_v2, int *ret_fd);
/* The topmost directory above the path that is of such a filesystem. */
bool cgroup_mount_above(const char *path, bool is_v2, char mount[static PATH_MAX]);

/* A small control file as text without its last newline. Larger than the buffer: -E2BIG. */
ssize_t cgroup_read(int dir_fd, const char *file, char *buffer, size_t size);
/* "key value" lines, as in cgroup.events; -ENODATA: no such key. */
int cgroup_read_key(int dir_fd, const char *file, const char *key, unsigned long long *ret);

/* 1: the subtree holds a process. */
int cgroup_is_populated(int dir_fd, bool is_v2);

typedef int cgroup_pid_fn(void *arg, pid_t pid);
/* Call fn with each process of the cgroup and of all below it; a non-zero result ends the walk and
 * is returned. Pids that our PID namespace does not see are left out. */
int cgroup_for_each_pid(int dir_fd, cgroup_pid_fn *fn, void *arg);

/* Remove the directories below, deepest first. -EBUSY: there are processes. */
int cgroup_remove_below(int dir_fd);

/* Is this a path of a sub-cgroup: not empty, relative, no "." or ".." and no empty component? */
bool cgroup_is_safe_path(const char *path);
