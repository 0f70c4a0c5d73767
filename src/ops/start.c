/* SPDX-License-Identifier: Apache-2.0 */
/* start: wake the init that waits in its socket. Runs as HOST. spec: runtime.md#start */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "libocispec/document.h"
#include "libocispec/locate.h"
#include "ops/destroy.h"
#include "ops/ops.h"
#include "ops/processes.h"
#include "ops/session.h"
#include "plan/seccomp.h"
#include "steps/actor.h"
#include "steps/host/host.h"
#include "steps/message.h"

static int connect_to_init(const struct session *s, struct error *e)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/start.sock",
		s->entry.dir_fd);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return error_errno(e, errno, "connect to the container's init");
	return TAKE_FD(fd);
}

/* 0: the connection's end, which execve caused; 1: init has a filter with a listener. *is_executing
 * is kept from one call to the next. */
static int wait_for_init(int fd, bool *is_executing, int *ret_listener, struct error *e)
{
	struct message m;
	int r = message_receive_fd(fd, &m, ret_listener);
	if (r == 1 && m.kind == MESSAGE_EXECUTING) {
		*is_executing = true;
		r = message_receive_fd(fd, &m, ret_listener);
	}
	if ((r == 0 && !*is_executing) || r == -ECONNRESET)
		return error_set(e, ERROR_SYSTEM, EPIPE,
			"the container's init died before it executed the process");
	if (r == 1 && m.kind == MESSAGE_FAILED) {
		*e = m.error;
		return e->err ? -e->err : -EIO;
	}
	return r < 0 ? error_errno(e, -r, "wait for the container's init") : r;
}

/* to->agent_fd is closed. */
static int wake(struct session *s, struct listener_handover *to, struct error *e)
{
	char request = START_REQUEST;
	AUTO_CLOSE int agent = TAKE_FD(to->agent_fd);
	AUTO_CLOSE int listener = -1;
	bool is_executing = false;
	if (send(to->channel_fd, &request, 1, MSG_NOSIGNAL) != 1)
		return error_errno(e, errno, "ask the container's init to start");
	int r = wait_for_init(to->channel_fd, &is_executing, &listener, e);
	if (r == 1 && agent >= 0) {
		to->agent_fd = agent;
		r = listener_hand_over(to, &s->arena, listener, e);
		close(TAKE_FD(agent)); /* "it MUST be closed after sending a seccomp state" */
		close(TAKE_FD(listener));
		if (r == 0)
			r = wait_for_init(to->channel_fd, &is_executing, &listener, e);
	}
	if (r > 0)
		return error_set(
			e, ERROR_SYSTEM, EPROTO, "init asked for what its config does not");
	return r;
}

/* Before init is asked, which cannot be taken back: without an agent the container stays created.
 */
static int find_agent(const struct session *s, const struct oci_config *config,
	struct listener_handover *ret, struct error *e)
{
	struct seccomp_listener listener;
	*ret = (struct listener_handover){
		.container = &s->container,
		.status = OCI_STATUS_CREATED,
		.pid = (pid_t)s->container.pid,
		.agent_fd = -1,
		.channel_fd = -1,
	};
	if (!seccomp_find_listener(config, &listener))
		return 0;
	ret->path = listener.path;
	ret->metadata = listener.metadata;
	ret->agent_fd = listener_connect(listener.path, e);
	return ret->agent_fd < 0 ? ret->agent_fd : 0;
}

static int check_startable(const struct session *s, struct error *e)
{
	switch (s->status) {
	case OCI_STATUS_CREATED:
		return 0;
	case OCI_STATUS_STOPPED:
		return error_set(
			e, ERROR_STATE, ESRCH, "cannot start a container that has stopped");
	case OCI_STATUS_RUNNING:
		return error_set(
			e, ERROR_STATE, EBUSY, "cannot start an already running container");
	case OCI_STATUS_CREATING:
	case OCI_STATUS_PAUSED:
	case OCI_STATUS_COUNT:
		break;
	}
	return error_set(e, ERROR_STATE, EBUSY, "cannot start a container that is %s",
		container_status_name(s->status));
}

static int load_config(struct session *s, struct oci_config **ret, char **ret_text, size_t *ret_len,
	struct error *e)
{
	int r = state_load_config(&s->entry, &s->arena, ret_text, ret_len, e);
	return r < 0 ? r : oci_config_decode(*ret_text, *ret_len, "config.json", &s->arena, ret, e);
}

int op_start(const struct global_options *g, const char *id, struct error *e)
{
	AUTO_SESSION struct session s = SESSION_NONE;
	struct oci_config *config = NULL;
	char *text = NULL;
	size_t len = 0;
	int r = session_open(g, id, STATE_LOCK, &s, e);
	if (r == 0)
		r = check_startable(&s, e);
	if (r == 0)
		r = load_config(&s, &config, &text, &len, e);
	if (r < 0)
		return r;
	/* spec: runtime.md#start: an error; and nothing can ever start it now, so it stops */
	if (!config->process) {
		struct error ignored;
		processes_kill_and_wait(&s.container, &ignored);
		return error_field(e, "process", "required to start a container");
	}
	struct listener_handover agent;
	r = find_agent(&s, config, &agent, e);
	if (r < 0)
		return r;
	AUTO_CLOSE int fd = connect_to_init(&s, e);
	if (fd < 0)
		return fd;
	agent.channel_fd = fd;
	r = wake(&s, &agent, e);
	unlinkat(s.entry.dir_fd, "start.sock", 0);
	if (r < 0) {
		error_locate(e, "config.json", text, len);
		return r;
	}
	r = run_poststart_hooks(&s.arena, config, &s.container, e);
	if (r < 0) { /* spec: runtime.md#lifecycle: stop the container, go on with its end */
		struct error ignored;
		container_destroy(&s.entry, &s.container, config, &ignored);
	}
	return r;
}
