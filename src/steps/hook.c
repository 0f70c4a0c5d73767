/* SPDX-License-Identifier: Apache-2.0 */
/* Running one hook. Any actor; no allocation, no stdio. */
#include "steps/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "libocispec/words.h"
#include "steps/actor.h"
#include "sys/process.h"

static int state_fd(const char *head, pid_t pid, const char *tail)
{
	/* a memory file: a pipe would block on a state larger than its buffer */
	AUTO_CLOSE int fd = sys_memfd("state");
	if (fd < 0)
		return fd;
	char digits[DIGITS_SIZE];
	int r = fd_write_all(fd, head, strlen(head));
	if (r == 0 && pid > 0)
		r = fd_write_all(fd, digits, format_u64(digits, (unsigned long long)pid));
	if (r == 0)
		r = fd_write_all(fd, tail, strlen(tail));
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	return r < 0 ? r : TAKE_FD(fd);
}

static void hook_child(const struct oci_hook *hook, const struct hook_setting *setting, int state,
	struct hook_output output, int report)
{
	char *const only_path[] = { (char *)hook->path, NULL };
	char *const no_env[] = { NULL };
	char *const *argv = hook->args.n ? (char *const *)hook->args.v : only_path;
	char *const *envp = hook->env.n		      ? (char *const *)hook->env.v
			    : setting && setting->env ? setting->env
						      : no_env;
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	for (int s = 1; s < 32; s++)
		sigaction(s, &dfl, NULL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	int err = 0;
	if (dup2(state, 0) < 0 || (output.out >= 0 && dup2(output.out, 1) < 0) ||
		(output.err >= 0 && dup2(output.err, 2) < 0) ||
		sys_close_all_but(3, &report, 1) < 0)
		err = errno;
	if (!err && setting && setting->emulation)
		err = -sys_seccomp_filter(setting->emulation, setting->n_emulation, 0);
	if (!err && setting && setting->filter)
		err = -sys_seccomp_filter(
			setting->filter, setting->n_filter, setting->filter_flags);
	if (!err) {
		execve(hook->path, argv, envp);
		err = errno;
	}
	fd_write_all(report, &err, sizeof err);
	_exit(127);
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* The end of a hook, however it comes. */
static struct hook_result wait_until(pid_t pid, int pidfd, const struct opt_i64 *timeout)
{
	bool in_time = true;
	int status = 0, poll_error = 0;
	if (timeout->set) {
		int64_t end = now_ms() + timeout->v * 1000, left;
		int ready = 0;
		while (ready == 0 && (left = end - now_ms()) > 0) {
			struct pollfd p = { .fd = pidfd, .events = POLLIN };
			ready = poll(&p, 1, left > 60000 ? 60000 : (int)left);
			if (ready < 0 && errno == EINTR)
				ready = 0;
		}
		in_time = ready != 0;
		poll_error = ready < 0 ? errno : 0;
		if (ready <= 0)
			sys_pidfd_send_signal(pidfd, SIGKILL);
	}
	int r = sys_wait_child(pid, &status);
	if (poll_error)
		return (struct hook_result){ HOOK_NOT_STARTED, poll_error, "poll" };
	if (!in_time)
		return (struct hook_result){ HOOK_TIMED_OUT, (int)timeout->v, NULL };
	if (r < 0)
		return (struct hook_result){ HOOK_NOT_STARTED, -r, "wait4" };
	if (WIFSIGNALED(status))
		return (struct hook_result){ HOOK_SIGNALED, WTERMSIG(status), NULL };
	if (WEXITSTATUS(status))
		return (struct hook_result){ HOOK_EXITED, WEXITSTATUS(status), NULL };
	return (struct hook_result){ HOOK_OK, 0, NULL };
}

struct hook_result hook_run(const struct oci_hook *hook, const struct hook_setting *setting,
	struct hook_output output, const char *head, pid_t pid, const char *tail)
{
	AUTO_CLOSE int state = state_fd(head, pid, tail);
	if (state < 0)
		return (struct hook_result){ HOOK_NOT_STARTED, -state, "memfd_create" };
	int report[2], pidfd = -1, err = 0;
	if (pipe2(report, O_CLOEXEC) < 0)
		return (struct hook_result){ HOOK_NOT_STARTED, errno, "pipe2" };
	pid_t child = sys_spawn(&(struct spawn){ .cgroup_fd = -1, .ret_pidfd = &pidfd });
	if (child == 0)
		hook_child(hook, setting, state, output, report[1]);
	close(report[1]);
	if (child < 0) {
		close(report[0]);
		return (struct hook_result){ HOOK_NOT_STARTED, -child, "clone3" };
	}
	ssize_t n = fd_read_all(report[0], &err, sizeof err);
	close(report[0]);
	struct hook_result end = wait_until(child, pidfd, &hook->timeout);
	close(pidfd);
	return n == sizeof err ? (struct hook_result){ HOOK_NOT_STARTED, err, "execve" } : end;
}

static void append(char *buffer, size_t *at, const char *text)
{
	while (*text && *at + 1 < HOOK_TEXT_SIZE)
		buffer[(*at)++] = *text++;
	buffer[*at] = '\0';
}

const char *hook_result_text(const struct hook_result *r, char buffer[static HOOK_TEXT_SIZE])
{
	static const char *const words[] = {
		[HOOK_OK] = "succeeded",
		[HOOK_NOT_STARTED] = "",
		[HOOK_EXITED] = "exited with status ",
		[HOOK_SIGNALED] = "was killed by signal ",
		[HOOK_TIMED_OUT] = "was killed after its timeout, in seconds ",
	};
	size_t at = 0;
	append(buffer, &at, words[r->end]);
	if (r->end == HOOK_NOT_STARTED) {
		append(buffer, &at, r->call);
		append(buffer, &at, ": ");
		append(buffer, &at, errno_text(r->number));
	} else if (r->end != HOOK_OK) {
		char digits[DIGITS_SIZE];
		format_u64(digits, (unsigned)r->number);
		append(buffer, &at, digits);
	}
	const char *signal = r->end == HOOK_SIGNALED ? signal_words(r->number) : NULL;
	if (signal) {
		append(buffer, &at, " (");
		size_t first = at;
		append(buffer, &at, signal);
		buffer[first] |= 0x20; /* small, as all our words */
		append(buffer, &at, ")");
	}
	return buffer;
}
