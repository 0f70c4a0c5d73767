/* SPDX-License-Identifier: Apache-2.0 */
/* The status of a container, asked of the kernel. HOST only; changes nothing, waits for nothing. */
#include "state/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/proc_stat.h"
#include "libocispec/runtime/tables.h"
#include "sys/process.h"

/* Questions: 1, 0, or a negative errno. An answer that could not be had is none: who takes a living
 * container for a stopped one deletes its state. */

static int look_at_init(const struct container *c, struct proc_stat *ret)
{
	if (c->pid <= 0)
		return 0;
	int r = proc_stat_read((pid_t)c->pid, ret);
	if (r < 0)
		return r == -ESRCH ? 0 : r;
	return ret->state != 'Z' && ret->state != 'X' &&
	       (ret->start_time == c->start_time || !has_defence(DEFENCE_START_TIME));
}

static int is_alive(const struct container *c)
{
	struct proc_stat s;
	return look_at_init(c, &s);
}

int container_goes_on(const struct container *c)
{
	struct proc_stat s;
	int r = look_at_init(c, &s);
	return r > 0 ? !s.is_exiting : r;
}

/* Does another command hold this lock? A shared one, so that two who ask don't see each other. */
static int is_held(const struct state_entry *entry, const char *name, int flags)
{
	if (entry->locked)
		return 0;
	AUTO_CLOSE int fd = openat(entry->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | flags);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	int r = io_lock(fd, LOCK_SH | LOCK_NB);
	return r == -EWOULDBLOCK ? 1 : r;
}

/*
 * Does init still listen on start.sock? A connection would wake it, so a datagram socket asks: the
 * kernel looks the listener up before it compares the types, EPROTOTYPE says that there is one, and
 * ECONNREFUSED that its process has closed it, as execve does. Linux: net/unix/af_unix.c,
 * unix_find_bsd, the same since 2.6.
 */
static int waits_for_start(const struct state_entry *entry)
{
	char dir[FD_PATH_SIZE];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	/* the 108 bytes of sun_path are too few for some state directories */
	snprintf(address.sun_path, sizeof address.sun_path, "%s/start.sock",
		fd_path(entry->dir_fd, dir));
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EPROTOTYPE)
		return 1;
	return errno == ECONNREFUSED || errno == ENOENT ? 0 : -errno;
}

/* Without its cgroup. */
static int process_status(const struct state_entry *entry, const struct container *c)
{
	int r;
	if (c->pid == 0) {
		r = is_held(entry, ".", O_DIRECTORY);
		return r < 0 ? r : r ? OCI_STATUS_CREATING : OCI_STATUS_STOPPED;
	}
	r = is_alive(c);
	if (r <= 0)
		return r < 0 ? r : OCI_STATUS_STOPPED;
	/* before its end, create may have given it no root of its own yet: nobody may enter it */
	r = is_held(entry, "config.json", O_NONBLOCK | O_NOCTTY);
	if (r != 0)
		return r < 0 ? r : OCI_STATUS_CREATING;
	r = waits_for_start(entry);
	if (r != 0)
		return r < 0 ? r : OCI_STATUS_CREATED;
	/* death closes the socket as execve does, and `delete` takes its name away */
	r = container_goes_on(c);
	return r < 0 ? r : r ? OCI_STATUS_RUNNING : OCI_STATUS_STOPPED;
}

int container_status(const struct state_entry *entry, const struct container *c,
	enum oci_status *ret, struct error *e)
{
	bool frozen = false;
	int r = process_status(entry, c);
	if (r < 0)
		return error_errno(e, -r, "status of container '%s'", entry->id);
	enum oci_status status = (enum oci_status)r;
	if ((status == OCI_STATUS_CREATED || status == OCI_STATUS_RUNNING) &&
		cgroup_exists(&c->cgroup)) {
		r = cgroup_is_frozen(&c->cgroup, &frozen, e);
		/* not in sight of this mount namespace: that it lives is known all the same */
		if (r < 0 && r != -EXDEV)
			return r;
	}
	*ret = frozen ? OCI_STATUS_PAUSED : status;
	return 0;
}

int container_read(const struct state_entry *entry, struct arena *arena, struct container *ret,
	enum oci_status *ret_status, struct error *e)
{
	int r = state_load(entry, arena, ret, e);
	if (r == 0)
		r = container_status(entry, ret, ret_status, e);
	/* without a process, and nobody makes one: perhaps it was made between the two looks */
	if (r == 0 && ret->pid == 0 && *ret_status == OCI_STATUS_STOPPED && !entry->locked) {
		r = state_load(entry, arena, ret, e);
		if (r == 0)
			r = container_status(entry, ret, ret_status, e);
	}
	return r;
}

const char *container_status_name(enum oci_status status)
{
	return names_of(&oci_status_names, (int)status);
}

int container_pidfd(const struct container *c)
{
	if (c->pid <= 0)
		return -ESRCH;
	AUTO_CLOSE int fd = sys_pidfd_open((pid_t)c->pid);
	/* so older kernels (6.12 is one) answer for a dead process whose number its session has
	 * still, or for a thread that has it now */
	if (fd == -EINVAL && is_alive(c) == 0)
		return -ESRCH;
	if (fd < 0)
		return fd;
	/* in this order: if the number was given away before the open, the start time differs */
	int alive = is_alive(c);
	return alive > 0 ? TAKE_FD(fd) : alive < 0 ? alive : -ESRCH;
}
