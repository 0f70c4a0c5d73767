/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime beside a running process: signals, terminal, exit status. Runs as HOST. */
#include "ops/foreground.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ops/relay.h"

int foreground_hold_signals(struct error *e)
{
	sigset_t all;
	sigfillset(&all);
	/* faults of our own stay faults */
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGABRT);
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
		return error_errno(e, errno, "sigprocmask");
	int fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? error_errno(e, errno, "signalfd") : fd;
}

int foreground_console_size(struct arena *arena, struct oci_process *process, struct error *e)
{
	struct winsize size;
	if (!process->terminal || process->console_size || ioctl(0, TIOCGWINSZ, &size) < 0)
		return 0;
	process->console_size = ARENA_NEW(arena, struct oci_console_size);
	if (!process->console_size)
		return error_errno(e, ENOMEM, "terminal");
	process->console_size->height = size.ws_row;
	process->console_size->width = size.ws_col;
	return 0;
}

static bool is_forwarded(int s)
{
	return s != SIGCHLD && s != SIGURG && s != SIGPIPE && s != SIGTTOU && s != SIGTTIN &&
	       s != SIGWINCH;
}

/* 1: pid has ended, with this status. Other children (we may be a subreaper) are reaped too. An
 * errno: the status will never be had. */
static int reap(pid_t pid, int *status)
{
	pid_t child;
	int s, ended = 0;
	while ((child = waitpid(-1, &s, WNOHANG)) > 0 || (child < 0 && errno == EINTR))
		if (child == pid) {
			*status = s;
			ended = 1;
		}
	return child < 0 && !ended ? -errno : ended;
}

/* As reap(). */
static int handle_signals(pid_t pid, const struct relay *r, int signal_fd, int *status)
{
	struct signalfd_siginfo info;
	int ended = 0;
	ssize_t n;
	while ((n = read(signal_fd, &info, sizeof info)) == sizeof info ||
		(n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		if (info.ssi_signo == SIGCHLD && !ended)
			ended = reap(pid, status);
		else if (info.ssi_signo == SIGWINCH)
			relay_copy_size(r);
		else if (is_forwarded((int)info.ssi_signo) && !ended)
			kill(pid, (int)info.ssi_signo);
	}
	return n < 0 && errno != EAGAIN && !ended ? -errno : ended;
}

/* sd_notify(3): lines of a datagram. Of what the container says only this is believed. */
static bool says_ready(char *text)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strcmp(line, "READY=1") == 0)
			return true;
	return false;
}

static void send_ready(const struct foreground *f)
{
	char text[64];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = strlen(f->notify_to);
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || n >= sizeof address.sun_path)
		return;
	memcpy(address.sun_path, f->notify_to, n);
	if (address.sun_path[0] == '@') /* unix(7): the abstract namespace */
		address.sun_path[0] = '\0';
	int len = snprintf(text, sizeof text, "READY=1\nMAINPID=%d", f->pid);
	/* nobody listens: the service manager has gone, and the container does not depend on it */
	if (sendto(fd, text, (size_t)len, MSG_NOSIGNAL, (struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		return;
}

static bool handle_notification(const struct foreground *f)
{
	char text[4096];
	ssize_t n = recv(f->notify_fd, text, sizeof text - 1, 0);
	if (n <= 0)
		return false;
	text[n] = '\0';
	if (!says_ready(text))
		return false;
	send_ready(f);
	return true;
}

static int wait_for_end(const struct foreground *f, struct relay *r, int *status)
{
	/* it may have ended before its SIGCHLD was held back */
	int ended = reap(f->pid, status);
	while (ended == 0) {
		struct pollfd p[2 + RELAY_POLLS] = { { f->signal_fd, POLLIN, 0 },
			{ f->notify_fd, POLLIN, 0 } };
		relay_prepare(r, p + 2);
		if (poll(p, 2 + RELAY_POLLS, -1) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		relay_go_on(r, p + 2);
		if (p[1].revents && handle_notification(f) && f->until_ready)
			return 0;
		if (p[0].revents)
			ended = handle_signals(f->pid, r, f->signal_fd, status);
	}
	return ended < 0 ? ended : 0;
}

int foreground_wait(const struct foreground *f, int *ret_status, struct error *e)
{
	struct relay r = RELAY_NONE;
	int status = 0;
	int begun = f->relay_fd >= 0 ? relay_begin(&r, f->relay_fd, e) : 0;
	if (begun < 0)
		return begun;
	int end = wait_for_end(f, &r, &status);
	relay_end(&r);
	if (end < 0)
		return error_errno(e, -end, "wait for the container's process");
	*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return 0;
}
