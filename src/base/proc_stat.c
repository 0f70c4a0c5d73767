/* SPDX-License-Identifier: Apache-2.0 */
/* One process by /proc/PID/stat. No allocation. */
#include "base/proc_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"

/* include/linux/sched.h: "getting shut down" */
enum { PF_EXITING = 0x4 };

enum { FIELD_STATE = 3, FIELD_PARENT = 4, FIELD_FLAGS = 9, FIELD_START_TIME = 22 };

int proc_stat_read(pid_t pid, struct proc_stat *ret)
{
	char path[32], text[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	ssize_t n = fd_read_all(fd, text, sizeof text - 1);
	if (n < 0)
		return (int)n; /* -ESRCH: it ended after the open */
	text[n] = '\0';
	/* field 2 is the command name in parentheses and may itself hold any character */
	char *p = strrchr(text, ')');
	struct proc_stat s = { 0 };
	int field = 2;
	for (p = p ? strchr(p, ' ') : NULL; p && field < FIELD_START_TIME; p = strchr(p + 1, ' ')) {
		field++;
		if (field == FIELD_STATE)
			s.state = p[1];
		else if (field == FIELD_PARENT)
			s.parent = (pid_t)strtol(p + 1, NULL, 10);
		else if (field == FIELD_FLAGS)
			s.exiting = strtoul(p + 1, NULL, 10) & PF_EXITING;
		else if (field == FIELD_START_TIME)
			s.start_time = strtoull(p + 1, NULL, 10);
	}
	if (field < FIELD_START_TIME)
		return -EINVAL;
	*ret = s;
	return 0;
}
