/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listener of a seccomp filter, from init to the agent. Runs as HOST, in run, exec and start.
 * spec: config-linux.md#seccomp: SOCK_STREAM, one container process state a connection.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd_pass.h"
#include "libocispec/document.h"
#include "steps/host/host.h"
#include "steps/message.h"

int listener_connect(const char *path, struct error *e)
{
	int fd = connect_unix(path);
	if (fd >= 0)
		return fd;
	/* clients look for the kernel's words about the container's program */
	const char *why = fd == -ENOENT		? "there is no such socket"
			  : fd == -ECONNREFUSED ? "nobody listens there"
						: errno_text(-fd);
	return error_set(
		e, ERROR_SYSTEM, -fd, "failed to connect with seccomp agent %s: %s", path, why);
}

static int state_text(
	const struct listener_handover *h, struct arena *arena, char **ret, struct error *e)
{
	static const char *fds[] = { "seccompFd", NULL };
	struct oci_process_state state = {
		.oci_version = OCI_SPEC_VERSION,
		.fds = { 1, fds },
		.pid = h->pid,
		.metadata = h->metadata,
		.state = { .oci_version = OCI_SPEC_VERSION,
			.id = h->container->id,
			.status = h->status,
			.pid = h->container->pid,
			.bundle = h->container->bundle,
			.annotations = h->container->annotations },
	};
	return oci_process_state_encode(&state, arena, ret, NULL, e);
}

/* "If more than one sendmsg(2) is used, the file descriptors MUST be sent only in the first call."
 */
static int send_all(int agent_fd, const char *text, int listener_fd)
{
	size_t n = strlen(text);
	ssize_t sent = fd_send(agent_fd, text, n, listener_fd);
	if (sent < 0)
		return (int)sent;
	for (size_t done = (size_t)sent; done < n; done += (size_t)sent) {
		do
			sent = send(agent_fd, text + done, n - done, MSG_NOSIGNAL);
		while (sent < 0 && errno == EINTR);
		if (sent < 0)
			return -errno;
	}
	return 0;
}

int listener_hand_over(
	const struct listener_handover *h, struct arena *arena, int listener_fd, struct error *e)
{
	char *text;
	if (listener_fd < 0)
		return error_set(e, ERROR_SYSTEM, EPROTO, "init did not send its seccomp listener");
	int r = state_text(h, arena, &text, e);
	if (r < 0)
		return r;
	r = send_all(h->agent_fd, text, listener_fd);
	if (r < 0)
		return error_errno(
			e, -r, "send the seccomp listener to the seccomp agent %s", h->path);
	r = message_send(h->channel_fd, &(struct message){ .kind = MESSAGE_MEET });
	return r < 0 ? error_errno(e, -r, "let init go on") : 0;
}

int act_connect_agent(struct actor_context *ctx, const struct step *step)
{
	int fd = listener_connect(step->u.text.path, &ctx->error);
	if (fd < 0)
		return fd;
	ctx->slots[SLOT_AGENT] = fd;
	return 0;
}

/* Needs: init was released. After: the connection is closed, as the specification wants it. */
int act_send_listener(struct actor_context *ctx, const struct step *step)
{
	AUTO_CLOSE int listener = -1;
	AUTO_CLOSE int agent = ctx->slots[SLOT_AGENT];
	ctx->slots[SLOT_AGENT] = -1;
	struct message m;
	int r = message_receive_fd(ctx->channel, &m, &listener);
	if (r == 1 && m.kind == MESSAGE_FAILED)
		return act_told(ctx, &m.error, m.step);
	if (r == 0 || r == -ECONNRESET)
		return act_init_died(ctx);
	if (r < 0)
		return act_failed(ctx, "recvmsg", r);
	const struct listener_handover h = {
		.path = step->u.text.path,
		.metadata = step->u.text.value,
		.container = ctx->host->container,
		.status = ctx->host->choices->verb == VERB_EXEC ? OCI_STATUS_RUNNING
								: OCI_STATUS_CREATED,
		.pid = ctx->init_pid,
		.agent_fd = agent,
		.channel_fd = ctx->channel,
	};
	return listener_hand_over(&h, ctx->host->arena, listener, &ctx->error);
}
