/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between actors. Any actor; no allocation. */
#include "steps/message.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd_pass.h"

int message_send(int fd, const struct message *m)
{
	size_t n = m->kind == MESSAGE_FAILED ? sizeof *m : offsetof(struct message, error);
	ssize_t r;
	do
		r = send(fd, m, n, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int message_send_fd(int fd, const struct message *m, int passed_fd)
{
	ssize_t n = fd_send(fd, m, offsetof(struct message, error), passed_fd);
	return n < 0 ? (int)n : 0;
}

static ssize_t receive_once(int fd, struct message *m, int flags, int *ret_fd)
{
	if (ret_fd)
		return fd_receive(fd, m, sizeof *m, 0, ret_fd);
	ssize_t n = recv(fd, m, sizeof *m, flags);
	return n < 0 ? -errno : n;
}

/* A peer that ends while something of ours lies unread before it makes one call here fail with
 * ECONNRESET, before that which it has said can be had: the call after that gets it. */
static ssize_t receive(int fd, struct message *m, int flags, int *ret_fd, bool *ret_reset)
{
	*ret_reset = false;
	for (;;) {
		ssize_t n = receive_once(fd, m, flags, ret_fd);
		if (n >= 0 || (n != -EINTR && (n != -ECONNRESET || *ret_reset)))
			return n;
		*ret_reset |= n == -ECONNRESET;
	}
}

static int receive_checked(int fd, struct message *m, int flags, int *ret_fd)
{
	bool reset;
	memset(m, 0, sizeof *m);
	ssize_t n = receive(fd, m, flags, ret_fd, &reset);
	if (n < 0)
		return (int)n;
	if (n == 0)
		return reset ? -ECONNRESET : 0;
	if ((size_t)n < offsetof(struct message, error) ||
		(m->kind == MESSAGE_FAILED && (size_t)n != sizeof *m))
		return -EPROTO;
	/* the sender is our own code, and the strings are cut all the same */
	m->error.file[sizeof m->error.file - 1] = '\0';
	m->error.path[sizeof m->error.path - 1] = '\0';
	m->error.text[sizeof m->error.text - 1] = '\0';
	return 1;
}

int message_receive(int fd, struct message *m)
{
	return receive_checked(fd, m, 0, NULL);
}

int message_receive_fd(int fd, struct message *m, int *ret_fd)
{
	*ret_fd = -1;
	return receive_checked(fd, m, 0, ret_fd);
}

int message_receive_now(int fd, struct message *m)
{
	return receive_checked(fd, m, MSG_DONTWAIT, NULL);
}
