/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cgroup/plan.h"

/* Shared by the files that act. Not for others: use cgroup.h. */

/* More hierarchies than the kernel can have (16 controllers and named ones beside them). */
enum { CGROUP_MAX_DIRS = 32 };

struct cgroup_dirs {
	size_t n; /* as plan.dirs */
	struct {
		int fd;
		bool existed;
	} v[CGROUP_MAX_DIRS];
};
void cgroup_dirs_close(struct cgroup_dirs *dirs);
#define AUTO_CGROUP_DIRS __attribute__((cleanup(cgroup_dirs_close)))

enum cgroup_dirs_flags {
	CGROUP_DIRS_MAKE = 1,	 /* what is missing */
	CGROUP_DIRS_PASS_ON = 2, /* controllers, along the way */
	CGROUP_DIRS_UNUSED = 4,	 /* refuse what is in use already */
};
/* Open the plan's directories. On failure those before the failing one are in *dirs: the caller
 * closes. */
int cgroup_dirs_open(
	const struct cgroup_plan *plan, unsigned flags, struct cgroup_dirs *dirs, struct error *e);
/* The writes. */
int cgroup_apply(const struct cgroup_plan *plan, const struct cgroup_dirs *dirs, struct error *e);

/* What a cgroup manager does in its own way; the rest is the same for all. */
struct cgroup_driver {
	int (*create)(const struct cgroup_plan *plan, int *ret_v2_dir_fd, struct error *e);
	int (*destroy)(const struct cgroup_location *location, struct error *e);
};
int cgroupfs_create(const struct cgroup_plan *plan, int *ret_v2_dir_fd, struct error *e);
int cgroupfs_destroy(const struct cgroup_location *location, struct error *e);
int systemd_destroy(const struct cgroup_location *location, struct error *e);
/* `update`'s first half; `plan` comes decided. */
int systemd_update(struct arena *arena, const struct cgroup_location *location,
	const struct cgroup_plan *plan, struct error *e);

/* Of location.created, those that are ancestors of the container's own, as far as they are empty.
 */
void cgroup_remove_parents(const struct cgroup_location *location);

/* "memory=/sys/fs/cgroup/memory/x" -> the path */
const char *cgroup_v1_path(const char *entry);
/* "memory=..." has this controller? */
bool cgroup_v1_has(const char *entry, const char *controller);

/* Of sub-cgroups the one for v2; "": the container's own directory. */
const char *cgroup_v2_sub(const struct string_list *subs);

/* A directory of the container: v2's, else that of v1's freezer, else any. *ret_fd stays -1 and
 * 0 is returned where it is gone. -ENODEV: the container has none. */
int cgroup_open_main(
	const struct cgroup_location *location, int *ret_fd, bool *ret_is_v2, struct error *e);

/* The same for a container that lives: -ENODEV where it is gone. */
int cgroup_need(const char *path, bool is_v2, int *ret_fd, struct error *e);
int cgroup_need_main(
	const struct cgroup_location *location, int *ret_fd, bool *ret_is_v2, struct error *e);

/* What a call on a cgroup's path said, as one line; 0 stays 0. `what`: "remove". */
int cgroup_failed(int r, const char *what, const char *path, struct error *e);

/* Wait until `key` of cgroup.events has this value; no polling: the kernel wakes us. -ETIMEDOUT. */
int cgroup_wait_event(int dir_fd, const char *key, unsigned value, int timeout_ms);
/* Milliseconds of CLOCK_MONOTONIC. */
long long cgroup_clock_ms(void);
void cgroup_sleep_ms(unsigned ms);
