/* SPDX-License-Identifier: Apache-2.0 */
/* Thin wrappers of scheduling system calls. Any actor; no allocation. */
#include "sys/sched.h"

#include <errno.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/ioprio.h>

static int result(long r)
{
	return r < 0 ? -errno : 0;
}

int sys_sched_setattr(pid_t thread, const struct sys_sched_attr *attr)
{
	return result(syscall(SYS_sched_setattr, thread, attr, 0));
}

int sys_ioprio_set(int class, int level)
{
	return result(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, class << 13 | level));
}

int sys_sched_setaffinity(size_t size, const uint64_t *mask)
{
	return result(syscall(SYS_sched_setaffinity, 0, size, mask));
}

int sys_set_mempolicy(int mode, const uint64_t *nodes, unsigned long max_node)
{
	return result(syscall(SYS_set_mempolicy, mode, nodes, max_node));
}

int sys_personality(unsigned long persona)
{
	return personality(persona) < 0 ? -errno : 0;
}
