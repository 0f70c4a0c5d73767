/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restoring by CRIU. Runs as HOST. Each act brings criu to one of its notifications and leaves it
 * waiting there, so that the steps between them are rows like all others.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/proc_stat.h"
#include "steps/host/restore.h"
#include "sys/process.h"

enum { CGROUP_FILE_MAX = 65536, STUCK_SECONDS = 5 };

static int no_memory(struct actor_context *ctx)
{
	return error_set(&ctx->error, ERROR_SYSTEM, ENOMEM, "out of memory");
}

static const char *mount_path(struct actor_context *ctx)
{
	char magic[FD_PATH_SIZE], dir[PATH_MAX];
	ssize_t n = readlink(fd_path(ctx->host->entry.dir_fd, magic), dir, sizeof dir);
	return n > 0 && (size_t)n < sizeof dir
		       ? arena_printf(ctx->host->arena, "%.*s/%s", (int)n, dir, STATE_CRIU_ROOT)
		       : NULL;
}

/* Under which numbers criu gets our standard descriptors and joined namespaces. */
static size_t number_descriptors(struct actor_context *ctx, int null_fd, int *pass)
{
	struct criu_facts *f = &ctx->host->restore->facts;
	size_t n = 0;
	for (int i = 0; i < CRIU_STDIO; i++) {
		const char *was = f->saved_files[CRIU_STDIO + i];
		/* CRIU takes nothing of another type for it, and nothing else could be meant */
		bool was_null = was && strcmp(was, "/dev/null") == 0;
		f->stdio_fds[i] = CRIU_FIRST_FD + (int)n;
		pass[n++] = was_null ? null_fd : fcntl(i, F_GETFD) < 0 ? -1 : i;
	}
	for (int t = 0; t < OCI_NS_COUNT; t++)
		if (ctx->slots[SLOT_NAMESPACE + t] >= 0) {
			f->namespace_fds[t] = CRIU_FIRST_FD + (int)n;
			pass[n++] = ctx->slots[SLOT_NAMESPACE + t];
		}
	return n;
}

/* After: criu waits for its request, and can be put into a cgroup. */
int act_start_criu(struct actor_context *ctx, const struct step *step)
{
	struct host_context *h = ctx->host;
	const struct restore_step *s = &step->u.restore;
	int pass[CRIU_STDIO + OCI_NS_COUNT];
	struct criu_mount_place *places =
		ARENA_ARRAY(h->arena, s->n_places + 1, struct criu_mount_place);
	if (!places)
		return no_memory(ctx);
	for (size_t i = 0; i < s->n_places; i++)
		places[i] = (struct criu_mount_place){ s->places[i].target, s->places[i].source,
			s->places[i].recursive };
	if (mkdirat(h->entry.dir_fd, STATE_CRIU_ROOT, 0700) < 0)
		return act_failed(ctx, "mkdirat", -errno);
	AUTO_CLOSE int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	const char *path = mount_path(ctx);
	const char *keyring = arena_printf(h->arena, "_ses.%s", h->container->id);
	if (!path || !keyring)
		return no_memory(ctx);
	h->restore->facts.root = path;
	const struct criu_start start = {
		.images_fd = h->restore->images_fd,
		.work_fd = h->restore->work_fd,
		.pass = pass,
		.n_pass = number_descriptors(ctx, null_fd, pass),
		.root_fd = ctx->slots[SLOT_ROOTFS],
		.mount_path = path,
		.places = places,
		.n_places = s->n_places,
		.keyring = s->new_keyring ? keyring : NULL,
	};
	int r = criu_start(&start, &h->restore->criu, &ctx->error);
	if (r == 0)
		ctx->init_pid = h->restore->criu.pid;
	return r;
}

static void forget_root(struct actor_context *ctx)
{
	if (ctx->host->entry.dir_fd >= 0)
		unlinkat(ctx->host->entry.dir_fd, STATE_CRIU_ROOT, AT_REMOVEDIR);
}

/* criu kills what it has restored when it is told so. What it should leave all the same is our
 * child, and in the container's cgroup. */
void undo_start_criu(struct actor_context *ctx, const struct step *step)
{
	struct restore_run *run = ctx->host->restore;
	struct error ignored;
	bool is_restored = run->init_pid > 0;
	if (run->criu.pid > 0 && run->must_answer)
		criu_answer(&run->criu, false, &ignored);
	run->must_answer = false;
	criu_end(&run->criu);
	if (is_restored) {
		kill(run->init_pid, SIGKILL);
		if (cgroup_exists(&ctx->host->container->cgroup))
			cgroup_kill(&ctx->host->container->cgroup, SIGKILL, &ignored);
		sys_wait_child(run->init_pid, NULL);
	}
	forget_root(ctx);
}

static int failed(struct actor_context *ctx, const struct criu_response *last)
{
	struct restore_run *run = ctx->host->restore;
	int log_dir = run->work_fd >= 0 ? run->work_fd : run->images_fd;
	return criu_failed(ctx->host->arena, &run->criu, last,
		"criu could not restore the container", log_dir, CRIU_RESTORE_LOG, &ctx->error);
}

/* The master of the container's terminal, which nobody in the container holds. */
static int send_master(struct actor_context *ctx, int master)
{
	if (master < 0)
		return error_set(&ctx->error, ERROR_SYSTEM, EPROTO, "criu sent no terminal");
	if (ctx->slots[SLOT_CONSOLE] < 0)
		return error_set(&ctx->error, ERROR_STATE, EINVAL,
			"the saved processes have a terminal, and the config has none: "
			"process.terminal");
	return terminal_send_master(ctx, master);
}

/* While criu says nothing. After an error it kills what it has restored and waits for the first of
 * the processes, which waits in its end for the others (the kernel's zap_pid_ns_processes()), and
 * one that criu traces is reaped by nobody but criu: both would wait forever. Without criu all end.
 */
static void end_stuck_criu(struct actor_context *ctx)
{
	struct restore_run *run = ctx->host->restore;
	struct pollfd p = { .fd = run->criu.socket, .events = POLLIN };
	struct proc_stat s;
	for (int seconds = 0; poll(&p, 1, 1000) == 0;) {
		bool exiting =
			run->init_pid > 0 && proc_stat_read(run->init_pid, &s) == 0 && s.is_exiting;
		seconds = exiting ? seconds + 1 : 0;
		if (seconds < STUCK_SECONDS)
			continue;
		log_debug("criu waits for a process that cannot end: it is killed");
		kill(run->criu.pid, SIGKILL);
		return;
	}
}

/* Go on to the notification of this name (NULL: the end of the request), and leave it waiting. */
static int go_on_to(struct actor_context *ctx, const char *script)
{
	struct restore_run *run = ctx->host->restore;
	for (;;) {
		struct criu_response a = { 0 };
		AUTO_CLOSE int fd = -1;
		int r = run->must_answer ? criu_answer(&run->criu, true, &ctx->error) : 0;
		run->must_answer = false;
		if (r == 0)
			end_stuck_criu(ctx);
		if (r == 0)
			r = criu_receive(&run->criu, &a, &fd, &ctx->error);
		if (r < 0 || !a.success)
			return failed(ctx, r < 0 ? NULL : &a);
		if (a.type == CRIU_RESTORE && !script)
			return 0;
		if (a.type != CRIU_NOTIFY)
			return error_set(&ctx->error, ERROR_SYSTEM, EPROTO,
				"criu did not come to %s", script ? script : "an end");
		run->must_answer = true;
		log_debug("criu: %s", a.script);
		if (a.pid > 0)
			ctx->init_pid = run->init_pid = a.pid;
		if (strcmp(a.script, "orphan-pts-master") == 0)
			r = send_master(ctx, fd);
		if (r < 0 || (script && strcmp(a.script, script) == 0))
			return r;
	}
}

/* Needs: criu is where the restored processes are to be. After: the first of them is there, with
 * its namespaces and nothing in them. */
int act_criu_namespaces(struct actor_context *ctx, const struct step *step)
{
	struct host_context *h = ctx->host;
	struct criu_request request;
	char path[64], *cgroups;
	size_t n;
	snprintf(path, sizeof path, "%d/cgroup", ctx->init_pid);
	int r = io_read_file(ctx->slots[SLOT_PROC], path, CGROUP_FILE_MAX, h->arena, &cgroups, &n);
	if (r < 0)
		return act_failed(ctx, "read /proc/PID/cgroup", r);
	h->restore->facts.cgroups = cgroups;
	r = criu_decide_restore(h->arena, h->restore->config, h->restore->options,
		&h->restore->facts, &request, &ctx->error);
	if (r == 0)
		r = criu_send(h->arena, &h->restore->criu, &request, &ctx->error);
	return r < 0 ? r : go_on_to(ctx, "setup-namespaces");
}

/* In a child: a namespace cannot be left again where it belongs to another user namespace. */
int act_criu_loopback(struct actor_context *ctx, const struct step *step)
{
	char path[64];
	int status = 0;
	snprintf(path, sizeof path, "%d/ns/net", ctx->init_pid);
	AUTO_CLOSE int fd = openat(ctx->slots[SLOT_PROC], path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return act_failed(ctx, "open", -errno);
	pid_t pid = sys_spawn(&(struct spawn){ .cgroup_fd = -1 });
	if (pid == 0)
		_exit(sys_setns(fd, CLONE_NEWNET) < 0 || act_loopback(ctx, step) < 0);
	if (pid < 0)
		return act_failed(ctx, "clone3", pid);
	sys_wait_child(pid, &status);
	return status ? act_failed(ctx, "ioctl(SIOCSIFFLAGS)", -EPERM) : 0;
}

/* After: all processes are there, and none has run. */
int act_criu_processes(struct actor_context *ctx, const struct step *step)
{
	int r = go_on_to(ctx, "post-restore");
	if (r == 0)
		ctx->host->init_is_child = true;
	return r;
}

/* CRIU changes the profile of what was saved with one, and leaves out the option for the rest. */
static int check_profile(struct actor_context *ctx)
{
	const char *asked = ctx->host->restore->options->lsm_profile;
	static const char unconfined[] = "unconfined";
	char path[64], *text;
	size_t n;
	if (!asked || strncmp(asked, "apparmor:", 9) != 0 || strcmp(asked + 9, unconfined) == 0)
		return 0;
	snprintf(path, sizeof path, "%d/attr/current", ctx->init_pid);
	int r = io_read_file(ctx->slots[SLOT_PROC], path, PATH_MAX, ctx->host->arena, &text, &n);
	if (r < 0)
		return act_failed(ctx, "read /proc/PID/attr/current", r);
	if (strncmp(text, unconfined, sizeof unconfined - 1) != 0)
		return 0;
	/* an answer would let them run: criu only notes that we do not like it */
	if (cgroup_exists(&ctx->host->container->cgroup))
		cgroup_kill(&ctx->host->container->cgroup, SIGKILL, &ctx->error);
	kill(ctx->host->restore->init_pid, SIGKILL);
	return error_set(&ctx->error, ERROR_UNSUPPORTED, EOPNOTSUPP,
		"option '--lsm-profile': the processes were saved without a profile, and criu "
		"gives them none");
}

int act_criu_resume(struct actor_context *ctx, const struct step *step)
{
	int r = go_on_to(ctx, "pre-resume");
	if (r == 0)
		r = check_profile(ctx);
	if (r == 0)
		r = go_on_to(ctx, NULL);
	if (r < 0)
		return r;
	criu_end(&ctx->host->restore->criu);
	forget_root(ctx);
	return 0;
}
