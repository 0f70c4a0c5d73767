/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/error.h"

/* What the actors say to each other: SOCK_SEQPACKET, one struct a message, the error only when
 * there is one. `start`'s connection carries the same. */
enum message_kind {
	MESSAGE_MEET = 1,
	MESSAGE_PID,
	MESSAGE_FAILED,
	MESSAGE_LISTENER,
	MESSAGE_EXECUTING
};

struct message {
	uint32_t kind;
	uint32_t step;
	int64_t value; /* a pid */
	struct error error;
};

/* 0 or a negative errno; -EPIPE when nobody listens. Allocation-free. */
int message_send(int fd, const struct message *m);
/* 1: a message; 0: end of file; else a negative errno (-EPROTO: cut short; -ECONNRESET: the peer
 * ended and had not read all that was sent to it). Allocation-free. */
int message_receive(int fd, struct message *m);
/* With a descriptor, *ret_fd; -1: none came. */
int message_receive_fd(int fd, struct message *m, int *ret_fd);
/* With this descriptor; not for MESSAGE_FAILED. */
int message_send_fd(int fd, const struct message *m, int passed_fd);
/* The same for what is there already; -EAGAIN: nothing is. */
int message_receive_now(int fd, struct message *m);
