/* SPDX-License-Identifier: Apache-2.0 */
/* All processes of a container: found, signalled, ended. HOST only. A pid is never signalled by
 * number: between the look and the kill the kernel may give it to somebody else. */
#include "ops/processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <linux/nsfs.h>

#include "base/cleanup.h"
#include "base/parse_num.h"
#include "state/status.h"
#include "sys/process.h"

enum { EXIT_TIMEOUT_MS = 10 * 1000, NAMESPACES_MAX = 32 /* MAX_PID_NS_LEVEL of the kernel */ };

struct namespace_id {
	dev_t dev;
	ino_t ino;
};

static int open_pid_namespace(pid_t pid)
{
	char path[48];
	snprintf(path, sizeof path, "/proc/%d/ns/pid", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool is_namespace(int fd, const struct namespace_id *id)
{
	struct stat st;
	return fstat(fd, &st) == 0 && st.st_dev == id->dev && st.st_ino == id->ino;
}

/* In this PID namespace or one below it */
static bool is_inside(pid_t pid, const struct namespace_id *id)
{
	AUTO_CLOSE int fd = open_pid_namespace(pid);
	for (int level = 0; fd >= 0 && level < NAMESPACES_MAX; level++) {
		if (is_namespace(fd, id))
			return true;
		int parent = ioctl(fd, NS_GET_PARENT);
		close(fd);
		fd = parent;
	}
	return false;
}

static int append_pid(struct arena *arena, struct pid_list *list, size_t *room, pid_t pid)
{
	if (list->n == *room) {
		*room = *room ? 2 * *room : 64;
		pid_t *bigger = ARENA_ARRAY(arena, *room, pid_t);
		if (!bigger)
			return -ENOMEM;
		if (list->n)
			memcpy(bigger, list->v, list->n * sizeof *bigger);
		list->v = bigger;
	}
	list->v[list->n++] = pid;
	return 0;
}

static int list_namespace(const struct namespace_id *id, struct arena *arena, struct pid_list *ret)
{
	AUTO_CLOSEDIR DIR *proc = opendir("/proc");
	if (!proc)
		return -errno;
	struct pid_list list = { 0 };
	size_t room = 0;
	struct dirent *d;
	while ((d = readdir(proc))) {
		uint32_t pid;
		if (!parse_u32(d->d_name, &pid) || !is_inside((pid_t)pid, id))
			continue;
		if (append_pid(arena, &list, &room, (pid_t)pid) < 0)
			return -ENOMEM;
	}
	*ret = list;
	return 0;
}

/* No cgroup: the PID namespace, if it is the container's own; when init is dead, so is the rest. */
static int list_without_cgroup(const struct container *c, struct arena *arena, struct pid_list *ret)
{
	*ret = (struct pid_list){ 0 };
	AUTO_CLOSE int pidfd = container_pidfd(c);
	if (pidfd < 0)
		return pidfd == -ESRCH ? 0 : pidfd;
	size_t room = 0;
	if (!c->own_pid_namespace)
		return append_pid(arena, ret, &room, (pid_t)c->pid);
	AUTO_CLOSE int ns = open_pid_namespace((pid_t)c->pid);
	struct stat st;
	if (ns < 0 || fstat(ns, &st) < 0)
		return ns == -ENOENT || ns == -ESRCH ? 0 : ns < 0 ? ns : -errno;
	/* the number was still init's when the namespace was opened */
	if (sys_pidfd_send_signal(pidfd, 0) < 0)
		return 0;
	const struct namespace_id id = { st.st_dev, st.st_ino };
	return list_namespace(&id, arena, ret);
}

int processes_list(
	const struct container *c, struct arena *arena, struct pid_list *ret, struct error *e)
{
	if (cgroup_exists(&c->cgroup))
		return cgroup_procs(&c->cgroup, arena, ret, e);
	int r = list_without_cgroup(c, arena, ret);
	return r < 0 ? error_errno(e, -r, "list the processes of container '%s'", c->id) : 0;
}

/* The pids were looked up a moment ago: open, look again, and only then signal. */
static void signal_if_inside(pid_t pid, const struct namespace_id *id, int signal)
{
	AUTO_CLOSE int pidfd = sys_pidfd_open(pid);
	if (pidfd >= 0 && is_inside(pid, id))
		sys_pidfd_send_signal(pidfd, signal);
}

static int signal_namespace(const struct container *c, int signal)
{
	AUTO_CLOSE int ns = open_pid_namespace((pid_t)c->pid);
	struct stat st;
	if (ns < 0 || fstat(ns, &st) < 0)
		return ns == -ENOENT || ns == -ESRCH ? 0 : ns < 0 ? ns : -errno;
	const struct namespace_id id = { st.st_dev, st.st_ino };
	struct arena arena;
	struct pid_list pids;
	arena_init(&arena);
	int r = list_namespace(&id, &arena, &pids);
	for (size_t i = 0; r == 0 && i < pids.n; i++)
		signal_if_inside(pids.v[i], &id, signal);
	arena_free(&arena);
	return r;
}

static int signal_without_cgroup(const struct container *c, int signal)
{
	AUTO_CLOSE int pidfd = container_pidfd(c);
	if (pidfd < 0)
		return pidfd == -ESRCH ? 0 : pidfd;
	int r;
	/* the kernel kills a PID namespace with its init: one signal reaches all, at once */
	if (signal == SIGKILL || !c->own_pid_namespace)
		r = sys_pidfd_send_signal(pidfd, signal);
	else
		r = signal_namespace(c, signal);
	return r == -ESRCH ? 0 : r;
}

int processes_signal(const struct container *c, int signal, struct error *e)
{
	if (cgroup_exists(&c->cgroup))
		return cgroup_kill(&c->cgroup, signal, e);
	int r = signal_without_cgroup(c, signal);
	return r < 0 ? error_errno(e, -r, "signal the processes of container '%s'", c->id) : 0;
}

static int wait_for_exit(int pidfd, const struct container *c, struct error *e)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int r;
	do
		r = poll(&p, 1, EXIT_TIMEOUT_MS);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return error_errno(e, errno, "wait for the end of container '%s'", c->id);
	if (r == 0)
		return error_set(e, ERROR_SYSTEM, EBUSY,
			"process %lld of container '%s' did not end within %d s of SIGKILL",
			(long long)c->pid, c->id, EXIT_TIMEOUT_MS / 1000);
	return 0;
}

int processes_kill_and_wait(const struct container *c, struct error *e)
{
	AUTO_CLOSE int pidfd = container_pidfd(c);
	if (pidfd < 0 && pidfd != -ESRCH)
		return error_errno(e, -pidfd, "open process %lld", (long long)c->pid);
	int r = pidfd < 0 ? -ESRCH : sys_pidfd_send_signal(pidfd, SIGKILL);
	if (r < 0 && r != -ESRCH)
		return error_errno(e, -r, "kill process %lld", (long long)c->pid);
	/* while init lives, nobody else can have its cgroup */
	r = pidfd < 0 && cgroup_is_of_another(&c->cgroup) ? 0 : processes_signal(c, SIGKILL, e);
	if (r < 0)
		return r;
	return pidfd < 0 ? 0 : wait_for_exit(pidfd, c, e);
}
