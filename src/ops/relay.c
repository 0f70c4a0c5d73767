/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal of a process that the runtime stays with. Runs as HOST. */
#include "ops/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd_pass.h"

/* The master alone does not block: it is ours. Our standard descriptors are shared with whoever
 * started us, who would not expect it of them. */
static int receive_master(int socket_fd, int flags, struct error *e)
{
	char name[64];
	int fd;
	ssize_t n = fd_receive(socket_fd, name, sizeof name, flags, &fd);
	if (n < 0)
		return error_errno(e, (int)-n, "receive the terminal");
	if (fd < 0)
		return error_set(e, ERROR_SYSTEM, EPROTO, "init did not send its terminal");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

void relay_copy_size(const struct relay *r)
{
	struct winsize size;
	if (r->master >= 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(r->master, TIOCSWINSZ, &size);
}

static void make_raw(struct relay *r)
{
	if (tcgetattr(STDIN_FILENO, &r->saved) < 0)
		return; /* a pipe or a file: relayed all the same, as it is */
	struct termios raw = r->saved;
	cfmakeraw(&raw);
	/* the container's terminal sends bare newlines: ours completes them */
	raw.c_oflag |= OPOST | ONLCR;
	r->restore = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

int relay_begin(struct relay *r, int socket_fd, struct error *e)
{
	r->master = receive_master(socket_fd, 0, e);
	if (r->master < 0)
		return r->master;
	r->input.open = r->output.open = true;
	make_raw(r);
	relay_copy_size(r);
	return 0;
}

static bool is_for_later(ssize_t n)
{
	return n < 0 && (errno == EINTR || errno == EAGAIN);
}

static void fill(struct relay_flow *f, int from)
{
	ssize_t n = read(from, f->piece, sizeof f->piece);
	if (n > 0)
		f->n = (size_t)n;
	else if (!is_for_later(n))
		f->open = false;
}

static void empty(struct relay_flow *f, int to)
{
	ssize_t n = write(to, f->piece + f->at, f->n - f->at);
	if (n > 0)
		f->at += (size_t)n;
	else if (!is_for_later(n))
		f->open = false;
	if (f->at == f->n || !f->open)
		f->at = f->n = 0;
}

static struct pollfd poll_for(int fd, short events)
{
	/* without events there would still be POLLHUP, again and again */
	return (struct pollfd){ .fd = events ? fd : -1, .events = events };
}

void relay_prepare(const struct relay *r, struct pollfd polls[static RELAY_POLLS])
{
	bool is_there = r->master >= 0, has_input = r->input.n > 0, has_output = r->output.n > 0;
	polls[0] = poll_for(STDIN_FILENO, is_there && r->input.open && !has_input ? POLLIN : 0);
	polls[1] = poll_for(STDOUT_FILENO, has_output ? POLLOUT : 0);
	polls[2] =
		poll_for(r->master, (short)((has_output ? 0 : POLLIN) | (has_input ? POLLOUT : 0)));
}

void relay_go_on(struct relay *r, const struct pollfd polls[static RELAY_POLLS])
{
	if (polls[0].revents)
		fill(&r->input, STDIN_FILENO);
	if (polls[1].revents)
		empty(&r->output, STDOUT_FILENO);
	if (polls[2].revents & ~POLLOUT && r->output.n == 0)
		fill(&r->output, r->master);
	if (polls[2].revents & (POLLOUT | POLLHUP) && r->input.n > 0)
		empty(&r->input, r->master);
	if (polls[2].revents & POLLHUP) /* there is nobody to keep it for */
		r->input.at = r->input.n = 0;
	/* EIO: nobody has the other side open; another may open it again, but there is nothing to
	 * wait for on this descriptor until then. Or nobody is left who would read. */
	if (r->master >= 0 && !r->output.open) {
		close(r->master);
		r->master = -1;
	}
}

void relay_end(struct relay *r)
{
	while (r->output.open && (r->output.n > 0 || r->master >= 0)) {
		struct pollfd p = r->output.n > 0 ? poll_for(STDOUT_FILENO, POLLOUT)
						  : poll_for(r->master, POLLIN);
		int n = poll(&p, 1, r->output.n > 0 ? -1 : 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (r->output.n > 0)
			empty(&r->output, STDOUT_FILENO);
		else if (p.revents & POLLIN)
			fill(&r->output, r->master);
		else
			break;
	}
	if (r->master >= 0)
		close(r->master);
	if (r->restore)
		tcsetattr(STDIN_FILENO, TCSANOW, &r->saved);
	*r = (struct relay)RELAY_NONE;
}

void relay_show_rest(int socket_fd)
{
	struct error ignored;
	struct relay r = RELAY_NONE;
	if (socket_fd >= 0)
		r.master = receive_master(socket_fd, MSG_DONTWAIT, &ignored);
	r.output.open = r.master >= 0; /* else it did not come to having a terminal */
	relay_end(&r);
}
