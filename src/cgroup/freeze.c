/* SPDX-License-Identifier: Apache-2.0 */
/* Freezing a container's cgroup, and waiting for the kernel's word. Runs in HOST. Mustn't leave a
 * half-frozen container behind. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/io.h"
#include "cgroup/act.h"
#include "cgroup/tree.h"

/* A task in uninterruptible sleep (a hung network filesystem) can hold it up for ever. */
enum { FREEZE_TIMEOUT_MS = 10000 };

long long cgroup_clock_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

void cgroup_sleep_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };
	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

/* Value of a key in the text of cgroup.events, -1: not there. */
static int event_value(char *text, const char *key)
{
	size_t n = strlen(key);
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0 && line[n] == ' ')
			return line[n + 1] - '0';
	}
	return -1;
}

int cgroup_wait_event(int dir_fd, const char *key, unsigned value, int timeout_ms)
{
	AUTO_CLOSE int fd = openat(dir_fd, "cgroup.events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	long long deadline = cgroup_clock_ms() + timeout_ms;
	for (;;) {
		char text[512];
		/* reading arms the event: what changes from here on makes poll return */
		ssize_t n = pread(fd, text, sizeof text - 1, 0);
		if (n < 0)
			return -errno;
		text[n] = '\0';
		int now = event_value(text, key);
		if (now < 0)
			return -ENODATA;
		if ((unsigned)now == value)
			return 0;
		long long left = deadline - cgroup_clock_ms();
		struct pollfd p = { .fd = fd, .events = POLLPRI };
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
	}
}

static int freeze_v2(int fd)
{
	int r = io_write_control(fd, "cgroup.freeze", "1");
	return r < 0 ? r : cgroup_wait_event(fd, "frozen", 1, FREEZE_TIMEOUT_MS);
}

/* v1 has no event. Writing again catches tasks that were forked meanwhile. */
static int freeze_v1(int fd)
{
	long long deadline = cgroup_clock_ms() + FREEZE_TIMEOUT_MS;
	for (unsigned pause = 0;; pause = pause < 16 ? 2 * pause + 1 : pause) {
		char state[32];
		int r = io_write_control(fd, "freezer.state", "FROZEN");
		ssize_t n = r < 0 ? r : cgroup_read(fd, "freezer.state", state, sizeof state);
		if (n < 0)
			return (int)n;
		if (strcmp(state, "FROZEN") == 0)
			return 0;
		if (cgroup_clock_ms() >= deadline)
			return -ETIMEDOUT;
		cgroup_sleep_ms(pause);
	}
}

static int thaw(int fd, bool is_v2)
{
	return is_v2 ? io_write_control(fd, "cgroup.freeze", "0")
		     : io_write_control(fd, "freezer.state", "THAWED");
}

static int failed(int r, const char *what, struct error *e)
{
	if (r == -ENOENT || r == -EOPNOTSUPP)
		return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"cannot %s the container: its cgroup has no freezer", what);
	return r < 0 ? error_errno(e, -r, "%s the container's cgroup", what) : 0;
}

int cgroup_freeze(const struct cgroup_location *location, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	bool is_v2;
	int r = cgroup_need_main(location, &fd, &is_v2, e);
	if (r < 0)
		return r;
	r = is_v2 ? freeze_v2(fd) : freeze_v1(fd);
	if (r < 0 && has_defence(DEFENCE_THAW))
		thaw(fd, is_v2);
	return failed(r, "freeze", e);
}

int cgroup_thaw(const struct cgroup_location *location, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	bool is_v2;
	int r = cgroup_need_main(location, &fd, &is_v2, e);
	return r < 0 ? r : failed(thaw(fd, is_v2), "thaw", e);
}

int cgroup_is_frozen(const struct cgroup_location *location, bool *ret, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	bool is_v2;
	char state[32];
	*ret = false;
	if (!cgroup_exists(location))
		return 0;
	int r = cgroup_open_main(location, &fd, &is_v2, e);
	if (r < 0 || fd < 0)
		return r;
	/* self_freezing is ours; freezer.state would count a frozen ancestor, too */
	ssize_t n = cgroup_read(
		fd, is_v2 ? "cgroup.freeze" : "freezer.self_freezing", state, sizeof state);
	if (n == -ENOENT || n == -ENODEV)
		return 0;
	if (n < 0)
		return error_errno(e, (int)-n, "read the state of the container's cgroup");
	*ret = strcmp(state, "1") == 0;
	return 0;
}
