/* SPDX-License-Identifier: Apache-2.0 */
/* Thin wrappers of system calls on processes. Any actor; no allocation; raw calls, because the C
 * library's versions of the id calls take locks and signal other threads. */
#include "sys/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>

#include "sys/constants.h"

static int result(long r)
{
	return r < 0 ? -errno : (int)r;
}

/* clone(2): s390 takes the stack first */
#ifdef __s390x__
#define CLONE_ORDER(flags, stack) stack, flags
#else
#define CLONE_ORDER(flags, stack) flags, stack
#endif

/* clone(2), for hosts whose seccomp profile answers ENOSYS or EPERM to clone3 because it cannot
 * look into its arguments. It knows neither cgroups nor time namespaces. */
static long old_clone(const struct spawn *s, int *pidfd)
{
	if (s->cgroup_fd >= 0 || (s->flags & CLONE_NEWTIME)) {
		errno = ENOSYS;
		return -1;
	}
	unsigned long flags = s->flags | (s->ret_pidfd ? CLONE_PIDFD : 0) |
			      (s->flags & CLONE_PARENT ? 0 : SIGCHLD);
	return syscall(SYS_clone, CLONE_ORDER(flags, NULL), pidfd, NULL, 0);
}

pid_t sys_spawn(const struct spawn *s)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = s->flags | (s->ret_pidfd ? CLONE_PIDFD : 0) |
			 (s->cgroup_fd >= 0 ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uintptr_t)&pidfd,
		/* a child of our parent takes the parent's exit signal; the kernel refuses another
		 */
		.exit_signal = s->flags & CLONE_PARENT ? 0 : SIGCHLD,
		.cgroup = s->cgroup_fd >= 0 ? (uint64_t)s->cgroup_fd : 0,
	};
	long pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid < 0 && errno == ENOSYS)
		pid = old_clone(s, &pidfd);
	if (pid > 0 && s->ret_pidfd)
		*s->ret_pidfd = pidfd;
	return result(pid);
}

int sys_setns(int fd, int flags)
{
	return result(setns(fd, flags));
}

int sys_unshare(int flags)
{
	return result(unshare(flags));
}

int sys_pidfd_open(pid_t pid)
{
	return result(syscall(SYS_pidfd_open, pid, 0));
}

int sys_pidfd_send_signal(int pidfd, int signal)
{
	return result(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

int sys_wait_child(pid_t pid, int *ret_status)
{
	int status;
	pid_t r;
	do
		r = waitpid(pid, &status, 0);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	if (ret_status)
		*ret_status = status;
	return 0;
}

/* The limit is that of the first time: a lower one, as the config may want it, closes nothing that
 * is open. */
static unsigned end_of_descriptors(void)
{
	static unsigned end;
	struct rlimit limit;
	if (end == 0) {
		end = 65536;
		if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < end)
			end = (unsigned)limit.rlim_cur;
	}
	return end;
}

static int each_from(unsigned first, unsigned last, bool cloexec_only)
{
	unsigned end = end_of_descriptors();
	for (unsigned fd = first; fd < end && fd <= last; fd++)
		cloexec_only ? fcntl((int)fd, F_SETFD, FD_CLOEXEC) : close((int)fd);
	return 0;
}

static int close_range_or_each(unsigned first, unsigned last, bool cloexec_only)
{
	int r = result(
		syscall(SYS_close_range, first, last, cloexec_only ? CLOSE_RANGE_CLOEXEC : 0));
	/* EINVAL: before the flag (Linux 5.11); the others: an outer container's profile */
	if (r == -EINVAL || r == -ENOSYS || r == -EPERM)
		return each_from(first, last, cloexec_only);
	return r;
}

int sys_mark_from(unsigned first)
{
	return close_range_or_each(first, ~0U, true);
}

int sys_close_all_but(unsigned first, const int *keep, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (keep[i] < 0 || (unsigned)keep[i] < first)
			continue;
		if ((unsigned)keep[i] > first) {
			int r = close_range_or_each(first, (unsigned)keep[i] - 1, false);
			if (r < 0)
				return r;
		}
		first = (unsigned)keep[i] + 1;
	}
	return close_range_or_each(first, ~0U, false);
}

int sys_setgid(gid_t gid)
{
	return result(syscall(SYS_setresgid, gid, gid, gid));
}

int sys_setuid(uid_t uid)
{
	return result(syscall(SYS_setresuid, uid, uid, uid));
}

int sys_set_ids(uid_t uid, gid_t gid)
{
	int r = sys_setgid(gid);
	return r < 0 ? r : sys_setuid(uid);
}

int sys_setgroups(size_t n, const uint32_t *gids)
{
	return result(syscall(SYS_setgroups, n, gids));
}

int sys_capget(struct cap_sets *ret)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];
	int r = result(syscall(SYS_capget, &h, d));
	if (r < 0)
		return r;
	*ret = (struct cap_sets){
		.effective = d[0].effective | (uint64_t)d[1].effective << 32,
		.permitted = d[0].permitted | (uint64_t)d[1].permitted << 32,
		.inheritable = d[0].inheritable | (uint64_t)d[1].inheritable << 32,
	};
	return 0;
}

int sys_capset(const struct cap_sets *c)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = {
		{ (uint32_t)c->effective, (uint32_t)c->permitted, (uint32_t)c->inheritable },
		{ (uint32_t)(c->effective >> 32), (uint32_t)(c->permitted >> 32),
			(uint32_t)(c->inheritable >> 32) },
	};
	return result(syscall(SYS_capset, &h, d));
}

uint64_t sys_hard_limit(int resource)
{
	struct rlimit64 limit;
	long r = syscall(SYS_prlimit64, 0, resource, NULL, &limit);
	return r < 0 ? UINT64_MAX : limit.rlim_max;
}

int sys_prlimit(pid_t pid, int resource, uint64_t soft, uint64_t hard)
{
	struct rlimit64 limit = { soft, hard };
	return syscall(SYS_prlimit64, pid, resource, &limit, NULL) < 0 ? -errno : 0;
}

int sys_prctl(int option, unsigned long a2)
{
	return result(prctl(option, a2, 0, 0, 0));
}

int sys_prctl5(int option, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5)
{
	return result(prctl(option, a2, a3, a4, a5));
}

int sys_join_session_keyring(const char *name)
{
	return result(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name));
}

int sys_seccomp_filter(const struct sock_filter *filter, unsigned short n, unsigned flags)
{
	struct sock_fprog program = { n, (struct sock_filter *)filter };
	return result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

bool sys_seccomp_knows(unsigned flags)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) < 0 && errno == EFAULT;
}

int sys_execveat(int fd, char *const *argv, char *const *envp)
{
	return result(syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH));
}

int sys_start_thread(int (*fn)(void *), void *argument, char *stack, size_t size)
{
	return result(clone(fn, stack + size,
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
		argument));
}

/* of this thread alone; the C library's _exit() ends them all */
_Noreturn void sys_exit_thread(void)
{
	for (;;)
		syscall(SYS_exit, 0);
}

int sys_getcwd(char *buffer, size_t size)
{
	return result(syscall(SYS_getcwd, buffer, size));
}

int sys_pidfd_getfd(int pidfd, int their_fd)
{
	return result(syscall(SYS_pidfd_getfd, pidfd, their_fd, 0));
}

int sys_memfd(const char *name)
{
	return result(syscall(SYS_memfd_create, name, 1U /* MFD_CLOEXEC */));
}
