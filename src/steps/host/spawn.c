/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HOST's forks. The child leaves the act as another actor and walks on from the next step. Runs as
 * HOST, and become() in the child.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "steps/host/host.h"
#include "steps/message.h"
#include "sys/process.h"

static int make_channel(struct actor_context *ctx, int pair[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return act_failed(ctx, "socketpair", -errno);
	return 0;
}

/* In the child: other end of the channel, and nothing that keeps HOST's business open. */
static int become(struct actor_context *ctx, enum actor who, int host_end, int child_end)
{
	close(host_end);
	ctx->me = who;
	ctx->channel = ctx->report_fd = child_end;
	/* the container's lock belongs to the open file: it must not live on in a child */
	if (ctx->slots[SLOT_STATE_DIR] >= 0)
		close(ctx->slots[SLOT_STATE_DIR]);
	ctx->slots[SLOT_STATE_DIR] = -1;
	if (ctx->host->entry.making_fd >= 0)
		close(ctx->host->entry.making_fd);
	/* what INIT holds open while it waits for `start` can be seen in the container's /proc */
	if (ctx->host->root && ctx->host->root->fd >= 0)
		close(ctx->host->root->fd);
	if (who == ACTOR_INIT && ctx->slots[SLOT_CGROUP] >= 0) /* the stager forks into it */
		close(ctx->slots[SLOT_CGROUP]);
	return 0;
}

/*
 * The child's working directory is the rootfs: a new mount namespace keeps it, translated, and the
 * path need not be looked up again in there.
 */
static pid_t spawn_in_rootfs(struct actor_context *ctx, const struct spawn *s)
{
	int rootfs = ctx->slots[SLOT_ROOTFS];
	if (rootfs < 0) {
		ctx->call = "clone3"; /* should it fail */
		return sys_spawn(s);
	}
	AUTO_CLOSE int back = openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fchdir(rootfs) < 0)
		return act_failed(ctx, "fchdir", -errno);
	pid_t pid = sys_spawn(s);
	if (pid < 0)
		ctx->call = "clone3";
	/* fails only where the directory has gone meanwhile: nothing relative is used after this */
	int ignored = pid > 0 && back >= 0 ? fchdir(back) : 0;
	(void)ignored;
	return pid;
}

int act_spawn_stager(struct actor_context *ctx, const struct step *step)
{
	int pair[2], r = make_channel(ctx, pair);
	if (r < 0)
		return r;
	pid_t pid = spawn_in_rootfs(ctx, &(struct spawn){ .cgroup_fd = -1 });
	if (pid == 0)
		return become(ctx, ACTOR_STAGER, pair[0], pair[1]);
	close(pair[1]);
	ctx->channel = pair[0];
	if (pid < 0)
		return pid; /* ctx->call says which call */
	ctx->stager_pid = pid;
	return 0;
}

/*
 * Without clone3 init cannot be born in its cgroup: it waits at a gate until HOST has moved it
 * there, because its cgroup namespace takes the place where it stands as its root.
 */
static pid_t spawn_then_attach(struct actor_context *ctx, struct spawn *s)
{
	int gate[2], r = 0;
	char byte;
	if (pipe2(gate, O_CLOEXEC) < 0)
		return -errno;
	s->cgroup_fd = -1;
	pid_t pid = spawn_in_rootfs(ctx, s);
	if (pid == 0) {
		close(gate[1]);
		if (read(gate[0], &byte, 1) != 1)
			_exit(1); /* HOST has failed, and knows why */
		close(gate[0]);
		return 0;
	}
	close(gate[0]);
	if (pid > 0) {
		r = cgroup_attach(&ctx->host->container->cgroup, NULL, pid, false, &ctx->error);
		if (r == 0 && write(gate[1], "", 1) != 1)
			r = -errno;
	}
	close(gate[1]);
	if (r < 0)
		sys_wait_child(pid, NULL);
	return r < 0 ? r : pid;
}

int act_host_spawn(struct actor_context *ctx, const struct step *step)
{
	int pair[2], r = make_channel(ctx, pair);
	if (r < 0)
		return r;
	struct spawn s = { .flags = step->u.spawn.flags,
		.cgroup_fd = -1,
		.ret_pidfd = &ctx->slots[SLOT_INIT_PIDFD] };
	if (step->u.spawn.into_cgroup)
		s.cgroup_fd = ctx->slots[SLOT_CGROUP];
	pid_t pid = spawn_in_rootfs(ctx, &s);
	if (pid == -ENOSYS && s.cgroup_fd >= 0)
		pid = spawn_then_attach(ctx, &s);
	if (pid == 0)
		return become(ctx, ACTOR_INIT, pair[0], pair[1]);
	close(pair[1]);
	ctx->channel = pair[0];
	if (pid < 0)
		return pid; /* ctx->call says which call */
	ctx->init_pid = pid;
	ctx->host->in_v2_cgroup = step->u.spawn.into_cgroup;
	ctx->host->init_is_child = true;
	return 0;
}

/*
 * The stager ends as soon as it has forked or failed, and what it has said is in the channel then.
 * To wait for the message itself could last for ever: init holds the channel's other end as well,
 * so that there is no end of file when the stager is killed between its fork and its message.
 */
static int stager_said(struct actor_context *ctx, struct message *m)
{
	sys_wait_child(ctx->stager_pid, NULL);
	ctx->stager_pid = 0;
	return message_receive_now(ctx->channel, m);
}

/* The stager has died or failed between its fork and its message, so that the pid is not known: the
 * child is ours all the same (CLONE_PARENT), and the only one. It ends at once, on a busy machine a
 * little later. */
static void end_unknown_child(struct actor_context *ctx)
{
	/* an init that nobody has told us of ends with this, at its first meeting */
	close(ctx->channel);
	ctx->channel = -1;
	const struct timespec pause = { .tv_nsec = 1000000 };
	for (int ms = 0; ms < 2000 && waitpid(-1, NULL, WNOHANG) >= 0; ms++)
		nanosleep(&pause, NULL);
}

int act_receive_init(struct actor_context *ctx, const struct step *step)
{
	struct message m;
	int r = stager_said(ctx, &m);
	if (r != 1 || m.kind != MESSAGE_PID)
		end_unknown_child(ctx);
	if (r == 1 && m.kind == MESSAGE_FAILED)
		return act_told(ctx, &m.error, m.step);
	if (r != 1 || m.kind != MESSAGE_PID)
		return error_set(&ctx->error, ERROR_SYSTEM, EPIPE,
			"the stager died before it had forked init");
	/* our child, by CLONE_PARENT: its pid cannot be reused before we reap it */
	ctx->init_pid = (pid_t)m.value;
	ctx->host->in_v2_cgroup = m.step != 0;
	ctx->host->init_is_child = true;
	int fd = sys_pidfd_open(ctx->init_pid);
	if (fd < 0)
		return act_failed(ctx, "pidfd_open", fd);
	ctx->slots[SLOT_INIT_PIDFD] = fd;
	return 0;
}

/* Its child, too, where act_receive_init has not come to know it. */
void undo_spawn_stager(struct actor_context *ctx, const struct step *step)
{
	struct message m;
	if (ctx->stager_pid <= 0)
		return;
	kill(ctx->stager_pid, SIGKILL);
	if (stager_said(ctx, &m) == 1 && m.kind == MESSAGE_PID) {
		kill((pid_t)m.value, SIGKILL);
		sys_wait_child((pid_t)m.value, NULL);
		return;
	}
	end_unknown_child(ctx);
}

void undo_spawn(struct actor_context *ctx, const struct step *step)
{
	if (!ctx->host->init_is_child)
		return;
	kill(ctx->init_pid, SIGKILL);
	sys_wait_child(ctx->init_pid, NULL);
	ctx->host->init_is_child = false;
}
