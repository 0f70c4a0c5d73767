/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between actors. Any actor; no allocation. */
#include "steps/message.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

int message_send(int fd, const struct message *m)
{
	size_t n = m->kind == MESSAGE_FAILED ? sizeof *m : offsetof(struct message, error);
	ssize_t r;
	do
		r = send(fd, m, n, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int message_receive(int fd, struct message *m)
{
	ssize_t n;
	memset(m, 0, sizeof *m);
	do
		n = recv(fd, m, sizeof *m, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (n == 0)
		return 0;
	if ((size_t)n < offsetof(struct message, error) ||
		(m->kind == MESSAGE_FAILED && (size_t)n != sizeof *m))
		return -EPROTO;
	/* the sender is our own code, and the strings are cut all the same */
	m->error.file[sizeof m->error.file - 1] = '\0';
	m->error.path[sizeof m->error.path - 1] = '\0';
	m->error.text[sizeof m->error.text - 1] = '\0';
	return 1;
}
