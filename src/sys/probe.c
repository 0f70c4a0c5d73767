/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that must fail, to see who refuses them. Any actor; no allocation; no effect. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/process.h"

/* s390 takes the stack first */
#ifdef __s390x__
#define CLONE_ORDER(flags, stack) stack, flags
#else
#define CLONE_ORDER(flags, stack) flags, stack
#endif

/* copy_process(): a new user namespace and a shared root contradict each other */
int sys_probe_clone_newuser(void)
{
	long r = syscall(SYS_clone,
		CLONE_ORDER((unsigned long)(CLONE_NEWUSER | CLONE_FS | SIGCHLD), NULL), NULL, NULL,
		0);
	if (r == 0) /* a kernel that is none: an emulator */
		_exit(0);
	return r < 0 ? errno : 0;
}

/* no arguments at all */
int sys_probe_clone3(void)
{
	return syscall(SYS_clone3, NULL, 0) < 0 ? errno : 0;
}

/* ksys_unshare(): CLONE_PARENT is nothing that can be unshared */
int sys_probe_unshare_newuser(void)
{
	return syscall(SYS_unshare, CLONE_NEWUSER | CLONE_PARENT) < 0 ? errno : 0;
}
