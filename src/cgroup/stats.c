/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a container's use of resources, and waiting for kills for want of memory. Runs in HOST.
 */
#include "cgroup/stats.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "cgroup/act.h"
#include "cgroup/tree.h"

/* A line for each CPU or device: memory.stat has 5 KiB, usage_all of 1024 CPUs 40. */
enum { FILE_MAX = 1 << 20 };

struct reading {
	struct arena *arena;
	struct cgroup_stats *stats;
	char *buffer;
	struct error *e;
};

/* 0 where there is no such file: a kernel without it, a controller that is not passed on. */
static int read_text(const struct reading *rd, int dir_fd, const char *name)
{
	ssize_t n = cgroup_read(dir_fd, name, rd->buffer, FILE_MAX);
	if (n >= 0)
		return 1;
	/* pressure is switched off: by cgroup.pressure, or psi=0 on the kernel's command line */
	if (n == -ENOENT || n == -EOPNOTSUPP || n == -ENODEV)
		return 0;
	return error_errno(rd->e, (int)-n, "read %s of the container's cgroup", name);
}

static int read_files(const struct reading *rd, int dir_fd, bool is_v2, const char *v1_entry)
{
	for (size_t i = 0; i < n_stats_files; i++) {
		const struct stats_file *f = &stats_files[i];
		if (f->is_v2 != is_v2 ||
			(!is_v2 && !cgroup_v1_has(
					   v1_entry, cgroup_controller_name(f->controller, false))))
			continue;
		int r = read_text(rd, dir_fd, f->name);
		if (r == 1)
			r = f->parse(f, rd->arena, rd->buffer, rd->stats);
		if (r < 0)
			return r == -ENOMEM || r == -EINVAL
				       ? error_errno(rd->e, -r, "understand %s", f->name)
				       : r;
	}
	return 0;
}

static uint64_t hugetlb_number(
	const struct reading *rd, int dir_fd, const char *size, const char *v1, const char *v2)
{
	char name[64];
	uint64_t v = 0;
	snprintf(name, sizeof name, "hugetlb.%s.%s", size, v2 ? v2 : v1);
	if (read_text(rd, dir_fd, name) == 1)
		stats_number(rd->buffer, &v);
	return v;
}

/* Reserved pages count, as far as the kernel tells them apart (5.7): those are what mmap(2) fails
 * for want of. */
static void read_page_size(const struct reading *rd, int dir_fd, bool is_v2, struct hugetlb_use *to)
{
	char name[64];
	unsigned long long fails = 0;
	const char *rsvd = is_v2 ? "rsvd.current" : "rsvd.usage_in_bytes";
	snprintf(name, sizeof name, "hugetlb.%s.%s", to->page_size, rsvd);
	bool has_rsvd = faccessat(dir_fd, name, F_OK, 0) == 0;
	if (!is_v2) {
		to->usage = hugetlb_number(
			rd, dir_fd, to->page_size, has_rsvd ? rsvd : "usage_in_bytes", NULL);
		to->max = hugetlb_number(rd, dir_fd, to->page_size,
			has_rsvd ? "rsvd.max_usage_in_bytes" : "max_usage_in_bytes", NULL);
		to->failcnt = hugetlb_number(
			rd, dir_fd, to->page_size, has_rsvd ? "rsvd.failcnt" : "failcnt", NULL);
		return;
	}
	to->usage = hugetlb_number(rd, dir_fd, to->page_size, NULL, has_rsvd ? rsvd : "current");
	snprintf(name, sizeof name, "hugetlb.%s.events", to->page_size);
	if (cgroup_read_key(dir_fd, name, "max", &fails) == 0)
		to->failcnt = fails;
}

/* Which sizes there are is in the files' names alone. */
static int read_hugetlb(const struct reading *rd, int dir_fd, bool is_v2)
{
	enum { MOST = 16 };
	AUTO_CLOSE int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSEDIR DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return error_errno(rd->e, errno, "list the container's cgroup");
	fd = -1; /* the stream has it now */
	struct cgroup_stats *s = rd->stats;
	s->hugetlb.n = 0;
	s->hugetlb.v = ARENA_ARRAY(rd->arena, MOST, struct hugetlb_use);
	for (struct dirent *entry; s->hugetlb.v && s->hugetlb.n < MOST && (entry = readdir(d));) {
		const char *size;
		size_t n;
		if (!stats_hugetlb_size(entry->d_name, &size, &n) || n > 16)
			continue;
		struct hugetlb_use *to = &s->hugetlb.v[s->hugetlb.n++];
		to->page_size = arena_strndup(rd->arena, size, n);
		if (to->page_size)
			read_page_size(rd, dir_fd, is_v2, to);
	}
	return arena_failed(rd->arena) ? error_errno(rd->e, ENOMEM, "container's use") : 0;
}

static int read_directory(
	const struct reading *rd, const char *path, bool is_v2, const char *v1_entry)
{
	AUTO_CLOSE int fd = -1;
	int r = cgroup_need(path, is_v2, &fd, rd->e);
	if (r == 0)
		r = read_files(rd, fd, is_v2, v1_entry);
	char controllers[256];
	bool has_hugetlb =
		is_v2 ? cgroup_read(fd, "cgroup.controllers", controllers, sizeof controllers) >
					0 &&
				(cgroup_controllers_parse(controllers, strlen(controllers)) &
					CGROUP_BIT(CGROUP_HUGETLB))
		      : cgroup_v1_has(v1_entry, "hugetlb");
	return r == 0 && has_hugetlb ? read_hugetlb(rd, fd, is_v2) : r;
}

static bool has_v1_memory(const struct cgroup_location *location)
{
	for (size_t i = 0; i < location->v1.n; i++)
		if (cgroup_v1_has(location->v1.v[i], "memory"))
			return true;
	return false;
}

static int count_one(void *arg, pid_t pid)
{
	++*(uint64_t *)arg;
	return 0;
}

int cgroup_stats_read(struct arena *arena, const struct cgroup_location *location,
	struct cgroup_stats *ret, struct error *e)
{
	AUTO_FREE char *buffer = malloc(FILE_MAX);
	const struct reading rd = { arena, ret, buffer, e };
	*ret = (struct cgroup_stats){ 0 };
	if (!buffer)
		return error_errno(e, ENOMEM, "container's use");
	if (!cgroup_exists(location))
		return error_set(e, ERROR_STATE, ENODEV,
			"the container has no cgroup of its own to look at");
	/* on a hybrid host v2 has few controllers, and the v1 files say more */
	int r = location->unified ? read_directory(&rd, location->unified, true, NULL) : 0;
	for (size_t i = 0; r == 0 && i < location->v1.n; i++)
		r = read_directory(
			&rd, cgroup_v1_path(location->v1.v[i]), false, location->v1.v[i]);
	if (r == 0 && !ret->pids.is_counted) {
		AUTO_CLOSE int fd = -1;
		bool is_v2;
		r = cgroup_open_main(location, &fd, &is_v2, e);
		if (r == 0 && fd >= 0)
			cgroup_for_each_pid(fd, count_one, &ret->pids.current);
	}
	stats_complete(ret, !has_v1_memory(location));
	return r;
}

/* cgroup v1: the kernel writes to an eventfd, memory-cgroup(v1) chapter 9 */
static int watch_v1(const char *path, struct oom_watch *w, struct error *e)
{
	AUTO_CLOSE int dir_fd = -1;
	int r = cgroup_need(path, false, &dir_fd, e);
	if (r < 0)
		return r;
	AUTO_CLOSE int counter = openat(dir_fd, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	char line[48];
	snprintf(line, sizeof line, "%d %d", event, counter);
	r = counter < 0 || event < 0 ? -errno
				     : io_write_control(dir_fd, "cgroup.event_control", line);
	if (r < 0)
		return error_errno(e, -r, "watch for kills for want of memory");
	w->fd = TAKE_FD(event);
	w->counter_fd = TAKE_FD(counter);
	w->events = POLLIN;
	return 0;
}

/* cgroup v2: memory.events wakes those who poll it */
static int watch_v2(const char *path, struct oom_watch *w, struct error *e)
{
	AUTO_CLOSE int dir_fd = -1;
	int r = cgroup_need(path, true, &dir_fd, e);
	if (r < 0)
		return r;
	w->counter_fd = openat(dir_fd, "memory.events", O_RDONLY | O_CLOEXEC);
	if (w->counter_fd < 0)
		return errno == ENOENT
			       ? 0
			       : error_errno(e, errno, "watch for kills for want of memory");
	w->fd = w->counter_fd;
	w->events = POLLPRI;
	w->is_v2 = true;
	return 0;
}

/* Reading arms the next wake-up as well. False: the cgroup is gone. */
static bool read_kills(const struct oom_watch *w, uint64_t *ret)
{
	char text[512];
	ssize_t n = pread(w->counter_fd, text, sizeof text - 1, 0);
	if (n < 0)
		return false;
	text[n] = '\0';
	const char *key = strstr(text, "oom_kill "); /* not oom_kill_disable */
	if (!key)
		return false;
	*ret = strtoull(key + 9, NULL, 10);
	return true;
}

int cgroup_watch_oom(const struct cgroup_location *location, struct oom_watch *ret, struct error *e)
{
	*ret = (struct oom_watch)OOM_WATCH_NONE;
	int r = 0;
	for (size_t i = 0; i < location->v1.n; i++)
		if (cgroup_v1_has(location->v1.v[i], "memory"))
			r = watch_v1(cgroup_v1_path(location->v1.v[i]), ret, e);
	if (!has_v1_memory(location) && location->unified)
		r = watch_v2(location->unified, ret, e);
	if (r == 0 && ret->fd >= 0)
		read_kills(ret, &ret->kills);
	return r;
}

/* v1 wakes us before it kills, or when it would if it were allowed to, and at the cgroup's end. */
static uint64_t new_ooms_v1(const struct oom_watch *w)
{
	uint64_t events, kills;
	if (read(w->fd, &events, sizeof events) != sizeof events)
		return 0;
	return read_kills(w, &kills) ? 1 : 0;
}

uint64_t cgroup_new_ooms(struct oom_watch *w)
{
	uint64_t now = w->kills;
	if (w->fd < 0)
		return 0;
	if (!w->is_v2)
		return new_ooms_v1(w);
	if (!read_kills(w, &now) || now <= w->kills)
		return 0;
	uint64_t more = now - w->kills;
	w->kills = now;
	return more;
}

void cgroup_unwatch_oom(struct oom_watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	if (w->counter_fd >= 0 && w->counter_fd != w->fd)
		close(w->counter_fd);
	*w = (struct oom_watch)OOM_WATCH_NONE;
}
