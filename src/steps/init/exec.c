/* SPDX-License-Identifier: Apache-2.0 */
/* From a set-up process to the container's program. Runs as INIT: no allocation, no stdio. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/fd.h"
#include "base/parse_num.h"
#include "fsroot/inroot.h"
#include "steps/init/exec_cause.h"
#include "steps/init/init.h"
#include "steps/message.h"
#include "sys/open.h"
#include "sys/process.h"

/* In PATH: execvpe(3). */
static bool is_searched(const struct exec_step *x)
{
	return !strchr(x->name, '/');
}

/* The words are an interface: Podman, Docker and containerd choose exit codes by them. */
static int cannot_execute(
	struct actor_context *ctx, const struct exec_step *x, const char *path, int err)
{
	const char *why = err == ENOENT && is_searched(x) ? "executable file not found in $PATH"
							  : errno_text(err);
	char cause[EXEC_CAUSE_SIZE] = "";
	if (path)
		exec_cause(path, err, cause);
	return act_message(ctx, ERROR_SYSTEM, err, "exec: \"", x->name, "\": ", why, cause, NULL);
}

static int executable_errno(const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	/* with the effective ids and capabilities, as execve(2) looks */
	return -sys_may_execute(path);
}

/* Needs: the container's root, ids and working directory. execvpe(3): a candidate that may not be
 * executed is passed over, and told of only when none is better. */
int act_find_executable(struct actor_context *ctx, const struct step *step)
{
	const struct exec_step *x = &step->u.exec;
	int worst = ENOENT;
	const char *at = NULL;
	for (size_t i = 0; i < x->n_candidates; i++) {
		int err = executable_errno(x->candidates[i]);
		/* in PATH a directory that is none counts as one that isn't there */
		if (err == ENOTDIR && is_searched(x))
			err = ENOENT;
		if (err == 0) {
			ctx->executable = i;
			return 0;
		}
		if (err == ENOENT || worst == EACCES || (worst != ENOENT && err != EACCES))
			continue;
		worst = err;
		at = x->candidates[i];
	}
	return cannot_execute(ctx, x, at, worst);
}

enum { LINE_SIZE = 1024, PASSWD_MAX = 1 << 20 };

/* name:password:uid:gid:comment:home:shell. Cut in place; NULL when it is not the one. */
static const char *home_of(char *line, uint32_t uid)
{
	char *field[6];
	for (int i = 0; i < 6; i++) {
		field[i] = line;
		line += strcspn(line, ":");
		if (*line == ':')
			*line++ = '\0';
		else if (i < 5)
			return NULL;
	}
	uint32_t id;
	return parse_u32(field[2], &id) && id == uid && field[5][0] ? field[5] : NULL;
}

static bool find_home(int fd, uint32_t uid, char ret[static LINE_SIZE])
{
	char line[LINE_SIZE], chunk[4096];
	size_t n = 0, total = 0;
	ssize_t got;
	while ((got = read(fd, chunk, sizeof chunk)) > 0 && (total += (size_t)got) < PASSWD_MAX) {
		for (ssize_t i = 0; i < got; i++) {
			if (chunk[i] != '\n') {
				if (n + 1 < sizeof line)
					line[n++] = chunk[i];
				continue;
			}
			line[n] = '\0';
			n = 0;
			const char *home = home_of(line, uid);
			if (home) {
				memcpy(ret, home, strlen(home) + 1);
				return true;
			}
		}
	}
	return false;
}

static int open_passwd(struct actor_context *ctx)
{
	struct stat st;
	AUTO_CLOSE int root = init_open_root(ctx);
	if (root < 0)
		return root;
	AUTO_CLOSE int found = inroot_open(root, "etc/passwd", INROOT_FOLLOW, INROOT_EXISTING, 0);
	return found < 0 ? found : inroot_read(found, ctx->slots[SLOT_PROC], &st);
}

/* Needs: the container's root. The file is the image's: anything may be in it, and nothing but the
 * one field is believed; or in its place: a link of it to /proc/self/fd would lead to what our
 * descriptors are of. */
int act_home(struct actor_context *ctx, const struct step *step)
{
	static char entry[5 + LINE_SIZE] = "HOME=";
	AUTO_CLOSE int fd = open_passwd(ctx);
	if (fd < 0 || !find_home(fd, step->u.exec.uid, entry + 5))
		memcpy(entry + 5, "/", 2);
	step->u.exec.envp[step->u.exec.n_env] = entry;
	return 0;
}

static void insert(int fd, int *sorted, size_t n)
{
	for (; n > 0 && sorted[n - 1] > fd; n--)
		sorted[n] = sorted[n - 1];
	sorted[n] = fd;
}

/* From this number on all but the report's socket, and what is in these slots. */
static int close_others(
	struct actor_context *ctx, unsigned first, const enum slot *kept, size_t n_kept)
{
	int slots[4], keep[ARRAY_SIZE(slots) + 1] = { ctx->report_fd };
	if (!has_defence(DEFENCE_DESCRIPTORS))
		return 0;
	for (size_t i = 0; i < n_kept; i++) {
		slots[i] = ctx->slots[kept[i]];
		insert(slots[i], keep, i + 1);
	}
	for (size_t i = 0; i < ctx->plan->n_slots; i++)
		ctx->slots[i] = -1;
	for (size_t i = 0; i < n_kept; i++)
		ctx->slots[kept[i]] = slots[i];
	int r = sys_close_all_but(first, keep, n_kept + 1);
	return r < 0 ? act_failed(ctx, "close_range", r) : 0;
}

/* What leads to the host's files is closed while nobody of the container's rights can look at us: a
 * process of another container that is in the host's PID namespace may do so while we wait. */
int act_close_descriptors(struct actor_context *ctx, const struct step *step)
{
	static const enum slot kept[] = { SLOT_START, SLOT_HOOK_OUT, SLOT_HOOK_ERR };
	return close_others(ctx, (unsigned)step->u.number, kept, ARRAY_SIZE(kept));
}

/* A mark is not enough: execve(2) closes what is marked after it has followed its path, which may
 * lead to /proc/self/fd/N. CVE-2024-21626. */
int act_close_rest(struct actor_context *ctx, const struct step *step)
{
	return close_others(ctx, (unsigned)step->u.number, NULL, 0);
}

static void end_by_signal(int signal)
{
	_exit(128 + signal);
}

/* Process 1 of a PID namespace is hit by no signal that it has no handler for, whoever sends it:
 * a client that asks a created container to end would have to kill it. execve takes them away. */
static void set_ending_signals(void (*handler)(int))
{
	static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction action = { .sa_handler = handler };
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaction(ending[i], &action, NULL);
}

/*
 * Wait for `start`. Its connection then takes the channel's place: it ends when execve has
 * succeeded, or carries the error. Somebody who only asks whether we still wait connects and says
 * nothing.
 */
int act_wait_start(struct actor_context *ctx, const struct step *step)
{
	close(ctx->channel);
	ctx->channel = ctx->report_fd = -1;
	set_ending_signals(end_by_signal);
	for (;;) {
		AUTO_CLOSE int fd = accept4(ctx->slots[SLOT_START], NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			return act_failed(ctx, "accept4", -errno);
		char request;
		ssize_t n;
		do
			n = read(fd, &request, 1);
		while (n < 0 && errno == EINTR);
		if (n != 1 || request != START_REQUEST)
			continue;
		init_set_slot(ctx, SLOT_START, -1);
		ctx->report_fd = TAKE_FD(fd);
		set_ending_signals(SIG_DFL);
		return 0;
	}
}

/* To `start`, for which the connection's end is execve: after this it isn't init's death. */
int act_tell_start(struct actor_context *ctx, const struct step *step)
{
	struct message m = { .kind = MESSAGE_EXECUTING };
	int r = message_send(ctx->report_fd, &m);
	/* nobody waits for it any more: the container starts all the same */
	return r == -EPIPE || r == -ECONNRESET ? 0 : act_failed(ctx, "send", r);
}

/* Returns only when it failed. */
int act_exec(struct actor_context *ctx, const struct step *step)
{
	const struct exec_step *x = &step->u.exec;
	const char *path = x->candidates[ctx->executable];
	execve(path, x->argv, x->envp);
	int err = errno;
	char cause[EXEC_CAUSE_SIZE];
	exec_cause(path, err, cause);
	const char *landlock = "";
	if (x->under_landlock && err == EACCES && !*cause)
		landlock = ": its mode allows it; a rule of org.oci-rt.landlock has to allow "
			   "`execute` "
			   "and `read_file` on it, and on the interpreter that it names";
	return act_message(ctx, ERROR_SYSTEM, err, "exec ", path, ": ", errno_text(err), cause,
		landlock, NULL);
}
