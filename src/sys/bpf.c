/* SPDX-License-Identifier: Apache-2.0 */
/* bpf(2), which libc does not wrap. */
#include "sys/bpf.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int sys_bpf(enum bpf_cmd command, union bpf_attr *attr, unsigned size)
{
	long r;
	int tries = 5;
	do
		r = syscall(SYS_bpf, command, attr, size);
	while (r < 0 && (errno == EINTR || (errno == EAGAIN && --tries > 0)));
	return r < 0 ? -errno : (int)r;
}
