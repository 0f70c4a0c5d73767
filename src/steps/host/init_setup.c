/* SPDX-License-Identifier: Apache-2.0 */
/* What only HOST has the rights to do to init: id maps, limits, and the runtime's hooks. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/io.h"
#include "steps/hook.h"
#include "steps/host/host.h"
#include "sys/process.h"

static int write_init_proc(struct actor_context *ctx, const char *name, const char *value)
{
	char path[64];
	snprintf(path, sizeof path, "%d/%s", ctx->init_pid, name);
	int r = io_write_control(ctx->slots[SLOT_PROC], path, value);
	return r < 0 ? act_failed(ctx, name, r) : 0;
}

static _Noreturn void helper_child(char *const *argv, int output)
{
	dup2(output, 1);
	dup2(output, 2);
	execvp(argv[0], argv);
	/* PATH may be empty: the helper's usual places */
	char path[64];
	snprintf(path, sizeof path, "/usr/bin/%s", argv[0]);
	execv(path, argv);
	_exit(errno == ENOENT ? 127 : 126);
}

/* newuidmap(1) says on standard error what it does not like: it belongs into our one line. */
static int run_helper(struct actor_context *ctx, char *const *argv)
{
	int out[2], status = 0;
	snprintf(argv[1], 24, "%d", ctx->init_pid);
	if (pipe2(out, O_CLOEXEC) < 0)
		return act_failed(ctx, "pipe2", -errno);
	pid_t pid = sys_spawn(&(struct spawn){ .cgroup_fd = -1 });
	if (pid == 0)
		helper_child(argv, out[1]);
	close(out[1]);
	char said[384];
	ssize_t n = pid < 0 ? 0 : fd_read_all(out[0], said, sizeof said - 1);
	close(out[0]);
	if (pid < 0)
		return act_failed(ctx, "clone3", pid);
	sys_wait_child(pid, &status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	said[n > 0 ? n : 0] = '\0';
	said[strcspn(said, "\n")] = '\0';
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127 && !said[0])
		return error_set(&ctx->error, ERROR_SYSTEM, ENOENT,
			"%s, which maps the ranges of /etc/subuid and /etc/subgid, cannot be run",
			argv[0]);
	return error_set(&ctx->error, ERROR_SYSTEM, EPERM, "%s failed%s%s", argv[0],
		said[0] ? ": " : "", said);
}

/* Needs: init exists and waits. After: it may become the root that the maps give it.
 * user_namespaces(7): setgroups is denied before an unprivileged gid_map. */
int act_id_map(struct actor_context *ctx, const struct step *step)
{
	const struct id_map *m = step->u.id_map;
	int r = 0;
	if (m->by_helper) {
		r = run_helper(ctx, m->gid_helper_argv);
		return r < 0 ? r : run_helper(ctx, m->uid_helper_argv);
	}
	if (m->deny_setgroups)
		r = write_init_proc(ctx, "setgroups", "deny");
	if (r == 0)
		r = write_init_proc(ctx, "gid_map", m->gid_text);
	if (r == 0)
		r = write_init_proc(ctx, "uid_map", m->uid_text);
	return r;
}

int act_oom_score(struct actor_context *ctx, const struct step *step)
{
	char value[24];
	snprintf(value, sizeof value, "%lld", (long long)step->u.number);
	return write_init_proc(ctx, "oom_score_adj", value);
}

int act_host_rlimit(struct actor_context *ctx, const struct step *step)
{
	int r = sys_prlimit(
		ctx->init_pid, step->u.rlimit.resource, step->u.rlimit.soft, step->u.rlimit.hard);
	return r < 0 ? act_failed(ctx, "prlimit", r) : 0;
}

int hook_output_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
	return fd < 0 ? -errno : fd;
}

/* Before the fork: INIT runs hooks where the path would be the container's. */
int act_hook_output(struct actor_context *ctx, const struct step *step)
{
	int fd = hook_output_open(step->u.output.path);
	if (fd < 0)
		return act_failed(ctx, "open", fd);
	ctx->slots[step->u.output.slot] = fd;
	return 0;
}

int act_host_hook(struct actor_context *ctx, const struct step *step)
{
	const struct hook_step *h = &step->u.hook;
	struct hook_result r = hook_run(h->hook, NULL,
		(struct hook_output){ ctx->slots[SLOT_HOOK_OUT], ctx->slots[SLOT_HOOK_ERR] },
		h->state_head, ctx->init_pid, h->state_tail);
	if (r.end == HOOK_OK)
		return 0;
	char text[HOOK_TEXT_SIZE];
	return error_set(&ctx->error, ERROR_SYSTEM,
		r.end == HOOK_NOT_STARTED ? r.number : ECANCELED,
		"error running %s hook #%zu: %s: %s", h->kind, h->index, h->hook->path,
		hook_result_text(&r, text));
}
