/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/filter.h>

/* Processes, identities and descriptors. 0 (or what is said) or a negative errno. No allocation. */

struct spawn {
	uint64_t flags; /* CLONE_NEW*, CLONE_PARENT */
	int cgroup_fd;	/* O_PATH or read descriptor of a v2 directory, or -1: clone3, Linux 5.7 */
	int *ret_pidfd; /* NULL: none */
};
/* Fork by clone3, by clone where that is not there. 0 in the child; the pid in the parent. -ENOSYS:
 * what is asked for takes clone3. */
pid_t sys_spawn(const struct spawn *s);

int sys_setns(int fd, int flags);
int sys_unshare(int flags);
int sys_pidfd_open(pid_t pid);
int sys_pidfd_send_signal(int pidfd, int signal);
/* Wait for the death of a child; *ret_status as by waitpid. */
int sys_wait_child(pid_t pid, int *ret_status);
/* Mark all descriptors from `first` on as close-on-exec. Linux 5.11, else one by one. */
int sys_mark_from(unsigned first);

/* Close all from `first` on but the n of `keep`, which are in ascending order; -1: none. Linux 5.9,
 * else one by one. */
int sys_close_all_but(unsigned first, const int *keep, size_t n);

int sys_set_ids(uid_t uid, gid_t gid);
int sys_setgid(gid_t gid);
int sys_setuid(uid_t uid);
int sys_setgroups(size_t n, const uint32_t *gids);
struct cap_sets {
	uint64_t effective, permitted, inheritable;
};
int sys_capget(struct cap_sets *ret);
int sys_capset(const struct cap_sets *caps);
/* This process's own; UINT64_MAX: unlimited, or no such resource. */
uint64_t sys_hard_limit(int resource);
/* pid 0: this process. RLIM64_INFINITY is no limit. */
int sys_prlimit(pid_t pid, int resource, uint64_t soft, uint64_t hard);
int sys_prctl(int option, unsigned long a2);
int sys_prctl5(int option, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5);
int sys_join_session_keyring(const char *name);
/* Returns only when it failed. */
int sys_execveat(int fd, char *const *argv, char *const *envp);
/* Whether this kernel knows these SECCOMP_FILTER_FLAG_*. Installs nothing: the filter's address is
 * NULL, which a kernel that knows the flags finds out (EFAULT) only after them. */
bool sys_seccomp_knows(unsigned flags);
int sys_seccomp_filter(const struct sock_filter *filter, unsigned short n, unsigned flags);
/*
 * A second thread of this process, which shares everything but the stack, errno included: fn must
 * end in sys_exit_thread(). -EAGAIN: a limit of processes.
 */
int sys_start_thread(int (*fn)(void *), void *argument, char *stack, size_t size);
_Noreturn void sys_exit_thread(void);
/* The working directory by the kernel; "(unreachable)..." when it lies outside the root. */
int sys_getcwd(char *buffer, size_t size);
/* A copy of another process's descriptor, close-on-exec. Linux 5.6. */
int sys_pidfd_getfd(int pidfd, int their_fd);
int sys_memfd(const char *name);

/*
 * What refuses namespaces: calls that the kernel turns down for their nonsense (EINVAL) before it
 * looks at rights. A seccomp filter looks first, and its errno is another. The errno, positive.
 */
int sys_probe_clone_newuser(void);
int sys_probe_clone3(void);
int sys_probe_unshare_newuser(void);
