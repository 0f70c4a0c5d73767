/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <limits.h>
#include <stddef.h>

/*
 * /proc/PID/mountinfo line by line, while mounts come and go; proc_pid_mountinfo(5).
 * Allocation-free.
 */
struct mountinfo_reader {
	int fd;
	size_t at, n; /* in chunk */
	char chunk[1024], line[2 * PATH_MAX];
	const char *target, *type; /* of this line, unescaped */
};

void mountinfo_start(struct mountinfo_reader *r, int fd);
/* 1: target and type are those of the next mount; 0: there are no more; or a negative errno. A line
 * that is longer than two paths is passed over. */
int mountinfo_next(struct mountinfo_reader *r);
