/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What /proc/PID/stat says of a process. proc_pid_stat(5) */
struct proc_stat {
	char state;	     /* R S D T t Z X ... */
	pid_t parent;	     /* field 4 */
	bool exiting;	     /* of field 9, flags: it will run no more */
	uint64_t start_time; /* field 22: clock ticks since boot; with the pid it names a process */
};
/* -ESRCH: there is no such process. */
int proc_stat_read(pid_t pid, struct proc_stat *ret);
