/* SPDX-License-Identifier: Apache-2.0 */
/* State directory, start socket, pid file, the end of create and run. Runs as HOST. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/fd.h"
#include "base/fd_pass.h"
#include "base/io.h"
#include "base/proc_stat.h"
#include "steps/host/host.h"
#include "steps/message.h"

int act_reserve_state(struct actor_context *ctx, const struct step *step)
{
	struct host_context *h = ctx->host;
	int r = state_entry_create(
		h->root, h->container, h->config_text, h->config_len, &h->entry, &ctx->error);
	if (r < 0)
		return r;
	ctx->slots[SLOT_STATE_DIR] = h->entry.dir_fd;
	return 0;
}

void undo_reserve_state(struct actor_context *ctx, const struct step *step)
{
	struct error ignored;
	if (ctx->host->entry.dir_fd >= 0)
		state_entry_remove(&ctx->host->entry, &ignored);
}

/* The path goes through our descriptor: sun_path has 108 bytes, state directories may have more. */
int bind_in_directory(int fd, int dir_fd, const char *name)
{
	char magic[FD_PATH_SIZE];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", fd_path(dir_fd, magic), name);
	return bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

/* Bound under another name, so that nobody takes a half-made container for a created one. */
int act_start_socket(struct actor_context *ctx, const struct step *step)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return act_failed(ctx, "socket", -errno);
	int r = bind_in_directory(fd, ctx->slots[SLOT_STATE_DIR], ".start.new");
	if (r < 0)
		return act_failed(ctx, "bind", r);
	if (listen(fd, 64) < 0)
		return act_failed(ctx, "listen", -errno);
	ctx->slots[SLOT_START] = TAKE_FD(fd);
	return 0;
}

/* A directory of its own, which the container gets bound: not the state beside it. Everybody in the
 * container may write to the socket; what they say is looked at in ops/foreground.c. */
int act_notify_socket(struct actor_context *ctx, const struct step *step)
{
	int dir = ctx->slots[SLOT_STATE_DIR];
	if (mkdirat(dir, "notify", 0755) < 0)
		return act_failed(ctx, "mkdirat", -errno);
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return act_failed(ctx, "socket", -errno);
	int r = bind_in_directory(fd, dir, "notify/notify.sock");
	if (r < 0)
		return act_failed(ctx, "bind", r);
	if (fchmodat(dir, "notify/notify.sock", 0777, 0) < 0 ||
		fchmodat(dir, "notify", 0755, 0) < 0)
		return act_failed(ctx, "fchmodat", -errno);
	ctx->host->notify_fd = TAKE_FD(fd);
	return 0;
}

int act_publish(struct actor_context *ctx, const struct step *step)
{
	int dir = ctx->slots[SLOT_STATE_DIR];
	return renameat(dir, ".start.new", dir, "start.sock") < 0
		       ? act_failed(ctx, "rename", -errno)
		       : 0;
}

int act_save_state(struct actor_context *ctx, const struct step *step)
{
	struct host_context *h = ctx->host;
	struct proc_stat st;
	int r = proc_stat_read(ctx->init_pid, &st);
	if (r < 0)
		return act_failed(ctx, "read /proc/PID/stat", r);
	h->container->pid = ctx->init_pid;
	h->container->start_time = st.start_time;
	return state_save(&h->entry, h->container, &ctx->error);
}

/* Who gets it may signal the process whoever it is, and waits for its end: nobody else can be hit.
 */
int act_send_pidfd(struct actor_context *ctx, const struct step *step)
{
	const char *name = step->u.text.value;
	AUTO_CLOSE int fd = connect_unix(step->u.text.path);
	if (fd < 0)
		return act_failed(ctx, "connect", fd);
	ssize_t n = fd_send(fd, name, strlen(name), ctx->slots[SLOT_INIT_PIDFD]);
	return n < 0 ? act_failed(ctx, "sendmsg", (int)n) : 0;
}

/* Of what stands at the pid file's path, only a regular file is replaced, and removed after a
 * failure. The rest may be everybody's: /dev/null, /dev/stdout. */
static bool is_replaced(const char *path, struct stat *st)
{
	return lstat(path, st) < 0 || S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

static int write_into(const char *path, const struct stat *st, const char *digits, size_t n)
{
	struct stat opened;
	/* sysctl fs.protected_symlinks: nobody else chooses where we write */
	if (S_ISLNK(st->st_mode) && st->st_uid != 0 && st->st_uid != geteuid())
		return -ELOOP;
	AUTO_CLOSE int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
	if (fd < 0 || fstat(fd, &opened) < 0)
		return -errno;
	return S_ISBLK(opened.st_mode) ? -EEXIST : fd_write_all(fd, digits, n);
}

/* Digits only: clients read it as a number. Aside and renamed: they poll for it. */
int act_pid_file(struct actor_context *ctx, const struct step *step)
{
	const char *path = step->u.text.path;
	char digits[DIGITS_SIZE];
	struct stat st;
	size_t n = format_u64(digits, (unsigned long long)ctx->init_pid);
	int r = is_replaced(path, &st) ? io_replace_file(AT_FDCWD, path, digits, n, 0644)
				       : write_into(path, &st, digits, n);
	return r < 0 ? act_failed(ctx, "write", r) : 0;
}

void undo_pid_file(struct actor_context *ctx, const struct step *step)
{
	struct stat st;
	if (is_replaced(step->u.text.path, &st))
		unlink(step->u.text.path);
}

enum { HELD_MS = 1000 };

/* A process of the container may send SIGSTOP to what exec puts beside it, and whoever waits here
 * would wait for as long as it likes. */
static int await_word(struct actor_context *ctx)
{
	struct pollfd p = { .fd = ctx->channel, .events = POLLIN };
	struct proc_stat s;
	int ready;
	while ((ready = poll(&p, 1, HELD_MS)) == 0 || (ready < 0 && errno == EINTR))
		if (ready == 0 && has_defence(DEFENCE_HELD) &&
			proc_stat_read(ctx->init_pid, &s) == 0 && s.state == 'T')
			return error_set(&ctx->error, ERROR_SYSTEM, ECANCELED,
				"the process was stopped by a signal while it was set up");
	return 0;
}

/* The channel is close-on-exec: its end is the news that execve has succeeded. Before that init has
 * read the last meeting; if it has not, it never came so far. */
int act_await_exec(struct actor_context *ctx, const struct step *step)
{
	struct message m;
	int r = await_word(ctx);
	if (r < 0)
		return r;
	r = message_receive(ctx->channel, &m);
	if (r == 1 && m.kind == MESSAGE_FAILED)
		return act_told(ctx, &m.error, m.step);
	if (r == -ECONNRESET)
		return act_init_died(ctx);
	return r < 0 ? act_failed(ctx, "recv", r) : 0;
}
