/* SPDX-License-Identifier: Apache-2.0 */
/* Signals to every process of a container's cgroup. Runs in HOST. */
#include <errno.h>
#include <signal.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "cgroup/act.h"
#include "cgroup/tree.h"

/* Only where nothing can hold the processes still: each round gets those forked in the last one. */
enum { MAX_ROUNDS = 100 };

struct signalling {
	int signal;
	unsigned n;
};

static int send_signal(void *arg, pid_t pid)
{
	struct signalling *s = arg;
	s->n++;
	/* in a frozen cgroup no pid of the list can be reused under us; gone ones are fine */
	return kill(pid, s->signal) < 0 && errno != ESRCH ? -errno : 0;
}

/* While frozen the list cannot change under us; signals are delivered at the latest on thawing. */
static int kill_frozen(const struct cgroup_location *location, int fd, struct signalling *s)
{
	bool was_frozen = false;
	cgroup_is_frozen(location, &was_frozen, NULL);
	bool is_frozen = was_frozen || cgroup_freeze(location, NULL) == 0;
	int r = cgroup_for_each_pid(fd, send_signal, s);
	/* in v1 SIGKILL waits for the thaw; a paused container stays paused for other signals */
	if (is_frozen && (!was_frozen || s->signal == SIGKILL))
		cgroup_thaw(location, NULL);
	return is_frozen ? r : r < 0 ? r : 1;
}

/* Without a freezer (v1 without that controller, v2 before 5.2). */
static int kill_rounds(int fd, int signal)
{
	for (int i = 0; i < MAX_ROUNDS; i++) {
		struct signalling s = { .signal = signal };
		int r = cgroup_for_each_pid(fd, send_signal, &s);
		if (r < 0 || s.n == 0)
			return r;
		cgroup_sleep_ms(i < 10 ? 1 : 10);
	}
	return -EBUSY;
}

int cgroup_kill(const struct cgroup_location *location, int signal, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	bool is_v2;
	struct signalling s = { .signal = signal };
	int r = cgroup_open_main(location, &fd, &is_v2, e);
	if (r < 0 || fd < 0)
		return r;
	if (is_v2 && signal == SIGKILL && io_write_control(fd, "cgroup.kill", "1") == 0)
		return 0;
	r = kill_frozen(location, fd, &s);
	if (r > 0)
		r = signal == SIGKILL ? kill_rounds(fd, signal) : 0;
	return r < 0 ? error_errno(e, -r, "send signal %d to the processes of the cgroup", signal)
		     : 0;
}
