/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt kill: spec: runtime.md#kill. HOST only; takes no lock, since a signal changes nothing that
 * is saved and must reach a container whose `start` hangs. */
#include <errno.h>
#include <signal.h>

#include "base/cleanup.h"
#include "ops/match.h"
#include "ops/processes.h"
#include "ops/session.h"
#include "sys/process.h"

static int signal_init(const struct session *s, int signal, struct error *e)
{
	int r = session_check_alive(s, e);
	if (r < 0)
		return r;
	AUTO_CLOSE int pidfd = container_pidfd(&s->container);
	r = pidfd < 0 ? pidfd : sys_pidfd_send_signal(pidfd, signal);
	if (r == -ESRCH)
		return error_set(e, ERROR_STATE, ESRCH, "container not running");
	if (r < 0)
		return error_errno(e, -r, "signal process %lld of container '%s'",
			(long long)s->container.pid, s->container.id);
	return 0;
}

/* Without a PID namespace of its own the kernel doesn't kill the rest with init, and the rest may
 * be all that there is: "stopped" by its init, with processes that a client wants to be gone. */
static int kill_everything(struct session *s, struct error *e)
{
	struct pid_list pids;
	int r = processes_list(&s->container, &s->arena, &pids, e);
	if (r < 0)
		return r;
	if (pids.n == 0)
		return session_check_alive(s, e);
	return processes_signal(&s->container, SIGKILL, e);
}

static int kill_one(
	const struct global_options *g, const char *id, const void *options, struct error *e)
{
	const struct kill_options *o = options;
	AUTO_SESSION struct session s = SESSION_NONE;
	int r = session_open(g, id, STATE_READ, &s, e);
	if (r < 0)
		return r;
	/* --all on a stopped container is no error: podman and containerd clean up with it */
	if (o->all)
		r = processes_signal(&s.container, o->signal, e);
	else if (o->signal == SIGKILL && !s.container.own_pid_namespace)
		r = kill_everything(&s, e);
	else
		r = signal_init(&s, o->signal, e);
	if (r == 0 && o->signal == SIGKILL && s.status == OCI_STATUS_PAUSED)
		r = cgroup_thaw(&s.container.cgroup, e); /* v1 holds even those that are to die */
	return r;
}

int op_kill(const struct global_options *g, const struct kill_options *o, struct error *e)
{
	return o->regex ? for_each_match(g, o->id, kill_one, o, e) : kill_one(g, o->id, o, e);
}
