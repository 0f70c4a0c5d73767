/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Scheduling of the calling process. 0 or a negative errno. No allocation. */

/* sched_setattr(2), Linux 3.14: the first version of the kernel's struct. */
struct sys_sched_attr {
	uint32_t size;
	uint32_t policy; /* SCHED_* */
	uint64_t flags;	 /* SCHED_FLAG_* */
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period; /* nanoseconds */
};
int sys_sched_setattr(pid_t thread, const struct sys_sched_attr *attr); /* 0: the caller */
/* ioprio_set(2): class 1 (real time), 2 (best effort), 3 (idle); level 0 to 7 */
int sys_ioprio_set(int class, int level);
/* sched_setaffinity(2); mask of `size` bytes, a multiple of 8 */
int sys_sched_setaffinity(size_t size, const uint64_t *mask);
/* set_mempolicy(2): mode with MPOL_F_* flags; max_node bits */
int sys_set_mempolicy(int mode, const uint64_t *nodes, unsigned long max_node);
/* personality(2) */
int sys_personality(unsigned long persona);
